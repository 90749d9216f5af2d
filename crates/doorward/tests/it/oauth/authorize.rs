//! Wrong requests at `/oauth/authorize`: nothing goes to an address that is not registered.

use testkit::contract;

use super::party::{CALLBACK, Party, error};
use crate::sign_in::browser::Door;

contract!(async fn nothing_goes_to_an_address_that_is_not_registered(store) {
    let door = Door::open(store).await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    let close = [
        "https://app.example/callback?tenant=8",
        "https://app.example/callback?tenant=77",
        "https://app.example/callback",
        "https://app.example/Callback?tenant=7",
        "https://app.example/callback/?tenant=7",
        "https://app.example:443/callback?tenant=7",
        "http://app.example/callback?tenant=7",
        "https://app.example/callback?tenant=7#",
        "https://app.example.evil.example/callback?tenant=7",
        "https://evil.example",
    ];
    for address in close {
        let answer = party.authorize(&browser, &[("redirect_uri", address)]).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{address}");
        assert!(answer.text().contains("redirect URI"), "{address}");
    }
    for client in ["nobody", "0000000000000000000000", "7-0000000000000000000000", "a:b", ""] {
        let answer = party.authorize(&browser, &[("client_id", client)]).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{client}");
    }
    let twice = format!("{}&redirect_uri={CALLBACK}", party.asking(&[]));
    let answer = browser.get(&twice).await;
    assert_eq!((answer.status, answer.header("location")), (400, None));
});

contract!(async fn the_application_is_told_what_is_wrong_with_its_request(store) {
    let door = Door::open(store).await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    for (name, wrong, expected) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("scope", "groups", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "none", "login_required"),
        ("request", "eyJ", "request_not_supported"),
        ("organization", "nowhere", "invalid_request"),
        ("connection", "nothing", "invalid_request"),
    ] {
        let answer = party.authorize(&browser, &[(name, wrong)]).await;
        assert_eq!(error(&answer), expected, "{name}={wrong}");
    }
});

contract!(async fn a_request_by_post_goes_on_as_a_link(store) {
    let door = Door::open(store).await;
    let party = Party::application(store, &door).await;
    let fields = [("client_id", party.id()), ("response_type", "code"), ("state", "x")];
    let answer = door.browser().post("/oauth/authorize", "https://app.example", &fields).await;
    let expected = format!("/oauth/authorize?client_id={}&response_type=code&state=x", party.id());
    assert_eq!((answer.status, answer.header("location")), (303, Some(&*expected)));
});

contract!(async fn an_organization_is_named_by_its_id_or_its_slug(store) {
    let door = Door::open(store).await;
    let party = Party::application(store, &door).await;
    let organization = door.client.connection.organization.by_operator();
    let id = organization.get().await.id;
    for name in ["acme", &*id.to_string()] {
        let sent = party.authorize(&door.browser(), &[("organization", name)]).await;
        let location = sent.header("location").expect("an address");
        assert!(location.starts_with(&door.provider.sso_url), "{name}: {location}");
    }
});
