//! OneLogin, JumpCloud and Google Workspace, where they differ.

use axum::{body::Body, http::Request};
use directory::connection::Provider;
use testkit::contract;

use super::support::{Door, assert_shown};

contract!(async fn onelogin_tests_looks_up_creates_and_puts(store) {
    let door = Door::for_provider(store, Provider::OneLogin).await;
    let list = door.get("/Users?filter=userName%20eq%20%22nobody%22&").await;
    assert_eq!(list.listed("id"), "");
    // The body comes from a template that people edit.
    let body = r#"{"schemas":["urn:scim:schemas:core:2.0"],"userName":"ada","id":null,
        "active":"true","name":{"givenName":"Ada","familyName":"Lovelace"},
        "emails":[{"value":"ada@example.com","type":"work","primary":"true"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
        {"manager":{"managerId":"7"}}}"#;
    let created = door.post("/Users", body).await;
    assert_shown!(created, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "userName": "ada",
      "active": true,
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"value":"ada@example.com","type":"work","primary":true}],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager":{"value":"7"}},
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    let path = format!("/Users/{}?", created.id());
    let before = door.newest().await;
    assert_eq!(door.put(&path, body).await.status, 200);
    assert_eq!(door.newest().await, before);
    let off = body.replace("\"true\"", "\"False\"");
    assert_eq!(door.put(&path, off).await.json()["active"], false);
    let group = door.post("/Groups", r#"{"displayName":"Engines","members":[]}"#).await.created();
    let add = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":
           [{{"op":"add","path":"members","value":[{{"value":"{}"}}]}}]}}"#,
        created.id()
    );
    assert_eq!(door.patch(&format!("/Groups/{group}"), add).await.status, 204);
    assert_eq!(door.delete(&path).await.status, 204);
});

contract!(async fn onelogin_wants_plain_json_where_it_asks_for_it(store) {
    let door = Door::for_provider(store, Provider::OneLogin).await;
    let request = Request::post(door.path("/Users"))
        .header("authorization", format!("Bearer {}", door.token))
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(Body::from(r#"{"userName":"ada"}"#))
        .expect("a request");
    let reply = door.send(request).await;
    assert_eq!((reply.status, reply.header("content-type")), (201, Some("application/json")));
    let request = Request::get(door.path("/Users/x"))
        .header("authorization", format!("Bearer {}", door.token))
        .header("accept", "application/json")
        .body(Body::empty())
        .expect("a request");
    let reply = door.send(request).await;
    assert_eq!((reply.status, reply.header("content-type")), (404, Some("application/json")));
});

contract!(async fn jumpcloud_makes_a_test_user_and_group_and_deletes_them(store) {
    let door = Door::for_provider(store, Provider::JumpCloud).await;
    for door in [door.clone(), door.v1()] {
        let before = door.newest().await;
        let user = door.user("jumpcloud_test_user").await;
        let group = door.group("jumpcloud_test_group", &[&user]).await;
        assert_eq!(door.delete(&format!("/Users/{user}")).await.status, 204);
        let left = door.get(&format!("/Groups/{group}")).await.json();
        assert_eq!(left["members"], serde_json::json!([]));
        assert_eq!(door.delete(&format!("/Groups/{group}")).await.status, 204);
        assert_eq!(door.get("/Users").await.json()["totalResults"], 0);
        assert_eq!(door.get("/Groups").await.json()["totalResults"], 0);
        let kinds = door.kinds_after(before).await;
        assert_eq!(kinds, "UserCreated GroupCreated UserDeleted GroupDeleted");
    }
});

contract!(async fn google_asks_for_one_user(store) {
    let door = Door::for_provider(store, Provider::Other).await;
    door.user("a").await;
    door.user("b").await;
    let list = door.get("/Users?count=1").await;
    assert_eq!((list.listed("userName").as_str(), &list.json()["totalResults"]), ("a", &2.into()));
});

contract!(async fn addresses_pasted_with_too_many_slashes_work(store) {
    let door = Door::for_provider(store, Provider::Other).await;
    let user = door.user("a").await;
    for path in ["//Users/ID", "/Users//ID/", "/Users/ID/?"] {
        let path = path.replace("ID", &user);
        assert_eq!(door.get(&path).await.id(), user, "{path}");
    }
    assert_eq!(door.at("/scim//v2/").get("/Users/").await.listed("id"), user);
    assert_eq!(door.post("//Users/", r#"{"userName":"b"}"#).await.status, 201);
});
