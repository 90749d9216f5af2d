//! What others learn of the server.

use axum::{body::Body, http::Request};
use testkit::{PUBLIC_URL, TestServer, contract};

async fn get(server: &TestServer, path: &str) -> serde_json::Value {
    let answer = server.send(Request::get(path).body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    answer.json()
}

contract!(async fn both_documents_name_addresses_that_answer(store) {
    let server = TestServer::new(store);
    let openid = get(&server, "/.well-known/openid-configuration").await;
    let oauth = get(&server, "/.well-known/oauth-authorization-server").await;
    for document in [&openid, &oauth] {
        assert_eq!(document["issuer"], PUBLIC_URL);
        assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    }
    let named = openid.as_object().expect("an object").iter();
    let named = named.filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
    let mut count = 0;
    for (name, address) in named {
        let path = address.as_str().expect("text").strip_prefix(PUBLIC_URL).expect("ours");
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let status = server.send(request).await.status;
        assert!(![404, 500, 501].contains(&status), "{name}: {status}");
        count += 1;
    }
    assert!(count >= 7, "{count}");
});

contract!(async fn the_first_key_is_there_before_anything_is_signed_and_stays(store) {
    let server = TestServer::new(store);
    let first = get(&server, "/oauth/jwks").await;
    assert_eq!(first["keys"].as_array().map(Vec::len), Some(1));
    let key = &first["keys"][0];
    assert_eq!((&key["alg"], &key["use"], key.get("d")), (&"ES256".into(), &"sig".into(), None));
    let elsewhere = TestServer::over(store.another(), server::http::Limits::default());
    assert_eq!(get(&elsewhere, "/oauth/jwks").await, first);
});

contract!(async fn a_key_is_followed_by_another_before_it_signs_no_more(store) {
    use std::time::Duration;

    use ::oauth::jose::Algorithm;
    use directory::oauth::key;

    let signing = async || {
        let key = key::signing(&store.store, Algorithm::Es256).await.expect("a key");
        key.signing.id().to_owned()
    };
    let first = signing().await;
    store.clock.advance(key::SIGNS);
    key::rotate(&store.store).await.expect("rotated");
    let published = key::all(&store.store).await.expect("keys");
    assert_eq!((published.len(), signing().await == first), (2, true), "it is published ahead");
    store.clock.advance(key::AHEAD);
    let second = signing().await;
    assert_ne!(second, first);
    store.clock.advance(key::KEPT + Duration::from_secs(1));
    key::rotate(&store.store).await.expect("rotated");
    let published = key::all(&store.store).await.expect("keys");
    assert!(published.iter().all(|key| key.signing.id() != first), "the first is forgotten");
    assert_eq!(signing().await, second);
});
