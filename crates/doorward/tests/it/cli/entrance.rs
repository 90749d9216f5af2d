//! `doorward domain` and `doorward break-glass`

use serde_json::{Value, json};
use testkit::NameServer;

use super::place::Place;

#[test]
fn a_domain_is_added_verified_by_dns_and_removed() {
    let place = Place::with_acme();
    let list = ["domain", "list", "--organization", "acme"];
    assert_eq!(place.json(&list), json!({ "organization": "acme", "domains": [] }));
    let of = |verb| ["domain", verb, "--organization", "acme", "Acme.example"];
    let added = place.json(&of("add"));
    assert_eq!(added["domain"], "acme.example");
    assert_eq!((&added["verified"], &added["proof"]), (&json!(false), &Value::Null));
    assert_eq!(added["record"]["name"], "_doorward.acme.example");
    let value = added["record"]["value"].as_str().expect("a text").to_owned();
    assert!(place.text(&of("add")).contains(&value), "it keeps its challenge");

    let verify = |answer: &str| {
        let server = NameServer::start(answer).address().to_string();
        place.run_with(&of("verify"), &[("DOORWARD_DNS_SERVER", &server)])
    };
    let refused = verify("v=spf1 -all");
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("says something else"), "{}", refused.stderr);
    assert_eq!(verify(&value).code, Some(0));
    let listed = place.json(&list);
    assert_eq!(listed["domains"][0]["proof"], "dns");
    assert!(place.text(&list).contains("acme.example"));

    place.json(&["organization", "create", "Umbra", "--slug", "umbra"]);
    let umbra = |verb| ["domain", verb, "--organization", "umbra", "acme.example"];
    place.json(&umbra("add"));
    let vouch = [&umbra("verify")[..], &["--by-operator"]].concat();
    assert!(place.error(&vouch).contains("verified by another organization"));
    place.json(&of("remove"));
    assert_eq!(place.json(&vouch)["proof"], "operator");
    assert!(place.error(&of("remove")).contains("`doorward domain list --organization acme`"));
    assert!(
        place
            .error(&["domain", "add", "--organization", "acme", "acme"])
            .contains("is not a domain")
    );
}

#[test]
fn a_break_glass_account_is_made_listed_and_removed() {
    let place = Place::with_acme();
    let of = |verb| ["break-glass", verb, "--organization", "acme", "--email", "ada@acme.example"];
    assert!(place.error(&of("create")).contains("the public URL is not known yet"));
    let url = ["--public-url", "https://door.example"];
    let made = place.json(&[&of("create")[..], &url].concat());
    let link = made["url"].as_str().expect("an address");
    assert!(link.starts_with("https://door.example/signin/break-glass/"), "{link}");
    assert!(made["expires"].as_str().is_some_and(|time| time.ends_with('Z')));
    assert_eq!(made["user"]["created"], true);
    let list = ["break-glass", "list", "--organization", "acme"];
    let listed = place.json(&list);
    assert_eq!(listed["accounts"][0]["email"], "ada@acme.example");
    assert_eq!(listed["accounts"][0]["enrolled"], Value::Null);
    assert!(!listed.to_string().contains(link.rsplit('/').next().expect("a link")));
    place.json(&of("remove"));
    assert!(place.text(&list).contains("No one can come in without the identity provider"));
    assert!(place.error(&of("remove")).starts_with("there is no break-glass account in acme"));
}
