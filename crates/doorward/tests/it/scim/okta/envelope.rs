//! Headers, errors and types of values, as Okta sends and wants them.

use axum::{body::Body, http::Request};
use testkit::contract;

use crate::scim::support::{Client, assert_shown};

contract!(async fn every_mix_of_media_types_is_understood(store) {
    let client = Client::open(store).await;
    let mut shown = Vec::new();
    for (n, (sent, accepted)) in [
        ("application/scim+json; charset=utf-8", "application/scim+json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/json", "application/scim+json; charset=utf-8"),
        ("Application/SCIM+JSON; Charset=\"UTF-8\"", "*/*"),
        ("application/scim+json", "text/html"),
    ]
    .into_iter()
    .enumerate()
    {
        let request = Request::post(client.path("/Users"))
            .header("authorization", format!("Bearer {}", client.token))
            .header("content-type", sent)
            .header("accept", accepted)
            .header("accept-charset", "utf-8")
            .header("accept-encoding", "gzip,deflate")
            .header("user-agent", "Okta SCIM Client 1.0.0")
            .body(Body::from(format!(r#"{{"userName":"u{n}"}}"#)))
            .expect("a request");
        let answer = client.send(request).await;
        assert_eq!(answer.status, 201, "{sent}: {answer}");
        shown.push(answer.header("content-type").unwrap_or_default().to_owned());
    }
    assert_shown!(shown.join("\n"), @"
    application/scim+json
    application/json
    application/scim+json
    application/scim+json
    application/scim+json
    ");
});

// Okta's own suite asks for ids that look like numbers, and for a header without a scheme.
contract!(async fn what_the_suite_of_okta_demands_of_errors(store) {
    let client = Client::open(store).await;
    for id in ["010101001010101011001010101011", "00919288221112222"] {
        assert_eq!(client.get(&format!("/Users/{id}")).await.verdict(), "404");
    }
    assert_shown!(client.get("/Users/00919288221112222").await, @r#"
    404
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "There is no resource with this id.",
      "status": "404"
    }
    "#);
    let request = Request::get(client.path("/Users?startIndex=1&count=2"))
        .header("authorization", "non-token")
        .body(Body::empty())
        .expect("a request");
    assert_shown!(client.send(request).await, @r#"
    401
    content-type: application/scim+json
    www-authenticate: Bearer realm="Doorward"

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "This is not a Doorward API token: those begin with \"scim_\". Copy the token that was shown when it was issued.",
      "status": "401"
    }
    "#);
});

contract!(async fn values_of_the_wrong_type_that_okta_shows_in_examples(store) {
    let client = Client::open(store).await;
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"n",
        "name":null,"externalId":701984,"active":"true",
        "addresses":[{"type":"work","postalCode":94103}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
        {"employeeNumber":701984,"costCenter":4130}}"#;
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
      "externalId": "701984",
      "userName": "n",
      "active": true,
      "addresses": [{"type":"work","postalCode":"94103"}],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber":"701984","costCenter":"4130"},
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
