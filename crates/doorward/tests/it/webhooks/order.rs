//! What a receiver does that fails or hangs, and what that is to others.

use std::time::Duration;

use serde_json::{Value as Json, json};
use testkit::contract;

use super::receiver::{Receiver, Reply};
use crate::api::support::Api;

async fn user(api: &Api, slug: &str, name: &str) {
    let body = json!({ "attributes": { "userName": name } });
    api.post(&format!("/organizations/{slug}/users"), body).await.expect(201);
}

fn numbers(receiver: &Receiver) -> Vec<Json> {
    receiver.arrived().iter().map(|message| message.json()["data"]["number"].clone()).collect()
}

contract! {
    async fn what_is_not_accepted_comes_again_and_is_told_of(store) {
        let (api, receiver) = (Api::with_receivers(store).await, Receiver::open().await);
        store.organization("acme").await;
        let at = "/organizations/acme/webhooks";
        let made = api.post(at, json!({ "url": receiver.url })).await.expect(201);
        let at = format!("{at}/{}", made["id"].as_str().expect("an id"));
        for name in ["ada", "bea"] {
            user(&api, "acme", name).await;
        }
        let elsewhere = Reply::Header(302, "location", receiver.url.clone());
        receiver.reply([elsewhere, Reply::Large(100_000), Reply::Status(503)]);
        let mut ids = Vec::new();
        for wait in [0, 6, 331] {
            store.clock.advance(Duration::from_secs(wait));
            assert_eq!(server::send_to_webhooks(api.server.app()).await, Ok(0));
            let arrived = receiver.arrived();
            assert_eq!(arrived.len(), 1, "the one after it waits, and no redirect is followed");
            ids.push(arrived[0].header("webhook-id").to_owned());
        }
        assert!(ids.iter().all(|id| *id == ids[0]));
        let shown = api.get(&at).await.expect(200);
        assert_eq!((&shown["waiting"], &shown["given_up"]), (&json!(1), &json!(0)));
        assert!(shown["failing_since"].is_string());
        store.clock.advance(Duration::from_hours(1));
        assert_eq!(server::send_to_webhooks(api.server.app()).await, Ok(2));
        let page = api.get(&format!("{at}/deliveries?limit=1")).await.expect(200);
        assert_eq!(page["items"][0]["event"], 3);
        let next = page["next"].as_str().expect("there is more");
        let page = api.get(&format!("{at}/deliveries?limit=1&cursor={next}")).await.expect(200);
        let delivery = &page["items"][0];
        assert_eq!((&delivery["event"], &delivery["state"]), (&json!(2), &json!("delivered")));
        let attempts = delivery["attempts"].as_array().expect("a list");
        let statuses: Vec<_> = attempts.iter().map(|attempt| &attempt["status"]).collect();
        assert_eq!(statuses, [&json!(302), &json!(null), &json!(503), &json!(204)]);
        assert!(attempts[1]["error"].as_str().is_some_and(|text| text.contains("larger")));
    }
}

contract! {
    async fn a_receiver_that_hangs_delays_no_other(store) {
        let api = Api::with_receivers(store).await;
        let (hangs, works) = (Receiver::open().await, Receiver::open().await);
        store.organization("acme").await;
        for _ in 0..3 {
            let body = json!({ "url": hangs.url, "order": "none" });
            api.post("/organizations/acme/webhooks", body).await.expect(201);
        }
        api.post("/organizations/acme/webhooks", json!({ "url": works.url })).await.expect(201);
        for number in 0..70 {
            user(&api, "acme", &format!("user{number}")).await;
        }
        hangs.reply(std::iter::repeat_n(Reply::Never, 3 * 70));
        let app = api.server.app().clone();
        let sending = tokio::spawn(async move { server::send_to_webhooks(&app).await });
        // All of them, over several turns, while nothing that hangs is answered.
        works.wait_for(70).await;
        assert_eq!(numbers(&works), (2..72).map(Json::from).collect::<Vec<_>>());
        hangs.wait_for(24).await;
        assert_eq!(hangs.arrived().len(), 24, "each webhook sends a few messages at a time");
        sending.abort();
    }
}

contract! {
    async fn what_was_sent_is_sent_once_more(store) {
        let (api, receiver) = (Api::with_receivers(store).await, Receiver::open().await);
        store.organization("acme").await;
        let at = "/organizations/acme/webhooks";
        let made = api.post(at, json!({ "url": receiver.url, "events": ["user.*"] })).await.expect(201);
        let at = format!("{at}/{}", made["id"].as_str().expect("an id"));
        for name in ["ada", "bea", "carl"] {
            user(&api, "acme", name).await;
        }
        assert_eq!(server::send_to_webhooks(api.server.app()).await, Ok(3));
        api.post(&format!("{at}/replay"), json!({ "event": 3 })).await.expect(200);
        assert_eq!(server::send_to_webhooks(api.server.app()).await, Ok(2));
        assert_eq!(numbers(&receiver), [2, 3, 4, 3, 4].map(Json::from));
        api.post(&format!("{at}/replay"), json!({ "event": 9 })).await.expect(404);
    }
}
