//! `/api/v1/organizations`, plans and add-ons.

use serde_json::json;
use testkit::contract;

use super::support::Api;
use crate::scim::support::assert_shown;

contract! {
    async fn an_organization_is_made_changed_and_deleted(store) {
        let api = Api::open(store).await;
        let made = api.post("/organizations", json!({ "slug": "acme", "name": "Acme" })).await;
        assert_shown!(made, @r#"
        201
        content-type: application/json
        location: /api/v1/organizations/[id]

        {
          "id": "[id]",
          "slug": "acme",
          "name": "Acme",
          "plan": null,
          "admin_guard": null,
          "users": 0,
          "groups": 0,
          "last_event": 1,
          "pruned": 0,
          "created": "[time]"
        }
        "#);
        let id = made.json()["id"].as_str().expect("an id").to_owned();
        api.put("/plans/free", Some(json!({ "features": ["scim"] }))).await.expect(200);
        let changed = api.patch("/organizations/acme", json!({ "plan": "free", "admin_guard": true }));
        let changed = changed.await.expect(200);
        assert_eq!((&changed["plan"], &changed["admin_guard"]), (&json!("free"), &json!(true)));
        // What is left out stays; null takes away.
        let changed = api.patch(&format!("/organizations/{id}"), json!({ "admin_guard": null })).await;
        let changed = changed.expect(200);
        assert_eq!((&changed["plan"], &changed["admin_guard"]), (&json!("free"), &json!(null)));
        assert_eq!(api.delete("/plans/free").await.expect(409)["code"], "conflict");
        api.put("/organizations/acme/add-ons/saml", None).await.expect(200);
        let listed = api.get("/organizations/acme/add-ons").await.expect(200);
        assert_eq!(listed["items"], json!([{ "feature": "saml" }]));
        api.delete("/organizations/acme/add-ons/saml").await.expect(204);
        api.delete("/organizations/acme").await.expect(204);
        assert_shown!(api.get("/organizations/acme").await, @r#"
        404
        content-type: application/problem+json

        {
          "type": "about:blank",
          "title": "Not Found",
          "status": 404,
          "code": "not_found",
          "detail": "There is no organization \"acme\"."
        }
        "#);
    }
}

contract! {
    async fn what_cannot_be_read_is_told_with_its_place(store) {
        let api = Api::open(store).await;
        for (body, place) in [
            (json!({ "name": "Acme" }), "missing field `slug`"),
            (json!({ "slug": "acme", "name": 7 }), "name: invalid type"),
            (json!({ "slug": "acme", "name": "Acme", "colour": "red" }), "unknown field `colour`"),
        ] {
            let refused = api.post("/organizations", body).await.expect(400);
            assert_eq!(refused["code"], "invalid_body");
            let detail = refused["detail"].as_str().expect("a sentence");
            assert!(detail.contains(place), "{detail}");
        }
        let refused = api.post("/organizations", json!({ "slug": "A B", "name": "Acme" })).await;
        assert_eq!(refused.expect(400)["code"], "invalid");
        let refused = api.get("/organizations?colour=red").await.expect(400);
        assert_eq!(refused["code"], "invalid_parameter");
    }
}

contract! {
    async fn organizations_are_listed_page_by_page(store) {
        let api = Api::open(store).await;
        for slug in ["a", "b", "c"] {
            store.organization(slug).await;
        }
        let mut met = Vec::new();
        let mut next = String::new();
        loop {
            let page = api.get(&format!("/organizations?limit=2{next}")).await.expect(200);
            let items = page["items"].as_array().expect("a list");
            met.extend(items.iter().map(|item| item["slug"].as_str().expect("a slug").to_owned()));
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(met, ["a", "b", "c"]);
        // A cursor is good for its own list.
        let cursor = next.trim_start_matches("&cursor=");
        let refused = api.get(&format!("/audit?cursor={cursor}")).await.expect(400);
        assert_eq!(refused["code"], "invalid_cursor");
    }
}
