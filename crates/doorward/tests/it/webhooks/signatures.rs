//! What stands in a message, and who signed it.

use serde_json::json;
use testkit::contract;

use super::receiver::{Receiver, Reply};
use crate::api::support::Api;

contract! {
    async fn a_message_is_what_the_feed_tells_and_is_signed(store) {
        let (api, receiver) = (Api::with_receivers(store).await, Receiver::open().await);
        store.organization("acme").await;
        let made = api.post("/webhooks", json!({ "url": receiver.url })).await.expect(201);
        let secret = made["secret"].as_str().expect("it is shown");
        let user = json!({ "attributes": { "userName": "ada" } });
        api.post("/organizations/acme/users", user).await.expect(201);
        assert_eq!(server::send_to_webhooks(api.server.app()).await, Ok(1));
        let arrived = receiver.arrived();
        let [message] = &arrived[..] else { panic!("{arrived:?}") };
        assert!(message.is_signed_with(secret));
        assert_eq!(message.header("content-type"), "application/json");
        let told = message.json();
        let feed = api.get("/events").await.expect(200);
        let event = &feed["items"][1];
        assert_eq!((&told["type"], &told["timestamp"]), (&event["kind"], &event["at"]));
        assert_eq!(&told["data"], event);
        let id = event["organization"].as_str().expect("an id").replace('-', "");
        assert_eq!(message.header("webhook-id"), format!("msg_{id}_2"));
        let seconds = store.now().as_micros() / 1_000_000;
        assert_eq!(message.header("webhook-timestamp"), seconds.to_string());
    }
}

contract! {
    async fn while_a_secret_is_replaced_both_sign(store) {
        let (api, receiver) = (Api::with_receivers(store).await, Receiver::open().await);
        store.organization("acme").await;
        let at = "/organizations/acme/webhooks";
        let made = api.post(at, json!({ "url": receiver.url })).await.expect(201);
        let (id, first) = (made["id"].as_str().expect("an id"), made["secret"].as_str().expect("shown"));
        let rotated = api.post(&format!("{at}/{id}/secrets"), json!({})).await.expect(201);
        let second = rotated["secret"].as_str().expect("it is shown");
        let signed = async || {
            api.post(&format!("{at}/{id}/test"), json!({})).await.expect(200);
            let arrived = receiver.arrived();
            let [message] = &arrived[..] else { panic!("{arrived:?}") };
            (message.is_signed_with(first), message.is_signed_with(second))
        };
        assert_eq!(signed().await, (true, true));
        api.delete(&format!("{at}/{id}/secrets/1")).await.expect(200);
        assert_eq!(signed().await, (false, true));
        let shown = api.get(&format!("{at}/{id}")).await.expect(200);
        assert_eq!(shown["secrets"].as_array().map(Vec::len), Some(1));
        assert!(shown.get("secret").is_none());
    }
}

contract! {
    async fn a_test_tells_what_came_of_it(store) {
        let (api, receiver) = (Api::with_receivers(store).await, Receiver::open().await);
        let made = api.post("/webhooks", json!({ "url": receiver.url })).await.expect(201);
        let at = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
        api.post(&format!("{at}/pause"), json!({})).await.expect(200);
        receiver.reply([Reply::Status(418)]);
        let told = api.post(&format!("{at}/test"), json!({})).await.expect(200);
        assert_eq!((&told["status"], &told["error"]), (&json!(418), &json!(null)));
        let arrived = receiver.arrived();
        assert_eq!(arrived[0].json()["type"], "webhook.test");
        assert_eq!(told["message"], arrived[0].header("webhook-id"));
    }
}
