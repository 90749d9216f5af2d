//! `PUT /Groups/{id}`.

use serde_json::json;
use testkit::contract;

use crate::scim::support::{Client, assert_shown, body_of};

contract!(async fn what_is_left_out_is_gone_but_for_the_members(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    let body = json!({ "displayName": "engines", "externalId": "g1", "members": [{ "value": a }],
        "urn:okta:custom:group:1.0": { "description": "d" } });
    let path = format!("/Groups/{}", client.post("/Groups", body).await.created());
    assert_shown!(client.put(&path, r#"{"displayName":"motors"}"#).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#2",
      "displayName": "motors",
      "meta": {
        "resourceType": "Group",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Groups/#2",
        "version": "W/\"2\""
      }
    }
    "##);
    let shown = client.get(&path).await.json();
    assert_eq!(shown["members"][0]["value"], a);
});

contract!(async fn members_are_brought_from_one_state_to_the_other(store) {
    let client = Client::open(store).await;
    let (a, b, c) = (client.user("a").await, client.user("b").await, client.user("c").await);
    let path = format!("/Groups/{}", client.group("engines", &[&a, &b]).await);
    let before = client.newest().await;
    let body = json!({ "displayName": "engines",
        "members": [{ "value": c }, { "value": b }, { "value": "unknown" }] });
    let put = client.put(&path, &body).await;
    assert_eq!(put.json()["members"].as_array().map(Vec::len), Some(2));
    let events = client.events_after(before).await;
    let told = body_of(&events[0]);
    assert_eq!((&told["added"], &told["removed"]), (&json!([c]), &json!([a])));
    // Again: nothing new.
    assert_eq!(client.put(&path, &body).await.status, 200);
    assert_eq!(client.newest().await, before + 1);
});

contract!(async fn a_name_can_change_but_not_to_anothers(store) {
    let client = Client::open(store).await;
    let path = format!("/Groups/{}", client.group("engines", &[]).await);
    client.group("motors", &[]).await;
    assert_eq!(client.put(&path, r#"{"displayName":"MOTORS"}"#).await.verdict(), "409 uniqueness");
    let renamed = client.put(&path, r#"{"displayName":"ENGINES"}"#).await;
    assert_eq!(renamed.json()["displayName"], "ENGINES");
    assert_eq!(client.put("/Groups/x", r#"{"displayName":"y"}"#).await.verdict(), "404");
    assert_eq!(client.put(&path, "{}").await.verdict(), "400 invalidValue");
});
