//! No one reaches another organization: what belongs to one and what never existed are told apart
//! by nothing in an answer.

use std::fmt::Write as _;

use directory::connection::{Protocol, Provider};
use insta::assert_snapshot;
use server::http::Limits;
use testkit::contract;

use super::support::{Client, Reply, assert_shown};

/// An id that no one was ever given.
const NEVER: &str = "6b1fa2a4-2f5d-4a5e-9d62-6f1c0a9b7e31";

const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// Every route that has an id in it.
const RESOURCES: [&str; 2] = ["/Users", "/Groups"];

fn body(endpoint: &str, method: &str) -> Option<&'static str> {
    match (method, endpoint) {
        ("POST" | "PUT", "/Users") => Some(r#"{"userName":"changed","active":false}"#),
        ("POST" | "PUT", _) => Some(r#"{"displayName":"changed","members":[]}"#),
        ("PATCH", "/Users") => {
            Some(r#"{"Operations":[{"op":"replace","value":{"active":false}}]}"#)
        }
        ("PATCH", _) => Some(r#"{"Operations":[{"op":"remove","path":"members"}]}"#),
        _ => None,
    }
}

/// Everything in an answer that a client can see.
fn bytes(reply: &Reply) -> String {
    let mut headers = reply.headers.clone();
    // Of each request its own.
    assert!(headers.remove("x-request-id").is_some());
    format!("{}\n{headers:?}\n{:?}", reply.status, reply.body)
}

/// A user in a group, with the name and the ids of both.
async fn pair(client: &Client, name: &str) -> (String, String) {
    let user = client.user(name).await;
    let group = client.group(name, &[&user]).await;
    (user, group)
}

/// What an organization holds, word for word.
async fn everything(client: &Client) -> String {
    format!("{}\n{}", client.get("/Users").await.text(), client.get("/Groups").await.text())
}

contract!(async fn another_organization_is_as_good_as_none(store) {
    let ours = Client::open(store).await;
    let theirs = ours.of_another(store, "globex").await;
    let (their_user, their_group) = pair(&theirs, "theirs").await;
    let (before, newest) = (everything(&theirs).await, theirs.newest().await);
    let own = ours.connection.connection.id;
    let mut matrix = String::new();
    for (shown, base) in [
        ("/scim/v2", "/scim/v2".to_owned()),
        ("/scim/v1", "/scim/v1".to_owned()),
        ("/c/{own}/scim/v2", format!("/c/{own}/scim/v2")),
        ("/c/{own}/scim/v1", format!("/c/{own}/scim/v1")),
    ] {
        let client = ours.at(&base);
        for endpoint in RESOURCES {
            for method in METHODS {
                let body = body(endpoint, method);
                let name = format!("{shown}{endpoint}{method}");
                let (user, group) = pair(&client, &name).await;
                let (own, other) = match endpoint {
                    "/Users" => (&user, &their_user),
                    _ => (&group, &their_group),
                };
                let ask = async |id: &str| {
                    client.request(method, &format!("{endpoint}/{id}"), body).await
                };
                let (other, never, own) = (ask(other).await, ask(NEVER).await, ask(own).await);
                assert_eq!(bytes(&other), bytes(&never), "{method} {name}");
                // Free the names for the next round.
                client.delete(&format!("/Users/{user}")).await;
                client.delete(&format!("/Groups/{group}")).await;
                let _ = writeln!(
                    matrix,
                    "{method:<7} {shown}{endpoint}/{{id}}  own {}  another's {}  nobody's {}",
                    own.status, other.status, never.status
                );
            }
        }
    }
    assert_snapshot!("tenancy_matrix", matrix);
    assert_eq!(theirs.newest().await, newest);
    assert_eq!(everything(&theirs).await, before);
});

contract!(async fn a_token_opens_no_other_connection(store) {
    let limits = Limits { auth_failures: 100_000, ..Limits::default() };
    let ours = Client::with_limits(store, limits).await;
    let theirs = ours.of_another(store, "globex").await;
    let (user, _) = pair(&theirs, "theirs").await;
    let newest = theirs.newest().await;
    let second = &ours.connection.organization;
    let second = second.connection(Provider::Entra, Protocol::Scim2).await.connection.id;
    let there = theirs.connection.connection.id;
    for version in ["v2", "v1"] {
        for method in METHODS {
            let path = format!("/Users/{user}");
            let body = body("/Users", method);
            let ask = async |connection: &str| {
                let client = ours.at(&format!("/c/{connection}/scim/{version}"));
                client.request(method, &path, body).await
            };
            let never = ask(NEVER).await;
            assert_eq!(never.status, 401, "{method}");
            // Those of our own organization and those that are not written as they were given out
            // are no better.
            let (upper, second) = (there.to_string().to_uppercase(), second.to_string());
            for other in [there.to_string().as_str(), &upper, &second, "x", "%00", ".."] {
                assert_eq!(bytes(&ask(other).await), bytes(&never), "{method} {other}");
            }
        }
    }
    let at = ours.at(&format!("/c/{there}/scim/v2"));
    assert_shown!(at.get("/Users").await, @r#"
    401
    content-type: application/scim+json
    www-authenticate: Bearer realm="Doorward"

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "This API token belongs to another connection than the one in the base URL.",
      "status": "401"
    }
    "#);
    assert_eq!(theirs.newest().await, newest);
});

contract!(async fn ids_of_others_in_filters_and_bodies_are_as_good_as_none(store) {
    let ours = Client::open(store).await;
    let theirs = ours.of_another(store, "globex").await;
    let body = r#"{"userName":"theirs","externalId":"00u-theirs","emails":[{"value":"t@x"}]}"#;
    let user = theirs.post("/Users", body).await.created();
    let group = theirs.group("theirs", &[&user]).await;
    let (before, newest) = (everything(&theirs).await, theirs.newest().await);
    let mine = ours.user("mine").await;
    let team = ours.group("team", &[&mine]).await;

    for (endpoint, attribute, other) in [
        ("/Users", "id", user.as_str()),
        ("/Users", "userName", "theirs"),
        ("/Users", "externalId", "00u-theirs"),
        ("/Users", "emails.value", "t@x"),
        ("/Users", "groups.value", &group),
        ("/Groups", "id", &group),
        ("/Groups", "displayName", "theirs"),
        ("/Groups", "members.value", &user),
        ("/Groups", "members.value", &group),
    ] {
        let ask = async |value: &str| {
            ours.get(&format!("{endpoint}?filter={attribute}%20eq%20%22{value}%22")).await
        };
        assert_eq!(bytes(&ask(other).await), bytes(&ask(NEVER).await), "{attribute}");
    }

    // Two groups that are alike but for whom they were asked to take in.
    for (n, operation) in [
        r#"{"op":"add","path":"members","value":[{"value":"ID"}]}"#,
        r#"{"op":"remove","path":"members[value eq \"ID\"]"}"#,
        r#"{"op":"replace","path":"members","value":[{"value":"ID"}]}"#,
        r#"{"op":"add","path":"members","value":[{"value":"ID","type":"Group"}]}"#,
    ]
    .iter()
    .enumerate()
    {
        let mut answers = Vec::new();
        for (which, id) in [("other", user.as_str()), ("group", &group), ("never", NEVER)] {
            let path = format!("/Groups/{}", ours.group(&format!("{which}{n}"), &[&mine]).await);
            let body = format!(r#"{{"Operations":[{}]}}"#, operation.replace("ID", id));
            let answer = ours.patch(&path, body).await;
            let members = ours.get(&path).await.json()["members"].to_string();
            answers.push(format!("{} {members}", bytes(&answer)));
        }
        assert!(answers.iter().all(|answer| *answer == answers[2]), "{operation}: {answers:?}");
    }

    // The same names and externalIds may live in both.
    assert_eq!(ours.post("/Users", body).await.status, 201);
    assert_eq!(ours.post("/Groups", r#"{"displayName":"theirs"}"#).await.status, 201);
    // Those who wait to become members wait for people of their own organization.
    let path = format!("/Groups/{team}");
    let wait = r#"{"Operations":[{"op":"add","path":"members","value":[{"value":"00u-late"}]}]}"#;
    assert_eq!(ours.patch(&path, wait).await.status, 204);
    assert_eq!(theirs.newest().await, newest);
    assert_eq!(everything(&theirs).await, before);
    theirs.post("/Users", r#"{"userName":"late","externalId":"00u-late"}"#).await.created();
    assert_eq!(ours.get(&path).await.json()["members"].as_array().map(Vec::len), Some(1));
});

contract!(async fn a_client_cannot_choose_an_id(store) {
    let ours = Client::open(store).await;
    let theirs = ours.of_another(store, "globex").await;
    let (user, group) = pair(&theirs, "theirs").await;
    let (before, newest) = (everything(&theirs).await, theirs.newest().await);
    let own = ours.user("own").await;
    for id in [user.as_str(), &group, &own, NEVER] {
        let body = format!(r#"{{"id":"{id}","userName":"u-{id}"}}"#);
        let created = ours.post("/Users", body).await.created();
        assert_ne!(created, id);
        let body = format!(r#"{{"id":"{id}","userName":"v-{id}"}}"#);
        let put = ours.put(&format!("/Users/{created}"), body).await;
        assert_eq!((put.status, put.id()), (200, created));
        let created =
            ours.post("/Groups", format!(r#"{{"id":"{id}","displayName":"g-{id}"}}"#)).await;
        assert_ne!(created.created(), id);
    }
    assert_eq!(ours.get(&format!("/Users/{own}")).await.json()["userName"], "own");
    assert_eq!(theirs.newest().await, newest);
    assert_eq!(everything(&theirs).await, before);
});
