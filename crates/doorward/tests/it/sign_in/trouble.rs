//! What people read when the store cannot serve them.

use server::http::Limits;
use testkit::{TestServer, contract};

use super::browser::{Browser, Door};

contract!(async fn a_store_that_is_gone_is_told_on_a_page(store) {
    let door = Door::open(store).await;
    let gone = store.another();
    gone.close();
    let browser = Browser::at(&TestServer::over(gone, Limits::default()));
    let connection = door.client.connection.connection.id;
    for address in [
        format!("/saml/{connection}/login"),
        format!("/saml/{connection}/metadata"),
        "/oauth/authorize?client_id=0000000000000000000000".to_owned(),
    ] {
        let answer = browser.get(&address).await;
        let kind = answer.header("content-type");
        assert_eq!(kind, Some("text/html; charset=utf-8"), "{address}: {}", answer.text());
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")), "{address}");
        let text = answer.text();
        assert!(text.contains("This could not be done now"), "{text}");
        assert!(text.contains("give your administrator this reference"), "{text}");
    }
    let programs = browser.get("/.well-known/openid-configuration").await;
    assert_eq!(programs.header("content-type"), Some("application/json"));
});

contract!(async fn a_wrong_method_is_told_on_a_page_too(store) {
    let door = Door::open(store).await;
    let answer = door.browser().get(&door.address("acs")).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert!(answer.text().contains("This cannot be done here"), "{}", answer.text());
});
