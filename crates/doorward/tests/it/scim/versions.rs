//! Entity tags, RFC 7644 §3.14: a change that was meant for another version is refused, and what a
//! client has already is not sent again.

use serde_json::json;
use testkit::contract;
use tokio::task::JoinSet;

use super::{
    large::crowd,
    support::{Client, Reply, assert_shown},
};

const TITLE: &str = r#"{"Operations":[{"op":"replace","path":"title","value":"x"}]}"#;
const SAME_TITLE: &str = r#"{"Operations":[{"op":"remove","path":"title"}]}"#;
const RENAME: &str = r#"{"Operations":[{"op":"replace","path":"displayName","value":"new"}]}"#;

fn adding(member: &str) -> String {
    json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": member }] }] })
        .to_string()
}

async fn if_match(client: &Client, method: &str, path: &str, tag: &str, body: &str) -> Reply {
    let body = (!body.is_empty()).then_some(body);
    client.request_with(method, path, &[("If-Match", tag)], body).await
}

async fn if_none_match(client: &Client, path: &str, tag: &str) -> Reply {
    client.request_with("GET", path, &[("If-None-Match", tag)], None).await
}

contract!(async fn a_change_for_another_version_is_refused(store) {
    let client = Client::open(store).await;
    let user = format!("/Users/{}", client.user("ada").await);
    let group = format!("/Groups/{}", client.group("engines", &[]).await);
    client.patch(&user, TITLE).await;
    client.patch(&group, RENAME).await;
    let before = client.newest().await;
    for (method, path, body) in [
        ("PUT", &user, r#"{"userName":"ada"}"#),
        ("PATCH", &user, TITLE),
        ("DELETE", &user, ""),
        ("PUT", &group, r#"{"displayName":"g"}"#),
        ("PATCH", &group, RENAME),
        ("DELETE", &group, ""),
    ] {
        for tag in ["W/\"1\"", "\"1\"", "W/\"3\", \"4\"", "\"\""] {
            let reply = if_match(&client, method, path, tag, body).await;
            assert_eq!(reply.verdict(), "412", "{method} {path} {tag}: {reply}");
        }
        let none = [("If-None-Match", "*")];
        let reply = client.request_with(method, path, &none, Some(body)).await;
        assert_eq!(reply.verdict(), "412", "{method} {path}: {reply}");
        for tag in ["3", "W/3", "", "*, \"2\""] {
            let reply = if_match(&client, method, path, tag, body).await;
            assert_eq!(reply.verdict(), "400 invalidValue", "{method} {path} {tag}: {reply}");
        }
    }
    assert_eq!(client.newest().await, before);
    let refused = if_match(&client, "DELETE", &user, "W/\"1\"", "").await;
    assert_shown!(refused, @r#"
    412
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "The resource has the version W/\"2\", which the request rules out by If-Match, If-None-Match or version. Nothing was changed. Read it again and decide anew.",
      "status": "412"
    }
    "#);
});

contract!(async fn a_change_for_the_right_version_is_made(store) {
    let client = Client::open(store).await;
    for client in [client.clone(), client.v1()] {
        let user = format!("/Users/{}", client.user("ada").await);
        let mut tag = client.get(&user).await.json()["meta"]["version"].as_str().expect("one").to_owned();
        for (method, body) in [("PATCH", TITLE), ("PUT", r#"{"userName":"ada","title":"y"}"#)] {
            let reply = if_match(&client, method, &user, &format!("\"0\", {tag}"), body).await;
            assert_eq!(reply.status, 200, "{reply}");
            assert_ne!(reply.header("etag"), Some(tag.as_str()));
            reply.header("etag").expect("a tag").clone_into(&mut tag);
        }
        // Nothing changes, and still the version must be right.
        assert_eq!(if_match(&client, "PATCH", &user, &tag, TITLE).await.status, 200);
        assert_eq!(if_match(&client, "PATCH", &user, "*", SAME_TITLE).await.status, 200);
        assert_eq!(if_match(&client, "PATCH", &user, &tag, SAME_TITLE).await.status, 412);
        assert_eq!(if_match(&client, "DELETE", &user, "*", "").await.status, 204);
        // Who is not there has no version: that it is not there comes first.
        assert_eq!(if_match(&client, "DELETE", &user, "*", "").await.status, 404);
    }
});

contract!(async fn several_headers_are_one_list(store) {
    let client = Client::open(store).await;
    let user = format!("/Users/{}", client.user("ada").await);
    let both = [("If-Match", "\"8\""), ("If-Match", "W/\"1\"")];
    assert_eq!(client.request_with("PATCH", &user, &both, Some(TITLE)).await.status, 200);
    assert_eq!(client.request_with("PATCH", &user, &both, Some(TITLE)).await.status, 412);
});

contract!(async fn what_a_client_has_is_not_sent_again(store) {
    let client = Client::open(store).await;
    let user = client.user("ada").await;
    let group = client.group("engines", &[&user]).await;
    let bare = format!("/Users/{user}?excludedAttributes=groups");
    let group = format!("/Groups/{group}");
    for path in [&bare, &group] {
        for tag in ["W/\"1\"", "\"1\"", "\"7\", W/\"1\"", "*"] {
            let same = if_none_match(&client, path, tag).await;
            assert_eq!((same.status, same.body.len()), (304, 0), "{path} {tag}: {same}");
            assert_eq!(same.header("etag"), Some("W/\"1\""));
            assert_eq!(same.header("content-type"), None);
        }
        let head = client.request_with("HEAD", path, &[("If-None-Match", "\"1\"")], None).await;
        assert_eq!(head.status, 304);
        let other = if_none_match(&client, path, "W/\"2\"").await;
        assert_eq!((other.status, other.header("etag")), (200, Some("W/\"1\"")));
        assert_eq!(if_none_match(&client, path, "1").await.verdict(), "400 invalidValue");
        // If-Match on a read, RFC 9110 §13.1.1.
        assert_eq!(if_match(&client, "GET", path, "\"1\"", "").await.status, 200);
        assert_eq!(if_match(&client, "GET", path, "\"2\"", "").await.status, 412);
    }
    assert_eq!(if_none_match(&client, "/Users/nobody", "*").await.status, 404);
    client.patch(&format!("/Users/{user}"), TITLE).await;
    assert_eq!(if_none_match(&client, &bare, "W/\"1\"").await.status, 200);
});

contract!(async fn the_groups_that_are_shown_are_part_of_the_tag(store) {
    let client = Client::open(store).await;
    let id = client.user("ada").await;
    let path = format!("/Users/{id}");
    // Asks whether what a client has is still what it would be shown, and tells the tag of now.
    let news = async |old: &str| {
        let reply = if_none_match(&client, &path, old).await;
        let tag = reply.header("etag").expect("a tag").to_owned();
        assert_eq!(reply.status, if tag == old { 304 } else { 200 }, "{old}: {reply}");
        assert_eq!(reply.body.is_empty(), tag == old, "{reply}");
        if tag != old {
            assert_eq!(reply.json()["meta"]["version"], tag);
        }
        tag
    };
    let alone = news("W/\"0\"").await;
    assert_eq!(alone, "W/\"1\"");
    assert_eq!(news(&alone).await, alone);

    let engines = client.group("engines", &[&id]).await;
    let joined = news(&alone).await;
    assert!(joined.starts_with("W/\"1-"), "{joined}");
    assert_eq!(news(&joined).await, joined, "nothing changed");
    let v1 = client.v1().get(&path).await;
    assert_eq!((v1.header("etag"), &v1.json()["meta"]["version"]), (Some(&*joined), &json!(joined)));
    let listed = client.get("/Users").await.json();
    assert_eq!(listed["Resources"][0]["meta"]["version"], joined);
    let bare = client.get(&format!("{path}?excludedAttributes=groups")).await;
    assert_eq!(bare.header("etag"), Some("W/\"1\""));
    assert_eq!(bare.json()["meta"]["version"], "W/\"1\"");

    let engines = format!("/Groups/{engines}");
    client.patch(&engines, RENAME).await;
    let renamed = news(&joined).await;
    let outer = client.group("outer", &[engines.trim_start_matches("/Groups/")]).await;
    let nested = news(&renamed).await;
    client.user("bob").await;
    assert_eq!(news(&nested).await, nested, "of somebody else it tells nothing");
    client.delete(&format!("/Groups/{outer}")).await;
    assert_eq!(news(&nested).await, renamed, "what is the same has the same tag");
    let nobody = json!({ "Operations": [{ "op": "remove", "path": "members" }] });
    client.patch(&engines, nobody).await;
    assert_eq!(news(&renamed).await, alone, "who has left has no groups");
});

contract!(async fn a_change_is_made_for_a_version_whatever_was_shown_with_it(store) {
    let client = Client::open(store).await;
    let id = client.user("ada").await;
    let group = format!("/Groups/{}", client.group("engines", &[&id]).await);
    for client in [client.clone(), client.v1()] {
        let path = format!("/Users/{id}");
        let seen = client.get(&path).await.header("etag").expect("a tag").to_owned();
        client.patch(&group, RENAME).await;
        let now = client.get(&path).await.header("etag").expect("a tag").to_owned();
        assert!(if_none_match(&client, &path, &seen).await.status == 200 || seen == now);
        // The groups are not the user's to change, so the client has seen all that it changes.
        let none = [("If-None-Match", seen.as_str())];
        let refused = client.request_with("PATCH", &path, &none, Some(TITLE)).await;
        assert_eq!(refused.verdict(), "412", "{refused}");
        for (method, body) in [("PATCH", TITLE), ("PUT", r#"{"userName":"ada","title":"y"}"#)] {
            let seen = client.get(&path).await.header("etag").expect("a tag").to_owned();
            let changed = if_match(&client, method, &path, &seen, body).await;
            assert_eq!(changed.status, 200, "{changed}");
            let tag = changed.header("etag").expect("a tag");
            assert!(tag.contains('-') && tag != seen, "{tag}");
            assert_eq!(changed.json()["meta"]["version"], tag);
            assert_eq!(client.get(&path).await.header("etag"), Some(tag));
            assert_eq!(if_match(&client, method, &path, &seen, body).await.status, 412);
        }
    }
});

contract!(async fn who_arrives_where_it_was_waited_for_is_shown_with_its_groups(store) {
    let client = Client::open(store).await;
    client.group("engines", &["00u1"]).await;
    let created = client.post("/Users", r#"{"userName":"ada","externalId":"00u1"}"#).await;
    let path = format!("/Users/{}", created.created());
    let tag = created.header("etag").expect("a tag");
    assert!(tag.starts_with("W/\"1-"), "{tag}");
    assert_eq!(created.json()["meta"]["version"], tag);
    assert_eq!(if_none_match(&client, &path, tag).await.status, 304);
});

contract!(async fn a_bulk_request_shows_nothing_and_tells_versions(store) {
    let client = Client::open(store).await;
    let id = client.user("ada").await;
    client.group("engines", &[&id]).await;
    let path = format!("/Users/{id}");
    let tag = client.get(&path).await.header("etag").expect("a tag").to_owned();
    let change = |version: &str| {
        json!({ "Operations": [{ "method": "PATCH", "path": path, "version": version,
            "data": { "Operations": [{ "op": "replace", "path": "title", "value": version }] } }] })
    };
    let done = client.post("/Bulk", change(&tag)).await.json()["Operations"][0].clone();
    assert_eq!((&done["status"], &done["version"]), (&json!("200"), &json!("W/\"2\"")));
    let done = client.post("/Bulk", change("W/\"2\"")).await.json()["Operations"][0].clone();
    assert_eq!((&done["status"], &done["version"]), (&json!("200"), &json!("W/\"3\"")));
    let done = client.post("/Bulk", change(&tag)).await.json()["Operations"][0].clone();
    assert_eq!(done["status"], "412");
});

contract!(async fn the_names_of_members_are_part_of_the_tag_where_they_are_shown(store) {
    let client = Client::open(store).await;
    let mut ids = vec![client.user("ada").await];
    let group = client.group("engines", &[&ids[0]]).await;
    let (user, group) = (format!("/Users/{}", ids[0]), format!("/Groups/{group}"));
    let named = format!("{group}?attributes=members.display,meta");
    for (size, version) in [(1, 1), (1_200, 4)] {
        if size > 1 {
            ids.extend(crowd(&client, "u", size - 1).await);
            let members: Vec<_> = ids.iter().map(|id| json!({ "value": id })).collect();
            let put = json!({ "displayName": "engines", "members": members });
            assert_eq!(client.put(&group, put).await.status, 200);
        }
        let name = format!("lovelace{size}");
        let before = client.get(&named).await;
        let tag = before.header("etag").expect("a tag");
        assert!(tag.starts_with(&format!("W/\"{version}-")), "{tag}");
        assert_eq!(before.json()["meta"]["version"], tag);
        assert_eq!(if_none_match(&client, &named, tag).await.status, 304, "{size}");
        client.put(&user, json!({ "userName": name })).await;
        let after = if_none_match(&client, &named, tag).await;
        assert_eq!(after.json()["members"][0]["display"], name);
        // Without the names, nothing has changed.
        let plain = format!("W/\"{version}\"");
        assert_eq!(client.get(&group).await.header("etag"), Some(&*plain));
        assert_eq!(if_none_match(&client, &group, &plain).await.status, 304);
        // Members are the group's own: a change is for its version.
        let same = json!({ "Operations":
            [{ "op": "replace", "path": "displayName", "value": "engines" }] });
        let seen = [("If-Match", tag)];
        let body = same.to_string();
        let patched = client.request_with("PATCH", &group, &seen, Some(&body)).await;
        assert_eq!((patched.status, patched.header("etag")), (204, Some(&*plain)));
        let patched = client.request_with("PATCH", &named, &seen, Some(&body)).await;
        let tag = patched.header("etag").expect("a tag");
        assert_eq!(patched.json()["meta"]["version"], tag);
        assert_eq!(if_none_match(&client, &named, tag).await.status, 304, "{size}");
        // Whoever changed it has it as it is.
        let members: Vec<_> = ids.iter().map(|id| json!({ "value": id })).collect();
        let put = json!({ "displayName": "engines", "externalId": "x", "members": members });
        let add = json!({ "Operations": [{ "op": "add", "path": "externalId", "value": "y" }] });
        for (method, body) in [("PUT", put), ("PATCH", add)] {
            let changed = client.request_with(method, &named, &[], Some(&body.to_string())).await;
            assert_eq!(changed.status, 200, "{changed}");
            let tag = changed.header("etag").expect("a tag");
            assert_eq!(if_none_match(&client, &named, tag).await.status, 304, "{method} {size}");
        }
    }
});

contract!(async fn what_has_no_version_has_no_conditions(store) {
    let client = Client::open(store).await;
    for headers in [[("If-None-Match", "*")], [("If-Match", "\"1\"")], [("If-Match", "nonsense")]] {
        let name = format!(r#"{{"userName":"{}"}}"#, headers[0].1.replace('"', "-"));
        let made = client.request_with("POST", "/Users", &headers, Some(&name)).await;
        assert!([201, 409].contains(&made.status), "{made}");
        let list = client.request_with("GET", "/Users", &headers, None).await;
        assert_eq!(list.status, 200, "{list}");
    }
});

contract!(async fn who_comes_back_has_another_version_than_ever_before(store) {
    let client = Client::open(store).await;
    let ada = r#"{"userName":"ada","externalId":"7"}"#;
    let user = format!("/Users/{}", client.post("/Users", ada).await.created());
    client.patch(&user, TITLE).await;
    client.delete(&user).await;
    let back = client.post("/Users", ada).await;
    assert_eq!(format!("/Users/{}", back.created()), user);
    for old in ["W/\"1\"", "W/\"2\""] {
        assert_eq!(if_match(&client, "PATCH", &user, old, TITLE).await.status, 412);
        let path = format!("{user}?attributes=userName");
        assert_eq!(if_none_match(&client, &path, old).await.status, 200);
    }
    let tag = back.header("etag").expect("a tag");
    assert_eq!(if_match(&client, "PATCH", &user, tag, TITLE).await.status, 200);
});

contract!(async fn documents_are_tagged_by_their_content(store) {
    let client = Client::open(store).await;
    let addresses = [
        (client.clone(), "/ServiceProviderConfig"),
        (client.clone(), "/Schemas"),
        (client.clone(), "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group"),
        (client.clone(), "/ResourceTypes"),
        (client.clone(), "/ResourceTypes/User"),
        (client.v1(), "/ServiceProviderConfigs"),
        (client.v1(), "/Schemas"),
    ];
    let mut tags = Vec::new();
    for (client, path) in addresses {
        let tag = client.get(path).await.header("etag").expect("a tag").to_owned();
        assert_eq!(client.get(path).await.header("etag"), Some(tag.as_str()));
        let same = if_none_match(&client, path, &tag).await;
        assert_eq!((same.status, same.body.len()), (304, 0), "{path}");
        assert_eq!(if_none_match(&client, path, "\"1\"").await.status, 200);
        assert_eq!(if_match(&client, "GET", path, "\"1\"", "").await.status, 412);
        assert!(tag.starts_with("W/\""), "{tag}");
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 7);
});

contract!(async fn changes_of_many_at_once_all_take_effect(store) {
    let client = Client::open(store).await;
    let group = format!("/Groups/{}", client.group("engines", &[]).await);
    let mut people = Vec::new();
    for number in 0..12 {
        people.push(client.user(&format!("user{number}")).await);
    }
    let mut requests = JoinSet::new();
    for person in people {
        let (client, group) = (client.clone(), group.clone());
        requests.spawn(async move { client.patch(&group, adding(&person)).await.status });
    }
    assert_eq!(requests.join_all().await, [204; 12]);
    let shown = client.get(&group).await;
    assert_eq!(shown.json()["members"].as_array().map(Vec::len), Some(12));
    assert_eq!(shown.header("etag"), Some("W/\"13\""));
});

contract!(async fn one_of_many_who_saw_the_same_version_wins(store) {
    let client = Client::open(store).await;
    let user = format!("/Users/{}", client.user("ada").await);
    let group = format!("/Groups/{}", client.group("engines", &[]).await);
    let mut requests = JoinSet::new();
    for number in 0..12 {
        let (client, user, group) = (client.clone(), user.clone(), group.clone());
        requests.spawn(async move {
            let body = TITLE.replace("\"x\"", &format!("\"{number}\""));
            let first = if_match(&client, "PATCH", &user, "W/\"1\"", &body).await.status;
            let body = RENAME.replace("new", &format!("new{number}"));
            let second = if_match(&client, "PATCH", &group, "W/\"1\"", &body).await.status;
            [first, second]
        });
    }
    let mut statuses = requests.join_all().await.concat();
    statuses.sort_unstable();
    let mut expected = vec![412; 24];
    expected[..2].copy_from_slice(&[200, 204]);
    assert_eq!(statuses, expected);
    assert_eq!(client.get(&user).await.header("etag"), Some("W/\"2\""));
});
