//! The token endpoint: codes, refresh tokens and a client's own credentials, for tokens.

use std::time::Duration;

use ::oauth::{
    ClientKind, ClientRefusal, CodeChallenge, CodeVerifier, IssuedCode, IssuedRefreshToken,
    PresentedSecret, Rotation, Scopes, Secret, TokenRefusal, TokenRequest, client::Authenticated,
    limit::ACCESS_TOKEN_LIFETIME, scope,
};

use super::{
    Client, Grant,
    grant::{self, Giver, Holder, NEVER},
    of_secret, replay,
    token::{self, Purpose, Terms, Token},
};
use crate::{
    access::{Access, Principal},
    clock::Time,
    connection,
    db::Param,
    error::Error,
    id::GrantId,
    session::{self, Policy, SignedIn},
    store::{Reader, Store, Writer},
};

/// Tokens that were just made.
#[derive(Debug)]
pub struct Issued {
    /// The access token.
    pub access_token: Secret,
    /// How long it lives.
    pub lives: Duration,
    /// The next refresh token.
    pub refresh_token: Option<Secret>,
    /// What they are good for.
    pub scopes: Scopes,
    /// Of whom the ID token is to tell.
    pub person: Option<Told>,
}

/// Of whom an ID token tells.
#[derive(Debug)]
pub struct Told {
    /// The person, at this moment.
    pub signed_in: Box<SignedIn>,
    /// Whether its address of e-mail is in a domain that the organization has proven.
    pub email_verified: bool,
    /// The session as the application knows it.
    pub session_id: String,
    /// As it came in the authorization request.
    pub nonce: Option<String>,
}

/// Remembers the assertion of a client that was believed. Answers whether it is new.
///
/// # Errors
///
/// Those of the store.
pub async fn remember(
    store: &Store,
    client: &Client,
    authenticated: &Authenticated,
) -> Result<bool, Error> {
    match &authenticated.replay {
        None => Ok(true),
        Some(replay) => replay::take(store, client.home(), client.id().as_str(), replay).await,
    }
}

/// Gives a client that has proven who it is (`by`) what it asks for.
///
/// # Errors
///
/// Those of the store; a refusal is the inner error. Where a code or a refresh token was shown twice,
/// everything that came from it has ended.
pub async fn redeem(
    store: &Store,
    (client, by): (&Client, &Authenticated),
    request: TokenRequest,
    policy: Policy,
) -> Result<Result<Issued, TokenRefusal>, Error> {
    let is_in_body = by.is_by_secret_in_body();
    let shown = match request {
        TokenRequest::ClientCredentials { scopes } => return machine(store, client, scopes).await,
        TokenRequest::AuthorizationCode { code, redirect_uri, verifier } => {
            Shown { presented: code, is_in_body, what: What::Code { redirect_uri, verifier } }
        }
        TokenRequest::RefreshToken { token, scopes } => {
            Shown { presented: token, is_in_body, what: What::Refresh { scopes } }
        }
    };
    let unknown = Ok(Err(TokenRefusal::UnknownGrant));
    let Some(org) = of_secret(&shown.presented) else { return unknown };
    let access = Principal::client(org, client.id()).on(org)?;
    let client = client.clone();
    // What is made up is found out without a change that others would wait for.
    let look = {
        let (client, shown) = (client.clone(), shown.clone());
        let now = store.clock().now();
        move |reader: &mut Reader<'_>| judge(reader, &client, &shown, &policy, now)
    };
    match store.read_unproven(&access, look).await? {
        Err(refusal) if !refusal.revokes() => return Ok(Err(refusal)),
        Err(_) | Ok(_) => {}
    }
    let change = move |writer: &mut Writer<'_>| exchange(writer, &client, &shown, &policy);
    match store.write(&access, change).await {
        Err(Error::NotFound { .. }) => unknown,
        exchanged => exchanged,
    }
}

/// A code or a refresh token that is shown.
#[derive(Clone, Debug)]
struct Shown {
    presented: PresentedSecret,
    /// Whether the client's own secret stood in the body beside it.
    is_in_body: bool,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Code { redirect_uri: Option<String>, verifier: Option<CodeVerifier> },
    Refresh { scopes: Option<Scopes> },
}

/// What is shown is good.
struct Good {
    token: Token,
    grant: Grant,
    holder: Holder,
    scopes: Scopes,
    /// Whether it is to be marked as used.
    is_first: bool,
}

/// Judges what is shown. On [`TokenRefusal::revokes`] the grant is to be ended.
fn judge(
    reader: &mut Reader<'_>,
    client: &Client,
    shown: &Shown,
    policy: &Policy,
    now: Time,
) -> Result<Result<Good, TokenRefusal>, Error> {
    let found = find(reader, &shown.presented)?;
    let Some((token, grant)) = found else { return Ok(Err(TokenRefusal::UnknownGrant)) };
    if shown.is_in_body && serves_ipsie(reader, &grant)? {
        return Ok(Err(ClientRefusal::SecretInBody.into()));
    }
    let moment = now.timestamp();
    let (rotation, scopes) = match &shown.what {
        What::Code { redirect_uri, verifier } => {
            let issued = issued_code(&token, &grant)?;
            let registered = &client.registered;
            let judged =
                issued.exchange(registered, redirect_uri.as_deref(), verifier.as_ref(), moment);
            match judged {
                Ok(()) => (Rotation::First, token.scopes()?),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        What::Refresh { scopes } => {
            let issued = IssuedRefreshToken {
                client_id: grant.client.clone(),
                scopes: token.scopes()?,
                expires: Some(token.expires.timestamp()),
                replaced: token.used.map(Time::timestamp),
                is_revoked: grant.ended.is_some(),
            };
            match issued.exchange(&client.registered, scopes.as_ref(), moment) {
                Ok(exchanged) => exchanged,
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
    };
    let Some(holder) = grant.holder(reader, policy, now)? else {
        return Ok(Err(TokenRefusal::Revoked));
    };
    let is_first = rotation == Rotation::First;
    Ok(Ok(Good { token, grant, holder, scopes, is_first }))
}

/// Whether what is granted is for the SCIM of a connection that takes no secrets in bodies.
fn serves_ipsie(reader: &mut Reader<'_>, grant: &Grant) -> Result<bool, Error> {
    let Some(no) = grant.connection().filter(|_| grant.is_of_provisioning()) else {
        return Ok(false);
    };
    Ok(connection::by_no(reader, no)?.is_some_and(|connection| connection.ipsie))
}

fn find(
    reader: &mut Reader<'_>,
    presented: &PresentedSecret,
) -> Result<Option<(Token, Grant)>, Error> {
    let Some(token) = token::shown(reader, presented)? else { return Ok(None) };
    if token.purpose == Purpose::Access {
        return Ok(None);
    }
    Ok(grant::by_id(reader, token.grant)?.map(|grant| (token, grant)))
}

fn issued_code(token: &Token, grant: &Grant) -> Result<IssuedCode, Error> {
    let challenge = token.terms.challenge.as_deref().map(CodeChallenge::parse);
    if challenge == Some(None) {
        return Err(Error::damaged("oauth_token", token.grant, "the challenge is none"));
    }
    Ok(IssuedCode {
        client_id: grant.client.clone(),
        redirect_uri: token.terms.redirect_uri.clone(),
        challenge: challenge.flatten(),
        expires: token.created.plus(::oauth::limit::CODE_LIFETIME.unsigned_abs()).timestamp(),
        is_used: token.used.is_some(),
    })
}

fn exchange(
    writer: &mut Writer<'_>,
    client: &Client,
    shown: &Shown,
    policy: &Policy,
) -> Result<Result<Issued, TokenRefusal>, Error> {
    let now = writer.now();
    let good = match judge(writer, client, shown, policy, now)? {
        Ok(good) => good,
        Err(refusal) => {
            if refusal.revokes()
                && let Some((_, grant)) = find(writer, &shown.presented)?
            {
                grant::end(writer, &grant, refusal.code())?;
            }
            return Ok(Err(refusal));
        }
    };
    let Good { token, mut grant, holder, scopes, is_first } = good;
    if is_first {
        token.use_up(writer)?;
    }
    if client.registered.kind == ClientKind::Provider && token.purpose == Purpose::Code {
        // Whoever let it in need not do so again: Okta refreshes only when it has something to do.
        grant.expires = NEVER;
        grant::extend(writer, grant.id, NEVER)?;
    }
    let (access_token, lives) = make(writer, Purpose::Access, &grant, &scopes)?;
    let refresh_token = if scopes.contains(scope::OFFLINE_ACCESS) {
        Some(make(writer, Purpose::Refresh, &grant, &token.scopes()?)?.0)
    } else {
        None
    };
    let session_id = grant.session_id().unwrap_or_default().to_owned();
    let person = match holder {
        Holder::Person { signed_in, email_verified } if scopes.contains(scope::OPENID) => {
            session::touched(writer, &signed_in.session)?;
            Some(Told { signed_in, email_verified, session_id, nonce: token.terms.nonce })
        }
        _ => None,
    };
    Ok(Ok(Issued { access_token, lives, refresh_token, scopes, person }))
}

/// Makes a token of a grant.
fn make(
    writer: &mut Writer<'_>,
    purpose: Purpose,
    grant: &Grant,
    scopes: &Scopes,
) -> Result<(Secret, Duration), Error> {
    let now = writer.now();
    let expires = match purpose {
        Purpose::Refresh => NEVER,
        Purpose::Code | Purpose::Access => now.plus(ACCESS_TOKEN_LIFETIME.unsigned_abs()),
    };
    let place = (writer.org(), writer.random());
    let (secret, token) = Token::new(place, purpose, grant, Terms::of(scopes), (now, expires));
    token.keep(|sql, params| writer.send(sql, params))?;
    Ok((secret, between(now, token.expires)))
}

fn between(now: Time, later: Time) -> Duration {
    let micros = later.as_micros().saturating_sub(now.as_micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// Client credentials (RFC 6749 §4.4): nothing of the organization is locked.
async fn machine(
    store: &Store,
    client: &Client,
    scopes: Scopes,
) -> Result<Result<Issued, TokenRefusal>, Error> {
    let (org, now) = (client.home(), store.clock().now());
    let lives = ACCESS_TOKEN_LIFETIME.unsigned_abs();
    let times = (now, now.plus(lives));
    let id = GrantId::random(store.random());
    let giver = Giver::Doorward(client.connection_no());
    let grant = Grant::new(id, client.id(), giver, &scopes, times);
    let open = {
        let grant = grant.clone();
        move |reader: &mut Reader<'_>| grant.holder(reader, &Policy::default(), now)
    };
    let holder = store.read(&Access::system(org), open).await?;
    let is_lost = client.connection_no().is_some() && !matches!(holder, Some(Holder::Connection));
    if holder.is_none() || is_lost {
        return Ok(Err(TokenRefusal::Revoked));
    }
    let terms = Terms::of(&scopes);
    let (access_token, token) =
        Token::new((org, store.random()), Purpose::Access, &grant, terms, times);
    let kept = store.append(org, move |appender| {
        let mut run = |sql, params: &[Param<'_>]| appender.execute(sql, params);
        grant::insert(&grant, None, &mut run)?;
        token.keep(&mut run)
    });
    kept.await?;
    Ok(Ok(Issued { access_token, lives, refresh_token: None, scopes, person: None }))
}
