//! `GET /Groups/{id}`, and deleting what it shows.

use testkit::contract;

use crate::scim::support::Client;

contract!(async fn a_user_is_no_group(store) {
    let client = Client::open(store).await;
    let user = client.user("a").await;
    for id in [user.as_str(), "x"] {
        assert_eq!(client.get(&format!("/Groups/{id}")).await.verdict(), "404");
        assert_eq!(client.delete(&format!("/Groups/{id}")).await.verdict(), "404");
    }
    assert_eq!(client.get(&format!("/Users/{user}")).await.status, 200);
});

contract!(async fn each_change_is_a_version(store) {
    let client = Client::open(store).await;
    let (a, b) = (client.user("a").await, client.user("b").await);
    let path = format!("/Groups/{}", client.group("engines", &[&a]).await);
    let mut versions = vec![client.get(&path).await.header("etag").unwrap_or_default().to_owned()];
    for body in [
        format!(r#"{{"Operations":[{{"op":"add","path":"members","value":"{b}"}}]}}"#),
        r#"{"Operations":[{"op":"replace","value":{"displayName":"motors"}}]}"#.to_owned(),
        r#"{"Operations":[{"op":"remove","path":"members"}]}"#.to_owned(),
        r#"{"Operations":[{"op":"remove","path":"members"}]}"#.to_owned(),
    ] {
        let changed = client.patch(&path, body).await;
        assert_eq!(changed.status, 204);
        let shown = client.get(&path).await;
        assert_eq!(shown.header("etag"), changed.header("etag"));
        assert_eq!(shown.json()["meta"]["version"], shown.header("etag").unwrap_or_default());
        versions.push(shown.header("etag").unwrap_or_default().to_owned());
    }
    assert_eq!(versions, ["W/\"1\"", "W/\"2\"", "W/\"3\"", "W/\"4\"", "W/\"4\""]);
});

contract!(async fn a_deleted_group_leaves_the_groups_it_was_in(store) {
    let client = Client::open(store).await;
    let inner = client.group("inner", &[]).await;
    let outer = client.group("outer", &[&inner]).await;
    assert_eq!(client.delete(&format!("/Groups/{inner}")).await.status, 204);
    let shown = client.get(&format!("/Groups/{outer}")).await;
    assert_eq!(shown.json()["members"], serde_json::json!([]));
    // The name is free again, and a new group is a new one.
    assert_ne!(client.group("inner", &[]).await, inner);
});
