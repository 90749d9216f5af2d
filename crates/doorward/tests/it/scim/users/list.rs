//! `GET /Users` and `POST /Users/.search`.

use serde_json::json;
use testkit::contract;

use crate::scim::support::{Client, assert_shown};

contract!(async fn a_list_shows_whole_users(store) {
    let client = Client::open(store).await;
    let user = client.user("ada").await;
    client.group("engines", &[&user]).await;
    let list = client.get("/Users").await;
    assert_shown!(list, @r##"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 1,
      "startIndex": 1,
      "itemsPerPage": 1,
      "Resources": [
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
          "id": "#1",
          "userName": "ada",
          "active": true,
          "groups": [
            {
              "value": "#2",
              "$ref": "https://door.example/scim/v2/Groups/#2",
              "display": "engines",
              "type": "direct"
            }
          ],
          "meta": {
            "resourceType": "User",
            "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "location": "https://door.example/scim/v2/Users/#1",
            "version": "W/\"1-(digest)\""
          }
        }
      ]
    }
    "##);
    assert_eq!(list.json()["Resources"][0], client.get(&format!("/Users/{user}")).await.json());
});

contract!(async fn a_search_in_a_body_is_the_same_as_one_in_the_address(store) {
    let client = Client::open(store).await;
    for name in ["ada", "bob", "cleo"] {
        client.user(name).await;
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["userName"], "filter": "userName gt \"ada\"", "startIndex": 2, "count": 1,
    });
    let found = client.post("/Users/.search", &body).await;
    assert_shown!(found, @r##"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 2,
      "startIndex": 2,
      "itemsPerPage": 1,
      "Resources": [
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
          "id": "#3",
          "userName": "cleo"
        }
      ]
    }
    "##);
    let query = "attributes=userName&filter=userName+gt+%22ada%22&startIndex=2&count=1";
    assert_eq!(found.text(), client.get(&format!("/Users?{query}")).await.text());
    let before = client.newest().await;
    assert_eq!(client.post("/Users/.search", "{}").await.listed("userName"), "ada bob cleo");
    assert_eq!(client.newest().await, before);
    assert_eq!(client.post("/Groups/.search", "{}").await.listed("id"), "");
});

contract!(async fn a_search_that_makes_no_sense_is_refused(store) {
    let client = Client::open(store).await;
    for (body, verdict) in [
        (json!({ "filter": "shoeSize eq 44" }), "400 invalidFilter"),
        (json!({ "filter": 7 }), "400 invalidValue"),
        (json!({ "count": "ten" }), "400 invalidValue"),
        (json!({ "startIndex": 1.5 }), "400 invalidValue"),
        (json!({ "attributes": [7] }), "400 invalidValue"),
        (json!({ "attributes": ["a b"] }), "400 invalidValue"),
    ] {
        assert_eq!(client.post("/Users/.search", &body).await.verdict(), verdict, "{body}");
    }
    for body in [json!({ "filter": null, "count": null, "startIndex": null }), json!({ "x": 1 })] {
        assert_eq!(client.post("/Users/.search", &body).await.status, 200, "{body}");
    }
});
