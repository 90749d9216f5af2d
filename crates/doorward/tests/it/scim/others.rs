//! OneLogin, JumpCloud and Google Workspace, where they differ.

use axum::{body::Body, http::Request};
use directory::connection::Provider;
use testkit::contract;

use super::support::{Client, assert_shown};

contract!(async fn onelogin_tests_looks_up_creates_and_puts(store) {
    let client = Client::for_provider(store, Provider::OneLogin).await;
    let list = client.get("/Users?filter=userName%20eq%20%22nobody%22&").await;
    assert_eq!(list.listed("id"), "");
    // The body comes from a template that people edit.
    let body = r#"{"schemas":["urn:scim:schemas:core:2.0"],"userName":"ada","id":null,
        "active":"true","name":{"givenName":"Ada","familyName":"Lovelace"},
        "emails":[{"value":"ada@example.com","type":"work","primary":"true"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
        {"manager":{"managerId":"7"}}}"#;
    let created = client.post("/Users", body).await;
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
    let before = client.newest().await;
    assert_eq!(client.put(&path, body).await.status, 200);
    assert_eq!(client.newest().await, before);
    let off = body.replace("\"true\"", "\"False\"");
    assert_eq!(client.put(&path, off).await.json()["active"], false);
    let group = client.post("/Groups", r#"{"displayName":"Engines","members":[]}"#).await.created();
    let add = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":
           [{{"op":"add","path":"members","value":[{{"value":"{}"}}]}}]}}"#,
        created.id()
    );
    assert_eq!(client.patch(&format!("/Groups/{group}"), add).await.status, 204);
    assert_eq!(client.delete(&path).await.status, 204);
});

contract!(async fn onelogin_wants_plain_json_where_it_asks_for_it(store) {
    let client = Client::for_provider(store, Provider::OneLogin).await;
    let request = Request::post(client.path("/Users"))
        .header("authorization", format!("Bearer {}", client.token))
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(Body::from(r#"{"userName":"ada"}"#))
        .expect("a request");
    let reply = client.send(request).await;
    assert_eq!((reply.status, reply.header("content-type")), (201, Some("application/json")));
    let request = Request::get(client.path("/Users/x"))
        .header("authorization", format!("Bearer {}", client.token))
        .header("accept", "application/json")
        .body(Body::empty())
        .expect("a request");
    let reply = client.send(request).await;
    assert_eq!((reply.status, reply.header("content-type")), (404, Some("application/json")));
});

contract!(async fn jumpcloud_makes_a_test_user_and_group_and_deletes_them(store) {
    let client = Client::for_provider(store, Provider::JumpCloud).await;
    for client in [client.clone(), client.v1()] {
        let before = client.newest().await;
        let user = client.user("jumpcloud_test_user").await;
        let group = client.group("jumpcloud_test_group", &[&user]).await;
        assert_eq!(client.delete(&format!("/Users/{user}")).await.status, 204);
        let left = client.get(&format!("/Groups/{group}")).await.json();
        assert_eq!(left["members"], serde_json::json!([]));
        assert_eq!(client.delete(&format!("/Groups/{group}")).await.status, 204);
        assert_eq!(client.get("/Users").await.json()["totalResults"], 0);
        assert_eq!(client.get("/Groups").await.json()["totalResults"], 0);
        let kinds = client.kinds_after(before).await;
        assert_eq!(kinds, "UserCreated GroupCreated UserDeleted GroupDeleted");
    }
});

contract!(async fn google_asks_for_one_user(store) {
    let client = Client::for_provider(store, Provider::Other).await;
    client.user("a").await;
    client.user("b").await;
    let list = client.get("/Users?count=1").await;
    assert_eq!((list.listed("userName").as_str(), &list.json()["totalResults"]), ("a", &2.into()));
});

contract!(async fn addresses_pasted_with_too_many_slashes_work(store) {
    let client = Client::for_provider(store, Provider::Other).await;
    let user = client.user("a").await;
    for path in ["//Users/ID", "/Users//ID/", "/Users/ID/?"] {
        let path = path.replace("ID", &user);
        assert_eq!(client.get(&path).await.id(), user, "{path}");
    }
    assert_eq!(client.at("/scim//v2/").get("/Users/").await.listed("id"), user);
    assert_eq!(client.post("//Users/", r#"{"userName":"b"}"#).await.status, 201);
});
