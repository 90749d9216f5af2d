//! `PUT /Users/{id}`.

use serde_json::Value as Json;
use testkit::contract;

use super::{ENTERPRISE, FULL};
use crate::scim::support::{Client, assert_shown};

contract!(async fn what_is_left_out_is_gone(store) {
    let client = Client::open(store).await;
    let created = client.post("/Users", FULL).await;
    let path = format!("/Users/{}", created.id());
    assert_shown!(client.put(&path, r#"{"userName":"babs"}"#).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "userName": "babs",
      "active": true,
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
    let filter = "/Users?filter=emails.value+eq+%22bjensen@example.com%22";
    assert_eq!(client.get(filter).await.listed("id"), "", "the index forgot it too");
});

contract!(async fn what_is_equal_is_no_change(store) {
    let client = Client::open(store).await;
    let created = client.post("/Users", FULL).await;
    let path = format!("/Users/{}", created.id());
    let before = client.newest().await;
    let mut reordered: Json = serde_json::from_str(FULL).expect("JSON");
    let title = reordered.as_object_mut().expect("an object").remove("title").expect("a title");
    reordered["title"] = title;
    for body in [FULL, &reordered.to_string(), &created.text()] {
        let reply = client.put(&path, body).await;
        assert_eq!((reply.status, reply.header("etag")), (200, Some("W/\"1\"")), "{body}");
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn a_name_can_change_but_not_to_anothers(store) {
    let client = Client::open(store).await;
    let path = format!("/Users/{}", client.user("ada").await);
    client.user("bob").await;
    assert_eq!(client.put(&path, r#"{"userName":"ada.king"}"#).await.json()["userName"], "ada.king");
    assert_eq!(client.get("/Users?filter=userName+eq+%22ada%22").await.listed("id"), "");
    let before = client.newest().await;
    assert_shown!(client.put(&path, r#"{"userName":"BOB","title":"x"}"#).await, @r#"
    409
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "uniqueness",
      "detail": "Another user has the userName \"BOB\" already.",
      "status": "409"
    }
    "#);
    assert_eq!(client.newest().await, before);
    assert!(client.get(&path).await.json()["title"].is_null());
    // An archived user keeps its name.
    let cleo = client.post("/Users", r#"{"userName":"cleo","active":false}"#).await.created();
    assert_eq!(client.put(&path, r#"{"userName":"cleo"}"#).await.verdict(), "409 uniqueness");
    assert_eq!(client.delete(&format!("/Users/{cleo}")).await.status, 204);
    assert_eq!(client.put(&path, r#"{"userName":"cleo"}"#).await.status, 200);
});

contract!(async fn nobody_is_created_by_a_put(store) {
    let client = Client::open(store).await;
    let before = client.newest().await;
    let id = "6b1fa2a4-2f5d-4a5e-9d62-6f1c0a9b7e31";
    assert_eq!(client.put(&format!("/Users/{id}"), r#"{"userName":"a"}"#).await.verdict(), "404");
    let group = client.group("engines", &[]).await;
    assert_eq!(client.put(&format!("/Users/{group}"), r#"{"userName":"a"}"#).await.verdict(), "404");
    assert_eq!(client.newest().await, before + 1);
});

contract!(async fn full_names_in_a_body_are_understood(store) {
    let client = Client::open(store).await;
    let path = format!("/Users/{}", client.user("ada").await);
    let body = format!(
        r#"{{"urn:ietf:params:scim:schemas:core:2.0:User:userName":"ada","name.givenName":"Ada",
            "{ENTERPRISE}:department":"R","{ENTERPRISE}:manager.value":"7"}}"#
    );
    let shown = client.put(&path, body).await.json();
    assert_eq!((&shown["userName"], &shown["name"]["givenName"]), (&"ada".into(), &"Ada".into()));
    assert_eq!(shown[ENTERPRISE]["department"], "R");
    assert_eq!(shown[ENTERPRISE]["manager"]["value"], "7");
});
