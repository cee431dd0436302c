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
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(log.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());

    let number = "4242".repeat(4);
    let world = world();
    let words = format!("card {number}, Basic aHVzaGh1c2hodXNoaHVzaA==");
    let id = |id| [("Klarna-Correlation-Id", id)];
    world.answer_with(500, &id("corr-1"), "hush");
    world.answer_with(200, &id("corr-2"), &json!({"token_id": TOKEN}).to_string());
    world.answer_with(
        403,
        &id("corr-3"),
        &error("TOKEN_FORBIDDEN", &words).to_string(),
    );
    reusable_of(perform(&world, make_reusable()).await);
    drop(guard);

    let text = log.text();
    let calls: Vec<_> = text
        .lines()
        .filter(|it| it.contains("gateway call"))
        .collect();
    assert_eq!(calls.len(), 3, "{text}");
    let expected = [
        ("mint_token", "500", "corr-1"),
        ("mint_token", "200", "corr-2"),
        ("read_token", "403", "corr-3"),
    ];
    for (line, (step, status, correlation_id)) in calls.iter().zip(expected) {
        for part in [
            "gateway=\"klarna\"",
            &format!("step=\"{step}\""),
            &format!("status={status}"),
            correlation_id,
        ] {
            assert!(line.contains(part), "{line}");
        }
    }
    assert!(text.contains("TOKEN_FORBIDDEN"), "{text}");
    let key = world.sent()[0]
        .header("klarna-idempotency-key")
        .unwrap()
        .to_owned();
    for secret in [
        "hush",
        &number,
        "aHVzaGh1",
        AUTHORIZATION,
        TOKEN,
        "joan@example.com",
        "Torstraße",
        &key,
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
