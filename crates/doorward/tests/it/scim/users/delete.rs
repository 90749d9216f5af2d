//! `DELETE /Users/{id}`.

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
    assert_eq!(shown.json()["members"], serde_json::json!([]));
    assert_eq!(shown.header("etag"), Some("W/\"2\""), "the group changed with its member");
});

contract!(async fn who_comes_back_gets_the_old_id_and_no_memberships(store) {
    let door = Door::open(store).await;
    let user = door.user("ada").await;
    door.group("engines", &[&user]).await;
    door.delete(&format!("/Users/{user}")).await;
    let back = door.post("/Users", r#"{"userName":"ADA"}"#).await;
    assert_eq!(back.created(), user);
    // No version that anybody knows of the deleted user is one of this one's.
    assert_ne!(back.header("etag"), Some("W/\"1\""));
    assert!(door.get(&format!("/Users/{user}")).await.json()["groups"].is_null());
    // The name went to somebody else: who comes back with it is somebody else too.
    let first = door.post("/Users", r#"{"userName":"x","externalId":"1"}"#).await.created();
    door.delete(&format!("/Users/{first}")).await;
    let other = door.post("/Users", r#"{"userName":"x","externalId":"2"}"#).await.created();
    assert_ne!(other, first);
});
