//! `/api/v1/organizations/{organization}/users`, roles, sessions.

use serde_json::json;
use testkit::contract;

use super::support::Api;

const USERS: &str = "/organizations/acme/users";

contract! {
    async fn a_user_is_made_changed_archived_and_deleted(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        let made = api
            .post(USERS, json!({ "attributes": {
                "userName": "ada", "name": { "givenName": "Ada" },
                "emails": [{ "value": "ada@acme.example", "primary": true }],
            } }))
            .await;
        let shown = made.expect(201);
        assert_eq!(
            (&shown["user_name"], &shown["email"], &shown["active"], &shown["managed_by"]),
            (&json!("ada"), &json!("ada@acme.example"), &json!(true), &json!(null))
        );
        assert_eq!((made.header("etag"), &shown["version"]), (Some("W/\"1\""), &json!(1)));
        assert!(made.header("location").expect("an address").starts_with("/api/v1/organizations/"));
        let at = format!("{USERS}/{}", made.json()["id"].as_str().expect("an id"));
        let changed = api.patch(&at, json!({ "attributes": { "emails": null, "title": "Countess" } }));
        let changed = changed.await;
        let attributes = changed.expect(200)["attributes"].clone();
        assert_eq!((&attributes["title"], attributes.get("emails")), (&json!("Countess"), None));
        assert_eq!(attributes["name"], json!({ "givenName": "Ada" }), "what is left out stays");
        // A change of what has changed meanwhile is refused.
        let stale = api.send_with("POST", &format!("{at}/archive"), None, &[("If-Match", "W/\"1\"")]).await;
        assert_eq!(stale.expect(412)["code"], "stale");
        let tag = changed.header("etag").expect("a tag").to_owned();
        let archived = api.send_with("POST", &format!("{at}/archive"), None, &[("If-Match", &tag)]).await;
        assert_eq!(archived.expect(200)["active"], false);
        let again = api.post(USERS, json!({ "attributes": { "userName": "ADA" } })).await;
        assert_eq!(again.expect(409)["code"], "conflict", "an archived user holds its name");
        assert_eq!(api.send("POST", &format!("{at}/reactivate"), None).await.expect(200)["active"], true);
        api.delete(&at).await.expect(204);
        assert_eq!(api.get(&at).await.expect(404)["code"], "not_found");
    }
}

contract! {
    async fn users_are_searched_by_filter_order_and_page(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        for name in ["carl", "ada", "bea"] {
            api.post(USERS, json!({ "attributes": { "userName": name } })).await.expect(201);
        }
        let names = |page: &serde_json::Value| -> Vec<String> {
            let items = page["items"].as_array().expect("a list").iter();
            items.map(|item| item["user_name"].as_str().expect("a name").to_owned()).collect()
        };
        let all = api.get(&format!("{USERS}?sort_by=userName&limit=2")).await.expect(200);
        assert_eq!(names(&all), ["ada", "bea"]);
        let cursor = all["next"].as_str().expect("there is more");
        let rest = api.get(&format!("{USERS}?sort_by=userName&limit=2&cursor={cursor}")).await;
        let rest = rest.expect(200);
        assert_eq!((names(&rest), &rest["next"]), (vec!["carl".to_owned()], &json!(null)));
        let some = api.get(&format!("{USERS}?filter=userName%20sw%20%22b%22")).await.expect(200);
        assert_eq!(names(&some), ["bea"]);
        let other = api.get(&format!("{USERS}?cursor={cursor}")).await.expect(400);
        assert_eq!(other["code"], "invalid_cursor");
        let wrong = api.get(&format!("{USERS}?filter=colour%20eq%20%22red%22")).await.expect(400);
        assert!(wrong["detail"].as_str().expect("a sentence").contains("colour"), "{wrong}");
    }
}

contract! {
    async fn roles_are_given_mapped_and_shown_with_their_reasons(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        let ada = api.post(USERS, json!({ "attributes": { "userName": "ada" } })).await.expect(201);
        let team = api
            .post("/organizations/acme/groups", json!({ "attributes": { "displayName": "Team" } }))
            .await
            .expect(201);
        let (ada, team) = (ada["id"].as_str().expect("an id"), team["id"].as_str().expect("an id"));
        let roles = "/organizations/acme/roles";
        let made = api.post(roles, json!({ "name": "auditor", "description": "Reads" })).await;
        assert_eq!(made.expect(201)["description"], "Reads");
        api.put(&format!("{roles}/auditor/users/{ada}"), None).await.expect(204);
        api.put(&format!("{roles}/member/groups/{team}"), None).await.expect(204);
        let members = format!("/organizations/acme/groups/{team}/members");
        api.post(&members, json!({ "members": [ada] })).await.expect(204);
        let held = api.get(&format!("{USERS}/{ada}/roles")).await.expect(200);
        let group = json!({ "id": team, "display_name": "Team", "direct": true });
        assert_eq!(
            held["items"],
            json!([
                { "name": "member", "assigned": false, "groups": [group] },
                { "name": "auditor", "assigned": true, "groups": [] },
            ])
        );
        let bearers = api.get(&format!("{roles}/auditor/users")).await.expect(200);
        assert_eq!(bearers["items"][0]["user_name"], "ada");
        assert_eq!(api.delete(&format!("{roles}/auditor")).await.expect(409)["code"], "conflict");
        api.delete(&format!("{roles}/auditor/users/{ada}")).await.expect(204);
        api.delete(&format!("{roles}/auditor")).await.expect(204);
        let mapped = api.get("/organizations/acme/role-mappings").await.expect(200);
        assert_eq!(mapped["items"][0]["group_name"], "Team");
        api.delete(&format!("{roles}/member/groups/{team}")).await.expect(204);
        let none = api.get(&format!("{USERS}/{ada}/sessions")).await.expect(200);
        assert_eq!(none["items"], json!([]));
        assert_eq!(api.delete(&format!("{USERS}/{ada}/sessions")).await.expect(200)["sessions"], 0);
    }
}

contract! {
    async fn a_request_with_a_key_is_done_once(store) {
        let api = Api::open(store).await;
        let acme = store.organization("acme").await;
        let ada = json!({ "attributes": { "userName": "ada" } });
        let send = async |api: &Api, path: &str, body: &serde_json::Value| {
            api.send_with("POST", path, Some(body), &[("Idempotency-Key", "first")]).await
        };
        let made = send(&api, USERS, &ada).await;
        assert_eq!((made.status(), made.header("idempotent-replayed")), (201, None));
        let again = send(&api, USERS, &ada).await;
        assert_eq!((again.status(), again.header("idempotent-replayed")), (201, Some("true")));
        assert_eq!((made.json(), made.header("etag")), (again.json(), again.header("etag")));
        assert_eq!(acme.get().await.users, 1);
        // The same key for something else is a mistake; another caller's is another.
        let bea = json!({ "attributes": { "userName": "bea" } });
        assert_eq!(send(&api, USERS, &bea).await.expect(409)["code"], "conflict");
        let other = api.within(&acme, directory::api_key::Scope::Write).await;
        send(&other, USERS, &bea).await.expect(201);
        // What was refused may be tried again.
        let roles = "/organizations/acme/roles";
        let role = json!({ "name": "admin" });
        for _ in 0..2 {
            let key = [("Idempotency-Key", "second")];
            let refused = api.send_with("POST", roles, Some(&role), &key).await;
            assert_eq!((refused.status(), refused.header("idempotent-replayed")), (409, None));
        }
        // A secret is shown once, and kept nowhere.
        let keys = "/organizations/acme/api-keys";
        let new = json!({ "name": "k", "scope": "read" });
        let key = [("Idempotency-Key", "third")];
        let made = api.send_with("POST", keys, Some(&new), &key).await.expect(201);
        assert!(made["api_key"].is_string());
        let again = api.send_with("POST", keys, Some(&new), &key).await.expect(201);
        assert_eq!((&again["number"], &again["api_key"]), (&made["number"], &json!(null)));
        // After a day it is forgotten.
        store.clock.advance(directory::idempotency::KEPT + std::time::Duration::from_secs(1));
        assert_eq!(send(&api, USERS, &ada).await.expect(409)["code"], "conflict");
    }
}
