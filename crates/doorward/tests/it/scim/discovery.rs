//! What the server says that it can do.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::Value as Json;
use testkit::contract;

use super::support::{Client, assert_shown};

contract!(async fn the_configuration(store) {
    let client = Client::open(store).await;
    assert_shown!(client.get("/ServiceProviderConfig").await, @r#"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
      "documentationUri": "https://github.com/doorward/doorward/blob/main/docs/scim.md",
      "patch": {"supported":true},
      "bulk": {"supported":true,"maxOperations":1000,"maxPayloadSize":10485760},
      "filter": {"supported":true,"maxResults":1000},
      "changePassword": {"supported":false},
      "sort": {"supported":true},
      "etag": {"supported":true},
      "pagination": {
        "cursor": true,
        "index": true,
        "defaultPaginationMethod": "index",
        "defaultPageSize": 100,
        "maxPageSize": 1000,
        "cursorTimeout": 3600
      },
      "authenticationSchemes": [
        {
          "type": "oauthbearertoken",
          "name": "Bearer token",
          "description": "The API token of the connection, in the Authorization header.",
          "specUri": "https://www.rfc-editor.org/info/rfc6750",
          "primary": true
        },
        {
          "type": "httpbasic",
          "name": "HTTP Basic",
          "description": "Any user name, with the API token of the connection as the password.",
          "specUri": "https://www.rfc-editor.org/info/rfc7617",
          "primary": false
        }
      ],
      "meta": {
        "resourceType": "ServiceProviderConfig",
        "location": "https://door.example/scim/v2/ServiceProviderConfig"
      }
    }
    "#);
});

contract!(async fn the_resource_types(store) {
    let client = Client::open(store).await;
    let list = client.get("/ResourceTypes").await;
    assert_shown!(list, @r#"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 2,
      "startIndex": 1,
      "itemsPerPage": 2,
      "Resources": [
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
          "id": "User",
          "name": "User",
          "endpoint": "/Users",
          "description": "User Account",
          "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
          "schemaExtensions": [
            {
              "schema": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
              "required": false
            }
          ],
          "meta": {
            "resourceType": "ResourceType",
            "location": "https://door.example/scim/v2/ResourceTypes/User"
          }
        },
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
          "id": "Group",
          "name": "Group",
          "endpoint": "/Groups",
          "description": "Group",
          "schema": "urn:ietf:params:scim:schemas:core:2.0:Group",
          "schemaExtensions": [],
          "meta": {
            "resourceType": "ResourceType",
            "location": "https://door.example/scim/v2/ResourceTypes/Group"
          }
        }
      ]
    }
    "#);
    for one in list.json()["Resources"].as_array().expect("Resources") {
        let id = one["id"].as_str().expect("an id");
        assert_eq!(client.get(&format!("/ResourceTypes/{id}")).await.json(), *one);
        let endpoint = one["endpoint"].as_str().expect("an endpoint");
        assert_eq!(client.get(endpoint).await.status, 200);
        let schema = one["schema"].as_str().expect("a schema");
        assert_eq!(client.get(&format!("/Schemas/{schema}")).await.status, 200);
        for extension in one["schemaExtensions"].as_array().expect("extensions") {
            let schema = extension["schema"].as_str().expect("a schema");
            assert_eq!(client.get(&format!("/Schemas/{schema}")).await.status, 200);
        }
    }
    assert_shown!(client.get("/ResourceTypes/Robot").await, @r#"
    404
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "There is no resource with this id.",
      "status": "404"
    }
    "#);
});

contract!(async fn the_schemas(store) {
    let client = Client::open(store).await;
    let list = client.get("/Schemas").await;
    let mut told = String::new();
    for one in list.json()["Resources"].as_array().expect("Resources") {
        let id = one["id"].as_str().expect("an id");
        assert_eq!(client.get(&format!("/Schemas/{id}")).await.json(), *one);
        assert_eq!(client.get(&format!("/Schemas/{}", id.to_uppercase())).await.status, 200);
        // RFC 7643 §8.7.1: other programs build names of their own from these.
        let _ = writeln!(told, "{id} {} {}", one["name"], one["description"]);
        attributes(&one["attributes"], "  ", &mut told);
    }
    insta::allow_duplicates! { assert_snapshot!("schemas", told) }
    assert!(!list.text().contains("null") && !list.text().contains("password"));
});

/// A line for each attribute, with its characteristics.
fn attributes(of: &Json, indent: &str, told: &mut String) {
    for one in of.as_array().into_iter().flatten() {
        let word = |name: &str| one[name].as_str().unwrap_or("?").to_owned();
        let _ = write!(
            told,
            "{indent}{} {} {} {} {}",
            word("name"),
            word("type"),
            word("mutability"),
            word("returned"),
            word("uniqueness")
        );
        for flag in ["multiValued", "required", "caseExact"] {
            if one[flag] == true {
                let _ = write!(told, " {flag}");
            }
        }
        told.push('\n');
        attributes(&one["subAttributes"], &format!("{indent}  "), told);
    }
}

contract!(async fn discovery_is_not_filtered(store) {
    let client = Client::open(store).await;
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        let reply = client.get(&format!("{path}?filter=id+pr")).await;
        assert_eq!(reply.verdict(), "403", "{path}");
        assert_eq!(client.get(&format!("{path}?count=1&aadOptscim062020")).await.status, 200);
    }
    assert_shown!(client.get("/Schemas?filter=id+pr").await, @r#"
    403
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "Discovery documents cannot be filtered; ask for the whole list.",
      "status": "403"
    }
    "#);
});

contract!(async fn what_is_announced_as_unsupported_says_so(store) {
    let client = Client::open(store).await;
    assert_shown!(client.get("/Me").await, @r#"
    501
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "/Me is not supported: an API token belongs to a connection, not to a user. Users are at /Users.",
      "status": "501"
    }
    "#);
    for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
        assert_eq!(client.request(method, "/Me", None).await.verdict(), "501", "{method}");
    }
});

contract!(async fn large_answers_are_compressed_for_those_who_can_read_it(store) {
    use std::io::Read as _;

    use axum::{body::Body, http::Request};

    let client = Client::open(store).await;
    let ask = async |encoding: &str| {
        let request = Request::get(client.path("/Schemas"))
            .header("authorization", format!("Bearer {}", client.token))
            .header("accept-encoding", encoding)
            .body(Body::empty())
            .expect("a request");
        client.send(request).await
    };
    let (plain, zipped) = (ask("identity").await, ask("gzip,deflate").await);
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    let mut reader = flate2::read::GzDecoder::new(zipped.body.as_slice());
    reader.read_to_string(&mut text).expect("gzip");
    assert_eq!(text, plain.text());
    assert!(zipped.body.len() * 5 < plain.body.len());
});
