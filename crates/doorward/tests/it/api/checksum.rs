//! `/api/v1/organizations/{organization}/checksum`.

use serde_json::json;
use testkit::contract;

use super::support::Api;

contract! {
    async fn a_checksum_follows_each_change_and_comes_back_with_what_it_is_of(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        let sums = async || api.get("/organizations/acme/checksum").await.expect(200);
        let none = sums().await;
        let zero = "0".repeat(32);
        assert_eq!((&none["number"], &none["users"]), (&json!(1), &json!(zero)));
        let ada = json!({ "attributes": { "userName": "ada" } });
        let ada = api.post("/organizations/acme/users", ada).await.expect(201);
        let at = format!("/organizations/acme/users/{}", ada["id"].as_str().expect("an id"));
        let one = sums().await;
        assert_eq!((&one["number"], &one["groups"]), (&json!(2), &json!(zero)));
        assert_ne!(one["users"], none["users"]);
        api.patch(&at, json!({ "attributes": { "title": "Countess" } })).await.expect(200);
        assert_ne!(sums().await["users"], one["users"]);
        api.patch(&at, json!({ "attributes": { "title": null } })).await.expect(200);
        assert_eq!(sums().await["users"], one["users"], "the same people, the same sum");
        api.delete(&at).await.expect(204);
        assert_eq!(sums().await["users"], none["users"]);
    }
}
