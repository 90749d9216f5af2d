//! Texts that are very long, or strange.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::{furnished, refusal};
use crate::scim::support::Client;

/// A text of so many characters that cannot be compressed much.
fn noise(chars: usize, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..chars)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Four bytes each, and letters of no case.
            char::from_u32(0x20000 + u32::try_from(state % 0xa000).expect("small")).expect("a char")
        })
        .collect()
}

contract!(async fn texts_have_a_longest_length(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let user = format!("/Users/{}", client.get("/Users").await.listed("id"));
    for body in [
        json!({ "userName": "x".repeat(1_001) }),
        json!({ "userName": noise(1_001, 1) }),
        json!({ "userName": "b", "externalId": "x".repeat(1_001) }),
        json!({ "userName": "b", "title": "x".repeat(10_001) }),
        json!({ "userName": "b", "name": { "formatted": "é".repeat(10_001) } }),
        json!({ "userName": "b", "emails": [{ "value": "x".repeat(10_001) }] }),
        json!({ "userName": "b", "roles": vec![json!({ "value": "x" }); 1_001] }),
    ] {
        assert_eq!(refusal(&client.post("/Users", &body).await), "400 invalidValue");
        assert_eq!(refusal(&client.put(&user, &body).await), "400 invalidValue");
        let patch = json!({ "Operations": [{ "op": "replace", "value": body }] });
        assert_eq!(refusal(&client.patch(&user, &patch).await), "400 invalidValue");
    }
    for body in [
        json!({ "displayName": "x".repeat(1_001) }),
        json!({ "displayName": "b", "externalId": noise(1_001, 2) }),
    ] {
        assert_eq!(refusal(&client.post("/Groups", &body).await), "400 invalidValue");
    }
    assert_eq!(client.newest().await, before);
});

/// Creates, finds, changes and deletes a user and a group with these texts in every indexed place.
async fn lives_through(client: &Client, name: &str, text: &str) {
    let body = json!({ "userName": name, "externalId": name, "displayName": text,
        "emails": [{ "value": text }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "employeeNumber": text } });
    let created = client.post("/Users", &body).await;
    assert_eq!(created.status, 201, "{created}");
    let shown = created.json();
    for attribute in ["userName", "externalId", "displayName", "emails"] {
        assert_eq!(shown[attribute], body[attribute], "{attribute}");
    }
    let waiting: String = name.chars().take(60).collect();
    let group = json!({ "displayName": name, "externalId": name,
        "members": [{ "value": created.id() }, { "value": waiting }] });
    let group = client.post("/Groups", &group).await.created();
    let filter = |attribute: &str, value: &str| {
        let filter = format!("{attribute} eq {}", Json::from(value));
        let encoded =
            filter.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}"));
        format!("/Users?filter={encoded}")
    };
    // Longer ones fit into no address; they are sent as POST.
    if name.len() < 1_000 {
        for attribute in ["userName", "externalId"] {
            let found = client.get(&filter(attribute, name)).await;
            assert_eq!(found.listed("id"), created.id(), "{attribute}");
        }
    }
    let search = json!({ "filter": format!("userName eq {}", Json::from(name)) });
    if name.len() < 8_000 {
        let found = client.post("/Users/.search", search).await;
        assert_eq!(found.listed("id"), created.id(), "{name:.40}");
    }
    let path = format!("/Users/{}", created.id());
    assert_eq!(client.put(&path, &body).await.status, 200);
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(
        client.post("/Users", &body).await.created(),
        created.id(),
        "the tombstone is found"
    );
    assert_eq!(client.delete(&format!("/Groups/{group}")).await.status, 204);
}

contract!(async fn the_longest_texts_are_kept_whole(store) {
    let client = Client::open(store).await;
    lives_through(&client, &"x".repeat(1_000), &"y".repeat(10_000)).await;
    lives_through(&client, &noise(1_000, 3), &noise(10_000, 4)).await;
});

contract!(async fn strange_texts_are_kept_as_they_are(store) {
    let client = Client::open(store).await;
    for text in [
        "'; drop table usr; --",
        "\" or 1 eq 1 or userName eq \"",
        "100%",
        "a_b%c",
        "\\\\host\\share",
        "$1 ?1 :name {}",
        "<script>alert(1)</script>",
        "\u{202e}txt.exe\u{2066}",
        "👩‍👩‍👧‍👦 Ǆ ǆ İ ı ß ſ K",
        "e\u{301} ≠ é",
        "\u{feff}bom\u{fffd}\u{fffe}\u{ffff}\u{10ffff}",
        " lead and trail ",
        "Ünïcode.Ñame@exämple.com",
    ] {
        lives_through(&client, text, text).await;
    }
    // A name that people read has no control characters.
    for (name, text) in [("tabs", "tab\tand\u{1}control\u{7f}"), ("lines", "line\r\nbreak")] {
        lives_through(&client, name, text).await;
    }
});

contract!(async fn names_that_differ_only_in_case_are_one(store) {
    let client = Client::open(store).await;
    for (one, same) in [
        ("ADA", "ada"),
        ("ÉCOLE", "école"),
        ("e\u{301}cole2", "\u{e9}cole2"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("ＦＵＬＬ", "full"),
    ] {
        client.user(one).await;
        let body = json!({ "userName": same });
        assert_eq!(client.post("/Users", &body).await.verdict(), "409 uniqueness", "{same}");
    }
    for different in ["straße", "strasse", "ı", "i"] {
        client.user(different).await;
    }
});
