//! The token endpoint: codes, refresh tokens, machines; and what is asked of tokens afterwards.

use std::num::NonZeroU64;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use oauth::{
    Client, CodeChallenge, CodeVerifier, ErrorCode, Introspection, IssuedCode, IssuedRefreshToken,
    PresentedSecret, Rotation, Secret, SecretFault, SecretKind, TokenAnswer, TokenInQuestion,
    TokenRefusal, TokenRequest,
    bearer::{self, BearerRefusal},
};
use serde_json::json;

use crate::example::{
    CALLBACK, CHALLENGE, VERIFIER, application, form, id, issuer, machine, now, provider, public,
    scopes,
};

fn code() -> IssuedCode {
    IssuedCode {
        client_id: id("app"),
        redirect_uri: Some(CALLBACK.to_owned()),
        challenge: CodeChallenge::parse(CHALLENGE),
        expires: now() + oauth::limit::CODE_LIFETIME,
        is_used: false,
    }
}

fn exchange(code: &IssuedCode, client: &Client, at: Timestamp) -> Result<(), TokenRefusal> {
    code.exchange(client, Some(CALLBACK), CodeVerifier::parse(VERIFIER).as_ref(), at)
}

#[test]
fn the_example_of_rfc_7636_appendix_b() {
    let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
    assert!(challenge.is_of(&CodeVerifier::parse(VERIFIER).unwrap()));
    assert_eq!(challenge.to_text(), CHALLENGE);
    for text in ["", "short", &"a".repeat(42), &"a".repeat(129), &format!("{VERIFIER}="), "ü"] {
        assert!(CodeVerifier::parse(text).is_none(), "{text}");
    }
    for text in ["", VERIFIER.trim_end_matches('k'), &format!("{CHALLENGE}=")] {
        assert!(CodeChallenge::parse(text).is_none(), "{text}");
    }
}

#[test]
fn a_code_is_exchanged_once_within_a_minute_by_its_client() {
    let (code, client) = (code(), application());
    assert_eq!(exchange(&code, &client, now() + 59.seconds()), Ok(()));
    assert_eq!(exchange(&code, &client, now() + 60.seconds()), Err(TokenRefusal::Expired));
    let other = Client { id: id("other"), ..application() };
    assert_eq!(exchange(&code, &other, now()), Err(TokenRefusal::OtherClient));
    let used = IssuedCode { is_used: true, ..code };
    let refused = exchange(&used, &client, now()).unwrap_err();
    assert_eq!(refused, TokenRefusal::CodeReplayed);
    assert!(refused.revokes());
    // A stranger who has seen a code cannot end the client's tokens with it.
    assert!(!exchange(&used, &other, now()).unwrap_err().revokes());
    // Also when the code is long dead.
    assert_eq!(exchange(&used, &client, now() + 1.hour()), Err(TokenRefusal::CodeReplayed));
}

#[test]
fn a_code_is_bound_to_its_address_and_its_verifier() {
    let (code, client) = (code(), application());
    let verifier = CodeVerifier::parse(VERIFIER);
    let wrong = CodeVerifier::parse(&VERIFIER.replace('d', "e"));
    let with = |code: &IssuedCode, uri, verifier: &Option<CodeVerifier>| {
        code.exchange(&client, uri, verifier.as_ref(), now())
    };
    assert_eq!(with(&code, None, &verifier), Err(TokenRefusal::RedirectUri));
    assert_eq!(
        with(&code, Some("https://app.example/"), &verifier),
        Err(TokenRefusal::RedirectUri)
    );
    assert_eq!(with(&code, Some(CALLBACK), &None), Err(TokenRefusal::PkceMissing));
    assert_eq!(with(&code, Some(CALLBACK), &wrong), Err(TokenRefusal::PkceMismatch));
    let unbound = IssuedCode { challenge: None, redirect_uri: None, ..code };
    assert_eq!(with(&unbound, Some(CALLBACK), &verifier), Err(TokenRefusal::RedirectUri));
    assert_eq!(with(&unbound, None, &verifier), Err(TokenRefusal::PkceUnexpected));
    assert_eq!(with(&unbound, None, &None), Err(TokenRefusal::PkceMissing));
    let okta = IssuedCode { client_id: id("okta"), ..unbound };
    assert_eq!(okta.exchange(&provider(), None, None, now()), Ok(()));
}

fn refresh_token() -> IssuedRefreshToken {
    IssuedRefreshToken {
        client_id: id("okta"),
        scopes: scopes("scim offline_access"),
        expires: None,
        replaced: None,
        is_revoked: false,
    }
}

#[test]
fn a_refresh_token_is_replaced_and_taken_once_more_for_a_minute() {
    let token = refresh_token();
    let all = scopes("scim offline_access");
    let ask = |token: &IssuedRefreshToken, at| token.exchange(&provider(), None, at);
    assert_eq!(ask(&token, now()), Ok((Rotation::First, all.clone())));
    let replaced = IssuedRefreshToken { replaced: Some(now()), ..token };
    for seconds in [0, 1, 59] {
        let again = ask(&replaced, now() + seconds.seconds());
        assert_eq!(again, Ok((Rotation::Repeated, all.clone())));
    }
    let refused = ask(&replaced, now() + 60.seconds()).unwrap_err();
    assert_eq!(refused, TokenRefusal::RefreshReplayed);
    assert!(refused.revokes());
    let other = Client { id: id("other"), ..provider() };
    let stranger = replaced.exchange(&other, None, now() + 1.hour()).unwrap_err();
    assert_eq!(stranger, TokenRefusal::OtherClient);
    let revoked = IssuedRefreshToken { is_revoked: true, ..refresh_token() };
    assert_eq!(ask(&revoked, now()), Err(TokenRefusal::Revoked));
    let expired = IssuedRefreshToken { expires: Some(now()), ..refresh_token() };
    assert_eq!(ask(&expired, now()), Err(TokenRefusal::Expired));
}

#[test]
fn a_refresh_gives_fewer_scopes_and_never_more() {
    let ask = |text| refresh_token().exchange(&provider(), Some(&scopes(text)), now());
    assert_eq!(ask("scim"), Ok((Rotation::First, scopes("scim"))));
    assert_eq!(ask("scim openid"), Err(TokenRefusal::Scope));
}

fn secret_of(kind: SecretKind) -> String {
    Secret::new(kind, NonZeroU64::new(7), [3; 32]).reveal().to_owned()
}

#[test]
fn a_request_is_read_by_its_grant_type() {
    use ErrorCode as E;
    let (code, refresh) = (secret_of(SecretKind::Code), secret_of(SecretKind::RefreshToken));
    let by_code = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let read = |pairs: &[_], client: &Client| TokenRequest::read(&form(pairs), client);
    let Ok(TokenRequest::AuthorizationCode { code: shown, redirect_uri, verifier: Some(_) }) =
        read(&by_code, &application())
    else {
        panic!("a code is read");
    };
    assert_eq!(Ok(shown), PresentedSecret::parse(&code));
    assert_eq!(redirect_uri.as_deref(), Some(CALLBACK));
    let by_refresh = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let by_itself = [("grant_type", "client_credentials")];
    assert!(read(&by_refresh, &provider()).is_ok());
    let Ok(TokenRequest::ClientCredentials { scopes: granted }) = read(&by_itself, &machine())
    else {
        panic!("a machine asks for itself");
    };
    assert_eq!(granted, scopes("scim"));

    let error = |pairs: &[_], client: &Client| read(pairs, client).unwrap_err().error_code();
    assert_eq!(error(&by_code, &machine()), E::UnauthorizedClient);
    assert_eq!(error(&by_itself, &application()), E::UnauthorizedClient);
    assert_eq!(error(&by_itself, &provider()), E::UnauthorizedClient);
    assert_eq!(error(&by_itself, &public(machine())), E::UnauthorizedClient);
    let wide = [by_itself[0], ("scope", "scim admin")];
    assert_eq!(error(&wide, &machine()), E::InvalidScope);
    for (pairs, expected) in [
        (&[][..], E::InvalidRequest),
        (&[("grant_type", "password")], E::UnsupportedGrantType),
        (&[("grant_type", "implicit")], E::UnsupportedGrantType),
        (&[by_code[0]], E::InvalidRequest),
        (&[by_code[0], ("code", "nonsense")], E::InvalidGrant),
        // A token of another kind is no code.
        (&[by_code[0], ("code", refresh.as_str())], E::InvalidGrant),
        (&[by_code[0], by_code[1], ("code_verifier", "short")], E::InvalidRequest),
        (&[by_code[0], by_code[1], by_code[1]], E::InvalidRequest),
        (&[by_refresh[0]], E::InvalidRequest),
        (&[by_refresh[0], ("refresh_token", code.as_str())], E::InvalidGrant),
    ] {
        assert_eq!(error(pairs, &application()), expected, "{pairs:?}");
    }
}

#[test]
fn a_refusal_is_answered_as_rfc_6749_5_2_says() {
    let answer = TokenRefusal::PkceMismatch.answer();
    assert_eq!((answer.status, answer.www_authenticate), (400, None));
    assert_eq!(
        answer.body,
        json!({
            "error": "invalid_grant",
            "error_description": "code_verifier is not that of the code_challenge"
        })
    );
}

#[test]
fn an_answer_is_as_rfc_6749_5_1_says() {
    let access = Secret::new(SecretKind::AccessToken, None, [1; 32]);
    let refresh = Secret::new(SecretKind::RefreshToken, None, [2; 32]);
    let scopes = scopes("scim offline_access");
    let answer = TokenAnswer {
        access_token: &access,
        expires_in: SignedDuration::from_hours(1),
        refresh_token: Some(&refresh),
        scopes: &scopes,
        id_token: None,
    };
    assert_eq!(
        answer.to_json(),
        json!({
            "access_token": access.reveal(),
            "token_type": "Bearer",
            "expires_in": 3_600,
            "scope": "scim offline_access",
            "refresh_token": refresh.reveal(),
        })
    );
    assert!(!format!("{answer:?}").contains(access.reveal()), "a token is not printed by accident");
}

#[test]
fn a_secret_says_what_it_is_and_where_it_belongs() {
    for kind in [
        SecretKind::Code,
        SecretKind::AccessToken,
        SecretKind::RefreshToken,
        SecretKind::ClientSecret,
    ] {
        for organization in [None, NonZeroU64::new(1), NonZeroU64::new(u64::MAX)] {
            let secret = Secret::new(kind, organization, [0xa5; 32]);
            let shown = PresentedSecret::parse(secret.reveal()).unwrap();
            assert_eq!((shown.kind, shown.organization), (kind, organization));
            assert!(shown.hash.matches(&secret.hash()));
        }
    }
    let whole = secret_of(SecretKind::Code);
    for at in 0..whole.len() {
        let mut other = whole.clone();
        other.remove(at);
        assert!(PresentedSecret::parse(&other).is_err(), "{other}");
        let digit = if whole.as_bytes()[at] == b'x' { 'y' } else { 'x' };
        other.insert(at, digit);
        assert!(PresentedSecret::parse(&other).is_err(), "{other}");
    }
    assert_eq!(PresentedSecret::parse("hello"), Err(SecretFault::Malformed));
    assert_eq!(PresentedSecret::parse("dwcode_7_short"), Err(SecretFault::Mistyped));
}

#[test]
fn a_token_is_revoked_by_its_client_and_unknown_ones_are_revoked_already() {
    let access = secret_of(SecretKind::AccessToken);
    let of = |pairs: &[_]| TokenInQuestion::of_revocation(&form(pairs));
    let hinted = [("token", access.as_str()), ("token_type_hint", "nonsense")];
    assert!(of(&hinted).unwrap().secret().is_some());
    let code = secret_of(SecretKind::Code);
    for other in ["nonsense", &code] {
        assert_eq!(of(&[("token", other)]).unwrap().secret(), None);
    }
    assert_eq!(of(&[]).unwrap_err().error_code(), ErrorCode::InvalidRequest);
    assert_eq!(TokenInQuestion::check_owner(&application(), &id("app")), Ok(()));
    let refused = TokenInQuestion::check_owner(&application(), &id("okta")).unwrap_err();
    assert_eq!(refused.error_code(), ErrorCode::InvalidGrant);
}

#[test]
fn introspection_tells_confidential_clients_only() {
    let form = form(&[("token", &secret_of(SecretKind::AccessToken))]);
    assert!(TokenInQuestion::of_introspection(&form, &application()).is_ok());
    let refused = TokenInQuestion::of_introspection(&form, &public(application())).unwrap_err();
    assert_eq!(refused.error_code(), ErrorCode::UnauthorizedClient);
    assert_eq!(Introspection::Inactive.to_json(), json!({ "active": false }));
    let active = Introspection::Active {
        issuer: &issuer(),
        client_id: &id("app"),
        scopes: &scopes("openid"),
        subject: "u1",
        username: Some("ada"),
        issued_at: Timestamp::from_second(1_000).unwrap(),
        expires: Timestamp::from_second(4_600).ok(),
        is_access_token: true,
    };
    assert_eq!(
        active.to_json(),
        json!({
            "active": true, "iss": "https://doorward.example", "client_id": "app", "scope": "openid",
            "sub": "u1", "iat": 1_000, "username": "ada", "exp": 4_600, "token_type": "Bearer",
        })
    );
}

#[test]
fn a_bearer_token_stands_in_the_header() {
    let token = secret_of(SecretKind::AccessToken);
    assert!(bearer::access_token(Some(&format!("bearer {token}"))).is_ok());
    for (header, refusal, status) in [
        (None, BearerRefusal::Missing, 401),
        (Some("Basic YTpi"), BearerRefusal::Missing, 401),
        (Some("Bearer"), BearerRefusal::Malformed, 400),
        (Some("Bearer nonsense"), BearerRefusal::Token, 401),
        (
            Some(&*format!("Bearer {}", secret_of(SecretKind::RefreshToken))),
            BearerRefusal::Token,
            401,
        ),
    ] {
        assert_eq!(bearer::access_token(header), Err(refusal), "{header:?}");
        let answer = refusal.answer();
        assert_eq!(answer.status, status);
        let told = answer.www_authenticate.unwrap();
        assert_eq!(told == "Bearer", refusal == BearerRefusal::Missing, "{told}");
    }
    let answer = BearerRefusal::Scope("openid").answer();
    assert_eq!(answer.status, 403);
    assert!(answer.www_authenticate.unwrap().contains("error=\"insufficient_scope\""));
}
