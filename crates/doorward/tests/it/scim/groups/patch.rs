//! `PATCH /Groups/{id}`.

use directory::connection::Provider;
use serde_json::{Value as Json, json};
use testkit::contract;

use crate::scim::support::{Client, Reply, assert_shown, body_of};

async fn patch(client: &Client, path: &str, operations: Json) -> Reply {
    client.patch(path, json!({ "Operations": operations })).await
}

contract!(async fn an_answer_with_members_is_given_to_who_asks(store) {
    let client = Client::open(store).await;
    let (a, b) = (client.user("a").await, client.user("b").await);
    let path = format!("/Groups/{}", client.group("engines", &[&a]).await);
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": b }] }]);
    assert_shown!(patch(&client, &format!("{path}?attributes=members"), add).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#3",
      "members": [
        {
          "value": "#1",
          "$ref": "https://door.example/scim/v2/Users/#1",
          "type": "User"
        },
        {
          "value": "#2",
          "$ref": "https://door.example/scim/v2/Users/#2",
          "type": "User"
        }
      ]
    }
    "##);
    let rename = json!([{ "op": "replace", "value": { "displayName": "motors" } }]);
    let reply = patch(&client, &format!("{path}?attributes=displayName"), rename).await;
    assert_eq!((reply.status, reply.json()["displayName"].clone()), (200, "motors".into()));
    assert!(reply.json()["members"].is_null());
});

contract!(async fn members_are_removed_in_every_way(store) {
    let client = Client::for_provider(store, Provider::Other).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        ids.push(client.user(name).await);
    }
    let team = client.group("team", &[]).await;
    let members: Vec<&str> = ids.iter().map(String::as_str).chain([team.as_str()]).collect();
    let path = format!("/Groups/{}", client.group("engines", &members).await);
    for (operation, left) in [
        (json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[0]) }), 6),
        (json!({ "op": "remove", "path": "members", "value": [{ "value": ids[1] }] }), 5),
        (
            json!({ "op": "remove", "path":
                format!("members[value eq \"{}\" or value eq \"{}\"]", ids[2], ids[3]) }),
            3,
        ),
        (json!({ "op": "remove", "path": "members[type eq \"Group\"]" }), 2),
        (json!({ "op": "remove", "path": "members", "value": [] }), 2),
        (json!({ "op": "remove", "path": "members[value eq \"nobody\"]" }), 2),
        (json!({ "op": "remove", "path": "members" }), 0),
    ] {
        let reply = patch(&client, &path, json!([operation])).await;
        assert_eq!(reply.status, 204, "{operation}: {reply}");
        let shown = client.get(&path).await.json();
        assert_eq!(shown["members"].as_array().map(Vec::len), Some(left), "{operation}");
    }
});

contract!(async fn a_group_cannot_come_to_contain_itself(store) {
    let client = Client::open(store).await;
    let inner = client.group("inner", &[]).await;
    let middle = client.group("middle", &[&inner]).await;
    let outer = client.group("outer", &[&middle]).await;
    let before = client.newest().await;
    for id in [&inner, &middle, &outer] {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
        let reply = patch(&client, &format!("/Groups/{inner}"), add).await;
        assert_eq!(reply.verdict(), "400 invalidValue", "{reply}");
        let body = json!({ "displayName": "inner", "members": [{ "value": id }] });
        let reply = client.put(&format!("/Groups/{inner}"), body).await;
        assert_eq!(reply.verdict(), "400 invalidValue", "{reply}");
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn a_patch_is_done_whole_or_not_at_all(store) {
    let client = Client::open(store).await;
    let (a, b) = (client.user("a").await, client.user("b").await);
    let path = format!("/Groups/{}", client.group("engines", &[&a]).await);
    client.group("taken", &[]).await;
    let (before, shown) = (client.newest().await, client.get(&path).await.text());
    let change = [
        json!({ "op": "add", "path": "members", "value": [{ "value": b }] }),
        json!({ "op": "remove", "path": format!("members[value eq \"{a}\"]") }),
    ];
    for (last, verdict) in [
        (json!({ "op": "replace", "path": "displayName", "value": "TAKEN" }), "409 uniqueness"),
        (json!({ "op": "replace", "path": "shoeSize", "value": "x" }), "400 invalidPath"),
        (json!({ "op": "remove", "path": "displayName" }), "400 mutability"),
        (json!({ "op": "add", "path": "members", "value": [{}] }), "400 invalidValue"),
    ] {
        let reply = patch(&client, &path, json!([change[0], change[1], last])).await;
        assert_eq!(reply.verdict(), verdict, "{last}");
    }
    assert_eq!(client.newest().await, before);
    assert_eq!(client.get(&path).await.text(), shown);
});

contract!(async fn one_event_tells_who_came_and_who_left(store) {
    let client = Client::open(store).await;
    let (a, b) = (client.user("a").await, client.user("b").await);
    let path = format!("/Groups/{}", client.group("engines", &[&a]).await);
    let before = client.newest().await;
    patch(&client, &path, json!([
        { "op": "add", "path": "members", "value": [{ "value": b }] },
        { "op": "remove", "path": format!("members[value eq \"{a}\"]") },
        { "op": "replace", "value": { "displayName": "motors" } },
    ]))
    .await;
    let events = client.events_after(before).await;
    assert_eq!(events.len(), 1);
    let body = body_of(&events[0]);
    assert_eq!((&body["added"], &body["removed"]), (&json!([b]), &json!([a])));
    assert_eq!(body["resource"]["displayName"], "motors");
    assert_eq!(events[0].principal, format!("connection:{}", client.connection.connection.id));
});
