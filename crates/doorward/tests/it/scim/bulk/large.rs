//! As much as a request may hold.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::{bulk, delete, group, id, members, patch, put, statuses, user};
use crate::scim::support::Client;

contract!(async fn a_thousand_operations_of_every_kind(store) {
    let client = Client::open(store).await;
    let before = client.newest().await;
    let mut all: Vec<Json> = Vec::new();
    // Groups first: each waits for those that it refers to.
    for at in 0..50 {
        let names: Vec<String> = (0..10).map(|member| format!("bulkId:u{}", at * 10 + member)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        all.push(group(&format!("g{at}"), &format!("Group {at}"), &names));
    }
    for at in 0..600 {
        all.push(user(&format!("u{at}"), &format!("user{at}")));
    }
    for at in 0..200 {
        let data = json!({ "userName": format!("user{at}"), "title": "Changed" });
        all.push(put(&format!("/Users/bulkId:u{at}"), data));
    }
    for at in 0..100 {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": format!("bulkId:u{}", 500 + at) }] }]);
        all.push(patch(&format!("/Groups/bulkId:g{}", at % 50), add));
    }
    for at in 0..50 {
        all.push(delete(&format!("/Users/bulkId:u{}", at * 10)));
    }
    assert_eq!(all.len(), 1000);
    let reply = bulk(&client, all.into()).await;
    let told = statuses(&reply);
    let count = |status: &str| told.split(", ").filter(|told| *told == status).count();
    assert_eq!((count("201"), count("200"), count("204")), (650, 200, 150), "{told}");
    assert_eq!(client.newest().await, before + 1000);
    assert_eq!(client.get("/Users?count=0").await.json()["totalResults"], 550);
    for at in [0, 49] {
        // Ten at first, two more, and one of them deleted.
        assert_eq!(members(&client, &id(&reply, at)).await.len(), 11);
    }
});

contract!(async fn many_bulk_requests_at_once(store) {
    let client = Client::open(store).await;
    let crew = client.group("Crew", &[]).await;
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..4 {
        let (client, crew) = (client.clone(), crew.clone());
        requests.spawn(async move {
            let mut all = Vec::new();
            for at in 0..100 {
                let name = format!("u{at}");
                // Half of the names are wanted by all.
                let wanted = if at % 2 == 0 { name.clone() } else { format!("{name} of {number}") };
                all.push(user(&name, &wanted));
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": format!("bulkId:{name}") }] }]);
                all.push(patch(&format!("/Groups/{crew}"), add));
            }
            statuses(&bulk(&client, all.into()).await).matches("201").count()
        });
    }
    let made: usize = requests.join_all().await.into_iter().sum();
    assert_eq!(made, 4 * 50 + 50);
    assert_eq!(members(&client, &crew).await.len(), made);
});
