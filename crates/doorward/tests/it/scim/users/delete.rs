//! `DELETE /Users/{id}`.

use directory::connection::Provider;
use serde_json::json;
use testkit::contract;

use crate::scim::support::{Door, assert_shown};

contract!(async fn a_deleted_user_is_gone_everywhere(store) {
    let door = Door::open(store).await;
    let body = r#"{"userName":"ada","externalId":"1","emails":[{"value":"a@x"}]}"#;
    let user = door.post("/Users", body).await.created();
    let group = door.group("engines", &[&user]).await;
    let before = door.newest().await;
    assert_shown!(door.delete(&format!("/Users/{user}")).await, @"204");
    assert_eq!(door.kinds_after(before).await, "UserDeleted");
    assert_eq!(door.delete(&format!("/Users/{user}")).await.verdict(), "404");
    assert_eq!(door.get("/Users").await.json()["totalResults"], 0);
    for filter in ["userName+eq+%22ada%22", "externalId+eq+%221%22", "emails.value+eq+%22a@x%22"] {
        assert_eq!(door.get(&format!("/Users?filter={filter}")).await.listed("id"), "", "{filter}");
    }
    let shown = door.get(&format!("/Groups/{group}")).await;
    assert_eq!(shown.json()["members"], json!([]));
    assert_eq!(shown.header("etag"), Some("W/\"2\""), "the group changed with its member");
});

contract!(async fn who_comes_back_gets_the_old_id_and_no_memberships(store) {
    let door = Door::open(store).await;
    let user = door.post("/Users", r#"{"userName":"ada","externalId":"7"}"#).await.created();
    door.group("engines", &[&user]).await;
    door.delete(&format!("/Users/{user}")).await;
    let back = door.post("/Users", r#"{"userName":"lovelace","externalId":"7"}"#).await;
    assert_eq!(back.created(), user);
    // No version that anyone knows of the deleted user is one of this one's.
    assert_ne!(back.header("etag"), Some("W/\"1\""));
    assert!(door.get(&format!("/Users/{user}")).await.json()["groups"].is_null());
});

contract!(async fn a_name_alone_is_no_proof_of_who_comes_back(store) {
    let door = Door::open(store).await;
    let gone = async |body: &str| {
        let id = door.post("/Users", body).await.created();
        door.delete(&format!("/Users/{id}")).await;
        id
    };
    for (before, after) in [
        (r#"{"userName":"a"}"#, r#"{"userName":"a"}"#),
        (r#"{"userName":"b","externalId":"1"}"#, r#"{"userName":"b"}"#),
        (r#"{"userName":"c"}"#, r#"{"userName":"c","externalId":"2"}"#),
        (r#"{"userName":"d","externalId":"3"}"#, r#"{"userName":"d","externalId":"4"}"#),
    ] {
        let former = gone(before).await;
        assert_ne!(door.post("/Users", after).await.created(), former, "{before} {after}");
    }
    // The externalId of another connection is another name.
    let former = gone(r#"{"userName":"e","externalId":"5"}"#).await;
    let other = door.beside(Provider::Okta).await;
    let second = other.post("/Users", r#"{"userName":"e","externalId":"5"}"#).await.created();
    assert_ne!(second, former);
});

contract!(async fn strict_gives_no_id_twice_and_leaves_an_archived_user_alone(store) {
    let door = Door::open(store).await.strict().await;
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada", "externalId": "7" });
    let user = door.post("/Users", &body).await.created();
    door.delete(&format!("/Users/{user}")).await;
    let second = door.post("/Users", &body).await.created();
    assert_ne!(second, user);
    let off = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    assert_eq!(door.patch(&format!("/Users/{second}"), off).await.status, 200);
    let refused = door.post("/Users", &body).await;
    assert_eq!(refused.verdict(), "409 uniqueness");
    assert!(refused.detail().contains("archived"), "{}", refused.detail());
    let shown = door.get(&format!("/Users/{second}")).await;
    assert_eq!(shown.json()["active"], false);
});
