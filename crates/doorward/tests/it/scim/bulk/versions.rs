//! `version`: the `If-Match` of an operation.

use serde_json::{Value as Json, json};
use testkit::contract;
use tokio::task::JoinSet;

use super::{bulk, delete, detail, patch, post, put, statuses};
use crate::scim::support::Client;

fn of(mut operation: Json, version: &str) -> Json {
    operation["version"] = json!(version);
    operation
}

contract!(async fn an_operation_for_another_version_fails_alone(store) {
    let client = Client::open(store).await;
    let ada = format!("/Users/{}", client.user("ada").await);
    let crew = format!("/Groups/{}", client.group("Crew", &[]).await);
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "New" }]);
    let reply = bulk(&client, json!([
        of(put(&ada, json!({ "userName": "ada", "title": "x" })), "W/\"2\""),
        of(put(&ada, json!({ "userName": "ada", "title": "y" })), "W/\"1\""),
        of(put(&ada, json!({ "userName": "ada", "title": "z" })), "W/\"1\""),
        of(patch(&crew, rename.clone()), "\"1\""),
        of(patch(&crew, rename), "\"1\""),
        of(delete(&crew), "1"),
        of(delete(&crew), "*"),
        of(delete(&ada), "\"1\""),
        of(delete(&ada), "W/\"2\""),
    ]))
    .await;
    assert_eq!(statuses(&reply), "412, 200, 412, 204, 412, 400 invalidValue, 204, 412, 204");
    assert!(detail(&reply, 2).contains("W/\"2\""), "{reply}");
    let failed = &reply.json()["Operations"][2];
    assert_eq!(failed["location"], format!("https://door.example/scim/v2{ada}"));
    // Who is created has no version yet.
    let reply = bulk(&client, json!([of(post("/Users", "a", json!({ "userName": "ada" })), "W/\"9\"")]));
    assert_eq!(statuses(&reply.await), "201");
});

contract!(async fn one_of_many_who_saw_the_same_version_wins(store) {
    let client = Client::open(store).await;
    let ada = format!("/Users/{}", client.user("ada").await);
    let mut requests = JoinSet::new();
    for number in 0..8 {
        let (client, ada) = (client.clone(), ada.clone());
        requests.spawn(async move {
            let data = json!({ "userName": "ada", "title": format!("{number}") });
            statuses(&bulk(&client, json!([of(put(&ada, data), "W/\"1\"")])).await)
        });
    }
    let mut told = requests.join_all().await;
    told.sort();
    assert_eq!(told, ["200", "412", "412", "412", "412", "412", "412", "412"]);
});
