//! Requests that are refused as a whole: nothing is done.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::{delete, send, user};
use crate::scim::support::{Client, assert_shown};

fn users(count: usize) -> Vec<Json> {
    (0..count).map(|at| user(&at.to_string(), &format!("u{at}"))).collect()
}

contract!(async fn more_operations_than_the_limit_are_refused(store) {
    let client = Client::open(store).await;
    let before = client.newest().await;
    let reply = send(&client, &json!({ "Operations": users(1001) })).await;
    assert_shown!(reply, @r#"
    413
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "The request holds more than 1000 operations, which are the most that one bulk request may hold. Send them in several requests.",
      "status": "413"
    }
    "#);
    assert_eq!(client.newest().await, before);
});

contract!(async fn a_larger_body_than_the_limit_is_refused(store) {
    let client = Client::open(store).await;
    let before = client.newest().await;
    let padding = "x".repeat(10 * 1024 * 1024);
    let reply = send(&client, &json!({ "Operations": users(1), "padding": padding })).await;
    assert_eq!(reply.verdict(), "413");
    assert_eq!(reply.detail(), "The request body is larger than 10 MB.");
    assert_eq!(client.newest().await, before);
    let small = server::http::Limits { bulk_body: 2000, bulk_operations: 3, ..Default::default() };
    let mut client = client;
    client.server = testkit::TestServer::with_limits(store, small);
    assert_eq!(send(&client, &json!({ "Operations": users(3) })).await.status, 200);
    assert_eq!(send(&client, &json!({ "Operations": users(4) })).await.status, 413);
    let padded = json!({ "Operations": users(1), "padding": "x".repeat(2000) });
    assert_eq!(send(&client, &padded).await.detail(), "The request body is larger than 2000 bytes.");
    let config = client.get("/ServiceProviderConfig").await.json();
    assert_eq!(config["bulk"], json!({ "supported": true, "maxOperations": 3, "maxPayloadSize": 2000 }));
});

contract!(async fn what_makes_no_sense_as_a_whole_is_refused_as_a_whole(store) {
    let client = Client::open(store).await;
    let before = client.newest().await;
    let twice = json!([user("a", "a"), user("a", "b")]);
    let named = json!([user("a", "a"), { "method": "DELETE", "path": "/Users/x", "bulkId": "a" }]);
    for (request, expected) in [
        (json!({}), "400 invalidSyntax"),
        (json!({ "Operations": [] }), "400 invalidSyntax"),
        (json!({ "Operations": [user("a", "a"), "x"] }), "400 invalidSyntax"),
        (json!({ "Operations": twice }), "400 invalidValue"),
        (json!({ "Operations": named }), "400 invalidValue"),
        (json!({ "Operations": [user("a", "a")], "failOnErrors": 0 }), "400 invalidValue"),
        (json!({ "Operations": [user("a", "a")], "failOnErrors": -3 }), "400 invalidValue"),
        (json!({ "Operations": [user("a", "a")], "failOnErrors": "1" }), "400 invalidValue"),
    ] {
        for client in [client.clone(), client.v1()] {
            let reply = send(&client, &request).await;
            assert_eq!(reply.status.to_string(), expected[..3], "{request}: {reply}");
        }
        assert_eq!(send(&client, &request).await.verdict(), expected);
    }
    for body in ["", "[]", "{", "{\"Operations\":[{\"a\":1,\"A\":2}]}"] {
        assert_eq!(client.post("/Bulk", body).await.status, 400, "{body}");
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn only_json_is_read_and_only_from_who_may(store) {
    let client = Client::open(store).await;
    let request = json!({ "Operations": [delete("/Users/x")] }).to_string();
    let xml = [("Content-Type", "text/xml")];
    assert_eq!(client.request_with("POST", "/Bulk", &xml, Some(&request)).await.status, 415);
    assert_eq!(client.with_token("scim_nobody").post("/Bulk", &request).await.status, 401);
});
