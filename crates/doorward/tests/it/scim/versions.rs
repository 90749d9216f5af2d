//! Entity tags, RFC 7644 §3.14: a change that was meant for another version is refused, and what a
//! client has already is not sent again.

use serde_json::json;
use testkit::contract;
use tokio::task::JoinSet;

use super::{
    large::crowd,
    support::{Door, Reply, assert_shown},
};

const TITLE: &str = r#"{"Operations":[{"op":"replace","path":"title","value":"x"}]}"#;
const SAME_TITLE: &str = r#"{"Operations":[{"op":"remove","path":"title"}]}"#;
const RENAME: &str = r#"{"Operations":[{"op":"replace","path":"displayName","value":"new"}]}"#;

fn adding(member: &str) -> String {
    json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": member }] }] })
        .to_string()
}

async fn if_match(door: &Door, method: &str, path: &str, tag: &str, body: &str) -> Reply {
    let body = (!body.is_empty()).then_some(body);
    door.request_with(method, path, &[("If-Match", tag)], body).await
}

async fn if_none_match(door: &Door, path: &str, tag: &str) -> Reply {
    door.request_with("GET", path, &[("If-None-Match", tag)], None).await
}

contract!(async fn a_change_for_another_version_is_refused(store) {
    let door = Door::open(store).await;
    let user = format!("/Users/{}", door.user("ada").await);
    let group = format!("/Groups/{}", door.group("engines", &[]).await);
    door.patch(&user, TITLE).await;
    door.patch(&group, RENAME).await;
    let before = door.newest().await;
    for (method, path, body) in [
        ("PUT", &user, r#"{"userName":"ada"}"#),
        ("PATCH", &user, TITLE),
        ("DELETE", &user, ""),
        ("PUT", &group, r#"{"displayName":"g"}"#),
        ("PATCH", &group, RENAME),
        ("DELETE", &group, ""),
    ] {
        for tag in ["W/\"1\"", "\"1\"", "W/\"3\", \"4\"", "\"\""] {
            let reply = if_match(&door, method, path, tag, body).await;
            assert_eq!(reply.verdict(), "412", "{method} {path} {tag}: {reply}");
        }
        let none = [("If-None-Match", "*")];
        let reply = door.request_with(method, path, &none, Some(body)).await;
        assert_eq!(reply.verdict(), "412", "{method} {path}: {reply}");
        for tag in ["3", "W/3", "", "*, \"2\""] {
            let reply = if_match(&door, method, path, tag, body).await;
            assert_eq!(reply.verdict(), "400 invalidValue", "{method} {path} {tag}: {reply}");
        }
    }
    assert_eq!(door.newest().await, before);
    let refused = if_match(&door, "DELETE", &user, "W/\"1\"", "").await;
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
    let door = Door::open(store).await;
    for door in [door.clone(), door.v1()] {
        let user = format!("/Users/{}", door.user("ada").await);
        let mut tag = door.get(&user).await.json()["meta"]["version"].as_str().expect("one").to_owned();
        for (method, body) in [("PATCH", TITLE), ("PUT", r#"{"userName":"ada","title":"y"}"#)] {
            let reply = if_match(&door, method, &user, &format!("\"0\", {tag}"), body).await;
            assert_eq!(reply.status, 200, "{reply}");
            assert_ne!(reply.header("etag"), Some(tag.as_str()));
            reply.header("etag").expect("a tag").clone_into(&mut tag);
        }
        // Nothing changes, and still the version must be right.
        assert_eq!(if_match(&door, "PATCH", &user, &tag, TITLE).await.status, 200);
        assert_eq!(if_match(&door, "PATCH", &user, "*", SAME_TITLE).await.status, 200);
        assert_eq!(if_match(&door, "PATCH", &user, &tag, SAME_TITLE).await.status, 412);
        assert_eq!(if_match(&door, "DELETE", &user, "*", "").await.status, 204);
        // Who is not there has no version: that it is not there comes first.
        assert_eq!(if_match(&door, "DELETE", &user, "*", "").await.status, 404);
    }
});

contract!(async fn several_headers_are_one_list(store) {
    let door = Door::open(store).await;
    let user = format!("/Users/{}", door.user("ada").await);
    let both = [("If-Match", "\"8\""), ("If-Match", "W/\"1\"")];
    assert_eq!(door.request_with("PATCH", &user, &both, Some(TITLE)).await.status, 200);
    assert_eq!(door.request_with("PATCH", &user, &both, Some(TITLE)).await.status, 412);
});

contract!(async fn what_a_client_has_is_not_sent_again(store) {
    let door = Door::open(store).await;
    let user = door.user("ada").await;
    let group = door.group("engines", &[&user]).await;
    let bare = format!("/Users/{user}?excludedAttributes=groups");
    let group = format!("/Groups/{group}");
    for path in [&bare, &group] {
        for tag in ["W/\"1\"", "\"1\"", "\"7\", W/\"1\"", "*"] {
            let same = if_none_match(&door, path, tag).await;
            assert_eq!((same.status, same.body.len()), (304, 0), "{path} {tag}: {same}");
            assert_eq!(same.header("etag"), Some("W/\"1\""));
            assert_eq!(same.header("content-type"), None);
        }
        let head = door.request_with("HEAD", path, &[("If-None-Match", "\"1\"")], None).await;
        assert_eq!(head.status, 304);
        let other = if_none_match(&door, path, "W/\"2\"").await;
        assert_eq!((other.status, other.header("etag")), (200, Some("W/\"1\"")));
        assert_eq!(if_none_match(&door, path, "1").await.verdict(), "400 invalidValue");
        // If-Match on a read, RFC 9110 §13.1.1.
        assert_eq!(if_match(&door, "GET", path, "\"1\"", "").await.status, 200);
        assert_eq!(if_match(&door, "GET", path, "\"2\"", "").await.status, 412);
    }
    assert_eq!(if_none_match(&door, "/Users/nobody", "*").await.status, 404);
    door.patch(&format!("/Users/{user}"), TITLE).await;
    assert_eq!(if_none_match(&door, &bare, "W/\"1\"").await.status, 200);
});

contract!(async fn the_groups_that_are_shown_are_part_of_the_tag(store) {
    let door = Door::open(store).await;
    let id = door.user("ada").await;
    let path = format!("/Users/{id}");
    // Asks whether what a client has is still what it would be shown, and tells the tag of now.
    let news = async |old: &str| {
        let reply = if_none_match(&door, &path, old).await;
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

    let engines = door.group("engines", &[&id]).await;
    let joined = news(&alone).await;
    assert!(joined.starts_with("W/\"1-"), "{joined}");
    assert_eq!(news(&joined).await, joined, "nothing changed");
    let v1 = door.v1().get(&path).await;
    assert_eq!((v1.header("etag"), &v1.json()["meta"]["version"]), (Some(&*joined), &json!(joined)));
    let listed = door.get("/Users").await.json();
    assert_eq!(listed["Resources"][0]["meta"]["version"], joined);
    let bare = door.get(&format!("{path}?excludedAttributes=groups")).await;
    assert_eq!(bare.header("etag"), Some("W/\"1\""));
    assert_eq!(bare.json()["meta"]["version"], "W/\"1\"");

    let engines = format!("/Groups/{engines}");
    door.patch(&engines, RENAME).await;
    let renamed = news(&joined).await;
    let outer = door.group("outer", &[engines.trim_start_matches("/Groups/")]).await;
    let nested = news(&renamed).await;
    door.user("bob").await;
    assert_eq!(news(&nested).await, nested, "of somebody else it tells nothing");
    door.delete(&format!("/Groups/{outer}")).await;
    assert_eq!(news(&nested).await, renamed, "what is the same has the same tag");
    let nobody = json!({ "Operations": [{ "op": "remove", "path": "members" }] });
    door.patch(&engines, nobody).await;
    assert_eq!(news(&renamed).await, alone, "who has left has no groups");
});

contract!(async fn a_change_is_made_for_a_version_whatever_was_shown_with_it(store) {
    let door = Door::open(store).await;
    let id = door.user("ada").await;
    let group = format!("/Groups/{}", door.group("engines", &[&id]).await);
    for door in [door.clone(), door.v1()] {
        let path = format!("/Users/{id}");
        let seen = door.get(&path).await.header("etag").expect("a tag").to_owned();
        door.patch(&group, RENAME).await;
        let now = door.get(&path).await.header("etag").expect("a tag").to_owned();
        assert!(if_none_match(&door, &path, &seen).await.status == 200 || seen == now);
        // The groups are not the user's to change, so the client has seen all that it changes.
        let none = [("If-None-Match", seen.as_str())];
        let refused = door.request_with("PATCH", &path, &none, Some(TITLE)).await;
        assert_eq!(refused.verdict(), "412", "{refused}");
        for (method, body) in [("PATCH", TITLE), ("PUT", r#"{"userName":"ada","title":"y"}"#)] {
            let seen = door.get(&path).await.header("etag").expect("a tag").to_owned();
            let changed = if_match(&door, method, &path, &seen, body).await;
            assert_eq!(changed.status, 200, "{changed}");
            let tag = changed.header("etag").expect("a tag");
            assert!(tag.contains('-') && tag != seen, "{tag}");
            assert_eq!(changed.json()["meta"]["version"], tag);
            assert_eq!(door.get(&path).await.header("etag"), Some(tag));
            assert_eq!(if_match(&door, method, &path, &seen, body).await.status, 412);
        }
    }
});

contract!(async fn who_arrives_where_it_was_waited_for_is_shown_with_its_groups(store) {
    let door = Door::open(store).await;
    door.group("engines", &["00u1"]).await;
    let created = door.post("/Users", r#"{"userName":"ada","externalId":"00u1"}"#).await;
    let path = format!("/Users/{}", created.created());
    let tag = created.header("etag").expect("a tag");
    assert!(tag.starts_with("W/\"1-"), "{tag}");
    assert_eq!(created.json()["meta"]["version"], tag);
    assert_eq!(if_none_match(&door, &path, tag).await.status, 304);
});

contract!(async fn a_bulk_request_shows_nothing_and_tells_versions(store) {
    let door = Door::open(store).await;
    let id = door.user("ada").await;
    door.group("engines", &[&id]).await;
    let path = format!("/Users/{id}");
    let tag = door.get(&path).await.header("etag").expect("a tag").to_owned();
    let change = |version: &str| {
        json!({ "Operations": [{ "method": "PATCH", "path": path, "version": version,
            "data": { "Operations": [{ "op": "replace", "path": "title", "value": version }] } }] })
    };
    let done = door.post("/Bulk", change(&tag)).await.json()["Operations"][0].clone();
    assert_eq!((&done["status"], &done["version"]), (&json!("200"), &json!("W/\"2\"")));
    let done = door.post("/Bulk", change("W/\"2\"")).await.json()["Operations"][0].clone();
    assert_eq!((&done["status"], &done["version"]), (&json!("200"), &json!("W/\"3\"")));
    let done = door.post("/Bulk", change(&tag)).await.json()["Operations"][0].clone();
    assert_eq!(done["status"], "412");
});

contract!(async fn the_names_of_members_are_part_of_the_tag_where_they_are_shown(store) {
    let door = Door::open(store).await;
    let mut ids = vec![door.user("ada").await];
    let group = door.group("engines", &[&ids[0]]).await;
    let (user, group) = (format!("/Users/{}", ids[0]), format!("/Groups/{group}"));
    let named = format!("{group}?attributes=members.display,meta");
    for (size, version) in [(1, 1), (1_200, 4)] {
        if size > 1 {
            ids.extend(crowd(&door, "u", size - 1).await);
            let members: Vec<_> = ids.iter().map(|id| json!({ "value": id })).collect();
            let put = json!({ "displayName": "engines", "members": members });
            assert_eq!(door.put(&group, put).await.status, 200);
        }
        let name = format!("lovelace{size}");
        let before = door.get(&named).await;
        let tag = before.header("etag").expect("a tag");
        assert!(tag.starts_with(&format!("W/\"{version}-")), "{tag}");
        assert_eq!(before.json()["meta"]["version"], tag);
        assert_eq!(if_none_match(&door, &named, tag).await.status, 304, "{size}");
        door.put(&user, json!({ "userName": name })).await;
        let after = if_none_match(&door, &named, tag).await;
        assert_eq!(after.json()["members"][0]["display"], name);
        // Without the names, nothing has changed.
        let plain = format!("W/\"{version}\"");
        assert_eq!(door.get(&group).await.header("etag"), Some(&*plain));
        assert_eq!(if_none_match(&door, &group, &plain).await.status, 304);
        // Members are the group's own: a change is for its version.
        let same = json!({ "Operations":
            [{ "op": "replace", "path": "displayName", "value": "engines" }] });
        let seen = [("If-Match", tag)];
        let body = same.to_string();
        let patched = door.request_with("PATCH", &group, &seen, Some(&body)).await;
        assert_eq!((patched.status, patched.header("etag")), (204, Some(&*plain)));
        let patched = door.request_with("PATCH", &named, &seen, Some(&body)).await;
        let tag = patched.header("etag").expect("a tag");
        assert_eq!(patched.json()["meta"]["version"], tag);
        assert_eq!(if_none_match(&door, &named, tag).await.status, 304, "{size}");
        // Whoever changed it has it as it is.
        let members: Vec<_> = ids.iter().map(|id| json!({ "value": id })).collect();
        let put = json!({ "displayName": "engines", "externalId": "x", "members": members });
        let add = json!({ "Operations": [{ "op": "add", "path": "externalId", "value": "y" }] });
        for (method, body) in [("PUT", put), ("PATCH", add)] {
            let changed = door.request_with(method, &named, &[], Some(&body.to_string())).await;
            assert_eq!(changed.status, 200, "{changed}");
            let tag = changed.header("etag").expect("a tag");
            assert_eq!(if_none_match(&door, &named, tag).await.status, 304, "{method} {size}");
        }
    }
});

contract!(async fn what_has_no_version_has_no_conditions(store) {
    let door = Door::open(store).await;
    for headers in [[("If-None-Match", "*")], [("If-Match", "\"1\"")], [("If-Match", "nonsense")]] {
        let name = format!(r#"{{"userName":"{}"}}"#, headers[0].1.replace('"', "-"));
        let made = door.request_with("POST", "/Users", &headers, Some(&name)).await;
        assert!([201, 409].contains(&made.status), "{made}");
        let list = door.request_with("GET", "/Users", &headers, None).await;
        assert_eq!(list.status, 200, "{list}");
    }
});

contract!(async fn who_comes_back_has_another_version_than_ever_before(store) {
    let door = Door::open(store).await;
    let ada = r#"{"userName":"ada","externalId":"7"}"#;
    let user = format!("/Users/{}", door.post("/Users", ada).await.created());
    door.patch(&user, TITLE).await;
    door.delete(&user).await;
    let back = door.post("/Users", ada).await;
    assert_eq!(format!("/Users/{}", back.created()), user);
    for old in ["W/\"1\"", "W/\"2\""] {
        assert_eq!(if_match(&door, "PATCH", &user, old, TITLE).await.status, 412);
        let path = format!("{user}?attributes=userName");
        assert_eq!(if_none_match(&door, &path, old).await.status, 200);
    }
    let tag = back.header("etag").expect("a tag");
    assert_eq!(if_match(&door, "PATCH", &user, tag, TITLE).await.status, 200);
});

contract!(async fn documents_are_tagged_by_their_content(store) {
    let door = Door::open(store).await;
    let addresses = [
        (door.clone(), "/ServiceProviderConfig"),
        (door.clone(), "/Schemas"),
        (door.clone(), "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group"),
        (door.clone(), "/ResourceTypes"),
        (door.clone(), "/ResourceTypes/User"),
        (door.v1(), "/ServiceProviderConfigs"),
        (door.v1(), "/Schemas"),
    ];
    let mut tags = Vec::new();
    for (door, path) in addresses {
        let tag = door.get(path).await.header("etag").expect("a tag").to_owned();
        assert_eq!(door.get(path).await.header("etag"), Some(tag.as_str()));
        let same = if_none_match(&door, path, &tag).await;
        assert_eq!((same.status, same.body.len()), (304, 0), "{path}");
        assert_eq!(if_none_match(&door, path, "\"1\"").await.status, 200);
        assert_eq!(if_match(&door, "GET", path, "\"1\"", "").await.status, 412);
        assert!(tag.starts_with("W/\""), "{tag}");
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 7);
});

contract!(async fn changes_of_many_at_once_all_take_effect(store) {
    let door = Door::open(store).await;
    let group = format!("/Groups/{}", door.group("engines", &[]).await);
    let mut people = Vec::new();
    for number in 0..12 {
        people.push(door.user(&format!("user{number}")).await);
    }
    let mut requests = JoinSet::new();
    for person in people {
        let (door, group) = (door.clone(), group.clone());
        requests.spawn(async move { door.patch(&group, adding(&person)).await.status });
    }
    assert_eq!(requests.join_all().await, [204; 12]);
    let shown = door.get(&group).await;
    assert_eq!(shown.json()["members"].as_array().map(Vec::len), Some(12));
    assert_eq!(shown.header("etag"), Some("W/\"13\""));
});

contract!(async fn one_of_many_who_saw_the_same_version_wins(store) {
    let door = Door::open(store).await;
    let user = format!("/Users/{}", door.user("ada").await);
    let group = format!("/Groups/{}", door.group("engines", &[]).await);
    let mut requests = JoinSet::new();
    for number in 0..12 {
        let (door, user, group) = (door.clone(), user.clone(), group.clone());
        requests.spawn(async move {
            let body = TITLE.replace("\"x\"", &format!("\"{number}\""));
            let first = if_match(&door, "PATCH", &user, "W/\"1\"", &body).await.status;
            let body = RENAME.replace("new", &format!("new{number}"));
            let second = if_match(&door, "PATCH", &group, "W/\"1\"", &body).await.status;
            [first, second]
        });
    }
    let mut statuses = requests.join_all().await.concat();
    statuses.sort_unstable();
    let mut expected = vec![412; 24];
    expected[..2].copy_from_slice(&[200, 204]);
    assert_eq!(statuses, expected);
    assert_eq!(door.get(&user).await.header("etag"), Some("W/\"2\""));
});
