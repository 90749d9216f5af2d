//! `GET /Groups` and `POST /Groups/.search`.

use serde_json::json;
use testkit::contract;

use crate::scim::support::{Client, assert_shown};

contract!(async fn groups_are_found_by_their_members(store) {
    let client = Client::open(store).await;
    let (a, b) = (client.user("a").await, client.user("b").await);
    let inner = client.group("inner", &[&a]).await;
    client.group("outer", &[&inner, &b]).await;
    client.group("empty", &[]).await;
    for (filter, found) in [
        (format!("members.value+eq+%22{a}%22"), "inner"),
        (format!("members+eq+%22{inner}%22"), "outer"),
        (format!("members[value+eq+%22{b}%22]"), "outer"),
        (format!("members.value+eq+%22{b}%22+and+displayName+sw+%22in%22"), ""),
        ("displayName+ew+%22er%22".to_owned(), "inner outer"),
    ] {
        let list = client.get(&format!("/Groups?filter={filter}")).await;
        assert_eq!(list.listed("displayName"), found, "{filter}: {list}");
    }
});

contract!(async fn a_search_in_a_body(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    client.group("engines", &[&a]).await;
    let body = json!({ "filter": "displayName eq \"ENGINES\"", "excludedAttributes": ["meta"] });
    assert_shown!(client.post("/Groups/.search", body).await, @r##"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 1,
      "startIndex": 1,
      "itemsPerPage": 1,
      "Resources": [
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
          "id": "#2",
          "displayName": "engines",
          "members": [
            {
              "value": "#1",
              "$ref": "https://door.example/scim/v2/Users/#1",
              "type": "User"
            }
          ]
        }
      ]
    }
    "##);
});
