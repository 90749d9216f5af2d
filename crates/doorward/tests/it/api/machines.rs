//! Clients of the kind `machine`: what their access tokens are good for, and when they end.

use std::{num::NonZeroU32, time::Duration};

use ::oauth::{ClientKind, Scopes, Secret, jose::Algorithm};
use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use directory::{
    api_key::Scope,
    connection::Connection,
    oauth::{
        Client, NewClient,
        client::{self, Created, NewProof},
    },
};
use serde_json::{Value as Json, json};
use server::http::Limits;
use testkit::{Answer, TestOrganization, TestServer, TestStore, contract};

use super::support::Api;

/// A client of the kind `machine`, and the server as it sees it.
struct Machine {
    server: TestServer,
    client: Client,
    secret: Secret,
}

impl Machine {
    /// One of an organization, or of the installation.
    async fn of(store: &TestStore, owner: Option<&TestOrganization>, scopes: &str) -> Self {
        Self::serving(store, owner, scopes, None).await
    }

    /// The same for the SCIM of a connection.
    async fn serving(
        store: &TestStore,
        owner: Option<&TestOrganization>,
        scopes: &str,
        connection: Option<Connection>,
    ) -> Self {
        let new = NewClient {
            name: "Billing".to_owned(),
            kind: ClientKind::Machine,
            proof: NewProof::Secret { lives: None, in_body: false },
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            logout_uri: None,
            scopes: Scopes::parse(scopes).expect("scopes"),
            id_token_algorithm: Algorithm::Es256,
            connection,
        };
        let owner = owner.map(|owner| &owner.operator);
        let created = client::create(&store.installation(), owner, new).await;
        let Created { client, secret } = created.expect("a client");
        let secret = secret.expect("a secret");
        Self { server: TestServer::new(store), client, secret }
    }

    async fn post(&self, path: &str, form: String) -> Answer {
        let basic = format!("{}:{}", self.client.id(), self.secret.reveal());
        let request = Request::post(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Authorization", format!("Basic {}", STANDARD.encode(basic)));
        self.server.send(request.body(Body::from(form)).expect("a request")).await
    }

    /// What is answered to a request for a token.
    async fn ask(&self, scope: &str) -> Answer {
        let scope = scope.replace(' ', "+");
        self.post("/oauth/token", format!("grant_type=client_credentials&scope={scope}")).await
    }

    /// The API as whoever shows a token of its sees it.
    async fn api(&self) -> Api {
        let answer = self.ask("").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let key = answer.json()["access_token"].as_str().expect("a token").to_owned();
        Api { server: self.server.clone(), key }
    }

    async fn inspected(&self, api: &Api) -> Json {
        self.post("/oauth/introspect", format!("token={}", api.key)).await.json()
    }

    /// As the records name it.
    fn principal(&self) -> String {
        format!("client:{}", self.client.id())
    }
}

fn user(name: &str) -> Json {
    json!({ "attributes": { "userName": name } })
}

contract! {
    async fn a_token_does_what_a_key_of_its_scope_does(store) {
        let acme = store.organization("acme").await;
        for (scope, may_write, may_manage) in
            [(Scope::Read, false, false), (Scope::Write, true, false), (Scope::Manage, true, true)]
        {
            let machine = Machine::of(store, None, scope.of_tokens()).await;
            let api = machine.api().await;
            let told = machine.inspected(&api).await;
            assert_eq!((&told["active"], &told["scope"]), (&json!(true), &json!(scope.of_tokens())));
            assert_eq!(told["sub"], machine.client.id().as_str());
            api.get("/organizations").await.expect(200);
            let made = api.post("/organizations/acme/users", user(&format!("ada-{scope}"))).await;
            assert_eq!(made.status(), if may_write { 201 } else { 403 }, "{scope}");
            if !may_write {
                let challenge = made.header("www-authenticate");
                assert_eq!(challenge, Some("Bearer error=\"insufficient_scope\""));
                assert_eq!(made.json()["detail"], "This client may not create users.");
            }
            let new = json!({ "slug": format!("by-{scope}"), "name": "Made by a machine" });
            let status = api.post("/organizations", new).await.status();
            assert_eq!(status, if may_manage { 201 } else { 403 }, "{scope}");
            if may_write {
                let newest = acme.events().await.pop().expect("an event");
                assert_eq!(newest.principal, machine.principal());
            }
            if may_manage {
                let made = api.post("/api-keys", json!({ "name": "k", "scope": "read" })).await;
                made.expect(201);
                let audit = api.get("/audit").await.expect(200);
                let newest = audit["items"].as_array().and_then(|all| all.last()).expect("an entry");
                assert_eq!(newest["principal"], machine.principal(), "{newest}");
            }
        }
    }
}

contract! {
    async fn a_machine_of_an_organization_reaches_no_other(store) {
        let acme = store.organization("acme").await;
        let other = store.organization("other").await.get().await.id.to_string();
        let api = Machine::of(store, Some(&acme), "api:manage").await.api().await;
        api.get("/organizations/acme/users").await.expect(200);
        let listed = api.get("/organizations").await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
        let absent = "00000000-0000-4000-8000-000000000000";
        for (method, path) in [
            ("GET", "/organizations/{}"),
            ("DELETE", "/organizations/{}"),
            ("GET", "/organizations/{}/users"),
            ("GET", "/organizations/{}/events"),
            ("GET", "/organizations/{}/api-keys"),
        ] {
            let told = async |id: &str| {
                let reply = api.send(method, &path.replace("{}", id), None).await;
                (reply.status(), reply.0.text().replace(id, "[id]"))
            };
            let there = told(&other).await;
            assert_eq!((there.0, &there), (404, &told(absent).await), "{method} {path}");
        }
        let denied = api.get("/plans").await.expect(403);
        let detail = denied["detail"].as_str().expect("a sentence");
        assert!(detail.starts_with("This client is of one organization."), "{detail}");
    }
}

contract! {
    async fn a_token_is_good_for_one_surface(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let provider = Machine::serving(store, Some(&acme), "scim", Some(okta)).await;
        let scim = provider.api().await;
        let refused = scim.get("/organizations").await;
        assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
        assert_eq!(refused.expect(401)["code"], "token_of_another_use");
        let users = async |token: &str| {
            scim.server.request(token, "GET", "/scim/v2/Users", None).await.status
        };
        assert_eq!(users(&scim.key).await, 200);
        for owner in [Some(&acme), None] {
            let machine = Machine::of(store, owner, "api:manage").await;
            let api = machine.api().await;
            assert_eq!(users(&api.key).await, 401);
            for scope in ["scim", "api:read", "openid"] {
                let refused = machine.ask(scope).await;
                assert_eq!(refused.json()["error"], "invalid_scope", "{scope}");
            }
            let cut = &api.key[..api.key.len() - 1];
            let mistyped = api.with_key(cut).get("/organizations").await.expect(401);
            assert_eq!(mistyped["code"], "token_mistyped");
        }
        // A client that has several scopes may ask for less.
        let machine = Machine::of(store, Some(&acme), "api:read api:manage").await;
        let token = machine.ask("api:read").await.json()["access_token"].clone();
        let less = machine.api().await.with_key(token.as_str().expect("a token"));
        less.get("/organizations/acme").await.expect(200);
        assert_eq!(less.post("/organizations/acme/users", user("ada")).await.status(), 403);
        let most = machine.api().await;
        most.post("/organizations/acme/users", user("ada")).await.expect(201);
    }
}

contract! {
    async fn a_token_ends_with_its_client_and_not_with_its_secret(store) {
        let acme = store.organization("acme").await;
        let elsewhere = TestServer::over(store.another(), Limits::default());
        for owner in [Some(&acme), None] {
            let machine = Machine::of(store, owner, "api:read").await;
            let (kept, given_back) = (machine.api().await, machine.api().await);
            let minute = Duration::from_mins(1);
            let refusal = async |api: &Api| {
                let api = Api { server: elsewhere.clone(), ..api.clone() };
                api.get("/organizations").await.expect(401)["code"].clone()
            };
            let revoked = machine.post("/oauth/revoke", format!("token={}", given_back.key)).await;
            assert_eq!(revoked.status, 200);
            assert_eq!(refusal(&given_back).await, "token_unknown");
            client::rotate(&store.installation(), &machine.client, None, Duration::ZERO)
                .await
                .expect("another secret");
            kept.get("/organizations").await.expect(200);
            store.clock.advance(minute * 59);
            kept.get("/organizations").await.expect(200);
            store.clock.advance(minute);
            assert_eq!(refusal(&kept).await, "token_expired");

            let machine = Machine::of(store, owner, "api:read").await;
            let api = machine.api().await;
            client::delete(&store.installation(), &machine.client).await.expect("deleted");
            assert_eq!(refusal(&api).await, "token_revoked");
            assert_eq!(machine.ask("").await.status, 401);
        }
        let api = Machine::of(store, Some(&acme), "api:manage").await.api().await;
        let slug = acme.get().await.slug;
        directory::organization::delete(&store.installation(), &slug).await.expect("deleted");
        assert_eq!(api.get("/organizations").await.status(), 401);
    }
}

contract! {
    async fn requests_in_a_minute_are_counted_by_client(store) {
        let limits = Limits { api_key_rate: NonZeroU32::new(2), ..Limits::default() };
        let machine = Machine::of(store, None, "api:read").await;
        let machine = Machine { server: TestServer::with_limits(store, limits), ..machine };
        for _ in 0..2 {
            machine.api().await.get("/organizations").await.expect(200);
        }
        assert_eq!(machine.api().await.get("/organizations").await.expect(429)["code"], "over_rate");
    }
}
