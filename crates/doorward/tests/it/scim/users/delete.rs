//! `DELETE /Users/{id}`.

use directory::connection::Provider;
use serde_json::json;
use testkit::contract;

use crate::scim::support::{Client, assert_shown};

contract!(async fn a_deleted_user_is_gone_everywhere(store) {
    let client = Client::open(store).await;
    let body = r#"{"userName":"ada","externalId":"1","emails":[{"value":"a@x"}]}"#;
    let user = client.post("/Users", body).await.created();
    let group = client.group("engines", &[&user]).await;
    let before = client.newest().await;
    assert_shown!(client.delete(&format!("/Users/{user}")).await, @"204");
    assert_eq!(client.kinds_after(before).await, "UserDeleted");
    assert_eq!(client.delete(&format!("/Users/{user}")).await.verdict(), "404");
    assert_eq!(client.get("/Users").await.json()["totalResults"], 0);
    for filter in ["userName+eq+%22ada%22", "externalId+eq+%221%22", "emails.value+eq+%22a@x%22"] {
        assert_eq!(client.get(&format!("/Users?filter={filter}")).await.listed("id"), "", "{filter}");
    }
    let shown = client.get(&format!("/Groups/{group}")).await;
    assert_eq!(shown.json()["members"], json!([]));
    assert_eq!(shown.header("etag"), Some("W/\"2\""), "the group changed with its member");
});

contract!(async fn who_comes_back_gets_the_old_id_and_no_memberships(store) {
    let client = Client::open(store).await;
    let user = client.post("/Users", r#"{"userName":"ada","externalId":"7"}"#).await.created();
    client.group("engines", &[&user]).await;
    client.delete(&format!("/Users/{user}")).await;
    let back = client.post("/Users", r#"{"userName":"lovelace","externalId":"7"}"#).await;
    assert_eq!(back.created(), user);
    // No version that anyone knows of the deleted user is one of this one's.
    assert_ne!(back.header("etag"), Some("W/\"1\""));
    assert!(client.get(&format!("/Users/{user}")).await.json()["groups"].is_null());
});

contract!(async fn a_name_alone_is_no_proof_of_who_comes_back(store) {
    let client = Client::open(store).await;
    let gone = async |body: &str| {
        let id = client.post("/Users", body).await.created();
        client.delete(&format!("/Users/{id}")).await;
        id
    };
    for (before, after) in [
        (r#"{"userName":"a"}"#, r#"{"userName":"a"}"#),
        (r#"{"userName":"b","externalId":"1"}"#, r#"{"userName":"b"}"#),
        (r#"{"userName":"c"}"#, r#"{"userName":"c","externalId":"2"}"#),
        (r#"{"userName":"d","externalId":"3"}"#, r#"{"userName":"d","externalId":"4"}"#),
    ] {
        let former = gone(before).await;
        assert_ne!(client.post("/Users", after).await.created(), former, "{before} {after}");
    }
    // The externalId of another connection is another name.
    let former = gone(r#"{"userName":"e","externalId":"5"}"#).await;
    let other = client.beside(Provider::Okta).await;
    let second = other.post("/Users", r#"{"userName":"e","externalId":"5"}"#).await.created();
    assert_ne!(second, former);
});

contract!(async fn strict_gives_no_id_twice_and_leaves_an_archived_user_alone(store) {
    let client = Client::open(store).await.strict().await;
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada", "externalId": "7" });
    let user = client.post("/Users", &body).await.created();
    client.delete(&format!("/Users/{user}")).await;
    let second = client.post("/Users", &body).await.created();
    assert_ne!(second, user);
    let off = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    assert_eq!(client.patch(&format!("/Users/{second}"), off).await.status, 200);
    let refused = client.post("/Users", &body).await;
    assert_eq!(refused.verdict(), "409 uniqueness");
    assert!(refused.detail().contains("archived"), "{}", refused.detail());
    let shown = client.get(&format!("/Users/{second}")).await;
    assert_eq!(shown.json()["active"], false);
});
