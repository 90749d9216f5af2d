//! `PATCH /Users/{id}`.

use directory::connection::Provider;
use serde_json::{Value as Json, json};
use testkit::contract;

use super::{ENTERPRISE, FULL};
use crate::scim::support::{Client, Reply, assert_shown};

async fn patch(client: &Client, path: &str, operations: Json) -> Reply {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    client.patch(path, json!({ "schemas": schemas, "Operations": operations })).await
}

contract!(async fn operations_are_done_one_after_the_other(store) {
    let client = Client::open(store).await;
    let path = format!("/Users/{}", client.post("/Users", FULL).await.created());
    let reply = patch(&client, &path, json!([
        { "op": "remove", "path": "addresses" },
        { "op": "remove", "path": "phoneNumbers[type eq \"work\"]" },
        { "op": "add", "path": "emails", "value": [{ "value": "new@example.com", "type": "other" }] },
        { "op": "replace", "path": "emails[type eq \"home\"].value", "value": "home@example.com" },
        { "op": "remove", "path": "emails[type eq \"work\"].display" },
        { "op": "add", "path": "name", "value": { "middleName": "J" } },
        { "op": "replace", "path": "title", "value": "one" },
        { "op": "replace", "path": "title", "value": "two" },
        { "op": "remove", "path": format!("{ENTERPRISE}:manager") },
        { "op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Research" },
        { "op": "remove", "path": "entitlements" },
        { "op": "remove", "path": "roles[value eq \"admin\"]" },
        { "op": "add", "value": { "nickName": "B", "photos": [] } },
    ]))
    .await;
    assert_shown!(reply, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "externalId": "701984",
      "userName": "bjensen@example.com",
      "name": {
        "formatted": "Ms. Barbara J Jensen, III",
        "familyName": "Jensen",
        "givenName": "Barbara",
        "middleName": "J",
        "honorificPrefix": "Ms.",
        "honorificSuffix": "III"
      },
      "displayName": "Babs Jensen",
      "nickName": "B",
      "profileUrl": "https://login.example.com/bjensen",
      "title": "two",
      "userType": "Employee",
      "preferredLanguage": "en-US",
      "locale": "en-US",
      "timezone": "America/Los_Angeles",
      "active": true,
      "emails": [
        {"value":"bjensen@example.com","type":"work","primary":true},
        {"value":"home@example.com","type":"home"},
        {"value":"new@example.com","type":"other"}
      ],
      "phoneNumbers": [{"value":"555-555-4444","type":"mobile"}],
      "ims": [{"value":"someaimhandle","type":"aim"}],
      "photos": [{"value":"https://photos.example.com/p/F.jpg","type":"photo"}],
      "x509Certificates": [{"value":"MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjEL"}],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        "employeeNumber": "701984",
        "costCenter": "4130",
        "organization": "Universal Studios",
        "division": "Theme Park",
        "department": "Research"
      },
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
    assert_eq!(client.get(&path).await.text(), reply.text());
});

contract!(async fn what_changes_nothing_is_no_change(store) {
    let client = Client::open(store).await;
    let path = format!("/Users/{}", client.post("/Users", FULL).await.created());
    let before = client.newest().await;
    for operation in [
        json!({ "op": "replace", "path": "title", "value": "Tour Guide" }),
        json!({ "op": "add", "path": "emails", "value": [{ "value": "babs@jensen.org", "type": "home" }] }),
        json!({ "op": "remove", "path": "emails[value eq \"nobody\"]" }),
        json!({ "op": "replace", "value": {} }),
        json!({ "op": "replace", "value": { "groups": [], "meta": { "version": "x" } } }),
    ] {
        let reply = patch(&client, &path, json!([operation])).await;
        assert_eq!((reply.status, reply.header("etag")), (200, Some("W/\"1\"")), "{operation}");
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn a_patch_is_done_whole_or_not_at_all(store) {
    let client = Client::open(store).await;
    let path = format!("/Users/{}", client.post("/Users", FULL).await.created());
    client.user("bob").await;
    let (before, shown) = (client.newest().await, client.get(&path).await.text());
    for (last, verdict) in [
        (json!({ "op": "replace", "path": "userName", "value": "BOB" }), "409 uniqueness"),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), "400 invalidValue"),
        (json!({ "op": "remove", "path": "userName" }), "400 mutability"),
        (json!({ "op": "add", "path": "id", "value": "x" }), "400 mutability"),
        (json!({ "op": "replace", "path": "emails[type eq \"fax\" or type eq \"x\"].value", "value": "x" }), "400 noTarget"),
    ] {
        let first = json!({ "op": "replace", "path": "title", "value": "changed" });
        let reply = patch(&client, &path, json!([first, last])).await;
        assert_eq!(reply.verdict(), verdict, "{last}: {reply}");
    }
    assert_eq!(client.newest().await, before);
    assert_eq!(client.get(&path).await.text(), shown);
});

contract!(async fn the_answer_shows_what_was_asked_for(store) {
    let client = Client::open(store).await;
    let path = format!("/Users/{}", client.post("/Users", FULL).await.created());
    let off = json!([{ "op": "replace", "value": { "active": false } }]);
    assert_shown!(patch(&client, &format!("{path}?attributes=active"), off).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "active": false
    }
    "##);
});

contract!(async fn removing_a_sub_attribute_leaves_the_others(store) {
    let client = Client::open(store).await;
    let path = format!("/Users/{}", client.post("/Users", FULL).await.created());
    let reply = patch(&client, &path, json!([
        { "op": "remove", "path": "emails[type eq \"work\"].value" },
        { "op": "remove", "path": "addresses[type eq \"work\"].country" },
        { "op": "remove", "path": "name.givenName" },
    ]))
    .await;
    let before: Json = serde_json::from_str(FULL).expect("JSON");
    let mut user = reply.json();
    let mail = json!({ "type": "work", "primary": true, "display": "Babs" });
    assert_eq!(user["emails"][0], mail);
    let mut address = before["addresses"][0].clone();
    address.as_object_mut().expect("an address").remove("country").expect("it had one");
    assert_eq!(user["addresses"][0], address);
    let mut name = before["name"].clone();
    name.as_object_mut().expect("a name").remove("givenName").expect("it had one");
    assert_eq!(user["name"], name);
    // What was read can be sent back.
    user["title"] = json!("changed");
    assert_eq!(client.put(&path, &user).await.json()["emails"], user["emails"]);
});

contract!(async fn one_operation_need_not_be_a_list(store) {
    let client = Client::for_provider(store, Provider::Other).await;
    let path = format!("/Users/{}", client.user("ada").await);
    let reply = patch(&client, &path, json!({ "op": "ADD", "path": "TITLE", "value": "x" })).await;
    assert_eq!(reply.json()["title"], "x");
});
