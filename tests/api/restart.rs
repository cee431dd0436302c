//! What was acknowledged is there after a restart.

use billfold::Options;

use crate::app::{App, SECOND_ORDER};

#[tokio::test]
async fn a_saved_card_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options {
        data: Some(folder.path().to_owned()),
        ..Options::in_memory(0)
    };
    let app = App::start_with(options()).await;
    assert!(app.running.is_first_start);
    let entry = app.saved_card("pm_card_visa").await;
    app.running.stop().await;

    let app = App::start_with(options()).await;
    assert!(!app.running.is_first_start);
    let customer = app.customer();
    let list = app.get(&customer, "/api/customer_payment_sources").await;
    assert_eq!(list.body["data"][0]["id"], entry);
    let reply = app.reuse(&customer, SECOND_ORDER, &entry).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_says_what_to_do() {
    let app = App::start().await;
    let port = app.running.url.rsplit(':').next().unwrap().parse().unwrap();
    let error = billfold::start(Options::in_memory(port)).await;
    let error = error.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("--port"), "{error}");
}
