use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// What the log says meanwhile.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_try_has_a_line_and_no_line_has_a_secret() {
    // With a single dispatcher alive, tracing asks the thread that comes to a line first, which may be
    // another test's without any, and remembers that nobody wants the line.
    let _second = tracing::Dispatch::new(tracing_subscriber::fmt().finish());
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(log.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());

    let world = world();
    let number = "4242".repeat(4);
    let refused = error(&["token_used", &format!("card {number} sk_sbox_hush12345678")]);
    world.answer_with(502, &[OWN], "sk_sbox_hush12345678");
    world.answer_with(422, &[OWN], &refused.to_string());
    refusal_of(perform(&world, authorize(with_token())).await);
    drop(guard);

    let text = log.text();
    let calls: Vec<_> = text
        .lines()
        .filter(|it| it.contains("gateway call"))
        .collect();
    assert_eq!(calls.len(), 2, "{text}");
    for (line, status) in [(calls[0], "502"), (calls[1], "422")] {
        for part in [
            "gateway=\"checkout_com\"",
            "step=\"authorize_payment\"",
            "0HL80RJLS76I7",
            &format!("status={status}"),
        ] {
            assert!(line.contains(part), "{line}");
        }
    }
    assert!(text.contains("token_used"), "{text}");
    let key = world.sent()[0]
        .header("cko-idempotency-key")
        .unwrap()
        .to_owned();
    for secret in ["hush", &number, TOKEN, CUSTOMER, "shop.test", &key] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
