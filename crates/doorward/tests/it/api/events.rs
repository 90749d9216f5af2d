//! Events and audit.

use std::time::Duration;

use directory::maintenance::prune;
use serde_json::json;
use testkit::contract;

use super::support::Api;
use crate::scim::support::assert_shown;

contract! {
    async fn events_are_read_in_order_and_gone_on_with(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        for name in ["ada", "bea"] {
            let body = json!({ "attributes": { "userName": name } });
            api.post("/organizations/acme/users", body).await.expect(201);
        }
        let first = api.get("/organizations/acme/events?limit=2").await;
        let shown = first.expect(200);
        let kinds = [&shown["items"][0]["kind"], &shown["items"][1]["kind"]];
        assert_eq!(kinds, ["organization.created", "user.created"]);
        assert_eq!(shown["items"][1]["principal"], "installation-key:1");
        assert_eq!(shown["items"][1]["data"]["resource"]["userName"], "ada");
        assert_eq!((&shown["last"], &shown["more"]), (&json!(2), &json!(true)));
        let last = first.json()["last"].as_i64().expect("a number");
        let rest = api.get(&format!("/organizations/acme/events?after={last}")).await.expect(200);
        assert_eq!((&rest["items"][0]["number"], &rest["more"]), (&json!(3), &json!(false)));
        let none = api.get("/organizations/acme/events?after=3").await.expect(200);
        assert_eq!((&none["items"], &none["last"]), (&json!([]), &json!(3)));
    }
}

contract! {
    async fn whoever_waits_for_an_event_is_told_when_it_happens(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        let waiting = tokio::spawn({
            let api = api.clone();
            async move { api.get("/organizations/acme/events?after=1&wait=60").await.expect(200) }
        });
        // Whether it waits already does not matter: what it asks for comes after.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let body = json!({ "attributes": { "userName": "ada" } });
        api.post("/organizations/acme/users", body).await.expect(201);
        let told = waiting.await.expect("it ends");
        assert_eq!(told["items"][0]["kind"], "user.created");
    }
}

contract! {
    async fn the_audit_says_which_key_did_it(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        api.post("/organizations/acme/roles", json!({ "name": "auditor" })).await.expect(201);
        let page = api.get("/organizations/acme/audit?limit=1").await.expect(200);
        let cursor = page["next"].as_str().expect("there is more");
        assert_shown!(api.get(&format!("/organizations/acme/audit?cursor={cursor}")).await, @r#"
        200
        content-type: application/json

        {
          "items": [
            {
              "number": 2,
              "kind": "role.created",
              "at": "[time]",
              "principal": "installation-key:1",
              "request": "[id]",
              "target": "auditor",
              "data": {
                "description": ""
              }
            }
          ],
          "next": null
        }
        "#);
        let own = api.get("/audit").await.expect(200);
        let kinds: Vec<_> = own["items"].as_array().expect("a list").iter().map(|it| &it["kind"]).collect();
        assert_eq!(kinds, ["api-key.created", "organization.created"]);
    }
}

contract! {
    async fn a_stream_begins_where_the_browser_was(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        for name in ["ada", "bea"] {
            let body = json!({ "attributes": { "userName": name } });
            api.post("/organizations/acme/users", body).await.expect(201);
        }
        let at = "/organizations/acme/events/stream";
        let told = api.stream(&format!("{at}?after=1"), &[("Last-Event-ID", "2")], "bea").await;
        assert_eq!(told.header("content-type"), Some("text/event-stream"));
        let text = told.text();
        assert!(text.starts_with("id: 3\nevent: user.created\ndata: {\"number\":3,"), "{text}");
        assert!(text.ends_with("\n\n") && !text.contains("ada"), "{text}");
        // Of what comes later it tells, too.
        let waiting = tokio::spawn({
            let api = api.clone();
            async move { api.stream(&format!("{at}?after=3"), &[], "carl").await }
        });
        let body = json!({ "attributes": { "userName": "carl" } });
        api.post("/organizations/acme/users", body).await.expect(201);
        assert!(waiting.await.expect("it ends").text().contains("id: 4\n"));
    }
}

contract! {
    async fn the_feed_tells_of_all_organizations(store) {
        let api = Api::open(store).await;
        for slug in ["acme", "umbra"] {
            store.organization(slug).await;
            let body = json!({ "attributes": { "userName": "ada" } });
            api.post(&format!("/organizations/{slug}/users"), body).await.expect(201);
        }
        let first = api.get("/events?limit=3").await.expect(200);
        assert_eq!((first["items"].as_array().map(Vec::len), &first["more"]), (Some(3), &json!(true)));
        let next = first["next"].as_str().expect("a cursor");
        let rest = api.get(&format!("/events?cursor={next}")).await.expect(200);
        assert_eq!(rest["items"][0]["kind"], "user.created");
        // A cursor of the end waits for what comes.
        let next = rest["next"].as_str().expect("a cursor").to_owned();
        let waiting = tokio::spawn({
            let api = api.clone();
            async move { api.get(&format!("/events?cursor={next}&wait=60")).await.expect(200) }
        });
        let body = json!({ "attributes": { "userName": "bea" } });
        api.post("/organizations/umbra/users", body).await.expect(201);
        let told = waiting.await.expect("it ends");
        assert_eq!(told["items"][0]["data"]["resource"]["userName"], "bea");
    }
}

contract! {
    async fn events_that_are_not_kept_are_gone(store) {
        let acme = store.organization("acme").await;
        let api = Api::open(store).await;
        let kept = Duration::from_hours(30 * 24);
        store.clock.advance(kept + Duration::from_hours(24));
        prune::events(&store.store, kept).await.expect("pruned");
        let id = acme.get().await.id.to_string();
        for path in ["/organizations/acme/events?wait=60", "/organizations/acme/events/stream"] {
            let gone = api.get(path).await.expect(410);
            let told = (&gone["code"], &gone["pruned"], &gone["snapshot"]);
            let snapshot = format!("/api/v1/organizations/{id}/snapshot");
            assert_eq!(told, (&json!("events_pruned"), &json!(1), &json!(snapshot)));
        }
        assert_eq!(api.get("/organizations/acme").await.expect(200)["pruned"], 1);
        let gone = api.get("/events?limit=5").await.expect(410);
        assert_eq!((&gone["code"], &gone["organization"]), (&json!("events_pruned"), &json!(id)));
        // Its snapshot takes the place of what is gone.
        let told = api.get(&format!("/organizations/{id}/snapshot")).await;
        assert_eq!((told.status(), told.header("content-type")), (200, Some("application/jsonl")));
        let text = told.0.text();
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let lines: Vec<serde_json::Value> = lines.collect();
        let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().expect("a kind")).collect();
        assert_eq!(kinds, ["snapshot.begins", "organization.created", "snapshot.ends"]);
        let number = lines[2]["data"]["number"].as_i64().expect("a number");
        let rest = api.get(&format!("/organizations/acme/events?after={number}")).await.expect(200);
        assert_eq!(rest["items"], json!([]));
        // Where it says that one goes on, and where one begins who takes a snapshot first.
        let next = gone["next"].as_str().expect("a cursor");
        for query in [format!("cursor={next}"), "from=now".to_owned()] {
            let page = api.get(&format!("/events?{query}")).await.expect(200);
            assert_eq!(page["items"], json!([]), "{query}");
        }
        api.get(&format!("/events?cursor={next}&from=now")).await.expect(400);
    }
}
