//! Signing out: an application sends a person, and applications are told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::oauth::{
    ClientKind, RedirectUri,
    jose::{Algorithm, KeySet, TokenType, Verification, verify},
};
use axum::{Router, extract::State, http::StatusCode, routing::post};
use directory::{
    Random,
    oauth::{NewClient, key, logout},
};
use server::{App, ServerOptions, http::Limits};
use testkit::{PUBLIC_URL, contract};
use tokio::{net::TcpListener, sync::mpsc};

use super::party::{Party, brought, query, registration, text};
use crate::sign_in::browser::{Door, SESSION};

contract!(async fn an_application_signs_the_person_out_that_it_means(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    let tokens = party.tokens(&door, &browser, "noor").await;
    let ask = async |pairs: &[(&str, &str)]| {
        browser.get(&format!("/oauth/logout?{}", query(pairs))).await
    };
    let hint = text(&tokens, "id_token");
    for wrong in [
        &[("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example")][..],
        &[("post_logout_redirect_uri", "https://app.example/bye")],
        &[("id_token_hint", "x")],
        &[("id_token_hint", hint), ("client_id", "another")],
    ] {
        let answer = ask(wrong).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{wrong:?}");
    }
    assert!(browser.cookie(SESSION).is_some());
    // An ID token is a hint long after it expired.
    store.clock.advance(Duration::from_hours(2));
    let good = [
        ("id_token_hint", hint),
        ("post_logout_redirect_uri", "https://app.example/bye"),
        ("state", "x y"),
    ];
    let answer = ask(&good).await;
    assert_eq!(answer.header("location"), Some("https://app.example/bye?state=x+y"));
    assert_eq!((answer.status, browser.cookie(SESSION)), (303, None));
    assert_eq!(party.userinfo(text(&tokens, "access_token")).await.status, 401);
});

contract!(async fn a_person_is_asked_where_the_application_does_not_say_who(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    door.sign_in(&browser, "noor").await;
    let pairs = [("client_id", party.id()), ("post_logout_redirect_uri", "https://app.example/bye")];
    let page = browser.get(&format!("/oauth/logout?{}", query(&pairs))).await;
    assert_eq!(page.status, 200);
    assert!(browser.cookie(SESSION).is_some(), "nothing is done yet");
    let field = |name: &str| {
        let page = page.text();
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("a field");
        let value = rest.split('"').next().expect("its end").to_owned();
        value.replace("&#38;", "&").replace("&amp;", "&")
    };
    let (request, token) = (field("request"), field("token"));
    let wrong = [("request", &*request), ("token", "wrong")];
    assert_eq!(browser.post("/oauth/logout", PUBLIC_URL, &wrong).await.status, 403);
    let fields = [("request", &*request), ("token", &*token)];
    let answer = browser.post("/oauth/logout", PUBLIC_URL, &fields).await;
    assert_eq!(answer.header("location"), Some("https://app.example/bye"));
    assert_eq!(browser.cookie(SESSION), None);
});

contract!(async fn an_application_is_told_of_each_session_that_someone_ends(store) {
    let door = Door::open(store).await;
    let user = door.client.user("noor").await;
    let uri = RedirectUri::parse("https://app.example/logged-out").expect("an address");
    let new = NewClient { logout_uri: Some(uri), ..registration(ClientKind::Application) };
    let party = Party::of(store, &door, new).await;
    let silent = Party::application(store, &door).await;
    let due = async || logout::due(&store.store).await.expect("what is due");
    let browser = door.browser();
    party.tokens(&door, &browser, "noor").await;
    brought(&silent.authorize(&browser, &[]).await);
    assert!(due().await.is_empty(), "the session is not over");
    browser.post("/session/sign-out", PUBLIC_URL, &[]).await;
    store.clock.advance(Duration::from_secs(1));
    let first = due().await;
    assert_eq!(first.len(), 1);
    assert_eq!((first[0].client.as_str(), &*first[0].subject), (party.id(), &*user));
    assert_eq!(first[0].address, "https://app.example/logged-out");
    assert!(due().await.is_empty(), "whoever delivers has it alone");
    store.clock.advance(Duration::from_secs(11));
    let again = due().await;
    assert_eq!(again[0].id(), first[0].id(), "it is one and the same each time");
    logout::told(&store.store, &again[0]).await.expect("noted");
    store.clock.advance(Duration::from_hours(2));
    assert!(due().await.is_empty());
    // Whom Okta deactivates is out of the application, too.
    let browser = door.browser();
    party.tokens(&door, &browser, "noor").await;
    let body = r#"{"Operations":[{"op":"replace","value":{"active":false}}]}"#;
    door.client.patch(&format!("/Users/{user}"), body).await;
    store.clock.advance(Duration::from_secs(1));
    assert_eq!(due().await.len(), 1);
    store.clock.advance(Duration::from_hours(25));
    assert!(due().await.is_empty(), "it is given up after a day");
});

/// An application that is told of logouts, and fails at the first.
async fn receiver() -> (String, mpsc::UnboundedReceiver<String>) {
    let (sender, told) = mpsc::unbounded_channel();
    let failed = Arc::new(AtomicBool::new(false));
    let receive = async |State((sender, failed)): State<Receiver>, form: String| {
        sender.send(form).expect("the test listens");
        if failed.swap(true, Ordering::SeqCst) { StatusCode::OK } else { StatusCode::BAD_GATEWAY }
    };
    let router = Router::new().route("/out", post(receive)).with_state((sender, failed));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/out", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, told)
}

type Receiver = (mpsc::UnboundedSender<String>, Arc<AtomicBool>);

contract!(async fn an_application_that_fails_is_told_again(store) {
    let door = Door::open(store).await;
    let user = door.client.user("noor").await;
    let (address, mut told) = receiver().await;
    let uri = RedirectUri::parse(&address).expect("an address");
    let new = NewClient { logout_uri: Some(uri), ..registration(ClientKind::Application) };
    let party = Party::of(store, &door, new).await;
    let browser = door.browser();
    let tokens = party.tokens(&door, &browser, "noor").await;
    browser.post("/session/sign-out", PUBLIC_URL, &[]).await;
    store.clock.advance(Duration::from_secs(1));
    // It is all on this machine, where http is for trying things out.
    let app = App::new(ServerOptions {
        application: server::Application::default(),
        store: store.store.clone(),
        random: Arc::new(Random::from_seed(7)),
        public_url: "http://127.0.0.1:8400".to_owned(),
        limits: Limits::default(),
        sessions: directory::session::Policy::default(),
        trusted_proxies: Vec::new(),
        dns_server: None,
        outbound_allow: Vec::new(),
        metrics_allow: Vec::new(),
    });
    let tell = async || server::tell_of_logouts(&app).await.expect("the store works");
    assert_eq!((tell().await, tell().await), (0, 0), "it failed, and is not tried at once");
    store.clock.advance(Duration::from_secs(11));
    assert_eq!((tell().await, tell().await), (1, 0));
    let (first, second) = (told.try_recv().expect("told"), told.try_recv().expect("told"));
    assert!(told.try_recv().is_err());
    let keys = key::all(&store.store).await.expect("keys");
    let keys: KeySet = keys.iter().map(|key| key.signing.public().clone()).collect();
    let read = |form: &str| {
        let token = form.strip_prefix("logout_token=").expect("a logout token");
        let verification = Verification {
            algorithms: &[Algorithm::Es256],
            token_type: TokenType::Explicit("logout+jwt"),
        };
        verify(token, keys.iter(), &verification).expect("it is ours")
    };
    let (first, second) = (read(&first), read(&second));
    assert_eq!(first.text("jti"), second.text("jti"));
    second.expect("sub", &user).expect("the user");
    second.expect("aud", party.id()).expect("the application");
    let claims = party.claims(text(&tokens, "id_token"), Algorithm::Es256).await;
    assert_eq!(second.text("sid"), claims.text("sid"));
    assert!(second.has("events") && !second.has("nonce"));
});
