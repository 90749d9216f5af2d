//! Registered extensions and resource types, as a client meets them.

use scim::schema::definition::Definition;
use serde_json::json;
use testkit::{TestStore, contract};

use super::{
    large::crowd,
    support::{Client, GOVERNANCE, assert_shown},
};

const BADGE: &str = "urn:example:params:scim:schemas:badge:2.0:User";

/// An extension of User that every user must carry, if `required`.
fn badge(required: bool) -> Definition {
    let text = format!(
        r#"{{"name":"badge","schemas":[{{"id":"{BADGE}","name":"Badge","description":"What opens doors.",
            "attributes":[
            {{"name":"number","type":"string","required":true,"uniqueness":"server","caseExact":true,
              "description":"Printed on the badge."}},
            {{"name":"issued","type":"dateTime","mutability":"immutable"}},
            {{"name":"doors","type":"complex","multiValued":true,"subAttributes":[
                {{"name":"value","type":"string"}},{{"name":"floor","type":"integer"}},
                {{"name":"primary","type":"boolean"}}]}}]}}],
          "extensions":[{{"resourceType":"User","schema":"{BADGE}","required":{required},
            "index":["doors.floor"]}}]}}"#
    );
    serde_json::from_str(&text).expect("a definition")
}

async fn with_badges(store: &TestStore, required: bool) -> Client {
    let client = Client::open(store).await;
    client.register(&badge(required)).await;
    client
}

fn bearer(name: &str, badge: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","{BADGE}"],
        "userName":"{name}","{BADGE}":{badge}}}"#
    )
}

fn operations(operations: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":{operations}}}"#
    )
}

// okta-wire §7: /ResourceTypes, /Schemas, then each endpoint with one of Okta's two schemas.
contract!(async fn okta_discovers_roles_and_entitlements(store) {
    let client = Client::with_governance(store).await;
    let types = client.get("/ResourceTypes").await.json();
    let found: Vec<String> = types["Resources"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| format!("{} {} {}", one["name"], one["endpoint"], one["schema"]))
        .collect();
    assert_eq!(found[2..], [
        r#""Role" "/Roles" "urn:okta:scim:schemas:core:1.0:Role""#,
        r#""Entitlement" "/Entitlements" "urn:okta:scim:schemas:core:1.0:Entitlement""#,
    ]);
    let role = client.get("/Schemas/urn:okta:scim:schemas:core:1.0:Role").await;
    assert_eq!(role.json()["attributes"][0]["name"], "displayName");
    assert_eq!(client.get("/ResourceTypes/Role").await.status, 200);
    let empty = client.get("/Roles?startIndex=1&count=100").await;
    assert_eq!(empty.json()["totalResults"], 0);

    let created = client.post("/Roles", r#"{"displayName":"Editor","description":"Writes."}"#).await;
    assert_shown!(created, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Roles/#1
    etag: W/"1"

    {
      "schemas": ["urn:okta:scim:schemas:core:1.0:Role"],
      "id": "#1",
      "displayName": "Editor",
      "description": "Writes.",
      "meta": {
        "resourceType": "Role",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Roles/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    let entitlement = r#"{"displayName":"Gold","type":"Entitlement"}"#;
    let gold = client.post("/Entitlements", entitlement).await.created();

    // What a person has: by POST, by PUT, by PATCH with and without a path, and all of it away.
    let (role, user) = (created.id(), client.user("ada").await);
    let path = format!("/Users/{user}");
    let put = format!(
        r#"{{"userName":"ada","roles":[{{"value":"{role}","display":"Editor"}}],
        "entitlements":[{{"value":"{gold}","display":"Gold","type":"Entitlement"}}]}}"#
    );
    assert_eq!(client.put(&path, put).await.json()["roles"][0]["value"], role);
    let remove = format!(r#"[{{"op":"remove","path":"roles[value eq \"{role}\"]"}}]"#);
    let without = client.patch(&path, operations(&remove)).await.json();
    assert!(without.get("roles").is_none());
    assert_eq!(without["entitlements"][0]["value"], gold);
    let add = format!(r#"[{{"op":"add","path":"roles","value":[{{"value":"{role}"}}]}}]"#);
    assert_eq!(client.patch(&path, operations(&add)).await.json()["roles"][0]["value"], role);
    let nothing = r#"[{"op":"replace","value":{"roles":[],"entitlements":[]}}]"#;
    let bare = client.patch(&path, operations(nothing)).await.json();
    assert!(bare.get("roles").is_none() && bare.get("entitlements").is_none());
});

contract!(async fn resources_of_a_type_live_as_users_do(store) {
    let client = Client::with_governance(store).await;
    let id = client.post("/roles", r#"{"displayName":"Editor","externalId":"r1"}"#).await.created();
    let path = format!("/Roles/{id}");
    let twice = client.post("/Roles", r#"{"displayName":"EDITOR"}"#).await;
    assert_eq!(twice.verdict(), "409 uniqueness");
    assert_eq!(client.post("/Roles", "{}").await.verdict(), "400 invalidValue");
    let rename = operations(r#"[{"op":"replace","path":"displayName","value":"Author"}]"#);
    let renamed = client.patch(&path, rename).await;
    assert_eq!((renamed.json()["displayName"].as_str(), renamed.status), (Some("Author"), 200));
    let odd = operations(r#"[{"op":"replace","path":"userName","value":"x"}]"#);
    assert_eq!(client.patch(&path, odd).await.verdict(), "400 invalidPath");
    let put = client.put(&path, r#"{"displayName":"Author","description":"d"}"#).await;
    assert_eq!(put.json()["meta"]["version"], "W/\"3\"");
    for filter in ["displayName eq \"author\"", "displayName co \"uth\"", "description pr"] {
        let filter = filter.replace(' ', "%20").replace('"', "%22");
        assert_eq!(client.get(&format!("/Roles?filter={filter}")).await.listed("id"), id);
    }
    assert_eq!(client.get("/Roles?filter=userName%20pr").await.verdict(), "400 invalidFilter");
    let searched = client.post("/Roles/.search", r#"{"filter":"description eq \"d\""}"#).await;
    assert_eq!(searched.listed("displayName"), "Author");
    assert_eq!(client.get(&format!("{path}?attributes=description")).await.json()["displayName"], serde_json::Value::Null);
    // An id is of one type only.
    assert_eq!(client.get(&format!("/Users/{id}")).await.status, 404);
    assert_eq!(client.get(&format!("/Entitlements/{id}")).await.status, 404);
    let user = client.user("ada").await;
    assert_eq!(client.get(&format!("/Roles/{user}")).await.status, 404);
    assert_eq!(client.delete(&path).await.status, 204);
    for reply in [client.get(&path).await, client.delete(&path).await] {
        assert_eq!(reply.status, 404);
    }
    let not_allowed = client.put("/Roles", "{}").await;
    assert_eq!((not_allowed.status, not_allowed.headers["allow"].to_str().ok()), (405, Some("GET,HEAD,POST")));
    assert_eq!(client.get("/Rolls").await.status, 404);
});

contract!(async fn an_extension_is_validated_filtered_and_patched_like_a_built_in_one(store) {
    let client = with_badges(store, false).await;
    let body = bearer("ada", r#"{"number":"A1","issued":"2026-01-01T00:00:00Z",
        "doors":[{"value":"west","floor":3,"primary":true},{"value":"east","floor":-1}],"x":1}"#);
    let ada = client.post("/Users", body).await;
    assert_shown!(ada, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:example:params:scim:schemas:badge:2.0:User"
      ],
      "id": "#1",
      "userName": "ada",
      "active": true,
      "urn:example:params:scim:schemas:badge:2.0:User": {
        "number": "A1",
        "issued": "2026-01-01T00:00:00Z",
        "doors": [{"value":"west","floor":3,"primary":true},{"value":"east","floor":-1}]
      },
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    let path = format!("/Users/{}", ada.id());
    for (badge, verdict) in [
        (r#"{"number":true}"#, "400 invalidValue"),
        (r#"{"number":"B","issued":"yesterday"}"#, "400 invalidValue"),
        (r#"{"issued":"2026-01-01T00:00:00Z"}"#, "400 invalidValue"),
        (r#"{"number":"A1"}"#, "409 uniqueness"),
    ] {
        assert_eq!(client.post("/Users", bearer("bob", badge)).await.verdict(), verdict, "{badge}");
    }
    let bob = client.post("/Users", bearer("bob", r#"{"number":"a1"}"#)).await;
    assert_eq!(bob.status, 201, "caseExact: another number");
    for (filter, names) in [
        (format!("{BADGE}:doors.floor lt 0"), "ada"),
        (format!("{BADGE}:doors[value eq \"WEST\" and floor eq 3]"), "ada"),
        (format!("{BADGE}:number eq \"a1\""), "bob"),
        (format!("{BADGE}:issued gt \"2025-12-31T23:59:59Z\""), "ada"),
        (format!("not ({BADGE}:doors pr)"), "bob"),
    ] {
        let body = serde_json::json!({ "filter": filter });
        let found = client.post("/Users/.search", body).await;
        assert_eq!(found.listed("userName"), names, "{filter}");
    }
    let patched = client.patch(&path, operations(&format!(
        r#"[{{"op":"replace","path":"{BADGE}:doors[value eq \"west\"].floor","value":4}},
            {{"op":"add","value":{{"{BADGE}:number":"A2"}}}}]"#
    ))).await.json();
    assert_eq!(patched[BADGE]["doors"][0]["floor"], 4);
    assert_eq!(patched[BADGE]["number"], "A2");
    for (operation, verdict) in [
        (format!(r#"{{"op":"replace","path":"{BADGE}:issued","value":"2027-01-01T00:00:00Z"}}"#), "400 mutability"),
        (format!(r#"{{"op":"remove","path":"{BADGE}:number"}}"#), "400 mutability"),
        (format!(r#"{{"op":"add","path":"{BADGE}:colour","value":"red"}}"#), "400 invalidPath"),
    ] {
        let reply = client.patch(&path, operations(&format!("[{operation}]"))).await;
        assert_eq!(reply.verdict(), verdict, "{operation}");
    }
    let shown = client.get(&format!("{path}?attributes={BADGE}:number")).await.json();
    assert_eq!(shown[BADGE], serde_json::json!({ "number": "A2" }));
});

const SQUAD: &str = "urn:example:params:scim:schemas:squad:2.0:Group";

/// An extension of Group whose attribute has the name of the one that RFC 7643 gave to groups.
fn squad() -> Definition {
    let text = format!(
        r#"{{"name":"squad","schemas":[{{"id":"{SQUAD}","name":"Squad","attributes":[
            {{"name":"motto","type":"string"}},
            {{"name":"members","type":"complex","multiValued":true,"subAttributes":[
                {{"name":"value","type":"string"}},{{"name":"display","type":"string"}}]}},
            {{"name":"colours","type":"string","multiValued":true}}]}}],
          "extensions":[{{"resourceType":"Group","schema":"{SQUAD}"}}]}}"#
    );
    serde_json::from_str(&text).expect("a definition")
}

contract!(async fn an_extension_of_groups_may_have_members_of_its_own(store) {
    let client = Client::open(store).await;
    client.register(&squad()).await;
    let people = crowd(&client, "u", 1_200).await;
    let own = json!([{ "value": "\"members\":[", "display": "x" }, { "value": "y" }]);
    for (size, client) in [(0, client.clone()), (2, client.clone()), (1_200, client.clone()), (2, client.v1())] {
        let members: Vec<_> = people[..size].iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "displayName": format!("g{size}"), "members": members,
            SQUAD: { "motto": "\"members\":[", "members": own, "colours": ["red"] } });
        let created = client.post("/Groups", &body).await;
        assert_eq!(created.status, 201, "{created}");
        let id = created.id();
        let path = format!("/Groups/{id}");
        // What is shown: how many members, and those of the extension.
        for (query, people, own) in [
            ("", Some(size), Some(&own)),
            ("attributes=members", Some(size), None),
            ("attributes=members.display,meta.version", Some(size), None),
            (&format!("attributes={SQUAD}:members"), None, Some(&own)),
            (&format!("attributes={SQUAD}"), None, Some(&own)),
            (&format!("attributes=members,{SQUAD}:members,meta"), Some(size), Some(&own)),
            ("excludedAttributes=members", None, Some(&own)),
            ("excludedAttributes=meta", Some(size), Some(&own)),
            (&format!("excludedAttributes={SQUAD}:members"), Some(size), None),
        ] {
            let one = client.get(&format!("{path}?{query}")).await.json();
            let filter = format!("filter=id%20eq%20%22{id}%22&{query}");
            let list = client.get(&format!("/Groups?{filter}")).await.json();
            for shown in [&one, &list["Resources"][0]] {
                let count = shown.get("members").map(|it| it.as_array().expect("a list").len());
                assert_eq!(count, people, "{size} {query}");
                assert_eq!(shown.get(SQUAD).and_then(|it| it.get("members")), own, "{size} {query}");
            }
        }
        let put = client.put(&path, &body).await.json();
        assert_eq!((put["members"].as_array().map(Vec::len), &put[SQUAD]["members"]), (Some(size), &own));
        // Each is changed by its own name.
        let more = json!({ "Operations":
            [{ "op": "add", "path": format!("{SQUAD}:members"), "value": [{ "value": "z" }] }] });
        assert_eq!(client.patch(&path, more).await.status, 204);
        let shown = client.get(&path).await.json();
        assert_eq!(shown["members"].as_array().map(Vec::len), Some(size));
        assert_eq!(shown[SQUAD]["members"][2]["value"], "z");
        let filter = format!("filter={SQUAD}:members.value%20eq%20%22z%22");
        assert_eq!(client.get(&format!("/Groups?{filter}")).await.listed("id"), id);
        assert_eq!(client.delete(&path).await.status, 204);
    }
});

contract!(async fn what_is_not_registered_is_ignored_until_it_is(store) {
    let client = Client::open(store).await;
    let body = bearer("ada", r#"{"number":"A1"}"#);
    let ada = client.post("/Users", &body).await;
    assert!(ada.json().get(BADGE).is_none());
    client.register(&badge(true)).await;
    let path = format!("/Users/{}", ada.id());
    // Who came before a required extension can still be archived.
    let off = operations(r#"[{"op":"replace","value":{"active":false}}]"#);
    assert_eq!(client.patch(&path, off).await.json()["active"], false);
    let without = client.put(&path, r#"{"userName":"ada"}"#).await;
    assert_eq!(without.verdict(), "400 invalidValue");
    assert!(without.detail().contains(BADGE), "{}", without.detail());
    assert_eq!(client.put(&path, body).await.json()[BADGE]["number"], "A1");
    let away = operations(&format!(r#"[{{"op":"remove","path":"{BADGE}"}}]"#));
    assert_eq!(client.patch(&path, away).await.verdict(), "400 mutability");
});

contract!(async fn next_door_nothing_of_it_is_there(store) {
    let client = with_badges(store, false).await;
    let governance = toml::from_str(GOVERNANCE).expect("a definition");
    client.register(&governance).await;
    let role = client.post("/Roles", r#"{"displayName":"Editor"}"#).await.created();
    let other = client.of_another(store, "umbra").await;
    assert_eq!(other.get("/Roles").await.status, 404);
    assert_eq!(other.get(&format!("/Schemas/{BADGE}")).await.status, 404);
    assert_eq!(other.get("/ResourceTypes").await.json()["totalResults"], 2);
    other.register(&governance).await;
    assert_eq!(other.get("/Roles").await.json()["totalResults"], 0);
    for reply in [
        other.get(&format!("/Roles/{role}")).await,
        other.put(&format!("/Roles/{role}"), r#"{"displayName":"Mine"}"#).await,
        other.delete(&format!("/Roles/{role}")).await,
    ] {
        assert_eq!(reply.status, 404);
    }
    other.post("/Roles", r#"{"displayName":"Editor"}"#).await.created();
    assert_eq!(client.get(&format!("/Roles/{role}")).await.status, 200);
});
