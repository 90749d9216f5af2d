//! `/signin/break-glass`: administrators come in without the provider.

use std::time::Duration;

use directory::break_glass::{self, Link};
use testkit::{Answer, PUBLIC_URL, TestServer, contract};

use super::{browser::Browser, shapes::who};

const EMAIL: &str = "ada@acme.example";
const PASSWORD: &str = "correct horse battery";

/// A link for a new account of an organization.
async fn link(organization: &testkit::TestOrganization) -> String {
    let made = break_glass::create(&organization.store, &organization.operator, EMAIL).await;
    format!("/signin/break-glass/{}", made.expect("an account").link.reveal())
}

async fn enter(browser: &Browser, password: &str, code: &str) -> Answer {
    let fields = [("email", EMAIL), ("password", password), ("code", code)];
    browser.post("/signin/break-glass", PUBLIC_URL, &fields).await
}

contract!(async fn an_administrator_sets_a_password_and_comes_in(store) {
    let acme = store.organization("acme").await;
    let (server, address) = (TestServer::new(store), link(&acme).await);
    let browser = Browser::at(&server);
    for _ in 0..3 {
        let page = browser.get(&address).await;
        assert_eq!(page.status, 200, "opening it uses nothing up");
        assert!(page.text().contains("otpauth://totp/acme:ada%40acme%2Eexample?secret="));
        assert!(page.text().contains("<svg viewBox"));
    }
    let (_, text) = address.rsplit_once('/').expect("a link");
    let found = break_glass::find(&acme.store, &Link::parse(text).expect("a link")).await;
    let key = found.expect("an account").totp_key;
    let fields = |code| [("password", PASSWORD), ("code", code)];
    let wrong = browser.post(&address, PUBLIC_URL, &fields("000000")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("<title>Error: "), "{}", wrong.text());
    let foreign = browser.post(&address, "https://evil.example", &fields("000000")).await;
    assert_eq!(foreign.status, 403);
    let code = key.code_at(store.now());
    let done = browser.post(&address, PUBLIC_URL, &fields(&code)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.text().matches("<li><code>").count(), 8);
    assert_eq!(browser.get(&address).await.status, 410);
    assert_eq!(browser.post(&address, PUBLIC_URL, &fields("000000")).await.status, 410);

    store.clock.advance(Duration::from_mins(1));
    let code = key.code_at(store.now());
    let wrong = enter(&browser, "wrong horse battery", &code).await;
    let unknown = {
        let fields = [("email", "x@acme.example"), ("password", PASSWORD), ("code", &*code)];
        browser.post("/signin/break-glass", PUBLIC_URL, &fields).await
    };
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.text(), unknown.text().replace("x@acme.example", EMAIL));
    let fields = [("email", EMAIL), ("password", PASSWORD), ("code", &*code), ("return_to", "/session")];
    let right = browser.post("/signin/break-glass", PUBLIC_URL, &fields).await;
    assert_eq!((right.status, right.header("location")), (303, Some("/session")));
    let session = browser.get("/session").await.json();
    assert_eq!(session["user"]["userName"], EMAIL);
    assert_eq!((&session["connection"], &session["roles"][0]), (&serde_json::Value::Null, &"superadmin".into()));
});

contract!(async fn whoever_guesses_waits_and_the_owner_does_not(store) {
    let acme = store.organization("acme").await;
    let (server, address) = (TestServer::new(store), link(&acme).await);
    let owner = Browser::at(&server);
    let (_, text) = address.rsplit_once('/').expect("a link");
    let found = break_glass::find(&acme.store, &Link::parse(text).expect("a link")).await;
    let key = found.expect("an account").totp_key;
    let code = key.code_at(store.now());
    let fields = [("password", PASSWORD), ("code", &*code)];
    owner.post(&address, PUBLIC_URL, &fields).await;
    store.clock.advance(Duration::from_mins(1));
    enter(&owner, PASSWORD, &key.code_at(store.now())).await;
    assert_eq!(who(&owner).await.as_deref(), Some(EMAIL));

    let stranger = Browser::at(&server);
    let mut answers = Vec::new();
    for _ in 0..15 {
        answers.push(enter(&stranger, "guess guess guess", "000000").await);
    }
    let limited = answers.iter().find(|answer| answer.status == 429).expect("one is told to wait");
    let wait: u64 = limited.header("retry-after").expect("how long").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    store.clock.advance(Duration::from_mins(1));
    let let_in = enter(&owner, PASSWORD, &key.code_at(store.now())).await;
    assert_eq!(let_in.status, 303, "{}", let_in.text());
});
