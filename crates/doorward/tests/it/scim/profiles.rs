//! Profiles: what is accepted from one connection and refused to another.

use axum::{body::Body, http::Request};
use directory::connection::{self, Provider};
use scim::{Leniency, Profile};
use serde_json::{Value as Json, json};
use testkit::{TestStore, contract};

use super::support::Client;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const CORE_V1: &str = "urn:scim:schemas:core:1.0";

/// A connection with a profile.
async fn client(store: &TestStore, profile: Profile) -> Client {
    let client = Client::for_provider(store, Provider::Other).await;
    choose(&client, profile).await;
    client
}

async fn choose(client: &Client, profile: Profile) {
    let id = client.connection.connection.id;
    let work = move |writer: &mut directory::Writer<'_>| {
        connection::set_profile(writer, id, Some(profile))
    };
    client
        .connection
        .organization
        .by_operator()
        .write(work)
        .await
        .expect("a profile can be chosen");
}

/// A user with more attributes.
fn user(more: &Json) -> Json {
    let mut body = json!({ "schemas": [CORE, ENTERPRISE], "userName": "ada" });
    let body_of = body.as_object_mut().expect("an object");
    body_of.extend(more.as_object().expect("an object").clone());
    body
}

fn operation(operation: &Json) -> Json {
    json!({ "schemas": [PATCH], "Operations": [operation] })
}

/// Bodies that need one leniency each, for a PUT or a PATCH of a user.
fn user_cases() -> Vec<(Leniency, &'static str, Json)> {
    let put = |leniency, more: Json| (leniency, "PUT", user(&more));
    let patch = |leniency, one: Json| (leniency, "PATCH", operation(&one));
    vec![
        (Leniency::Schemas, "PUT", json!({ "userName": "ada" })),
        (
            Leniency::Schemas,
            "PATCH",
            json!({ "Operations": [{ "op": "remove", "path": "title" }] }),
        ),
        put(Leniency::Schemas, json!({ "schemas": [CORE, "urn:example:unknown"] })),
        put(
            Leniency::Schemas,
            json!({ "schemas": [CORE, "urn:ietf:params:scim:schemas:core:2.0:Group"] }),
        ),
        (
            Leniency::Schemas,
            "PATCH",
            json!({ "schemas": [PATCH, CORE], "Operations": [{ "op": "remove", "path": "title" }] }),
        ),
        put(
            Leniency::UnlistedExtension,
            json!({ "schemas": [CORE], ENTERPRISE: { "division": "d" } }),
        ),
        put(Leniency::UnknownAttribute, json!({ "shoeSize": 44 })),
        put(Leniency::DottedName, json!({ "name.givenName": "Ada" })),
        put(Leniency::UrnName, json!({ format!("{ENTERPRISE}:division"): "d" })),
        put(Leniency::ManagerId, json!({ ENTERPRISE: { "manager": { "managerId": "7" } } })),
        put(Leniency::BooleanText, json!({ "active": "True" })),
        put(Leniency::NumberForText, json!({ "title": 7 })),
        put(Leniency::PlainValue, json!({ "roles": ["admin"] })),
        put(Leniency::SingleValue, json!({ "emails": { "value": "a@x" } })),
        put(Leniency::EmptyValue, json!({ "active": "" })),
        put(Leniency::HollowValue, json!({ "emails": [{ "type": "work", "value": null }] })),
        put(
            Leniency::SeveralPrimary,
            json!({ "emails": [{ "value": "a@x", "primary": true }, { "value": "b@x", "primary": true }] }),
        ),
        put(Leniency::LooseBase64, json!({ "x509Certificates": [{ "value": "TQ" }] })),
        put(Leniency::LooseReference, json!({ "profileUrl": "my page" })),
        patch(
            Leniency::SelectorName,
            json!({ "op": "add", "value": { "emails[type eq \"work\"]": { "value": "a@x", "type": "work" } } }),
        ),
        patch(
            Leniency::IdInValue,
            json!({ "op": "replace", "value": { "id": null, "title": "x" } }),
        ),
        patch(
            Leniency::ReadOnlyInValue,
            json!({ "op": "replace", "value": { "meta": {}, "title": "x" } }),
        ),
        patch(
            Leniency::ListOfOne,
            json!({ "op": "replace", "path": "phoneNumbers[type eq \"work\"]", "value": [{ "value": "1" }] }),
        ),
        patch(Leniency::OpCase, json!({ "op": "Replace", "path": "title", "value": "x" })),
        patch(
            Leniency::EmptyPath,
            json!({ "op": "replace", "path": "", "value": { "title": "x" } }),
        ),
        patch(
            Leniency::RemoveValues,
            json!({ "op": "remove", "path": "phoneNumbers", "value": [{ "value": "2" }] }),
        ),
        patch(
            Leniency::NoMatch,
            json!({ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "b@x" }),
        ),
    ]
}

contract!(async fn strict_refuses_what_generic_accepts(store) {
    let client = client(store, Profile::GENERIC).await;
    let furnish = operation(&json!({ "op": "replace", "value": {
        "phoneNumbers": [{ "value": "1", "type": "work" }],
        "emails": [{ "value": "a@x", "type": "work" }],
    } }));
    let path = format!("/Users/{}", client.user("ada").await);
    for (leniency, method, body) in user_cases() {
        choose(&client, Profile::GENERIC).await;
        assert_eq!(client.patch(&path, &furnish).await.status, 200);
        choose(&client, Profile::STRICT).await;
        let before = client.newest().await;
        let reply = client.request(method, &path, Some(&body.to_string())).await;
        let expected = format!("400 {}", leniency.scim_type().keyword());
        assert_eq!(reply.verdict(), expected, "{body}: {reply}");
        let detail = reply.detail();
        for word in ["strict-1", &format!("({})", leniency.keyword())] {
            assert!(detail.contains(word), "{body}: {detail}");
        }
        assert_eq!(client.newest().await, before, "nothing was stored: {body}");
        choose(&client, Profile::GENERIC).await;
        let reply = client.request(method, &path, Some(&body.to_string())).await;
        assert_eq!(reply.status, 200, "{body}: {reply}");
    }
});

contract!(async fn a_selector_that_finds_nothing_creates_for_some_and_fails_for_others(store) {
    let client = client(store, Profile::GENERIC).await;
    let mail = operation(&json!({ "op": "add", "path": "emails[type eq \"home\"].value", "value": "b@x" }));
    for (number, profile) in Profile::ALL.into_iter().enumerate() {
        choose(&client, Profile::GENERIC).await;
        let path = format!("/Users/{}", client.user(&format!("ada-{number}")).await);
        choose(&client, profile).await;
        let reply = client.patch(&path, &mail).await;
        if [Profile::GENERIC, Profile::ENTRA].contains(&profile) {
            let expected = json!([{ "type": "home", "value": "b@x" }]);
            assert_eq!(reply.json()["emails"], expected, "{profile}: {reply}");
        } else {
            assert_eq!(reply.verdict(), "400 noTarget", "{profile}: {reply}");
            assert!(client.get(&path).await.json().get("emails").is_none(), "{profile}");
        }
    }
});

contract!(async fn members_are_read_by_the_profile_too(store) {
    let client = client(store, Profile::GENERIC).await;
    let (ada, group) = (client.user("ada").await, client.group("engines", &[]).await);
    let path = format!("/Groups/{group}");
    for (leniency, one) in [
        (Leniency::PlainValue, json!({ "op": "add", "path": "members", "value": [ada] })),
        (Leniency::SingleValue, json!({ "op": "replace", "path": "members", "value": { "value": ada } })),
        (
            Leniency::RemoveValues,
            json!({ "op": "remove", "path": "members", "value": [{ "value": ada }] }),
        ),
    ] {
        choose(&client, Profile::STRICT).await;
        let reply = client.patch(&path, operation(&one)).await;
        assert_eq!(reply.status, 400, "{one}: {reply}");
        assert!(reply.detail().contains(leniency.keyword()), "{reply}");
        choose(&client, Profile::GENERIC).await;
        assert_eq!(client.patch(&path, operation(&one)).await.status, 204, "{one}");
    }
    choose(&client, Profile::STRICT).await;
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "engines", "members": [ada] });
    assert!(client.put(&path, &body).await.detail().contains("plain-value"));
});

contract!(async fn registered_attributes_are_read_by_the_profile_too(store) {
    let client = client(store, Profile::GENERIC).await;
    let badge = "urn:example:params:scim:schemas:badge:2.0:User";
    let definition = json!({
        "name": "badge",
        "schemas": [{ "id": badge, "name": "Badge", "description": "What opens doors.",
            "attributes": [{ "name": "floor", "type": "integer" }, { "name": "issued", "type": "dateTime" }] }],
        "extensions": [{ "resourceType": "User", "schema": badge }],
    });
    let definition = serde_json::from_value(definition).expect("a definition");
    client.register(&definition).await;
    let path = format!("/Users/{}", client.user("ada").await);
    for (leniency, values) in [
        (Leniency::TextForNumber, json!({ "floor": "7" })),
        (Leniency::LooseDateTime, json!({ "issued": "2026-11-21T08:30Z" })),
    ] {
        let body = user(&json!({ "schemas": [CORE, badge], badge: values }));
        choose(&client, Profile::STRICT).await;
        let reply = client.put(&path, &body).await;
        assert_eq!(reply.verdict(), "400 invalidValue", "{body}: {reply}");
        assert!(reply.detail().contains(leniency.keyword()), "{reply}");
        choose(&client, Profile::GENERIC).await;
        assert_eq!(client.put(&path, &body).await.status, 200, "{body}");
    }
    let body = user(&json!({ "schemas": [CORE, badge], badge: { "floor": "7" } }));
    assert_eq!(client.put(&path, &body).await.json()[badge]["floor"], 7);
    // xsd:dateTime allows a time without a zone, and here it is UTC.
    choose(&client, Profile::STRICT).await;
    let body = user(&json!({ "schemas": [CORE, badge], badge: { "issued": "2026-11-21T08:30:00" } }));
    assert_eq!(client.put(&path, &body).await.json()[badge]["issued"], "2026-11-21T08:30:00Z");
    for (filter, found) in [
        (format!("{badge}:issued eq \"2026-11-21T09:30:00%2B01:00\""), 1),
        (format!("{badge}:issued eq \"2026-11-21T08:30:00\""), 1),
        (format!("{badge}:issued lt \"2026-11-21T08:30:00\""), 0),
        ("meta.created ge \"2026-01-01T00:00:00\"".to_owned(), 1),
        ("meta.created gt \"2026-01-01T00:00:00\"".to_owned(), 0),
    ] {
        let path = format!("/Users?filter={}", filter.replace(' ', "+").replace('"', "%22"));
        assert_eq!(client.get(&path).await.json()["totalResults"], found, "{filter}");
    }
});

contract!(async fn filters_are_read_by_the_profile_too(store) {
    let client = client(store, Profile::STRICT).await;
    let path = "/Users?filter=active+eq+%22True%22";
    let reply = client.get(path).await;
    assert_eq!(reply.verdict(), "400 invalidFilter", "{reply}");
    assert!(reply.detail().contains("boolean-text"), "{reply}");
    assert_eq!(client.get("/Users?filter=active+eq+true").await.status, 200);
    let search = json!({ "filter": "active eq true" });
    assert!(client.post("/Users/.search", &search).await.detail().contains("(schemas)"));
    choose(&client, Profile::GENERIC).await;
    assert_eq!(client.get(path).await.status, 200);
    assert_eq!(client.post("/Users/.search", &search).await.status, 200);
});

contract!(async fn strict_speaks_each_version_at_its_own_address(store) {
    let client = client(store, Profile::STRICT).await.v1();
    let two = operation(&json!({ "op": "replace", "path": "title", "value": "x" }));
    let created = client.post("/Users", json!({ "schemas": [CORE_V1], "userName": "ada" })).await;
    let path = format!("/Users/{}", created.created());
    assert!(client.patch(&path, &two).await.detail().contains("(v2-patch)"));
    let wrong = json!({ "schemas": [CORE], "userName": "ada" });
    assert!(client.put(&path, &wrong).await.json()["detail"].to_string().contains("(schemas)"));
    let both = json!({ "schemas": [CORE_V1, ENTERPRISE], "userName": "ada" });
    assert!(client.put(&path, &both).await.json()["detail"].to_string().contains("(schemas)"));
    let one = json!({ "schemas": [CORE_V1], "title": "x" });
    assert_eq!(client.patch(&path, &one).await.json()["title"], "x");
    choose(&client, Profile::GENERIC).await;
    assert_eq!(client.patch(&path, &two).await.status, 200);
    assert_eq!(client.put(&path, &wrong).await.status, 200);
});

contract!(async fn an_unknown_operation_is_refused_by_all(store) {
    let client = client(store, Profile::GENERIC).await;
    let path = format!("/Users/{}", client.user("ada").await);
    for profile in Profile::ALL {
        choose(&client, profile).await;
        let before = client.newest().await;
        for op in ["move", "Delete", ""] {
            let body = operation(&json!({ "op": op, "path": "title", "value": "x" }));
            let reply = client.patch(&path, body).await;
            assert_eq!(reply.verdict(), "400 invalidSyntax", "{profile} {op}: {reply}");
        }
        let body = json!({ "schemas": [CORE_V1], "emails": [{ "value": "a@x", "operation": "add" }] });
        assert_eq!(client.v1().patch(&path, body).await.status, 400, "{profile}");
        assert_eq!(client.newest().await, before);
    }
});

contract!(async fn strict_serves_a_client_that_knows_the_rfcs(store) {
    let client = client(store, Profile::STRICT).await;
    let body = user(&json!({
        "externalId": "7", "active": true, "name": { "givenName": "Ada" },
        "emails": [{ "value": "a@x", "type": "work", "primary": true }],
        "profileUrl": "https://x.example/ada", "password": "secret",
        ENTERPRISE: { "manager": { "value": "7" } },
    }));
    let created = client.post("/Users", &body).await;
    let (id, echo) = (created.created(), created.json());
    let path = format!("/Users/{id}");
    assert_eq!(client.put(&path, &echo).await.status, 200, "what was read can be sent back");
    for one in [
        json!({ "op": "replace", "value": { "active": false, "name": { "familyName": "L" } } }),
        json!({ "op": "add", "path": "emails", "value": [{ "value": "b@x", "type": "home" }] }),
        json!({ "op": "add", "path": "phoneNumbers", "value": { "value": "1", "type": "work" } }),
        json!({ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "c@x" }),
        json!({ "op": "remove", "path": "emails[value eq \"c@x\"]" }),
        json!({ "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "R" }),
    ] {
        let reply = client.patch(&path, operation(&one)).await;
        assert_eq!(reply.status, 200, "{one}: {reply}");
    }
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "engines", "members": [{ "value": id, "type": "User" }] });
    let path = format!("/Groups/{}", client.post("/Groups", &group).await.created());
    let leave = json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") });
    assert_eq!(client.patch(&path, operation(&leave)).await.status, 204);
    let join = json!({ "op": "add", "path": "members", "value": { "value": id } });
    assert_eq!(client.patch(&path, operation(&join)).await.status, 204, "one need not be a list");
});

contract!(async fn a_provider_has_its_own_profile_until_one_is_chosen(store) {
    let okta = Client::open(store).await;
    let path = format!("/Users/{}", okta.user("ada").await);
    let selects = json!({ "emails[type eq \"work\"].value": "ada@example.com" });
    let selects = operation(&json!({ "op": "replace", "value": selects }));
    let reply = okta.patch(&path, &selects).await;
    assert_eq!(reply.status, 400, "{reply}");
    assert!(reply.detail().contains("okta-1"), "{reply}");
    let entra = okta.beside(Provider::Entra).await;
    assert_eq!(entra.patch(&path, &selects).await.status, 200);
    choose(&okta, Profile::GENERIC).await;
    assert_eq!(okta.patch(&path, &selects).await.status, 200, "from the next request on");
});

contract!(async fn xml_is_refused_with_a_sentence(store) {
    let client = Client::open(store).await;
    let request = |method: &str, path: &str, header: (&str, &str)| {
        Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", client.token))
            .header(header.0, header.1)
            .body(Body::from("<User/>"))
            .expect("a request")
    };
    for (base, json, answered) in [
        ("/scim/v1", "application/json", "application/json; charset=utf-8"),
        ("/scim/v2", "application/scim+json", "application/scim+json"),
    ] {
        for kind in ["application/xml", "text/xml; charset=utf-8"] {
            let path = format!("{base}/Users");
            let reply = client.send(request("POST", &path, ("content-type", kind))).await;
            assert_eq!(reply.status, 415, "{path} {kind}: {reply}");
            let detail = reply.json()["detail"].as_str().expect("a sentence").to_owned();
            assert!(detail.contains("XML") && detail.contains(json), "{detail}");
            let reply = client.send(request("GET", &path, ("accept", kind))).await;
            assert_eq!(reply.status, 406, "{path} {kind}: {reply}");
            assert_eq!(reply.header("content-type"), Some(answered));
        }
        for kind in ["text/html", "application/xml, */*;q=0.1", "application/xml, application/json"] {
            let reply = client.send(request("GET", &format!("{base}/Users"), ("accept", kind))).await;
            assert_eq!(reply.status, 200, "{kind}: {reply}");
        }
    }
    let reply = client.v1().get("/Users.xml?count=1").await;
    assert_eq!(reply.status, 406, "{reply}");
    assert!(reply.json()["detail"].to_string().contains("JSON"), "{reply}");
    assert_eq!(client.with_token("x").v1().get("/Users.xml").await.status, 401, "the client is first");
});

contract!(async fn a_suffix_may_name_json(store) {
    let client = Client::open(store).await;
    let id = client.user("ada").await;
    let own = format!("/c/{}/scim/v1", client.connection.connection.id);
    for v1 in [client.v1(), client.at(&own)] {
        assert_eq!(v1.get("/Users.json?filter=userName+eq+%22ada%22").await.listed("id"), id);
        assert_eq!(v1.get(&format!("/Users/{id}.json")).await.id(), id);
        assert_eq!(v1.get("/ServiceProviderConfigs.json").await.status, 200);
    }
    let body = format!(r#"{{"schemas":["{CORE_V1}"],"title":"x"}}"#);
    assert_eq!(client.v1().patch(&format!("/Users/{id}.json"), body).await.json()["title"], "x");
    assert_eq!(client.get("/Users.json").await.status, 404, "2.0 has no suffixes");
});
