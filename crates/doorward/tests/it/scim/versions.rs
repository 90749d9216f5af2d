//! Entity tags, RFC 7644 §3.14: a change that was meant for another version is refused, and what a
//! client has already is not sent again.

use serde_json::json;
use testkit::contract;
use tokio::task::JoinSet;

use super::support::{Door, Reply, assert_shown};

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

contract!(async fn what_others_change_is_always_sent(store) {
    let door = Door::open(store).await;
    let user = door.user("ada").await;
    let path = format!("/Users/{user}");
    let before = door.get(&path).await;
    let group = door.group("engines", &[&user]).await;
    // The user has the same version as before, and is in a group now.
    let after = if_none_match(&door, &path, before.header("etag").expect("a tag")).await;
    assert_eq!((after.status, after.header("etag")), (200, before.header("etag")));
    assert_eq!(after.json()["groups"][0]["value"], group.as_str());
    // So does the name of a member change without the version of the group.
    let named = format!("/Groups/{group}?attributes=members.display");
    let tag = door.get(&named).await.header("etag").expect("a tag").to_owned();
    door.put(&path, r#"{"userName":"lovelace"}"#).await;
    let after = if_none_match(&door, &named, &tag).await;
    assert_eq!(after.json()["members"][0]["display"], "lovelace");
    assert_eq!(if_none_match(&door, &format!("/Groups/{group}"), &tag).await.status, 304);
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
    let user = format!("/Users/{}", door.user("ada").await);
    door.patch(&user, TITLE).await;
    door.delete(&user).await;
    let back = door.post("/Users", r#"{"userName":"ada"}"#).await;
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
