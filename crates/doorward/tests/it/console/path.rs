//! From a set-up link to the first person.

use std::time::Duration;

use axum::{body::Body, http::Request};
use testkit::{Answer, contract};

use super::support::{House, follow, send};

/// What a page shows in a field.
fn field(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("id=\"{id}\" ")).expect("the field");
    let (_, value) = rest.split_once("value=\"").expect("its value");
    value.split('"').next().expect("its end").to_owned()
}

/// The states of the steps, in a word each.
fn steps(page: &str) -> String {
    let states = page.split("<li data-state=\"").skip(1);
    states.map(|rest| rest.split('"').next().expect("a state")).collect::<Vec<_>>().join(" ")
}

async fn call(house: &House, token: &str, url: &str, method: &str, body: Option<&str>) -> Answer {
    let path = url.strip_prefix(testkit::PUBLIC_URL).expect("our own");
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/scim+json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_owned()));
    let answer = house.door.client.server.send(request.body(body).expect("a request")).await;
    house.flush().await;
    answer
}

contract!(async fn the_provider_ticks_the_steps(store) {
    let house = House::open(store).await;
    let bearer = house.bearer().await;
    let choice = [("provider", "okta"), ("app", "okta-scim2")];
    let added = send(&bearer, "/console/integrations/new", &choice).await;
    let address = added.header("location").expect("an address").to_owned();
    let page = follow(&bearer, &added).await.text();
    assert_eq!(steps(&page), "current open open open open open open open");
    assert!(page.contains("SCIM 2.0 Base Url"), "in Okta's words");

    let enabled = send(&bearer, &format!("{address}/enable"), &[("expected", "0")]).await;
    let shown = enabled.text();
    let (url, token) = (field(&shown, "url"), field(&shown, "token"));
    assert!(token.starts_with("scim_") && url.ends_with("/scim/v2"), "{url}");
    assert_eq!(steps(&shown), "done current open open open open open open");
    // It stands in no other answer, and posting the page again makes no other.
    let again = send(&bearer, &format!("{address}/enable"), &[("expected", "0")]).await;
    let masked = follow(&bearer, &again).await.text();
    let log = bearer.get(&address.replace("/setup", "/log")).await.text();
    let credentials = bearer.get(&address.replace("/setup", "/credentials")).await.text();
    for text in [&masked, &log, &credentials] {
        assert!(!text.contains(&token));
    }
    let ending = &token[token.len() - 4..];
    assert!(masked.contains(ending) && credentials.contains(ending));

    store.clock.advance(Duration::from_secs(1));
    let tested = call(&house, &token, &format!("{url}/Users?startIndex=1&count=2"), "GET", None).await;
    assert_eq!(tested.status, 200, "{}", tested.text());
    let page = bearer.get(&address).await.text();
    assert_eq!(steps(&page), "done done done current open open open open");
    assert!(page.contains("Okta tested the API credentials. They work."), "{page}");

    store.clock.advance(Duration::from_secs(1));
    let ada = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@x.example",
        "name":{"givenName":"Ada","familyName":"Lovelace"}}"#;
    let created = call(&house, &token, &format!("{url}/Users"), "POST", Some(ada)).await;
    assert_eq!(created.status, 201, "{}", created.text());
    let id = created.json()["id"].as_str().expect("an id").to_owned();
    store.clock.advance(Duration::from_secs(1));
    let group = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Admins",
        "members":[{{"value":"{id}"}}]}}"#
    );
    let pushed = call(&house, &token, &format!("{url}/Groups"), "POST", Some(&group)).await;
    let group = pushed.json()["id"].as_str().expect("an id").to_owned();
    let page = bearer.get(&address).await.text();
    assert_eq!(steps(&page), "done done done done done done current open");
    for sentence in ["Okta created Ada Lovelace.", "Okta pushed the group Admins."] {
        assert!(page.contains(sentence), "{sentence} is not in {page}");
    }

    let named = send(&bearer, &format!("{address}/administrators"), &[("group", &group)]).await;
    let page = follow(&bearer, &named).await.text();
    assert_eq!(steps(&page), "done done done done done done done current");
    let live = send(&bearer, &format!("{address}/live"), &[]).await;
    let page = follow(&bearer, &live).await.text();
    assert!(page.contains("The connection is live"), "{page}");
    // There are administrators now: a second set-up names none.
    let second = send(&bearer, &format!("{address}/administrators"), &[("group", &group)]).await;
    assert_eq!(second.status, 422, "{}", second.text());
});

contract!(async fn each_request_is_told_in_a_sentence(store) {
    let house = House::open(store).await;
    let admin = house.person(Some("admin")).await;
    let client = &house.door.client;
    let id = client.user("grace@x.example").await;
    let steps: [(&str, &str, &str, Option<&str>); 5] = [
        ("GET", "/Users?filter=userName%20eq%20%22zed%22", "Okta looked for zed, which is not here yet.", None),
        ("POST", "/Users", "was refused:", Some(r#"{"userName":"grace@x.example"}"#)),
        (
            "PATCH", "/Users/{id}", "Okta deactivated grace@x.example. Sessions ended; everything is kept.",
            Some(r#"{"Operations":[{"op":"replace","value":{"active":false}}]}"#),
        ),
        (
            "PATCH", "/Users/{id}", "Okta reactivated grace@x.example with the same groups and roles.",
            Some(r#"{"Operations":[{"op":"replace","value":{"active":true}}]}"#),
        ),
        ("GET", "/Users/3f2504e0-4f89-41d3-9a0c-0305e82c3301", "Okta asked for someone who is not here.", None),
    ];
    let connection = client.connection.connection.id;
    for (method, path, sentence, body) in steps {
        store.clock.advance(Duration::from_secs(1));
        let path = format!("/scim/v2{}", path.replace("{id}", &id));
        client.server.request(&client.token, method, &path, body).await;
        house.flush().await;
        let log = admin.get(&format!("/console/integrations/{connection}/log")).await.text();
        let first = log.split("<tbody>").nth(1).and_then(|rows| rows.split("</tr>").next());
        assert!(first.expect("a row").contains(sentence), "{sentence}: {first:?}");
    }
    // The detail says what to do.
    let log = admin.get(&format!("/console/integrations/{connection}/log?result=refused")).await.text();
    let conflict = log.split("href=\"").find(|part| part.contains("was refused:")).expect("a link");
    let address = conflict.split('"').next().expect("its end");
    let detail = admin.get(address).await.text();
    assert!(detail.contains("give one of the two another username"), "{detail}");
});
