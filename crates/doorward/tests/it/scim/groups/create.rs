//! `POST /Groups`.

use serde_json::json;
use testkit::contract;

use crate::scim::support::{Client, assert_shown};

contract!(async fn a_group_may_hold_users_and_groups(store) {
    let client = Client::open(store).await;
    let (a, b) = (client.user("a").await, client.user("b").await);
    let inner = client.group("inner", &[&a]).await;
    let body = json!({ "displayName": "outer", "externalId": "g1", "members": [
        { "value": inner, "type": "Group" }, { "value": b }, { "value": b, "display": "again" },
    ] });
    assert_shown!(client.post("/Groups", body).await, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Groups/#4
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#4",
      "externalId": "g1",
      "displayName": "outer",
      "members": [
        {
          "value": "#2",
          "$ref": "https://door.example/scim/v2/Users/#2",
          "type": "User"
        },
        {
          "value": "#3",
          "$ref": "https://door.example/scim/v2/Groups/#3",
          "type": "Group"
        }
      ],
      "meta": {
        "resourceType": "Group",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Groups/#4",
        "version": "W/\"1\""
      }
    }
    "##);
});

contract!(async fn members_come_in_every_shape(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    for (n, members) in
        [json!([{ "value": a }]), json!({ "value": a }), json!([a]), json!(a)].iter().enumerate()
    {
        let body = json!({ "displayName": format!("g{n}"), "members": members });
        let created = client.post("/Groups", body).await;
        assert_eq!(created.json()["members"][0]["value"], a, "{members}");
    }
    for (n, members) in [json!(null), json!([])].iter().enumerate() {
        let body = json!({ "displayName": format!("h{n}"), "members": members });
        assert_eq!(client.post("/Groups", body).await.json()["members"], json!([]), "{members}");
    }
});

contract!(async fn a_name_is_needed_and_unique_in_any_case(store) {
    let client = Client::open(store).await;
    client.group("Engines", &[]).await;
    let before = client.newest().await;
    assert_eq!(client.post("/Groups", r#"{"displayName":"eNGINES"}"#).await.verdict(), "409 uniqueness");
    assert_shown!(client.post("/Groups", r#"{"members":[]}"#).await, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "invalidValue",
      "detail": "A Group needs the attribute displayName. Map it to a value at the identity provider.",
      "status": "400"
    }
    "#);
    assert_eq!(client.newest().await, before);
});

contract!(async fn the_answer_shows_what_was_asked_for(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    let body = |name: &str| json!({ "displayName": name, "members": [{ "value": a }] });
    let reply = client.post("/Groups?excludedAttributes=members", body("g")).await;
    assert!(reply.status == 201 && reply.json()["members"].is_null(), "{reply}");
    assert_shown!(client.post("/Groups?attributes=members.display", body("h")).await, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Groups/#3
    etag: W/"1-(digest)"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#3",
      "members": [{"display":"a"}]
    }
    "##);
});
