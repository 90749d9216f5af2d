//! The mass-removal guard: removals that are held are seen and decided about.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::support::Api;
use crate::scim::support::Client;

contract! {
    async fn held_removals_are_listed_let_through_and_released(store) {
        let api = Api::open(store).await;
        let client = Client::open(store).await;
        let mut users = Vec::new();
        for number in 0..5 {
            users.push(client.user(&format!("person{number}")).await);
        }
        let id = client.connection.connection.id;
        let at = format!("/organizations/acme/connections/{id}/removal-guard");
        let limits = json!({ "on": true, "people": 1, "percent": 100 });
        let set = api.patch(&at, limits).await.expect(200);
        assert_eq!((&set["on"], &set["people"], &set["minutes"]), (&json!(true), &json!(1), &json!(60)));
        assert_eq!((&set["allowance"], &set["held"], &set["since"]), (&json!(1), &json!(0), &Json::Null));
        assert_eq!(api.patch(&at, json!({ "percent": 101 })).await.expect(400)["code"], "invalid");
        assert_eq!(api.post(&format!("{at}/release"), json!({})).await.expect(409)["code"], "conflict");

        assert_eq!(client.delete(&format!("/Users/{}", users[0])).await.status, 204);
        for user in &users[1..] {
            assert_eq!(client.delete(&format!("/Users/{user}")).await.status, 429);
        }
        let held = api.get(&format!("{at}/held?limit=3")).await.expect(200);
        assert_eq!(held["items"].as_array().expect("a list").len(), 3);
        assert_eq!(
            (&held["items"][0]["id"], &held["items"][0]["name"], &held["items"][0]["act"]),
            (&json!(users[1]), &json!("person1"), &json!("delete"))
        );
        let cursor = held["next"].as_str().expect("there is one more");
        let rest = api.get(&format!("{at}/held?limit=3&cursor={cursor}")).await.expect(200);
        assert_eq!(rest["items"][0]["id"], json!(users[4]));

        let late = api.post(&format!("{at}/release"), json!({ "expected": 3 })).await.expect(409);
        assert!(late["detail"].as_str().expect("a sentence").contains("4 removals are held by now"));
        let let_through = format!("{at}/let-through");
        let shown = api.post(&let_through, json!({ "id": users[1] })).await.expect(200);
        assert_eq!(shown["held"], 3);
        api.post(&let_through, json!({ "id": users[0] })).await.expect(404);
        api.post(&let_through, json!({ "id": "no-id" })).await.expect(400);
        assert_eq!(client.delete(&format!("/Users/{}", users[1])).await.status, 204);
        assert_eq!(client.delete(&format!("/Users/{}", users[2])).await.status, 429);

        let released = api.post(&format!("{at}/release"), json!({ "expected": 3 })).await.expect(200);
        assert_eq!(released["removals"], 3);
        for user in &users[2..] {
            assert_eq!(client.delete(&format!("/Users/{user}")).await.status, 204);
        }
    }
}

contract! {
    async fn what_is_refused_stays(store) {
        let api = Api::open(store).await;
        let client = Client::open(store).await;
        let (ada, bob) = (client.user("ada").await, client.user("bob").await);
        let id = client.connection.connection.id;
        let at = format!("/organizations/acme/connections/{id}/removal-guard");
        api.patch(&at, json!({ "on": true, "people": 1, "percent": 100 })).await.expect(200);
        assert_eq!(client.delete(&format!("/Users/{ada}")).await.status, 204);
        assert_eq!(client.delete(&format!("/Users/{bob}")).await.status, 429);
        assert_eq!(api.post(&format!("{at}/refuse"), json!({})).await.expect(200)["removals"], 1);
        let refused = client.delete(&format!("/Users/{bob}")).await;
        assert_ne!(refused.status, 204);
        assert!(api.get(&at).await.expect(200)["refused_until"].is_string());
        assert_eq!(client.get(&format!("/Users/{bob}")).await.json()["active"], true);
    }
}
