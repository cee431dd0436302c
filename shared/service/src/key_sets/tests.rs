use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use access::{InvalidToken, Issuers, NamedKey, Signer, generate_key};
use domain::{Caller, Random, Timestamp};
use futures_util::FutureExt;
use serde_json::json;

use super::*;

const HANGING: &str = "https://hanging.test/keys";
const SHOP: &str = "https://shop.test/keys";

struct TestClock(AtomicI64);

impl TestClock {
    fn pass(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Fixed;

impl Random for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// The hosts of issuers: one that never answers, and the shop's, with what it publishes now.
#[derive(Default)]
struct Hosts {
    published: Mutex<Option<Vec<u8>>>,
    asked: AtomicU32,
}

impl Hosts {
    fn publish(&self, signers: &[&Signer]) {
        let keys = signers.iter().flat_map(|it| it.jwks().keys);
        let set = json!({ "keys": keys.collect::<Vec<_>>() });
        self.say(Some(&set.to_string()));
    }

    fn say(&self, text: Option<&str>) {
        *self.published.lock().unwrap() = text.map(|it| it.as_bytes().to_vec());
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl FetchKeySet for Hosts {
    fn fetch(&self, uri: JwksUri) -> BoxFuture<'static, Result<Vec<u8>, FetchError>> {
        if uri.as_str() == HANGING {
            return Box::pin(std::future::pending());
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let published = self.published.lock().unwrap().clone();
        let down = || FetchError::NoAnswer("it is down".to_owned());
        Box::pin(async move { published.ok_or_else(down) })
    }
}

/// A process that trusts an issuer whose host never answers, one whose keys are listed, and the shop's.
struct Process {
    hosts: Arc<Hosts>,
    clock: Arc<TestClock>,
    issuers: Issuers,
    listed: Signer,
    shop: Signer,
}

fn signer(issuer: &str) -> Signer {
    Signer::from_pem(&generate_key().unwrap(), issuer).unwrap()
}

fn by_url(signer: &Signer, uri: &str) -> serde_json::Value {
    json!({
        "iss": signer.issuer(), "jwks_uri": uri, "speaks_for": signer.as_issuer()["speaks_for"],
    })
}

impl Process {
    fn start() -> Self {
        let (hosts, clock) = (
            Arc::<Hosts>::default(),
            Arc::new(TestClock(AtomicI64::new(0))),
        );
        clock.pass(Duration::from_secs(1_725_000_000));
        let (listed, shop) = (
            signer("https://auth.test"),
            signer("https://login.shop.test"),
        );
        let hanging = signer("https://login.hanging.test");
        let list = json!([
            by_url(&hanging, HANGING),
            listed.as_issuer(),
            by_url(&shop, SHOP)
        ]);
        let key_sets = KeySets::new(hosts.clone(), clock.clone());
        let issuers = Issuers::from_json(&list.to_string(), |uri| key_sets.at(uri)).unwrap();
        Self {
            hosts,
            clock,
            issuers,
            listed,
            shop,
        }
    }

    fn token(&self, signer: &Signer) -> String {
        signer.issue(grant(), self.clock.now(), &Fixed).unwrap()
    }

    async fn verify(&self, token: &str) -> Result<Caller, InvalidToken> {
        self.issuers.look_up(&NamedKey::of(token).unwrap()).await;
        self.issuers.verify(token, self.clock.now())
    }

    /// Whether a token is taken that this signer signs now.
    async fn takes(&self, signer: &Signer) -> bool {
        self.verify(&self.token(signer)).await.is_ok()
    }
}

fn grant() -> access::Grant {
    access::Grant {
        organization: access::OrganizationClaim {
            id: "enWoxFMOnp".parse().unwrap(),
            slug: "demo".to_owned(),
            enterprise: false,
            region: "local".to_owned(),
        },
        mode: domain::Mode::Test,
        application: access::ApplicationClaim {
            id: "iNXGEiPKVL".to_owned(),
            client_id: "shop".to_owned(),
            kind: "integration".to_owned(),
            public: false,
            confidential: true,
        },
        owner: None,
        markets: Vec::new(),
        scope: "market:all".to_owned(),
    }
}

#[tokio::test]
async fn a_published_key_set_is_read_once_it_is_needed_and_then_kept() {
    let process = Process::start();
    process.hosts.publish(&[&process.shop]);
    assert!(process.takes(&process.listed).await);
    assert_eq!(process.hosts.asked(), 0, "nobody needs it yet");
    for _ in 0..5 {
        assert!(process.takes(&process.shop).await);
    }
    assert_eq!(process.hosts.asked(), 1);
}

#[tokio::test]
async fn made_up_key_ids_cost_the_host_one_request_a_minute() {
    let process = Process::start();
    process.hosts.publish(&[&process.shop]);
    let forger = signer(process.shop.issuer());
    for _ in 0..5 {
        assert!(!process.takes(&forger).await);
    }
    assert_eq!(process.hosts.asked(), 1);
    process
        .clock
        .pass(PACE.look_up_pause - Duration::from_secs(1));
    assert!(!process.takes(&forger).await);
    assert_eq!(process.hosts.asked(), 1);
    process.clock.pass(Duration::from_secs(1));
    assert!(!process.takes(&forger).await && !process.takes(&forger).await);
    assert_eq!(process.hosts.asked(), 2);
    assert!(process.takes(&process.shop).await, "the others are good");
}

#[tokio::test]
async fn a_new_key_is_taken_up_when_a_token_names_it_and_a_withdrawn_one_goes() {
    let process = Process::start();
    process.hosts.publish(&[&process.shop]);
    assert!(process.takes(&process.shop).await);
    let rotated = signer(process.shop.issuer());
    process.hosts.publish(&[&process.shop, &rotated]);
    process.clock.pass(PACE.look_up_pause);
    assert!(process.takes(&rotated).await && process.takes(&process.shop).await);

    process.hosts.publish(&[&rotated]);
    process.clock.pass(PACE.renewed_every);
    assert!(process.takes(&rotated).await);
    assert!(!process.takes(&process.shop).await);
}

#[tokio::test]
async fn keys_are_kept_through_an_outage_of_their_host() {
    let process = Process::start();
    process.hosts.publish(&[&process.shop]);
    assert!(process.takes(&process.shop).await);
    for said in [None, Some("<html>502</html>"), Some(r#"{"keys": []}"#)] {
        process.hosts.say(said);
        let asked = process.hosts.asked();
        process.clock.pass(PACE.renewed_every);
        for _ in 0..5 {
            assert!(process.takes(&process.shop).await, "{said:?}");
        }
        assert_eq!(
            process.hosts.asked(),
            asked + 1,
            "it is left alone for a while"
        );
    }
    process.clock.pass(Duration::from_secs(86_400));
    assert!(process.takes(&process.shop).await, "a day later as well");
}

#[tokio::test]
async fn an_issuer_whose_host_is_down_at_the_start_is_taken_once_it_is_up() {
    let process = Process::start();
    let refused = process.verify(&process.token(&process.shop)).await;
    assert_eq!(refused, Err(InvalidToken::UnknownKey));
    assert!(process.takes(&process.listed).await);
    process.hosts.publish(&[&process.shop]);
    assert!(
        !process.takes(&process.shop).await,
        "it is asked once a minute"
    );
    process.clock.pass(PACE.look_up_pause);
    assert!(process.takes(&process.shop).await);
    assert_eq!(process.hosts.asked(), 2);
}

#[tokio::test]
async fn a_host_that_hangs_keeps_no_other_issuers_tokens_waiting() {
    let process = Process::start();
    process.hosts.publish(&[&process.shop]);
    let hanging = process.token(&signer("https://login.hanging.test"));
    let mut waiting = Box::pin(process.verify(&hanging));
    let answer = (&mut waiting).now_or_never();
    assert_eq!(answer, None, "its host does not answer");
    assert!(process.takes(&process.listed).await);
    assert!(process.takes(&process.shop).await);
}

#[tokio::test]
async fn a_host_that_hangs_later_keeps_none_but_the_request_that_asks_it_waiting() {
    let (started, answers) = (
        Arc::new(tokio::sync::Notify::new()),
        Arc::<AtomicU32>::default(),
    );
    let (signer, clock) = (
        signer("https://a.test"),
        Arc::new(TestClock(AtomicI64::new(0))),
    );
    let text = json!(signer.jwks()).to_string().into_bytes();
    let (entered, answered) = (started.clone(), answers.clone());
    let read = move || -> BoxFuture<'static, Result<KeySet, String>> {
        let (set, entered) = (KeySet::from_json(&text).unwrap(), entered.clone());
        let is_first = answered.fetch_add(1, Ordering::Relaxed) == 0;
        Box::pin(async move {
            if !is_first {
                entered.notify_one();
                std::future::pending::<()>().await;
            }
            Ok(set)
        })
    };
    let set = Renewed::unread(KeySet::default(), read, PACE, clock.clone());
    let id = signer.jwks().keys[0].common.key_id.clone().unwrap();
    PublishedKeys::look_up(&set, &id).await;
    clock.pass(PACE.renewed_every);
    let mut waiting = PublishedKeys::look_up(&set, &id);
    assert_eq!((&mut waiting).now_or_never(), None);
    started.notified().await;
    PublishedKeys::look_up(&set, &id).await;
    assert!(set.current().has(&id));
}

#[tokio::test]
async fn requests_that_are_given_up_make_nobody_ask_more_often() {
    let asked = Arc::<AtomicU32>::default();
    let counted = asked.clone();
    let read = move || -> BoxFuture<'static, Result<KeySet, String>> {
        counted.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::pending())
    };
    let clock = Arc::new(TestClock(AtomicI64::new(0)));
    let set = Renewed::unread(KeySet::default(), read, PACE, clock);
    for _ in 0..5 {
        let _given_up = PublishedKeys::look_up(&set, "k1").now_or_never();
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn the_issuers_configuration_may_be_read_again_and_keeps_the_keys() {
    let process = Process::start();
    let key_sets = KeySets::new(process.hosts.clone(), process.clock.clone());
    let uri = || JwksUri::try_from(SHOP.to_owned()).unwrap();
    assert!(Arc::ptr_eq(&key_sets.at(uri()), &key_sets.at(uri())));
}
