//! The authorization endpoint: what is followed, what is told to the client, and what never leaves.

use jiff::ToSpan as _;
use oauth::{
    AuthorizationError, AuthorizationRefusal, AuthorizationRequest, Client, ErrorCode, Secret,
    SecretKind,
    authorization::{Authentication, PageRefusal, Progress, Prompt},
};

use crate::example::{
    CALLBACK, ISSUER, application, asked, changed, issuer, machine, now, parameters, provider,
    public, read, redirect, scopes,
};

/// The error that the client is told at its registered address.
fn told(pairs: &[(&str, &str)], client: &Client) -> AuthorizationError {
    let refused = read(pairs, client).unwrap_err();
    let AuthorizationRefusal::Callback { callback, error } = refused else {
        panic!("{refused:?} is not sent to the client");
    };
    let location = callback.error(&error);
    assert!(
        client.redirect_uris.iter().any(|known| location.starts_with(known.as_str())),
        "{location}"
    );
    let (_, sent) = redirect(&location);
    assert!(sent.contains(&("error".into(), error.error_code().as_str().into())), "{sent:?}");
    assert!(sent.contains(&("iss".into(), ISSUER.into())), "{sent:?}");
    error
}

#[test]
fn a_request_is_read_and_its_answer_keeps_the_query_of_the_address() {
    let request = read(&asked(), &application()).unwrap();
    assert_eq!(request.scopes, scopes("openid email groups"));
    assert_eq!(request.nonce.as_deref(), Some("n-0S6_WzA2Mj"));
    assert_eq!(request.prompt, Prompt::Needed);
    let code = Secret::new(SecretKind::Code, None, [1; 32]);
    let (address, sent) = redirect(&request.callback.code(&code));
    assert_eq!(address, "https://app.example/callback");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        sent,
        [
            pair("tenant", "7"),
            pair("code", code.reveal()),
            // As it came (RFC 6749 §4.1.2), and who answers (RFC 9207).
            pair("state", "a state+/%&= ü"),
            pair("iss", ISSUER),
        ]
    );
}

#[test]
fn an_address_that_is_not_registered_gets_nothing() {
    let wrong = [
        "https://app.example/callback?tenant=8",
        "https://app.example/callback?tenant=7&",
        "https://app.example/callback",
        "https://app.example/Callback?tenant=7",
        "https://app.example/callback/?tenant=7",
        "https://app.example:443/callback?tenant=7",
        "https://app.example/./callback?tenant=7",
        "https://APP.example/callback?tenant=7",
        "https://app.example/%63allback?tenant=7",
        "http://app.example/callback?tenant=7",
        "https://app.example/callback?tenant=7#",
        "https://app.example.evil.example/callback?tenant=7",
        "https://app.example@evil.example/callback?tenant=7",
        "https://app.example/callback?tenant=7 ",
        "https://evil.example/",
        "javascript:alert(1)",
        "//app.example/callback?tenant=7",
        // The port is free on a literal loopback address, and nothing else of it.
        "http://127.0.0.1:80:80/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:4711/callback?x",
        "http://127.0.0.1:4711/callback/",
        "http://127.0.0.2:4711/callback",
        "http://localhost:4711/callback",
        "http://[::1]:4711/callback",
        "http://127.0.0.1@evil.example/callback",
        "http://127.0.0.1:1@evil.example/callback",
        "https://127.0.0.1:4711/callback",
    ];
    for address in wrong {
        // Whatever else is wrong with the request: where to answer comes first.
        for pairs in [asked(), vec![("client_id", "app")]] {
            let refused = read(&changed(pairs, "redirect_uri", address), &application());
            assert_eq!(refused, Err(PageRefusal::RedirectUri.into()), "{address}");
        }
    }
}

#[test]
fn one_character_more_less_or_other_is_another_address() {
    let refused = Err(PageRefusal::RedirectUri.into());
    for at in 0..CALLBACK.len() {
        let mut other = CALLBACK.to_owned();
        other.remove(at);
        assert_eq!(read(&changed(asked(), "redirect_uri", &other), &application()), refused);
        other.insert(at, '!');
        assert_eq!(read(&changed(asked(), "redirect_uri", &other), &application()), refused);
        let mut longer = CALLBACK.to_owned();
        longer.insert(at, 'a');
        assert_eq!(read(&changed(asked(), "redirect_uri", &longer), &application()), refused);
    }
}

#[test]
fn an_application_on_the_same_machine_chooses_its_port() {
    for port in ["", ":1", ":80", ":65535"] {
        let address = format!("http://127.0.0.1{port}/callback");
        let request = read(&changed(asked(), "redirect_uri", &address), &application()).unwrap();
        assert_eq!(request.callback.redirect_uri().as_str(), address);
    }
    let other = Client { any_loopback_port: false, ..application() };
    let address = "http://127.0.0.1:1/callback";
    let refused = read(&changed(asked(), "redirect_uri", address), &other);
    assert_eq!(refused, Err(PageRefusal::RedirectUri.into()));
}

#[test]
fn an_address_may_be_left_out_where_there_is_one() {
    let pairs = changed(asked(), "redirect_uri", "");
    assert_eq!(read(&pairs, &application()), Err(PageRefusal::RedirectUri.into()));
    let mut client = application();
    client.redirect_uris.truncate(1);
    let request = read(&pairs, &client).unwrap();
    assert_eq!(request.callback.redirect_uri().as_str(), CALLBACK);
    assert_eq!(request.callback.named_redirect_uri(), None);
    let request = read(&asked(), &client).unwrap();
    assert_eq!(request.callback.named_redirect_uri(), Some(CALLBACK));
}

#[test]
fn what_names_the_client_or_the_address_must_stand_there_once() {
    for name in ["client_id", "redirect_uri"] {
        let mut pairs = asked();
        pairs.push((name, CALLBACK));
        let Err(AuthorizationRefusal::Page(refused)) = read(&pairs, &application()) else {
            panic!("{name} stands there twice");
        };
        assert_eq!(refused.error_code(), ErrorCode::InvalidRequest);
    }
    let nobody = AuthorizationRequest::client_id(&parameters("response_type=code"));
    assert!(nobody.is_err());
    // The request of one client is none of another's.
    assert_eq!(read(&asked(), &provider()), Err(PageRefusal::UnknownClient.into()));
}

#[test]
fn the_client_is_told_what_is_wrong_with_its_request() {
    use ErrorCode as E;
    let long = "n".repeat(600);
    for (name, value, code, error) in [
        ("response_type", "", "parameter_missing", E::InvalidRequest),
        ("response_type", "token", "response_type", E::UnsupportedResponseType),
        ("response_type", "id_token", "response_type", E::UnsupportedResponseType),
        ("response_type", "code id_token", "response_type", E::UnsupportedResponseType),
        ("response_mode", "fragment", "response_mode", E::InvalidRequest),
        ("code_challenge", "", "pkce_missing", E::InvalidRequest),
        ("code_challenge", "short", "parameter_malformed", E::InvalidRequest),
        ("code_challenge_method", "", "pkce_method", E::InvalidRequest),
        ("code_challenge_method", "plain", "pkce_method", E::InvalidRequest),
        ("code_challenge_method", "s256", "pkce_method", E::InvalidRequest),
        ("scope", "", "scope", E::InvalidScope),
        ("scope", "email", "scope", E::InvalidScope),
        ("scope", "scim", "scope", E::InvalidScope),
        ("scope", "openid \"", "parameter_malformed", E::InvalidRequest),
        ("prompt", "none login", "prompt", E::InvalidRequest),
        ("prompt", "sometimes", "prompt", E::InvalidRequest),
        ("max_age", "-1", "parameter_malformed", E::InvalidRequest),
        ("max_age", "ten", "parameter_malformed", E::InvalidRequest),
        ("nonce", &long, "parameter_too_long", E::InvalidRequest),
        ("request", "e30.e30.", "request_object", E::RequestNotSupported),
        ("request_uri", "https://a.example/", "request_uri", E::RequestUriNotSupported),
        ("registration", "{}", "registration", E::RegistrationNotSupported),
    ] {
        let refused = told(&changed(asked(), name, value), &application());
        assert_eq!((refused.code(), refused.error_code()), (code, error), "{name}={value}");
    }
    for name in ["scope", "state", "code_challenge", "unknown"] {
        let mut pairs = asked();
        pairs.extend([(name, "one"), (name, "another")]);
        assert_eq!(told(&pairs, &application()).code(), "parameter_repeated", "{name}");
    }
    let machine = Client { redirect_uris: application().redirect_uris, ..machine() };
    let of_machine = changed(asked(), "client_id", "entra");
    assert_eq!(told(&of_machine, &machine).error_code(), ErrorCode::UnauthorizedClient);
}

#[test]
fn only_a_confidential_identity_provider_may_come_without_pkce() {
    let okta = provider();
    let address = okta.redirect_uris[0].as_str().to_owned();
    assert_eq!(
        address,
        "https://system-admin.okta.com/admin/app/cpc/trial123_name_1/oauth/callback"
    );
    let pairs = [("response_type", "code"), ("client_id", "okta"), ("redirect_uri", &address)];
    let request = read(&pairs, &okta).unwrap();
    assert_eq!(request.code_challenge, None);
    assert_eq!(told(&pairs, &public(provider())), AuthorizationError::PkceMissing);
    for client in [application(), public(application())] {
        let without = changed(changed(asked(), "code_challenge", ""), "code_challenge_method", "");
        assert_eq!(told(&without, &client), AuthorizationError::PkceMissing);
    }
    // Who says a method must give a challenge.
    let half = [&pairs[..], &[("code_challenge_method", "S256")]].concat();
    assert_eq!(told(&half, &okta), AuthorizationError::PkceMissing);
}

#[test]
fn an_identity_provider_gets_scim_and_a_refresh_token_whatever_it_asks_for() {
    let okta = provider();
    let address = okta.redirect_uris[2].as_str().to_owned();
    let pairs = [("response_type", "code"), ("client_id", "okta"), ("redirect_uri", &address)];
    for extra in [
        vec![],
        vec![("scope", "offline_access")],
        vec![("scope", "scim")],
        // The administrator's address has a scope, and Okta adds its own.
        vec![("scope", "offline_access"), ("scope", "scim")],
    ] {
        let request = read(&[&pairs[..], &extra].concat(), &okta).unwrap();
        assert_eq!(request.scopes, scopes("scim offline_access"), "{extra:?}");
    }
    let refused = told(&[&pairs[..], &[("scope", "scim openid")]].concat(), &okta);
    assert_eq!(refused.error_code(), ErrorCode::InvalidScope);
}

#[test]
fn a_request_survives_the_sign_in_with_all_that_it_brought() {
    let mut pairs = asked();
    pairs.extend([
        ("organization", "birchwood"),
        ("connection", "okta-birchwood"),
        ("login_hint", "ada@birchwood.example"),
        ("acr_values", "urn:a  urn:b"),
        ("max_age", "99999999999"),
        ("ui_locales", "de"),
    ]);
    let request = read(&pairs, &application()).unwrap();
    let kept = request.parameters.to_query();
    assert!(kept.contains("ui_locales=de"), "{kept}");
    let again = AuthorizationRequest::read(parameters(&kept), &application(), &issuer());
    assert_eq!(again.as_ref(), Ok(&request));
    assert_eq!(request.organization.as_deref(), Some("birchwood"));
    assert_eq!(request.connection.as_deref(), Some("okta-birchwood"));
    assert_eq!(request.login_hint.as_deref(), Some("ada@birchwood.example"));
    assert_eq!(request.acr_values, ["urn:a", "urn:b"]);
    assert_eq!(request.max_age, Some(u32::MAX));
}

#[test]
fn somebody_signs_in_when_and_only_when_it_is_needed() {
    let request = |name, value| read(&changed(asked(), name, value), &application()).unwrap();
    let ago = |seconds: i64, is_for_request| {
        Some(Authentication { at: now() - seconds.seconds(), is_for_request })
    };
    let again = Ok(Progress::SignIn { again: true });
    let plain = request("ui_locales", "de");
    assert_eq!(plain.progress(None, false, now()), Ok(Progress::SignIn { again: false }));
    assert_eq!(plain.progress(ago(90_000, false), false, now()), Ok(Progress::Answer));
    assert_eq!(plain.progress(ago(90_000, false), true, now()), Ok(Progress::Consent));
    let login = request("prompt", "login");
    assert_eq!(login.progress(ago(1, false), false, now()), again);
    assert_eq!(login.progress(ago(20, true), false, now()), Ok(Progress::Answer));
    let stale = Err(AuthorizationError::NotFresh);
    assert_eq!(login.progress(ago(3_600, true), false, now()), stale);
    let young = request("max_age", "60");
    assert_eq!(young.progress(None, false, now()), again);
    assert_eq!(young.progress(ago(60, false), false, now()), Ok(Progress::Answer));
    assert_eq!(young.progress(ago(61, false), false, now()), again);
    assert_eq!(young.progress(ago(61, true), false, now()), Ok(Progress::Answer));
    assert_eq!(young.progress(ago(3_600, true), false, now()), stale);
    let now_only = request("max_age", "0");
    assert_eq!(now_only.progress(ago(1, false), false, now()), again);
    assert_eq!(now_only.progress(ago(1, true), false, now()), Ok(Progress::Answer));
    let silent = request("prompt", "none");
    assert_eq!(silent.progress(None, false, now()), Err(AuthorizationError::LoginRequired));
    assert_eq!(silent.progress(ago(9, false), false, now()), Ok(Progress::Answer));
    let consent = silent.progress(ago(9, false), true, now());
    assert_eq!(consent, Err(AuthorizationError::ConsentRequired));
}
