//! The page where customers sign in: what it shows, and where it sends them.

use billfold::demo;
use http::Method;
use serde_json::{Value, json};

use crate::app::{App, Reply};
use crate::authorization_code::{ASKED, AUTHORIZE, RIGHT, changed, parameter, sent_to};
use crate::tokens::{SERVER_CALLBACK, STOREFRONT};

#[tokio::test]
async fn nobody_is_sent_to_where_the_client_has_not_registered() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let before = app.table().await;
    let twice = [("redirect_uri", demo::REDIRECT_URI); 2];
    for wrong in [
        &[("redirect_uri", "https://evil.example/callback")][..],
        &[("redirect_uri", "http://localhost:3000/callback/")],
        &[("redirect_uri", "http://localhost:3000/callback?a=b")],
        &[("redirect_uri", "http://localhost:3001/callback")],
        &[("redirect_uri", SERVER_CALLBACK)],
        &[("redirect_uri", "javascript:alert(1)")],
        &[("redirect_uri", "")],
        &twice,
        &[("client_id", "nobody")],
        &[("client_id", "")],
        &[("client_id", demo::INTEGRATION)],
        &[("state", &"x".repeat(9000))],
    ] {
        for method in [Method::GET, Method::POST] {
            let asked = [&changed(wrong)[..], &RIGHT].concat();
            let reply = app.ask(method, &asked).await;
            assert_eq!(reply.status, 400, "{wrong:?}");
            assert!(!reply.headers.contains_key("location"), "{wrong:?}");
            assert_eq!(reply.headers["content-type"], "text/html; charset=utf-8");
            let policy = reply.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("form-action 'none'"), "{policy}");
            assert!(!reply.body.as_str().unwrap().contains("evil"));
        }
    }
    assert_eq!(app.table().await, before);
}

#[tokio::test]
async fn what_else_is_wrong_is_told_to_the_client() {
    let app = App::start().await;
    let before = app.table().await;
    for (wrong, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("scope", "market:code:elsewhere"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        for method in [Method::GET, Method::POST] {
            let asked = [&changed(&[wrong])[..], &RIGHT].concat();
            let reply = app.ask(method, &asked).await;
            assert_eq!(sent_to(&reply).0, demo::REDIRECT_URI);
            assert_eq!(
                parameter(&reply, "error").as_deref(),
                Some(error),
                "{wrong:?}"
            );
            assert_eq!(parameter(&reply, "state").as_deref(), Some("st&te 1"));
            assert!(parameter(&reply, "error_description").is_some());
            assert_eq!(parameter(&reply, "code"), None);
        }
    }
    assert_eq!(app.table().await, before);
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again_and_tells_nobody_who_is_a_customer() {
    let app = App::start().await;
    let before = app.table().await;
    let known = app.sign_in_as(demo::CUSTOMER_EMAIL, "wr0ng-passw0rd").await;
    let unknown = app.sign_in_as("nobody@example.com", "wr0ng-passw0rd").await;
    let page = |reply: &Reply| reply.body.as_str().unwrap().to_owned();
    for reply in [&known, &unknown] {
        assert_eq!(reply.status, 401);
        assert!(page(reply).contains("The e-mail address or the password is not right."));
        assert!(!page(reply).contains("wr0ng"));
        assert!(!reply.headers.contains_key("location"));
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
    let named = page(&known).replace(demo::CUSTOMER_EMAIL, "nobody@example.com");
    assert_eq!(named, page(&unknown));
    for (username, password) in [("", ""), (demo::CUSTOMER_EMAIL, ""), ("", "demo-customer")] {
        assert_eq!(app.sign_in_as(username, password).await.status, 401);
    }
    assert_eq!(app.table().await, before);
}

#[tokio::test]
async fn what_the_link_and_the_form_give_is_shown_as_text() {
    let app = App::start().await;
    let script = r#""><script>alert('x')</script>"#;
    let shown = "&quot;&gt;&lt;script&gt;";
    let page = app.sign_in_page(&[("state", script)]).await;
    let again = app.sign_in_as(script, "wrong").await;
    for (reply, status) in [(page, 200), (again, 401)] {
        assert_eq!(reply.status, status);
        let text = reply.body.as_str().unwrap();
        assert!(!text.contains("<script") && text.contains(shown), "{text}");
    }
    let asked = [&changed(&[("state", script)])[..], &RIGHT].concat();
    let back = app.ask(Method::POST, &asked).await;
    assert_eq!(parameter(&back, "state").as_deref(), Some(script));
}

#[tokio::test]
async fn the_page_is_got_and_its_form_is_posted_and_nothing_else() {
    let app = App::start().await;
    let head = app.ask(Method::HEAD, &ASKED).await;
    assert_eq!((head.status, head.body), (200, Value::Null));
    let reply = app.ask(Method::PUT, &ASKED).await;
    assert_eq!(reply.status, 405);
    assert_eq!(reply.headers["allow"], "GET, HEAD, POST");
    let json = json!({ "client_id": STOREFRONT, "redirect_uri": demo::REDIRECT_URI });
    let reply = app.oauth(AUTHORIZE, &json).await;
    assert_eq!(reply.status, 400);
    let text = reply.body.as_str().unwrap();
    assert!(text.contains("The body is not a form."), "{text}");
}

#[tokio::test]
async fn neither_password_nor_code_is_kept_or_told() {
    let app = App::start().await;
    let back = app
        .sign_in_as(demo::CUSTOMER_EMAIL, demo::CUSTOMER_PASSWORD)
        .await;
    let code = parameter(&back, "code").unwrap();
    let told = back.headers["location"].to_str().unwrap();
    assert!(!told.contains(demo::CUSTOMER_PASSWORD) && !told.contains(demo::CUSTOMER_EMAIL));
    let kept = format!("{:?}", app.table().await);
    assert!(!kept.contains(&code) && !kept.contains(demo::CUSTOMER_PASSWORD));
    let reply = app.exchange(&code, json!({})).await;
    assert_eq!(reply.status, 200);
    let kept = format!("{:?}", app.table().await);
    assert!(!kept.contains(&code) && !reply.body.to_string().contains(&code));
}
