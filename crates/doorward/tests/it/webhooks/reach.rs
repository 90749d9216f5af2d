//! Where messages are sent to, and where not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use testkit::contract;
use tokio::net::TcpListener;

use crate::api::support::Api;

/// The port of a server on this machine, and how many connections it was opened.
async fn counting() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            seen.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

contract! {
    async fn nothing_is_sent_into_the_network_of_the_server(store) {
        let (api, (port, connections)) = (Api::open(store).await, counting().await);
        store.organization("acme").await;
        let at = "/organizations/acme/webhooks";
        for host in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:7f00:1]"] {
            let body = json!({ "url": format!("https://{host}:{port}/") });
            let refused = api.post(at, body).await.expect(400);
            assert_eq!(refused["code"], "invalid", "{host}");
        }
        let refused = api.post(at, json!({ "url": "http://receiver.example/" })).await.expect(400);
        assert!(refused["detail"].as_str().expect("a sentence").contains("https://"));
        // Where a name leads shows when something is sent.
        for host in ["localhost", "127.1", "2130706433", "0x7f.1"] {
            let body = json!({ "url": format!("https://{host}:{port}/") });
            api.post(at, body).await.expect(201);
        }
        let body = json!({ "attributes": { "userName": "ada" } });
        api.post("/organizations/acme/users", body).await.expect(201);
        assert_eq!(server::send_to_webhooks(api.server.app()).await, Ok(0));
        let all = api.get(at).await.expect(200);
        for webhook in all["items"].as_array().expect("a list") {
            let at = format!("{at}/{}/deliveries", webhook["id"].as_str().expect("an id"));
            let told = api.get(&at).await.expect(200);
            let error = told["items"][0]["attempts"][0]["error"].as_str().expect("a sentence");
            assert!(error.contains("network") || error.contains("known"), "{error}");
        }
        assert_eq!(connections.load(Ordering::SeqCst), 0);
    }
}
