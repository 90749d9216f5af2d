//! [`Party`]: a client of the authorization server, as its program plays it.

use ::oauth::{
    ClientKind, RedirectUri, Scopes, Secret,
    jose::{Algorithm, Claims, KeySet, TokenType, Verification, verify},
};
use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use directory::oauth::{
    Client, NewClient,
    client::{self, Created, NewProof},
};
use form_urlencoded::Serializer;
use serde_json::Value as Json;
use testkit::{Answer, PUBLIC_URL, TestServer, TestStore};

use crate::sign_in::browser::{Browser, Door};

/// Where answers for a party arrive.
pub(super) const CALLBACK: &str = "https://app.example/callback?tenant=7";
/// RFC 7636 appendix B.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client of the authorization server.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) client: Client,
    pub(super) secret: Option<Secret>,
    pub(super) server: TestServer,
}

/// What a party registers, for a test to change.
pub(super) fn registration(kind: ClientKind) -> NewClient {
    let uri = |text| RedirectUri::parse(text).expect("an address");
    NewClient {
        name: "Sprocket".to_owned(),
        kind,
        proof: NewProof::Secret { lives: None, in_body: true },
        redirect_uris: vec![uri(CALLBACK)],
        post_logout_redirect_uris: vec![uri("https://app.example/bye")],
        logout_uri: None,
        scopes: Scopes::default(),
        id_token_algorithm: Algorithm::Es256,
        connection: None,
    }
}

impl Party {
    /// The application of the installation.
    pub(super) async fn application(store: &TestStore, door: &Door) -> Self {
        Self::of(store, door, registration(ClientKind::Application)).await
    }

    /// An identity provider that acts for whoever lets it in.
    pub(super) async fn provider(store: &TestStore, door: &Door) -> Self {
        Self::of(store, door, registration(ClientKind::Provider)).await
    }

    pub(super) async fn of(store: &TestStore, door: &Door, new: NewClient) -> Self {
        let organization = &door.client.connection.organization;
        // A machine for a connection belongs to its organization.
        let owner = new.connection.is_some().then_some(&organization.operator);
        let created = client::create(&store.installation(), owner, new).await;
        let Created { client, secret } = created.expect("a client");
        Self { client, secret, server: door.client.server.clone() }
    }

    pub(super) fn id(&self) -> &str {
        self.client.id().as_str()
    }

    /// What the party asks for, with some parameters changed, or left out where they are empty.
    pub(super) fn asking(&self, changes: &[(&str, &str)]) -> String {
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", self.id()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid groups offline_access"),
            ("state", "a state+/%&= ü"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("organization", "acme"),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            if !value.is_empty() {
                pairs.push((name, value));
            }
        }
        format!("/oauth/authorize?{}", query(&pairs))
    }

    pub(super) async fn authorize(&self, browser: &Browser, changes: &[(&str, &str)]) -> Answer {
        browser.get(&self.asking(changes)).await
    }

    /// The whole way of a person who is not signed in: to the provider, back, and to the party. Answers what
    /// the browser brings there.
    pub(super) async fn sign_in(
        &self,
        door: &Door,
        browser: &Browser,
        name_id: &str,
        changes: &[(&str, &str)],
    ) -> Vec<(String, String)> {
        let sent = self.authorize(browser, changes).await;
        self.come_back(door, browser, name_id, &sent).await
    }

    /// From a redirect to the provider to the party.
    pub(super) async fn come_back(
        &self,
        door: &Door,
        browser: &Browser,
        name_id: &str,
        sent: &Answer,
    ) -> Vec<(String, String)> {
        let back = through(door, browser, name_id, sent).await;
        assert_eq!(back.status, 303, "{}", back.text());
        let again = browser.get(location(&back)).await;
        brought(&again)
    }

    /// Posts a form with the party's secret in the header.
    pub(super) async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let secret = self.secret.as_ref().expect("a secret").reveal();
        let basic = STANDARD.encode(format!("{}:{secret}", self.id()));
        self.post_as(Some(&format!("Basic {basic}")), path, pairs).await
    }

    pub(super) async fn post_as(
        &self,
        authorization: Option<&str>,
        path: &str,
        pairs: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::post(path)
            .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization);
        }
        self.server.send(request.body(Body::from(query(pairs))).expect("a request")).await
    }

    /// Exchanges a code, with some parameters changed.
    pub(super) async fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            if !value.is_empty() {
                pairs.push((name, value));
            }
        }
        self.post("/oauth/token", &pairs).await
    }

    pub(super) async fn refresh(&self, token: &str) -> Answer {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post("/oauth/token", &pairs).await
    }

    /// Tokens for a person who is not signed in yet.
    pub(super) async fn tokens(&self, door: &Door, browser: &Browser, name_id: &str) -> Json {
        let brought = self.sign_in(door, browser, name_id, &[]).await;
        let answer = self.exchange(value(&brought, "code"), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// What userinfo says to whoever shows a token.
    pub(super) async fn userinfo(&self, token: &str) -> Answer {
        bearing(&self.server, "/oauth/userinfo", token).await
    }

    /// What an ID token says, once it is verified by the published keys.
    pub(super) async fn claims(&self, token: &str, algorithm: Algorithm) -> Claims {
        let request = Request::get("/oauth/jwks").body(Body::empty()).expect("a request");
        let keys = self.server.send(request).await;
        let keys = KeySet::parse(&keys.body).expect("keys");
        let verification =
            Verification { algorithms: &[algorithm], token_type: TokenType::Explicit("JWT") };
        let claims = verify(token, keys.iter(), &verification).expect("it is signed by them");
        claims.expect("iss", PUBLIC_URL).expect("ours");
        claims.expect("aud", self.id()).expect("for the party");
        claims
    }
}

/// A request with a bearer token.
pub(super) async fn bearing(server: &TestServer, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header("Authorization", format!("Bearer {token}"));
    server.send(request.body(Body::empty()).expect("a request")).await
}

/// From a redirect to the provider to what the browser is told then.
pub(super) async fn through(
    door: &Door,
    browser: &Browser,
    name_id: &str,
    sent: &Answer,
) -> Answer {
    assert_eq!(sent.status, 302, "{} {:?}", sent.text(), sent.headers);
    let asked = door.asked(location(sent));
    let statement = door.statement(Some(&asked), name_id);
    let answer = door.bring(browser, &asked.relay_state, &statement).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser.get(location(&answer)).await
}

pub(super) fn location(answer: &Answer) -> &str {
    answer.header("location").expect("where to")
}

/// What a browser brings to the party: the parameters of the redirect there.
pub(super) fn brought(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let rest = location(answer).strip_prefix(CALLBACK).expect("the registered address");
    let pairs = rest.strip_prefix('&').expect("more parameters");
    form_urlencoded::parse(pairs.as_bytes()).into_owned().collect()
}

/// The value of a parameter.
pub(super) fn value<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map_or_else(|| panic!("no {name} in {pairs:?}"), |(_, value)| value)
}

/// The error that a browser brings to the party.
pub(super) fn error(answer: &Answer) -> String {
    value(&brought(answer), "error").to_owned()
}

/// The status and the standard error of an answer to a program.
pub(super) fn refused(answer: &Answer) -> (u16, String) {
    let json = answer.json();
    (answer.status, json["error"].as_str().unwrap_or_default().to_owned())
}

pub(super) fn text<'j>(json: &'j Json, name: &str) -> &'j str {
    json[name].as_str().unwrap_or_else(|| panic!("no {name} in {json}"))
}

pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}
