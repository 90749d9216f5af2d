//! Groups of thousands, and two requests at a time.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use axum::{body::Body, http::Request};
use directory::user::{self, Rehire};
use http_body_util::BodyExt as _;
use serde_json::{Value as Json, json};
use testkit::contract;
use tower::ServiceExt as _;

use super::support::{Client, Reply, body_of};

/// Creates users without HTTP, many in one transaction, and tells their ids.
pub(super) async fn crowd(client: &Client, name: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let range = ids.len()..(ids.len() + 500).min(count);
        let name = name.to_owned();
        let created = client
            .connection
            .organization
            .write(move |writer| {
                range
                    .clone()
                    .map(|n| {
                        let person = testkit::user(&format!("{name}{n:05}"));
                        user::create(writer, &person, Rehire::BringBack)
                            .map(|user| user.id.to_string())
                    })
                    .collect::<Result<Vec<_>, _>>()
            })
            .await;
        ids.extend(created.expect("the names are free"));
    }
    ids
}

fn refs(ids: &[String]) -> Json {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

fn members(reply: &Reply) -> BTreeSet<String> {
    let group = reply.json();
    let members = group["members"].as_array().expect("members");
    let ids: BTreeSet<String> =
        members.iter().map(|one| one["value"].as_str().expect("a value").to_owned()).collect();
    assert_eq!(ids.len(), members.len(), "nobody is there twice");
    ids
}

fn set(ids: &[String]) -> BTreeSet<String> {
    ids.iter().cloned().collect()
}

contract!(async fn five_thousand_members(store) {
    let client = Client::open(store).await;
    let ids = crowd(&client, "u", 6_000).await;
    let (first, second) = ids.split_at(5_000);
    let body = json!({ "displayName": "big", "members": refs(first) });
    let created = client.post("/Groups", &body).await;
    assert_eq!(created.status, 201);
    assert_eq!(members(&created), set(first));
    let path = format!("/Groups/{}", created.id());

    // Streamed: no length is known when it begins.
    let shown = client.get(&path).await;
    assert_eq!(shown.header("content-length"), None);
    assert_eq!(shown.text(), created.text());
    let last = shown.json();
    let names: Vec<&String> = last.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["schemas", "id", "displayName", "members", "meta"]);

    // Two of them and small ones in one list.
    let other = client.post("/Groups", json!({ "displayName": "second", "members": refs(first) }));
    assert_eq!(other.await.status, 201);
    client.group("small", &[&ids[0]]).await;
    client.group("empty", &[]).await;
    let list = client.get("/Groups?count=100").await.json();
    let sizes: Vec<usize> = list["Resources"]
        .as_array()
        .expect("Resources")
        .iter()
        .map(|group| group["members"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(sizes, [5_000, 5_000, 1, 0]);
    assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&4.into(), &4.into()));

    // What no one wants to see is not sent, in any of its ways.
    for query in ["attributes=displayName", "excludedAttributes=members"] {
        for path in [&path, "/Groups"] {
            let small = client.get(&format!("{path}?{query}")).await;
            assert!(small.body.len() < 3_000, "{query}: {} bytes", small.body.len());
        }
    }
    let names = client.get(&format!("{path}?attributes=members.display")).await.json();
    assert_eq!(names["members"][4_999], json!({ "display": "u04999" }));

    // A thousand go and a thousand come in one request.
    let gone: Vec<Json> = first[..999]
        .iter()
        .map(|id| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") }))
        .collect();
    let mut operations = gone;
    operations.push(json!({ "op": "add", "path": "members", "value": refs(second) }));
    let before = client.newest().await;
    let patched = client.patch(&path, json!({ "Operations": operations })).await;
    assert_eq!((patched.status, patched.body.len()), (204, 0));
    assert_eq!(patched.header("etag"), Some("W/\"2\""));
    assert_eq!(client.newest().await, before + 1);
    let expected: BTreeSet<String> = set(&ids[999..]);
    let asked = client.get(&format!("{path}?attributes=members")).await;
    assert_eq!(members(&asked), expected);

    // With `attributes` it answers, however large.
    let one = json!({ "Operations": [{ "op": "add", "path": "members", "value": refs(&ids[..1]) }] });
    let asked = client.patch(&format!("{path}?attributes=members"), one).await;
    assert_eq!((asked.status, members(&asked).len()), (200, 5_002));

    // A full push: only the difference is written.
    let before = client.newest().await;
    let body = json!({ "displayName": "big", "members": refs(second), "externalId": "x" });
    let put = client.put(&path, &body).await;
    assert_eq!(members(&put), set(second));
    let event = &client.events_after(before).await[0];
    let told = body_of(event);
    let length = |name: &str| told[name].as_array().map_or(0, Vec::len);
    assert_eq!((length("added"), length("removed")), (0, 4_002));
    assert_eq!(client.put(&path, &body).await.status, 200);
    assert_eq!(client.newest().await, before + 1);

    // Push Now of an empty group, and the end.
    let empty = json!({ "Operations": [{ "op": "replace", "path": "members", "value": [] }] });
    assert_eq!(client.patch(&path, empty).await.status, 204);
    assert!(members(&client.get(&path).await).is_empty());
    let second = client.get("/Groups?filter=displayName+eq+%22second%22").await.listed("id");
    assert_eq!(client.delete(&format!("/Groups/{second}")).await.status, 204);
    assert!(client.get(&format!("/Users/{}", ids[700])).await.json()["groups"].is_null());
});

contract!(async fn half_an_answer_is_never_taken_for_a_whole_one(store) {
    let client = Client::open(store).await;
    let ids = crowd(&client, "u", 8_000).await;
    let group = client.post("/Groups", json!({ "displayName": "big", "members": refs(&ids) }));
    let path = format!("/Groups/{}", group.await.id());
    let request = || {
        Request::get(client.path(&path))
            .header("host", "door.example")
            .header("authorization", format!("Bearer {}", client.token))
            .body(Body::empty())
            .expect("a request")
    };
    let router = server::router(client.server.app().clone());
    // No one else comes in between: the answer is whole, though one comes and one goes.
    let mut body = router.clone().oneshot(request()).await.expect("an answer").into_body();
    body.frame().await.expect("a first piece").expect("data");
    let gone = json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[7_999]) });
    assert_eq!(client.patch(&path, json!({ "Operations": [gone] })).await.status, 204);
    body.collect().await.expect("a whole answer");
    // Everyone is removed while the answer is on its way: it is cut off.
    let mut body = router.oneshot(request()).await.expect("an answer").into_body();
    body.frame().await.expect("a first piece").expect("data");
    let empty = json!({ "Operations": [{ "op": "replace", "path": "members", "value": [] }] });
    assert_eq!(client.patch(&path, empty).await.status, 204);
    assert!(body.collect().await.is_err());
});

contract!(async fn a_body_of_many_megabytes(store) {
    let client = Client::open(store).await;
    let ids = crowd(&client, "u", 100).await;
    // A full push that names as many as a group may wait for, each several times.
    let mut body = String::from(r#"{"displayName":"huge","members":["#);
    for id in &ids {
        let _ = write!(body, r#"{{"value":"{id}","display":"somebody@example.com"}},"#);
    }
    for n in 0..50_000 {
        let who = n % 9_000;
        let _ = write!(body, r#"{{"value":"00u{who:017}","display":"user-{n}@example.com"}},"#);
    }
    body.pop();
    body.push_str("]}");
    assert!(body.len() > 3 * 1024 * 1024);
    let created = client.post("/Groups", &body).await;
    assert_eq!(members(&created), set(&ids));
    let path = format!("/Groups/{}", created.id());
    let before = client.newest().await;
    assert_eq!(client.put(&path, &body).await.status, 200);
    assert_eq!(client.newest().await, before, "what is equal is no change");
    // One of those who were waited for comes.
    let late = format!(r#"{{"userName":"late","externalId":"00u{:017}"}}"#, 4_415);
    let late = client.post("/Users", late).await.created();
    assert!(members(&client.get(&path).await).contains(&late));
    // More is refused as a whole, with what to do.
    let many: Vec<Json> = (0..10_001).map(|n| json!({ "value": format!("00x{n}") })).collect();
    let refused = client.post("/Groups", json!({ "displayName": "more", "members": many })).await;
    assert_eq!(refused.verdict(), "400 invalidValue");
    assert_eq!(client.newest().await, before + 1, "the late one came, and nothing else");
    // The same size is refused where no one needs it.
    assert_eq!(client.post("/Users", &body).await.verdict(), "413");
});

contract!(async fn requests_at_the_same_time_all_take_effect(store) {
    let client = Arc::new(Client::open(store).await);
    let ids = Arc::new(crowd(&client, "u", 40).await);
    let path = Arc::new(format!("/Groups/{}", client.group("engines", &[]).await));
    let before = client.newest().await;
    let mut tasks = Vec::new();
    for n in 0..ids.len() {
        let (client, ids, path) = (Arc::clone(&client), Arc::clone(&ids), Arc::clone(&path));
        tasks.push(tokio::spawn(async move {
            let one = [ids[n].clone()];
            let add = json!({ "op": "add", "path": "members", "value": refs(&one) });
            let title = json!({ "op": "replace", "value": { "active": false } });
            let joined = client.patch(&path, json!({ "Operations": [add] })).await;
            let off = client
                .patch(&format!("/Users/{}", ids[n]), json!({ "Operations": [title] }))
                .await;
            assert_eq!((joined.status, off.status), (204, 200), "{joined} {off}");
        }));
    }
    for task in tasks {
        task.await.expect("no panic");
    }
    assert_eq!(members(&client.get(&path).await), set(&ids));
    assert_eq!(client.get("/Users?filter=active+eq+true").await.json()["totalResults"], 0);
    assert_eq!(client.newest().await, before + 80);
    let version = format!("W/\"{}\"", 1 + ids.len());
    assert_eq!(client.get(&path).await.header("etag"), Some(version.as_str()));
});

contract!(async fn of_many_creates_of_one_person_one_wins(store) {
    let client = Arc::new(Client::open(store).await);
    let before = client.newest().await;
    let mut tasks = Vec::new();
    for n in 0..12 {
        let client = Arc::clone(&client);
        tasks.push(tokio::spawn(async move {
            let name = if n % 2 == 0 { "ada" } else { "ADA" };
            let user = client.post("/Users", json!({ "userName": name, "externalId": "1" })).await;
            let group = client.post("/Groups", json!({ "displayName": name })).await;
            (user.status, group.status)
        }));
    }
    let mut told = Vec::new();
    for task in tasks {
        told.push(task.await.expect("no panic"));
    }
    for statuses in [told.iter().map(|it| it.0).collect(), told.iter().map(|it| it.1).collect()] {
        let mut statuses: Vec<u16> = statuses;
        statuses.sort_unstable();
        assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 11][..]));
    }
    assert_eq!(client.newest().await, before + 2);
});
