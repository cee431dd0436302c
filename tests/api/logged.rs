//! What is logged on the lowest level has no secrets, though the clients below us write whole requests there.

use std::io;
use std::sync::{Arc, Mutex};

use billfold::demo;
use logging::Form;
use serde_json::json;
use tracing_subscriber::filter::LevelFilter;

use crate::app::{App, ORDER};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_password_token_or_key_is_logged_on_any_level() {
    let log = Log::default();
    let lines = log.clone();
    let everything = logging::subscriber("trace", LevelFilter::TRACE, Form::Text, move || {
        lines.clone()
    });
    let _logging = tracing::subscriber::set_default(everything);
    let app = App::start().await;
    let signed_in = app
        .oauth(
            "/oauth/token",
            &json!({
                "grant_type": "password", "client_id": demo::SALES_CHANNEL,
                "username": demo::CUSTOMER_EMAIL, "password": demo::CUSTOMER_PASSWORD,
            }),
        )
        .await;
    let token = signed_in.body["access_token"].as_str().unwrap();
    app.create_reusable(token, ORDER, "pm_card_visa").await;
    let saved = app.save(token, ORDER).await;
    let entry = saved.included(&saved.wallet()[0]);
    let kept = entry["attributes"]["payment_source_token"]
        .as_str()
        .unwrap();
    tracing::trace!(target: "service", "the log is written");

    let bytes = log.0.lock().unwrap().clone();
    let log = String::from_utf8_lossy(&bytes);
    assert!(log.contains("the log is written"));
    let secrets = [demo::CUSTOMER_PASSWORD, "sk_test_demo", token, kept];
    let leaked: Vec<_> = secrets.iter().filter(|it| log.contains(**it)).collect();
    assert!(leaked.is_empty(), "{leaked:?}");
}
