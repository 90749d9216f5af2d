//! A provider that takes many people away is stopped, and an administrator decides, over HTTP.

use directory::{
    Writer,
    removal::{self, Limits},
};
use serde_json::{Value as Json, json};
use testkit::contract;

use super::support::{House, form_token, send};
use crate::{scim::support::Client, sign_in::browser::Browser};

/// Lets so many removals through.
async fn guard(house: &House, people: i64) {
    let id = house.door.client.connection.connection.id;
    let limits = Limits { people, percent: 100, minutes: 60 };
    let set = move |writer: &mut Writer<'_>| removal::set(writer, id, Some(limits));
    house.operator().write(set).await.expect("set");
}

async fn create(client: &Client, name: &str) -> String {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": true,
    });
    let reply = client.post("/Users", body).await;
    assert_eq!(reply.status, 201, "{reply}");
    reply.id()
}

fn inactive(name: &str) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": false,
    })
}

fn deactivation() -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false } }],
    })
}

async fn page(browser: &Browser, address: &str) -> String {
    let answer = browser.get(address).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

contract!(async fn too_many_removals_are_asked_again_in_every_dialect(store) {
    let house = House::open(store).await;
    let client = house.door.client.clone();
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(create(&client, &format!("person{number}")).await);
    }
    let members: Vec<Json> = ids.iter().map(|id| json!({ "value": id })).collect();
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Staff",
        "members": members,
    });
    let group = client.post("/Groups", group).await.id();
    guard(&house, 2).await;
    let user = |number: usize| format!("/Users/{}", ids[number]);
    assert_eq!(client.put(&user(0), inactive("person0")).await.status, 200);
    assert_eq!(client.delete(&user(1)).await.status, 204);
    let held = client.patch(&user(2), deactivation()).await;
    assert_eq!((held.status, held.header("retry-after")), (429, Some("300")));
    assert_eq!(held.json()["status"], "429");
    let detail = held.json()["detail"].as_str().expect("a sentence").to_owned();
    assert!(detail.starts_with("Held: more than 2 removals in 60 minutes."), "{detail}");
    for reply in [
        client.put(&user(2), inactive("person2")).await,
        client.delete(&user(3)).await,
        client.delete(&format!("/Groups/{group}")).await,
        client
            .patch(
                &format!("/Groups/{group}"),
                json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{ "op": "remove", "path": "members" }],
                }),
            )
            .await,
        client
            .put(
                &format!("/Groups/{group}"),
                json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                    "displayName": "Staff", "members": [],
                }),
            )
            .await,
    ] {
        assert_eq!(reply.status, 429, "{reply}");
    }
    let v1 = client.v1();
    let old = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "userName": "person4", "active": false });
    let reply = v1.put(&user(4), old).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("300")));
    let sentence = reply.json()["Errors"][0]["description"].as_str().expect("a sentence").to_owned();
    assert!(sentence.starts_with("Held:"), "{sentence}");
    // One of a bulk request is held, and the others are done.
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "DELETE", "path": user(5) },
            { "method": "POST", "path": "/Users", "bulkId": "a", "data": { "userName": "new" } },
        ],
    });
    let reply = client.post("/Bulk", bulk).await.json();
    let statuses: Vec<&Json> =
        reply["Operations"].as_array().expect("two").iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["429", "201"]);
    // All of it is seen, each once.
    let id = house.door.client.connection.connection.id;
    let shown = house.operator().read(move |reader| removal::show(reader, id)).await.expect("it");
    assert_eq!(shown.held, 5);
});

contract!(async fn an_administrator_sees_what_is_held_and_decides(store) {
    let house = House::open(store).await;
    let client = house.door.client.clone();
    let admin = house.person(Some("admin")).await;
    let superadmin = house.person(Some("superadmin")).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(create(&client, &format!("person{number}")).await);
    }
    guard(&house, 1).await;
    let id = client.connection.connection.id;
    let address = format!("/console/integrations/{id}/guard");
    assert!(page(&admin, &address).await.contains("Nothing is held."));
    assert!(!page(&admin, "/console/settings").await.contains("wait for you"));
    let deactivate = async |number: usize| {
        client.patch(&format!("/Users/{}", ids[number]), deactivation()).await.status
    };
    assert_eq!(deactivate(0).await, 200);
    for number in 1..5 {
        assert_eq!(deactivate(number).await, 429);
    }
    // Every page says so to whoever may decide.
    let overview = page(&admin, "/console/settings").await;
    assert!(overview.contains("4 removals wait for you") && overview.contains(&address), "{overview}");
    let listed = page(&admin, &address).await;
    for name in ["person1", "person4", "Deactivate", "Release all"] {
        assert!(listed.contains(name), "{name}: {listed}");
    }
    house.flush().await;
    let log = page(&admin, &format!("/console/integrations/{id}/log")).await;
    assert!(log.contains("Okta asks again by itself, at most ten times."), "{log}");
    // One that is urgent passes, the others wait.
    let through = [("resource", ids[2].as_str())];
    let answer = send(&admin, &format!("{address}/through"), &through).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!((deactivate(2).await, deactivate(3).await), (200, 429));
    // All the others want a number, and the right one.
    let sure = page(&admin, &format!("{address}/release")).await;
    assert!(sure.contains("Type 3 to go on"), "{sure}");
    assert!(!form_token(&sure).is_empty());
    for wrong in ["", "4", "three"] {
        let answer = send(&admin, &format!("{address}/release"), &[("typed", wrong)]).await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text());
    }
    let answer = send(&admin, &format!("{address}/release"), &[("typed", "3")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    for number in [1, 3, 4] {
        assert_eq!(deactivate(number).await, 200);
    }
    assert!(!page(&admin, "/console/settings").await.contains("wait for you"));
    // Refused, the people stay, and the provider reads why.
    let another = create(&client, "another").await;
    assert_eq!(deactivate(5).await, 200);
    let path = format!("/Users/{another}");
    assert_eq!(client.delete(&path).await.status, 429);
    let answer = send(&admin, &format!("{address}/refuse"), &[("typed", "1")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let reply = client.delete(&path).await;
    assert_eq!(reply.status, 403);
    assert!(reply.json()["detail"].as_str().is_some_and(|text| text.contains("the people stay")));
    assert!(page(&admin, &address).await.contains("stay refused until"));
    // What passes is a superadmin's to say.
    let limits = [("on", "on"), ("people", "7"), ("percent", "30"), ("minutes", "15")];
    assert_eq!(send(&admin, &format!("{address}/limits"), &limits).await.status, 403);
    assert_eq!(send(&superadmin, &format!("{address}/limits"), &limits).await.status, 303);
    let shown = house.operator().read(move |reader| removal::show(reader, id)).await.expect("it");
    assert_eq!(shown.limits, Limits { people: 7, percent: 30, minutes: 15 });
    assert_eq!(send(&superadmin, &format!("{address}/limits"), &[]).await.status, 303);
    let shown = house.operator().read(move |reader| removal::show(reader, id)).await.expect("it");
    assert!(!shown.is_on);
});
