//! `doorward client`

use ::oauth::jose::{Algorithm, KeySet, SigningKey};
use serde_json::json;

use super::place::Place;
use crate::sign_in::metadata::Publisher;

#[test]
fn a_client_is_made_shown_changed_over_and_deleted() {
    let place = Place::with_acme();
    let create = [
        "client",
        "create",
        "Sprocket",
        "--kind",
        "application",
        "--redirect-uri",
        "https://app.example/callback",
        "--scope",
        "openid groups",
    ];
    let made = place.json(&create);
    let id = made["client_id"].as_str().expect("an id").to_owned();
    let secret = made["client_secret"].as_str().expect("a secret");
    assert!(secret.starts_with("dwsecret_"), "{secret}");
    assert_eq!(
        (&made["kind"], &made["scopes"]),
        (&json!("application"), &json!(["openid", "groups"]))
    );
    let shown = place.json(&["client", "show", &id]);
    assert_eq!(shown["redirect_uris"], json!(["https://app.example/callback"]));
    assert!(!shown.to_string().contains(secret), "the secret is shown once");
    let rotated = place.json(&["client", "rotate-secret", &id, "--never-expires"]);
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    let secrets = place.json(&["client", "show", &id])["secrets"].clone();
    let live: Vec<_> =
        secrets.as_array().expect("secrets").iter().map(|one| &one["live"]).collect();
    assert_eq!(live, [true, true]);
    let listed = place.json(&["client", "list"]);
    assert_eq!(listed["clients"].as_array().map(Vec::len), Some(1));
    let withdrawn = place.json(&["client", "withdraw", &id, "--organization", "acme"]);
    assert_eq!(withdrawn["ended"], 0);
    assert_eq!(place.json(&["client", "delete", &id, "--yes"])["deleted"], true);
    let gone = place.error(&["client", "show", &id]);
    assert!(gone.contains("no client") && gone.contains(&id), "{gone}");
}

#[test]
fn a_client_has_what_its_kind_must_have() {
    let place = Place::with_acme();
    let connection = place.connect()["id"].as_str().expect("an id").to_owned();
    let machine = ["client", "create", "Entra", "--kind", "machine", "--scope", "scim"];
    let made = place.json(&[&machine[..], &["--connection", &connection]].concat());
    assert_eq!(made["connection"], *connection);
    let listed = place.json(&["client", "list", "--organization", "acme"]);
    assert_eq!(listed["clients"][0]["client_id"], made["client_id"]);
    // For the management API it may look, where nothing else is said.
    let made = place.json(&["client", "create", "Billing", "--kind", "machine"]);
    assert_eq!((&made["scopes"], &made["connection"]), (&json!(["api:read"]), &json!(null)));
    let script = ["client", "create", "Script", "--kind", "machine", "--scope", "api:manage"];
    let told = place.text(&[&script[..], &["--organization", "acme"]].concat());
    let purpose = "for the management API (scope api:manage), for the organization acme";
    assert!(told.contains(purpose), "{told}");
    let okta = ["client", "create", "Okta", "--kind", "provider", "--okta-app", "trial_1"];
    assert_eq!(place.json(&okta)["redirect_uris"].as_array().map(Vec::len), Some(4));
    for (wrong, words) in [
        (&["--kind", "application"][..], "has a redirect URI"),
        (&["--kind", "machine", "--scope", "scim"], "no scope \"scim\""),
        (
            &["--kind", "machine", "--scope", "read"],
            "no scope \"read\", but: api:read, api:write, api:manage",
        ),
        (&["--kind", "provider", "--okta-app", "x", "--public"], "nly an application may"),
        (
            &["--kind", "application", "--redirect-uri", "https://a.example", "--scope", "scim"],
            "no scope",
        ),
    ] {
        let error = place.error(&[&["client", "create", "Wrong"], wrong].concat());
        assert!(error.contains(words), "{wrong:?}: {error}");
    }
}

#[test]
fn a_machine_is_known_by_the_address_of_its_keys() {
    let (place, runtime) = (Place::with_acme(), tokio::runtime::Runtime::new().expect("a runtime"));
    let id = place.connect()["id"].as_str().expect("an id").to_owned();
    let made = SigningKey::generate(Algorithm::Es256).expect("a key");
    let key = SigningKey::new(Algorithm::Es256, &made).expect("the key");
    let set = KeySet::from_iter([key.public().clone()]).to_json().to_string();
    let publisher = runtime.block_on(Publisher::of(set));
    let _server = place.serve();
    let machine = ["client", "create", "Entra", "--kind", "machine", "--scope", "scim"];
    let at = [&machine[..], &["--connection", &id, "--jwks-uri", &publisher.url]].concat();
    let made = place.json(&at);
    assert_eq!((&made["client_secret"], &made["jwks_uri"]), (&json!(null), &json!(publisher.url)));
    assert_eq!(made["authentication"], "private_key_jwt");
    let federated = [
        &at[..],
        &["--federated-issuer", "https://login.example/t/v2.0", "--federated-subject", "o"],
        &["--federated-audience", "api://a", "--federated-tenant", "t"],
    ]
    .concat();
    assert_eq!(place.json(&federated)["authentication"], "federated");
    let some = [&at[..], &["--federated-issuer", "https://login.example/t/v2.0"]].concat();
    assert_eq!(place.run(&some).code, Some(2), "all or none");
    publisher.publish_text("{\"keys\":[]}".to_owned());
    assert!(place.error(&at).starts_with("there is no key at"), "{}", place.error(&at));
}
