//! How many requests the local server answers in a second, with its default settings.
//!
//!     cargo bench --bench load [-- SECONDS]
//!
//! 64 connections, each from a loopback address of its own and thus a caller of its own, ask one request after the
//! other for a minute: of ten, five read an order, one reads it with its payment source and the wallet, two list the
//! wallet, one changes an order, one makes one. Then as many ask the embedded engine alone for an order's partition.
//! The server is the release binary as a process, with its data in a folder; whoever asks takes a part of the same
//! processors.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot be made fails"
)]

mod release;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const CONNECTIONS: u8 = 64;
const SECONDS: u64 = 60;
const ORDER: &str = "qaMAhZkZvd";
const MARKET: &str = "dlQbPhNNop";

/// A connection that is kept.
struct Connection {
    stream: TcpStream,
    port: u16,
    buffer: Vec<u8>,
}

struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Connection {
    /// From the loopback address of this number.
    async fn open(number: u8, port: u16) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        let own = Ipv4Addr::new(127, 0, 1, number + 1);
        socket.bind(SocketAddr::from((own, 0))).unwrap();
        let stream = socket.connect(SocketAddr::from(([127, 0, 0, 1], port)));
        let stream = stream.await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            port,
            buffer: Vec::with_capacity(64 * 1024),
        }
    }

    async fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let (port, length) = (self.port, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        let (head, length) = loop {
            let end = self.buffer.windows(4).position(|it| it == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
                let length = head.split("content-length: ").nth(1);
                let length = length.map_or("0", |it| it.split("\r\n").next().unwrap());
                break (end + 4, length.parse::<usize>().unwrap());
            }
            self.read().await;
        };
        while self.buffer.len() < head + length {
            self.read().await;
        }
        let status = String::from_utf8_lossy(&self.buffer[9..12]).parse();
        Answer {
            status: status.unwrap(),
            body: self.buffer[head..].to_vec(),
        }
    }

    async fn read(&mut self) {
        assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0);
    }
}

/// A caller of the API.
struct Caller {
    connection: Connection,
    customer: String,
    integration: String,
    /// The order that it changes.
    own: String,
    sequence: u64,
}

impl Caller {
    /// With tokens that all have, which tell each from the others by its address.
    async fn start(number: u8, port: u16, (customer, integration): (String, String)) -> Self {
        let mut caller = Self {
            connection: Connection::open(number, port).await,
            customer,
            integration,
            own: String::new(),
            sequence: u64::from(number),
        };
        let made = caller.make_order().await;
        assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
        let made: Value = serde_json::from_slice(&made.body).unwrap();
        caller.own = made["data"]["id"].as_str().unwrap().to_owned();
        caller
    }

    async fn tokens(port: u16) -> (String, String) {
        let mut connection = Connection::open(CONNECTIONS, port).await;
        let customer = "grant_type=password&client_id=demo-sales-channel&scope=market:code:europe&\
                        username=customer@example.com&password=demo-customer";
        let integration = "grant_type=client_credentials&client_id=demo-integration&client_secret=demo-integration-secret";
        (
            token(&mut connection, customer).await,
            token(&mut connection, integration).await,
        )
    }

    async fn read(&mut self, path: &str) -> Answer {
        let headers = format!("authorization: Bearer {}\r\n", self.customer);
        self.connection.ask("GET", path, &headers, "").await
    }

    async fn write(&mut self, method: &str, path: &str, data: Value) -> Answer {
        let headers = format!(
            "authorization: Bearer {}\r\ncontent-type: application/vnd.api+json\r\n",
            self.integration
        );
        let body = json!({ "data": data }).to_string();
        self.connection.ask(method, path, &headers, &body).await
    }

    async fn make_order(&mut self) -> Answer {
        let attributes = json!({
            "currency_code": "EUR", "total_amount_cents": 9_900,
            "total_amount_with_taxes_cents": 9_900,
        });
        let market = json!({ "market": { "data": { "type": "markets", "id": MARKET } } });
        let order = json!({ "type": "orders", "attributes": attributes, "relationships": market });
        self.write("POST", "/api/orders", order).await
    }

    /// The next request of the mix.
    async fn next(&mut self) -> Answer {
        self.sequence += 1;
        match self.sequence % 10 {
            0 => self.make_order().await,
            1 => {
                let (id, count) = (self.own.clone(), self.sequence);
                let metadata = json!({ "metadata": { "count": count } });
                let order = json!({ "type": "orders", "id": id, "attributes": metadata });
                self.write("PATCH", &format!("/api/orders/{id}"), order)
                    .await
            }
            2 | 3 => self.read("/api/customer_payment_sources").await,
            4 => {
                let include = "payment_source,available_customer_payment_sources";
                self.read(&format!("/api/orders/{ORDER}?include={include}"))
                    .await
            }
            _ => self.read(&format!("/api/orders/{ORDER}")).await,
        }
    }
}

async fn token(connection: &mut Connection, form: &str) -> String {
    let headers = "content-type: application/x-www-form-urlencoded\r\n";
    let answer = connection.ask("POST", "/oauth/token", headers, form).await;
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// What was answered, second by second, and how long each answer took, in microseconds.
struct Counted {
    good: Vec<AtomicU64>,
    bad: AtomicU64,
}

async fn measure<C, F>(callers: Vec<C>, seconds: u64, ask: F) -> (Arc<Counted>, Vec<u64>)
where
    F: AsyncFn(&mut C) -> u16 + Clone,
{
    let counted = Arc::new(Counted {
        good: (0..=seconds).map(|_| AtomicU64::new(0)).collect(),
        bad: AtomicU64::new(0),
    });
    let start = Instant::now();
    let asking = callers.into_iter().map(|mut caller| {
        let (counted, ask) = (counted.clone(), ask.clone());
        async move {
            let mut times = Vec::new();
            while start.elapsed().as_secs() < seconds {
                let asked = Instant::now();
                let status = ask(&mut caller).await;
                times.push(u64::try_from(asked.elapsed().as_micros()).unwrap());
                let second = usize::try_from(start.elapsed().as_secs()).unwrap();
                match (status / 100, counted.good.get(second)) {
                    (2, Some(count)) => drop(count.fetch_add(1, Ordering::Relaxed)),
                    (2, None) => {}
                    _ => drop(counted.bad.fetch_add(1, Ordering::Relaxed)),
                }
            }
            times
        }
    });
    let mut times: Vec<u64> = future::join_all(asking).await.concat();
    times.sort_unstable();
    (counted, times)
}

fn report(what: &str, seconds: u64, (counted, times): &(Arc<Counted>, Vec<u64>)) -> f64 {
    let good = counted.good.iter().map(|it| it.load(Ordering::Relaxed));
    let good: Vec<u64> = good.take(usize::try_from(seconds).unwrap()).collect();
    let sixth = good.len().div_ceil(6);
    let mean = |of: &[u64]| of.iter().sum::<u64>() as f64 / of.len() as f64;
    let at = |part: usize| times[times.len() * part / 1000] as f64 / 1000.0;
    println!(
        "{what}: {:.0}/s of 2xx (first sixth {:.0}, last {:.0}); p50 {:.1} ms, p99 {:.1} ms; {} others",
        mean(&good),
        mean(&good[..sixth]),
        mean(&good[good.len() - sixth..]),
        at(500),
        at(990),
        counted.bad.load(Ordering::Relaxed),
    );
    mean(&good)
}

/// A server that ends with the measurement.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts the server, with a port of its engine's that is known here, if there is one.
async fn start(binary: &Path, port: u16, engine: Option<u16>, data: &Path) -> Server {
    let server = Command::new(binary)
        .args(["serve", "--port", &port.to_string()])
        .args(engine.map(|it| format!("--engine-port={it}")))
        .arg("--data")
        .arg(data)
        .stdout(Stdio::null())
        .spawn();
    let server = Server(server.unwrap());
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            break;
        }
    }
    server
}

/// A query of an order's partition, as the store asks it.
async fn query(connection: &mut Connection) -> u16 {
    // The embedded engine looks at a signature's parts and not at what it signs.
    let headers = "content-type: application/x-amz-json-1.0\r\n\
                   x-amz-target: DynamoDB_20120810.Query\r\n\
                   x-amz-date: 20261130T000000Z\r\n\
                   authorization: AWS4-HMAC-SHA256 \
                   Credential=local/20261130/local/dynamodb/aws4_request, \
                   SignedHeaders=host;x-amz-date, Signature=00\r\n";
    let key = format!(
        "{}#test#order#{ORDER}",
        billfold::demo::tenant().organization
    );
    let body = json!({
        "TableName": "billfold",
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": { ":pk": { "S": key } },
    });
    let answer = connection
        .ask("POST", "/", headers, &body.to_string())
        .await;
    let found: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(found["Count"].as_u64() > Some(0), "{found}");
    answer.status
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.find_map(|it| it.parse().ok()).unwrap_or(SECONDS);
    let (port, engine) = (9_480, 9_490);
    let data = tempfile::tempdir().unwrap();
    let binary = release::build(["--bin", "billfold"]).join("billfold");
    let server = start(&binary, port, None, data.path()).await;

    let tokens = Caller::tokens(port).await;
    let callers = (0..CONNECTIONS).map(|number| Caller::start(number, port, tokens.clone()));
    let callers = future::join_all(callers).await;
    let asked = measure(callers, seconds, async |it: &mut Caller| {
        it.next().await.status
    });
    let ours = report("the API, mixed", seconds, &asked.await);
    drop(server);

    let server = start(&binary, port, Some(engine), data.path()).await;

    let connections = (0..CONNECTIONS).map(|number| Connection::open(number, engine));
    let connections = future::join_all(connections).await;
    let asked = measure(connections, seconds.min(20), query);
    let bare = report(
        "the engine alone, an order's partition",
        seconds.min(20),
        &asked.await,
    );
    println!("the engine alone answers {:.1} times as many", bare / ours);
    drop(server);
}
