//! What SCIM 1.1 says about itself: it decides which features Okta's agent offers.

use testkit::contract;

use crate::scim::support::{Client, assert_shown};

contract!(async fn the_configuration(store) {
    let client = Client::open(store).await.v1();
    assert_shown!(client.get("/ServiceProviderConfigs").await, @r#"
    200
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0","urn:okta:schemas:scim:providerconfig:1.0"],
      "documentationUrl": "https://github.com/doorward/doorward/blob/main/docs/scim.md",
      "patch": {"supported":true},
      "bulk": {"supported":true,"maxOperations":1000,"maxPayloadSize":10485760},
      "filter": {"supported":true,"maxResults":1000},
      "changePassword": {"supported":false},
      "sort": {"supported":true},
      "etag": {"supported":true},
      "xmlDataFormat": {"supported":false},
      "authenticationSchemes": [
        {
          "type": "oauthbearertoken",
          "name": "Bearer token",
          "description": "The API token of the connection, in the Authorization header.",
          "specUrl": "https://www.rfc-editor.org/info/rfc6750",
          "primary": true
        },
        {
          "type": "httpbasic",
          "name": "HTTP Basic",
          "description": "Any user name, with the API token of the connection as the password.",
          "specUrl": "https://www.rfc-editor.org/info/rfc7617",
          "primary": false
        }
      ],
      "urn:okta:schemas:scim:providerconfig:1.0": {
        "userManagementCapabilities": [
          "PUSH_NEW_USERS",
          "PUSH_PENDING_USERS",
          "PUSH_PROFILE_UPDATES",
          "PUSH_USER_DEACTIVATION",
          "REACTIVATE_USERS",
          "IMPORT_NEW_USERS",
          "IMPORT_PROFILE_UPDATES",
          "GROUP_PUSH"
        ]
      }
    }
    "#);
});

contract!(async fn the_schemas(store) {
    let client = Client::open(store).await.v1();
    let list = client.get("/Schemas").await;
    let ids: Vec<String> = list.listed("id").split(' ').map(str::to_owned).collect();
    assert_shown!(ids.join("\n"), @"
    urn:scim:schemas:core:1.0:User
    urn:scim:schemas:core:1.0:Group
    ");
    for id in &ids {
        assert_eq!(client.get(&format!("/Schemas/{id}")).await.json()["id"], *id);
    }
    assert!(!list.text().contains("2.0:User") && !list.text().contains("password"));
});

contract!(async fn the_endpoints_of_2_0_are_not_there(store) {
    let client = Client::open(store).await.v1();
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Me"] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    assert_eq!(client.post("/.search", "{}").await.status, 404);
});
