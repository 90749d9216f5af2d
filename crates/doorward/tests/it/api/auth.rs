//! Keys: what lets a request in, and what it is told where it does not.

use std::num::NonZeroU32;

use directory::api_key::Scope;
use serde_json::json;
use server::http::Limits;
use testkit::{TestServer, contract};

use super::support::Api;
use crate::scim::support::assert_shown;

contract! {
    async fn a_request_without_a_key_is_told_what_to_send(store) {
        let api = Api::open(store).await;
        assert_shown!(api.with_key("").get("/organizations").await, @r#"
        401
        content-type: application/problem+json
        www-authenticate: Bearer error="invalid_token"

        {
          "type": "about:blank",
          "title": "Unauthorized",
          "status": 401,
          "code": "key_malformed",
          "detail": "This is neither an API key, which begins with \"[secret]\" and which `doorward api-key create` makes, nor an access token."
        }
        "#);
        assert_shown!(api.with_key("scim_x").get("/nowhere").await, @r#"
        401
        content-type: application/problem+json
        www-authenticate: Bearer error="invalid_token"

        {
          "type": "about:blank",
          "title": "Unauthorized",
          "status": 401,
          "code": "key_malformed",
          "detail": "This is neither an API key, which begins with \"[secret]\" and which `doorward api-key create` makes, nor an access token."
        }
        "#);
        let cut = &api.key[..api.key.len() - 1];
        assert_eq!(api.with_key(cut).get("/organizations").await.expect(401)["code"], "key_mistyped");
    }
}

contract! {
    async fn a_revoked_key_is_refused_from_the_next_request_on(store) {
        let api = Api::open(store).await;
        let made = api.post("/api-keys", json!({ "name": "short", "scope": "read" })).await;
        let made = made.expect(201);
        let other = api.with_key(made["api_key"].as_str().expect("it is shown once"));
        other.get("/organizations").await.expect(200);
        let listed = api.get("/api-keys").await.expect(200);
        assert!(!listed.to_string().contains("dwkey_"), "{listed}");
        api.delete(&format!("/api-keys/{}", made["number"])).await.expect(200);
        assert_eq!(other.get("/organizations").await.expect(401)["code"], "key_revoked");
    }
}

contract! {
    async fn what_belongs_to_the_installation_is_not_for_a_key_of_an_organization(store) {
        let api = Api::open(store).await;
        let acme = store.organization("acme").await;
        store.organization("other").await;
        let own = api.within(&acme, Scope::Manage).await;
        assert_shown!(own.get("/plans").await, @r#"
        403
        content-type: application/problem+json
        www-authenticate: Bearer error="insufficient_scope"

        {
          "type": "about:blank",
          "title": "Forbidden",
          "status": 403,
          "code": "not_permitted",
          "detail": "This API key is of one organization. What belongs to the installation needs a key of the installation."
        }
        "#);
        let listed = own.get("/organizations").await.expect(200);
        let slugs: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|it| &it["slug"]).collect();
        assert_eq!(slugs, ["acme"]);
        assert_shown!(own.get("/organizations/other").await, @r#"
        404
        content-type: application/problem+json

        {
          "type": "about:blank",
          "title": "Not Found",
          "status": 404,
          "code": "not_found",
          "detail": "There is no organization \"other\"."
        }
        "#);
    }
}

contract! {
    async fn an_address_that_leads_nowhere_is_told_in_the_form_of_the_api(store) {
        let api = Api::open(store).await;
        assert_shown!(api.get("/nowhere").await, @r#"
        404
        content-type: application/problem+json

        {
          "type": "about:blank",
          "title": "Not Found",
          "status": 404,
          "code": "no_such_endpoint",
          "detail": "There is no such endpoint; /api/openapi.json describes those that there are."
        }
        "#);
        assert_shown!(api.delete("/plans").await, @r#"
        405
        content-type: application/problem+json

        {
          "type": "about:blank",
          "title": "Method Not Allowed",
          "status": 405,
          "code": "method_not_allowed",
          "detail": "DELETE is not possible here; the Allow header names the methods that are."
        }
        "#);
    }
}

contract! {
    async fn each_key_has_its_own_number_of_requests_in_a_minute(store) {
        let limits = Limits { api_key_rate: NonZeroU32::new(2), ..Limits::default() };
        let api = Api { server: TestServer::with_limits(store, limits), ..Api::open(store).await };
        let policy = Some(r#""minute";q=2;w=60"#);
        for left in [r#""minute";r=1;t=30"#, r#""minute";r=0;t=60"#] {
            let reply = api.get("/organizations").await;
            assert_eq!((reply.0.status, reply.0.header("ratelimit")), (200, Some(left)));
            assert_eq!(reply.0.header("ratelimit-policy"), policy);
        }
        let reply = api.get("/organizations").await;
        assert_eq!(reply.0.header("retry-after"), Some("30"));
        assert_eq!(reply.expect(429)["code"], "over_rate");
        let other = api.with_scope(store, Scope::Read).await;
        other.get("/organizations").await.expect(200);
    }
}
