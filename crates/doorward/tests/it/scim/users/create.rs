//! `POST /Users`.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::FULL;
use crate::scim::support::{Client, assert_shown};

contract!(async fn a_name_is_enough(store) {
    let client = Client::open(store).await;
    assert_shown!(client.post("/Users", r#"{"userName":"ada"}"#).await, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "userName": "ada",
      "active": true,
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    assert_eq!(client.kinds_after(0).await.split(' ').next_back(), Some("UserCreated"));
});

contract!(async fn every_attribute_is_kept_word_for_word(store) {
    let client = Client::open(store).await;
    let created = client.post("/Users", FULL).await;
    assert_eq!(created.status, 201, "{created}");
    let sent: Json = serde_json::from_str(FULL).expect("JSON");
    for shown in [created.json(), client.get(&format!("/Users/{}", created.id())).await.json()] {
        for (name, value) in sent.as_object().expect("an object") {
            assert_eq!(shown[name], *value, "{name}");
        }
        let names: Vec<&String> = shown.as_object().expect("an object").keys().collect();
        assert_eq!(names.len(), sent.as_object().expect("an object").len() + 2, "{names:?}");
    }
});

contract!(async fn names_of_attributes_are_read_in_any_case(store) {
    let client = Client::open(store).await;
    let body = r#"{"USERNAME":"ada","Name":{"GIVENNAME":"Ada"},"EMAILS":[{"VALUE":"a@x"}],
        "URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER":{"Department":"R"}}"#;
    assert_shown!(client.post("/Users", body).await, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "userName": "ada",
      "name": {"givenName":"Ada"},
      "emails": [{"value":"a@x"}],
      "active": true,
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department":"R"},
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1\""
      }
    }
    "##);
});

contract!(async fn the_primary_value_comes_first_and_is_one(store) {
    let client = Client::open(store).await;
    let body = r#"{"userName":"ada","emails":[{"value":"a@x"},{"value":"b@x","primary":true},
        {"value":"c@x","primary":true},{"value":"a@x"}]}"#;
    let created = client.post("/Users", body).await.json();
    let emails = json!([{ "value": "b@x", "primary": true }, { "value": "a@x" }, { "value": "c@x" }]);
    assert_eq!(created["emails"], emails);
});

contract!(async fn a_user_may_be_created_archived(store) {
    let client = Client::open(store).await;
    let created = client.post("/Users", r#"{"userName":"ada","active":false}"#).await;
    assert_eq!(created.json()["active"], false);
    let before = client.newest().await;
    let again = client.post("/Users", r#"{"userName":"ADA","title":"Countess"}"#).await;
    assert_eq!((again.created(), again.json()["active"].clone()), (created.id(), true.into()));
    assert_eq!(client.kinds_after(before).await, "UserReactivated");
});

contract!(async fn a_body_without_a_name_says_what_to_do(store) {
    let client = Client::open(store).await;
    for body in ["{}", r#"{"userName":""}"#, r#"{"userName":null}"#, r#"{"userName":[]}"#] {
        assert_eq!(client.post("/Users", body).await.verdict(), "400 invalidValue", "{body}");
    }
    assert_shown!(client.post("/Users", "{}").await, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "invalidValue",
      "detail": "A User needs the attribute userName. Map it to a value at the identity provider.",
      "status": "400"
    }
    "#);
});

contract!(async fn a_name_is_one_that_people_can_read(store) {
    let client = Client::open(store).await;
    let (user, group) = (client.user("ada").await, client.group("engines", &[]).await);
    let (user, group) = (format!("/Users/{user}"), format!("/Groups/{group}"));
    let before = client.newest().await;
    for name in [" ", "\u{3000}\t", "a\nb", "a\u{7}b", "\u{7f}"] {
        for (attribute, collection, path) in
            [("userName", "/Users", &user), ("displayName", "/Groups", &group)]
        {
            let body = json!({ attribute: name });
            let operation = json!({ "op": "replace", "path": attribute, "value": name });
            let patch = json!({ "Operations": [operation] });
            for reply in [
                client.post(collection, &body).await,
                client.put(path, &body).await,
                client.patch(path, &patch).await,
            ] {
                assert_eq!(reply.verdict(), "400 invalidValue", "{name:?}: {reply}");
                assert!(reply.detail().starts_with(attribute), "{reply}");
            }
            let old = client.v1();
            for reply in [
                old.post(collection, &body).await,
                old.put(path, &body).await,
                old.patch(path, &body).await,
            ] {
                assert_eq!(reply.status, 400, "{name:?}: {reply}");
            }
        }
    }
    assert_eq!(client.newest().await, before, "nothing was stored");
});

contract!(async fn the_answer_shows_what_was_asked_for(store) {
    let client = Client::open(store).await;
    let reply = client.post("/Users?attributes=userName,name.givenName", FULL).await;
    assert_shown!(reply, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "userName": "bjensen@example.com",
      "name": {"givenName":"Barbara"}
    }
    "##);
    let reply = client
        .post("/Users?excludedAttributes=meta", FULL.replace("bjensen", "b").replace("701984", "1"))
        .await;
    assert!(reply.json()["meta"].is_null() && reply.json()["title"] == "Tour Guide");
});

contract!(async fn people_of_two_connections_do_not_mix(store) {
    let okta = Client::open(store).await;
    let entra = okta.beside(directory::connection::Provider::Entra).await;
    let body = |name: &str| format!(r#"{{"userName":"{name}","externalId":"1"}}"#);
    let ada = okta.post("/Users", body("ada")).await.created();
    // Another connection may use the same externalId for someone else.
    let bob = entra.post("/Users", body("bob")).await.created();
    assert_ne!(ada, bob);
    assert_eq!(entra.post("/Users", body("ada")).await.verdict(), "409 uniqueness");
    // An archived user of either is found by name, and taken over.
    let archived = r#"{"userName":"ada","active":false}"#;
    assert_eq!(okta.put(&format!("/Users/{ada}"), archived).await.status, 200);
    assert_eq!(entra.post("/Users", r#"{"userName":"ada"}"#).await.created(), ada);
});
