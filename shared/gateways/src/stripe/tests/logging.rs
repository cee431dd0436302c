use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::*;
use crate::testing::World;

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

    let world = World::default();
    let number = "4242".repeat(4);
    let declined = json!({"error": {
        "type": "card_error", "code": "card_declined", "decline_code": "fraudulent",
        "message": format!("card {number} with sk_test_hush12345678 declined"),
        "payment_intent": intent("requires_payment_method"),
    }});
    world.answer_with(500, &[("Request-Id", "req_1")], "sk_test_hush12345678");
    world.answer_with(402, &[("Request-Id", "req_2")], &declined.to_string());
    refusal_of(world.perform(create_payment()).await);
    drop(guard);

    let text = log.text();
    let calls: Vec<_> = text
        .lines()
        .filter(|it| it.contains("gateway call"))
        .collect();
    assert_eq!(calls.len(), 2, "{text}");
    for (line, status, request_id) in [(calls[0], "500", "req_1"), (calls[1], "402", "req_2")] {
        for part in [
            "gateway=\"stripe\"",
            "step=\"create_payment\"",
            "duration_ms=0",
        ] {
            assert!(line.contains(part), "{line}");
        }
        assert!(line.contains(&format!("status={status}")), "{line}");
        assert!(line.contains(request_id), "{line}");
    }
    assert!(text.contains("fraudulent"), "{text}");
    let key = world.sent()[0].key.clone().unwrap();
    for secret in ["hush", &number, "pm_1", "joan@example.com", "cus_1", &key] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
