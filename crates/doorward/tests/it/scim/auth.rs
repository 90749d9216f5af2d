//! Who is let in, and what those are told who are not.

use std::num::NonZeroU32;

use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use directory::{
    connection::{self, Provider},
    organization, token,
};
use serde_json::json;
use server::http::{Limits, PeerAddress};
use testkit::contract;

use super::support::{Client, Reply, assert_shown};

const SURFACES: [&str; 4] =
    ["/scim/v2", "/scim/v1", "/c/{connection}/scim/v2", "/c/{connection}/scim/v1"];

/// A request with this Authorization header.
async fn show(client: &Client, header: &str) -> Reply {
    let request = Request::get(client.path("/Users?count=1")).header("authorization", header);
    client.send(request.body(Body::empty()).expect("a request")).await
}

contract!(async fn every_form_of_credentials_is_understood(store) {
    let client = Client::open(store).await;
    let token = &client.token;
    let basic = |user: &str| format!("Basic {}", base64(&format!("{user}:{token}")));
    for header in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("BEARER    {token}  "),
        token.clone(),
        format!("Bearer Bearer {token}"),
        format!("Bearer {}\t{}", &token[..20], &token[20..]),
        basic("okta"),
        basic(""),
        basic("ada@example.com").replace("Basic", "basic"),
    ] {
        for client in [client.clone(), client.v1()] {
            assert_eq!(show(&client, &header).await.status, 200, "{header}");
        }
    }
});

contract!(async fn each_refusal_says_which_thing_is_wrong(store) {
    let client = Client::open(store).await;
    let organization = &client.connection.organization;
    let connection = client.connection.connection.id;
    let now = store.now();
    let operator = organization.by_operator();
    let issue = async |expires| {
        let issued = operator.write(move |writer| token::issue(writer, connection, expires));
        issued.await.expect("a token")
    };
    let expired = issue(Some(now)).await.reveal().to_owned();
    let revoked = issue(None).await;
    let no = revoked.token.no;
    operator.write(move |writer| token::revoke(writer, connection, no)).await.expect("revoked");
    let gone = client.of_another(store, "gone").await;
    let slug = &gone.connection.organization.slug;
    organization::delete(&store.installation(), slug).await.expect("deleted");

    let token = &client.token;
    let mut told = Vec::new();
    for (name, header) in [
        ("nothing", String::new()),
        ("another product's", "Bearer ghp_0123456789abcdef".to_owned()),
        ("the word alone", "Bearer".to_owned()),
        ("cut short", format!("Bearer {}", &token[..token.len() - 1])),
        ("mistyped", format!("Bearer {}", swapped(token))),
        ("of a deleted organization", format!("Bearer {}", gone.token)),
        ("expired", format!("Bearer {expired}")),
        ("revoked", format!("Bearer {}", revoked.reveal())),
        ("Basic without a password", format!("Basic {}", base64(token))),
        ("Basic with the password first", format!("Basic {}", base64(&format!("{token}:okta")))),
    ] {
        let reply = show(&client, &header).await;
        assert_eq!(reply.status, 401, "{name}: {reply}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"Doorward\""));
        assert!(!reply.text().contains(&token[7..]), "no secret is repeated");
        told.push(format!("{name}: {}", reply.detail()));
    }
    let bare = Request::get(client.path("/Users")).body(Body::empty()).expect("a request");
    let reply = client.send(bare).await;
    told.push(format!("no header: {}", reply.detail()));
    let elsewhere = client.of_another(store, "globex").await.connection.connection.id;
    let elsewhere = client.at(&format!("/c/{elsewhere}/scim/v2"));
    let reply = show(&elsewhere, &format!("Bearer {token}")).await;
    told.push(format!("another connection's address: {}", reply.detail()));
    assert_shown!(told.join("\n"), @r#"
    nothing: The Authorization header holds no token. Send the API token of the connection in it.
    another product's: This is not a Doorward API token: those begin with "scim_". Copy the token that was shown when it was issued.
    the word alone: The Authorization header holds no token. Send the API token of the connection in it.
    cut short: The API token is incomplete or mistyped: its check digits do not match. Copy it again.
    mistyped: The API token is incomplete or mistyped: its check digits do not match. Copy it again.
    of a deleted organization: There is no such API token. Issue a new one.
    expired: This API token has expired. Issue a new one.
    revoked: This API token has been revoked. Issue a new one.
    Basic without a password: The Basic credentials cannot be read. Use the API token as password.
    Basic with the password first: This is not a Doorward API token: those begin with "scim_". Copy the token that was shown when it was issued.
    no header: The request has no Authorization header. Send "Authorization: Bearer" and the API token of the connection.
    another connection's address: This API token belongs to another connection than the one in the base URL.
    "#);
    assert_shown!(show(&client, "Bearer x").await, @r#"
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

contract!(async fn nothing_is_looked_at_before_the_credentials(store) {
    let limits = Limits { auth_failures: 100_000, ..Limits::default() };
    let client = Client::with_limits(store, limits).await;
    let connection = client.connection.connection.id.to_string();
    let user = client.user("ada").await;
    let user = format!("/Users/{user}");
    let before = client.newest().await;
    for surface in SURFACES {
        let surface = surface.replace("{connection}", &connection);
        for (method, path, media_type, body) in [
            ("GET", "/Users", "", ""),
            ("GET", user.as_str(), "", ""),
            ("DELETE", &user, "", ""),
            ("GET", "/Nowhere", "", ""),
            ("GET", "", "", ""),
            ("DELETE", "/Users", "", ""),
            ("BREW", "/Users", "", ""),
            ("OPTIONS", "/Users", "", ""),
            ("HEAD", "/Users", "", ""),
            ("POST", "/Users", "text/plain", "x"),
            ("POST", "/Users", "application/json", "{"),
            ("POST", "/Users", "application/json", r#"{"userName":"b"}"#),
            ("PUT", &user, "application/json", r#"{"userName":"b"}"#),
            ("PATCH", &user, "application/json", "[]"),
            ("GET", "/Users?filter=%ff", "", ""),
            ("GET", "/Users?startIndex=x", "", ""),
            ("GET", "/Users/%ff", "", ""),
            ("GET", "/ServiceProviderConfig", "", ""),
            ("GET", "/ServiceProviderConfigs", "", ""),
            ("GET", "/Schemas", "", ""),
            ("GET", "/ResourceTypes", "", ""),
            ("GET", "/Me", "", ""),
            ("POST", "/Bulk", "", ""),
            ("POST", "/.search", "", ""),
        ] {
            let request = Request::builder()
                .method(method)
                .uri(format!("{surface}{path}"))
                .header("authorization", "Bearer non-token")
                .header("content-type", media_type)
                .body(Body::from(body))
                .expect("a request");
            let reply = client.send(request).await;
            assert_eq!(reply.status, 401, "{method} {surface}{path}: {reply}");
            if method != "HEAD" {
                assert!(!reply.detail().is_empty());
            }
        }
    }
    assert_eq!(client.newest().await, before);
});

/// A request with this token from this address.
async fn from(client: &Client, address: &str, token: &str) -> Reply {
    let mut request = Request::get(client.path("/Users"))
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .expect("a request");
    request.extensions_mut().insert(PeerAddress(address.parse().expect("an address")));
    client.send(request).await
}

contract!(async fn who_repeats_wrong_credentials_waits_and_no_one_else(store) {
    let client = Client::with_limits(store, Limits { auth_failures: 3, ..Limits::default() }).await;
    let wrong = "x";
    for _ in 0..3 {
        assert_eq!(from(&client, "192.0.2.1", wrong).await.status, 401);
    }
    let told = from(&client, "192.0.2.1", wrong).await;
    let wait: u32 = told.header("retry-after").expect("Retry-After").parse().expect("an integer");
    assert!((1..=60).contains(&wait));
    let text = told.to_string().replace(&format!("retry-after: {wait}"), "retry-after: (seconds)");
    assert_shown!(text, @r#"
    429
    content-type: application/scim+json
    retry-after: (seconds)

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "This is not a Doorward API token: those begin with \"scim_\". Copy the token that was shown when it was issued. This was tried too often: wait before the next request.",
      "status": "429"
    }
    "#);
    // Behind the same proxy: another customer, who mistyped too, still reads what is wrong.
    let mistyped = from(&client, "192.0.2.1", &swapped(&client.token)).await;
    assert_eq!(mistyped.status, 401);
    assert!(mistyped.detail().contains("mistyped"), "{mistyped}");
    assert_eq!(from(&client, "192.0.2.2", wrong).await.status, 401, "another address");
    assert_eq!(from(&client, "192.0.2.1", &client.token).await.status, 200, "a good token always passes");
    // No one can hide behind a header that no proxy of ours wrote.
    let mut request = Request::get(client.path("/Users"))
        .header("authorization", format!("Bearer {wrong}"))
        .header("x-forwarded-for", "198.51.100.7")
        .body(Body::empty())
        .expect("a request");
    request.extensions_mut().insert(PeerAddress("192.0.2.1".parse().expect("an address")));
    assert_eq!(client.send(request).await.status, 429);
});

contract!(async fn an_address_that_tries_very_many_credentials_waits(store) {
    let limits = Limits { auth_failures_per_address: 20, ..Limits::default() };
    let client = Client::with_limits(store, limits).await;
    for n in 0..20 {
        assert_eq!(from(&client, "192.0.2.1", &format!("x{n}")).await.status, 401);
    }
    let told = from(&client, "192.0.2.1", "y").await;
    assert_eq!(told.status, 429);
    assert!(told.header("retry-after").is_some());
    assert_eq!(from(&client, "192.0.2.2", "y").await.status, 401);
    assert_eq!(from(&client, "192.0.2.1", &client.token).await.status, 200);
});

contract!(async fn a_disabled_connection_is_closed_to_all_of_its_tokens(store) {
    let client = Client::open(store).await;
    let user = client.user("ada").await;
    set_enabled(&client, false).await;
    let before = client.newest().await;
    assert_shown!(client.get("/Users").await, @r#"
    403
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "This connection is switched off. An administrator can enable it in Doorward.",
      "status": "403"
    }
    "#);
    assert_shown!(client.v1().delete(&format!("/Users/{user}")).await, @r#"
    403
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "Errors": [
        {
          "description": "This connection is switched off. An administrator can enable it in Doorward.",
          "code": "403"
        }
      ],
      "detail": "This connection is switched off. An administrator can enable it in Doorward."
    }
    "#);
    assert_eq!(client.newest().await, before);
    // Whoever has no token learns nothing about the connection.
    assert_eq!(show(&client, "Bearer x").await.status, 401);
    set_enabled(&client, true).await;
    assert_eq!(client.get("/Users").await.listed("id"), user);
});

async fn set_enabled(client: &Client, enabled: bool) {
    let id = client.connection.connection.id;
    client
        .connection
        .organization
        .by_operator()
        .write(move |writer| {
            let act = if enabled { connection::activate } else { connection::disable };
            act(writer, id)
        })
        .await
        .expect("the connection is there");
}

contract!(async fn two_tokens_live_side_by_side_and_one_can_go(store) {
    let client = Client::open(store).await;
    let connection = client.connection.connection.clone();
    let issued = client.connection.organization.issue(&connection).await;
    let second = client.with_token(issued.reveal());
    let user = second.user("ada").await;
    assert_eq!(client.get("/Users").await.listed("id"), user);
    let (id, no) = (connection.id, issued.token.no);
    let revoked =
        client.connection.organization.by_operator().write(move |writer| token::revoke(writer, id, no)).await;
    revoked.expect("the token is there");
    assert_eq!(second.get("/Users").await.status, 401);
    assert_eq!(client.get("/Users").await.status, 200);
});

contract!(async fn the_address_of_a_connection_is_its_own_base(store) {
    let client = Client::open(store).await;
    let base = format!("/c/{}/scim/v2", client.connection.connection.id);
    let own = client.at(&base);
    let created = own.post("/Users", r#"{"userName":"ada"}"#).await;
    let location = format!("{}{base}/Users/{}", testkit::PUBLIC_URL, created.id());
    assert_eq!(created.header("location"), Some(location.as_str()));
    assert_eq!(created.json()["meta"]["location"], location);
    let group = own.group("engines", &[&created.id()]).await;
    let member = own.get(&format!("/Groups/{group}")).await.json()["members"][0]["$ref"].clone();
    assert_eq!(member, location);
    let config = own.get("/ServiceProviderConfig").await.json();
    let expected = format!("{}{base}/ServiceProviderConfig", testkit::PUBLIC_URL);
    assert_eq!(config["meta"]["location"], expected);
    // The same user at the fixed address.
    assert_eq!(client.get("/Users").await.listed("id"), created.id());
    let v1 = client.at(&format!("/c/{}/scim/v1", client.connection.connection.id));
    assert_eq!(v1.get("/Users").await.listed("id"), created.id());
});

contract!(async fn methods_that_an_endpoint_does_not_have(store) {
    let client = Client::open(store).await;
    let user = format!("/Users/{}", client.user("ada").await);
    let before = client.newest().await;
    assert_shown!(client.post(&user, "{}").await, @r#"
    405
    content-type: application/scim+json
    allow: GET,HEAD,PUT,PATCH,DELETE

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "POST is not possible here; the Allow header names the methods that are.",
      "status": "405"
    }
    "#);
    let mut told = Vec::new();
    for path in [
        "/Users",
        &user,
        "/Groups",
        "/Users/.search",
        "/Schemas",
        "/ResourceTypes",
        "/ServiceProviderConfig",
        "/Bulk",
    ] {
        let path = path.to_owned();
        for method in ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "GET", "POST"] {
            let reply = client.request(method, &path, None).await;
            let done = method == "DELETE" && path == user;
            if [405, 204].contains(&reply.status) && !done {
                let allow = reply.header("allow").unwrap_or("-");
                let shown = if path == user { "/Users/{id}" } else { &path };
                told.push(format!("{method} {shown}: {} allow {allow}", reply.status));
            }
        }
    }
    assert_shown!(told.join("\n"), @"
    OPTIONS /Users: 204 allow GET,HEAD,POST
    TRACE /Users: 405 allow GET,HEAD,POST
    PUT /Users: 405 allow GET,HEAD,POST
    PATCH /Users: 405 allow GET,HEAD,POST
    DELETE /Users: 405 allow GET,HEAD,POST
    OPTIONS /Users/{id}: 204 allow GET,HEAD,PUT,PATCH,DELETE
    TRACE /Users/{id}: 405 allow GET,HEAD,PUT,PATCH,DELETE
    POST /Users/{id}: 405 allow GET,HEAD,PUT,PATCH,DELETE
    OPTIONS /Groups: 204 allow GET,HEAD,POST
    TRACE /Groups: 405 allow GET,HEAD,POST
    PUT /Groups: 405 allow GET,HEAD,POST
    PATCH /Groups: 405 allow GET,HEAD,POST
    DELETE /Groups: 405 allow GET,HEAD,POST
    OPTIONS /Users/.search: 204 allow POST
    TRACE /Users/.search: 405 allow POST
    PUT /Users/.search: 405 allow POST
    PATCH /Users/.search: 405 allow POST
    DELETE /Users/.search: 405 allow POST
    GET /Users/.search: 405 allow POST
    OPTIONS /Schemas: 204 allow GET,HEAD
    TRACE /Schemas: 405 allow GET,HEAD
    PUT /Schemas: 405 allow GET,HEAD
    PATCH /Schemas: 405 allow GET,HEAD
    DELETE /Schemas: 405 allow GET,HEAD
    POST /Schemas: 405 allow GET,HEAD
    OPTIONS /ResourceTypes: 204 allow GET,HEAD
    TRACE /ResourceTypes: 405 allow GET,HEAD
    PUT /ResourceTypes: 405 allow GET,HEAD
    PATCH /ResourceTypes: 405 allow GET,HEAD
    DELETE /ResourceTypes: 405 allow GET,HEAD
    POST /ResourceTypes: 405 allow GET,HEAD
    OPTIONS /ServiceProviderConfig: 204 allow GET,HEAD
    TRACE /ServiceProviderConfig: 405 allow GET,HEAD
    PUT /ServiceProviderConfig: 405 allow GET,HEAD
    PATCH /ServiceProviderConfig: 405 allow GET,HEAD
    DELETE /ServiceProviderConfig: 405 allow GET,HEAD
    POST /ServiceProviderConfig: 405 allow GET,HEAD
    OPTIONS /Bulk: 204 allow POST
    TRACE /Bulk: 405 allow POST
    PUT /Bulk: 405 allow POST
    PATCH /Bulk: 405 allow POST
    DELETE /Bulk: 405 allow POST
    GET /Bulk: 405 allow POST
    ");
    assert_eq!(client.newest().await, before + 1, "DELETE of the user, and nothing else");
});

contract!(async fn head_is_get_without_the_body(store) {
    let client = Client::open(store).await;
    let user = client.user("ada").await;
    for path in [format!("/Users/{user}"), "/Users".to_owned(), "/Schemas".to_owned()] {
        let (get, head) =
            (client.get(&path).await, client.request("HEAD", &path, None).await);
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for name in ["content-type", "etag"] {
            assert_eq!(head.header(name), get.header(name), "{path}");
        }
    }
    assert_eq!(client.request("HEAD", "/Users/x", None).await.status, 404);
});

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// A token with two neighbouring digits in the other order.
fn swapped(token: &str) -> String {
    let mut bytes = token.as_bytes().to_vec();
    let at = (20..40).find(|at| bytes[*at] != bytes[at + 1]).expect("digits differ");
    bytes.swap(at, at + 1);
    String::from_utf8(bytes).expect("ASCII")
}

contract!(async fn a_connection_over_its_rate_waits_and_no_other_does(store) {
    let limits = Limits { connection_rate: NonZeroU32::new(2), ..Limits::default() };
    let client = Client::with_limits(store, limits).await;
    let other = client.beside(Provider::Entra).await;
    for _ in 0..2 {
        assert_eq!(client.get("/Users").await.status, 200);
    }
    let reply = client.get("/Users").await;
    assert_eq!(reply.header("retry-after"), Some("30"));
    assert_eq!(reply.header("ratelimit-policy"), Some(r#""minute";q=2;w=60"#));
    assert_eq!(reply.status, 429, "{reply}");
    let error = reply.json();
    assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{error}");
    assert_eq!(other.get("/Users").await.status, 200);
});
