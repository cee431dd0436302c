use crate::shop::{
    SESSIONS, Shop, buy_and_tokenize, mint_path, purchase, token_path, token_request,
};

#[tokio::test]
async fn the_state_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("klarna.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    let (session, _) = shop.session(&buy_and_tokenize()).await;
    let path = mint_path("unseen");
    let minted = shop
        .post_once("k", &path, &token_request())
        .await
        .unwrap()
        .ok();
    let token = minted["token_id"].as_str().unwrap();

    let shop = Shop::with_state_file(Some(file));
    let path_of_session = format!("{SESSIONS}/{session}");
    assert_eq!(
        shop.get(&path_of_session).await.ok()["status"],
        "incomplete"
    );
    assert_eq!(shop.get(&token_path(token)).await.ok()["status"], "ACTIVE");
    let again = shop.post_once("k", &path, &token_request()).await.unwrap();
    assert_eq!(again.ok(), minted);
    shop.order("unseen", &purchase()).await.ok();
    assert_eq!(shop.get(&path_of_session).await.ok()["status"], "complete");
    assert_ne!(shop.session(&purchase()).await.0, session);
}

#[tokio::test]
async fn the_file_holds_no_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("klarna.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    shop.session(&purchase()).await;
    let text = std::fs::read_to_string(file).unwrap();
    assert!(
        !text.contains("PK00001") && !text.contains("a password"),
        "{text}"
    );
}

#[tokio::test]
async fn a_state_that_cannot_be_written_is_an_error_not_a_success() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missing").join("klarna.json");
    let shop = Shop::with_state_file(Some(file));
    let reply = shop.post(SESSIONS, &purchase()).await;
    reply.refused(500, "INTERNAL_SERVER_ERROR");
}
