//! What no one should send: each is refused with an error that a client can read, and nothing is
//! stored.

mod addresses;
mod bodies;
mod lengths;
mod random;
mod types;

use super::support::{Client, Reply};

/// Asserts that an answer is a refusal in the form of the dialect: the status, a sentence, and the
/// status again in the body. Then tells the status and the keyword.
fn refusal(reply: &Reply) -> String {
    assert!((400..500).contains(&reply.status), "{reply}");
    let media_type = reply.header("content-type").unwrap_or_default();
    assert!(media_type.split(';').next().is_some_and(|it| it.ends_with("json")), "{reply}");
    let body = reply.json();
    let detail = body["detail"].as_str().unwrap_or_default();
    assert!(!detail.is_empty(), "{reply}");
    let schemas = body["schemas"][0].as_str().unwrap_or_default();
    match schemas {
        "urn:scim:schemas:core:1.0" => {
            assert_eq!(body["Errors"][0]["description"], detail, "{reply}");
            assert_eq!(body["Errors"][0]["code"], reply.status.to_string(), "{reply}");
            assert_eq!(media_type, "application/json; charset=utf-8", "{reply}");
        }
        "urn:ietf:params:scim:api:messages:2.0:Error" => {
            assert_eq!(body["status"], reply.status.to_string(), "{reply}");
        }
        other => panic!("{other}: {reply}"),
    }
    reply.verdict()
}

/// Sends a body wherever one is read, in both dialects, and tells how it was refused: in the same
/// way everywhere.
async fn refused_everywhere(client: &Client, body: &str) -> String {
    let user = client.get("/Users?count=1").await.json()["Resources"][0]["id"].clone();
    let group = client.get("/Groups?count=1").await.json()["Resources"][0]["id"].clone();
    let (user, group) = (user.as_str().expect("a user"), group.as_str().expect("a group"));
    let mut told = None;
    for dialect in [client.clone(), client.v1()] {
        for (method, path) in [
            ("POST", "/Users".to_owned()),
            ("PUT", format!("/Users/{user}")),
            ("PATCH", format!("/Users/{user}")),
            ("POST", "/Groups".to_owned()),
            ("PUT", format!("/Groups/{group}")),
            ("PATCH", format!("/Groups/{group}")),
        ] {
            let reply = dialect.request(method, &path, Some(body)).await;
            let _ = refusal(&reply);
            let here = format!("{}: {}", reply.status, reply.detail());
            let first = told.get_or_insert_with(|| here.clone());
            assert_eq!(*first, here, "{method} {path}");
        }
    }
    told.expect("an answer")
}

/// A client with one user and one group.
async fn furnished(store: &testkit::TestStore) -> Client {
    let client = Client::open(store).await;
    let user = client.user("ada").await;
    client.group("engines", &[&user]).await;
    client
}
