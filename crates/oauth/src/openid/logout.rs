//! Signing out: [`LogoutRequest`], which an application sends a browser with, and [`LogoutToken`],
//! which we send to an application.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    client::{Client, ClientId},
    error::ErrorCode,
    issuer::Issuer,
    jose::{
        Algorithm, JwtRefusal, SigningError, SigningKey, TokenType, Verification, VerifyingKey,
        verify,
    },
    limit::{LOGOUT_TOKEN_LIFETIME, LONGEST_STATE},
    parameters::{ParameterFault, Parameters},
};

/// The event of a logout token (OpenID Connect Back-Channel Logout §2.4).
const BACKCHANNEL_LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A request of a browser that an application sent to be signed out (OpenID Connect RP-Initiated Logout
/// §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRequest {
    /// Which application sent it, by the token or by its word.
    pub client_id: Option<ClientId>,
    /// What an ID token of ours says, if there was one. Where there was none, or another person is
    /// signed in, the person is asked before anything ends.
    pub hint: Option<LogoutHint>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

/// Whose session is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutHint {
    /// The person.
    pub subject: String,
    /// The session.
    pub session_id: Option<String>,
}

/// Why no one is sent on. The person sees a page of ours, and never goes to an address that is not
/// registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutRefusal {
    /// A parameter cannot be read.
    #[error(transparent)]
    Parameter(#[from] ParameterFault),
    /// The ID token is none of ours.
    #[error("id_token_hint is refused: {0}")]
    Hint(#[from] JwtRefusal),
    /// The ID token is another issuer's, or says nothing of a client or a person.
    #[error("id_token_hint is no ID token of this issuer")]
    NotOurs,
    /// `client_id` is another one than the ID token's.
    #[error("client_id is not the one that the ID token was given to")]
    OtherClient,
    /// An address without a client whose it could be.
    #[error("post_logout_redirect_uri is there, but neither id_token_hint nor client_id")]
    NoClient,
    /// The address is not registered, byte for byte.
    #[error("post_logout_redirect_uri is not one that the client registered")]
    RedirectUri,
}

impl LogoutRefusal {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Parameter(fault) => fault.code(),
            Self::Hint(refusal) => refusal.code(),
            Self::NotOurs => "not_ours",
            Self::OtherClient => "other_client",
            Self::NoClient => "no_client",
            Self::RedirectUri => "redirect_uri",
        }
    }

    /// The standard error.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        ErrorCode::InvalidRequest
    }
}

impl LogoutRequest {
    /// Reads a request. `keys` are those that sign ID tokens and those that did: an ID token is taken
    /// for a hint long after it expired (§4).
    ///
    /// # Errors
    ///
    /// When a parameter or the ID token cannot be believed.
    pub fn read<'k>(
        parameters: &Parameters,
        keys: impl IntoIterator<Item = &'k VerifyingKey>,
        issuer: &Issuer,
    ) -> Result<Self, LogoutRefusal> {
        parameters.check_unrepeated(&[])?;
        let named = parameters
            .get("client_id")?
            .map(|text| ClientId::parse(text).ok_or(ParameterFault::Malformed("client_id")));
        let named = named.transpose()?;
        let state = parameters.get("state")?.map(str::to_owned);
        if state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
            return Err(ParameterFault::TooLong("state").into());
        }
        let hint = parameters.get("id_token_hint")?;
        let hint = hint.map(|token| read_hint(token, keys, issuer)).transpose()?;
        let (client_id, hint) = match (named, hint) {
            (Some(named), Some((of_hint, _))) if named != of_hint => {
                return Err(LogoutRefusal::OtherClient);
            }
            (_, Some((of_hint, hint))) => (Some(of_hint), Some(hint)),
            (named, None) => (named, None),
        };
        let post_logout_redirect_uri =
            parameters.get("post_logout_redirect_uri")?.map(str::to_owned);
        if post_logout_redirect_uri.is_some() && client_id.is_none() {
            return Err(LogoutRefusal::NoClient);
        }
        Ok(Self { client_id, hint, post_logout_redirect_uri, state })
    }

    /// Where the browser goes afterwards: to the application, or nowhere but our own page.
    ///
    /// # Errors
    ///
    /// When the address is not registered by the client (§3).
    pub fn destination(&self, client: &Client) -> Result<Option<String>, LogoutRefusal> {
        let Some(address) = &self.post_logout_redirect_uri else { return Ok(None) };
        let is_of_client = self.client_id.as_ref() == Some(&client.id);
        let known = client.post_logout_redirect_uris.iter().find(|known| known.as_str() == address);
        let known = known.filter(|_| is_of_client).ok_or(LogoutRefusal::RedirectUri)?;
        Ok(Some(match &self.state {
            Some(state) => known.with(&[("state", state)]),
            None => known.as_str().to_owned(),
        }))
    }
}

fn read_hint<'k>(
    token: &str,
    keys: impl IntoIterator<Item = &'k VerifyingKey>,
    issuer: &Issuer,
) -> Result<(ClientId, LogoutHint), LogoutRefusal> {
    // A logout token is signed by the same keys, and is none.
    let verification = Verification {
        algorithms: Algorithm::OF_ID_TOKENS,
        token_type: TokenType::OrGeneric("JWT"),
    };
    let claims = verify(token, keys, &verification)?;
    let not_ours = |_| LogoutRefusal::NotOurs;
    claims.expect("iss", issuer.as_str()).map_err(not_ours)?;
    let client_id = ClientId::parse(claims.text("aud").map_err(not_ours)?);
    let subject = claims.text("sub").map_err(not_ours)?.to_owned();
    let session_id = claims.optional_text("sid").map_err(not_ours)?.map(str::to_owned);
    Ok((client_id.ok_or(LogoutRefusal::NotOurs)?, LogoutHint { subject, session_id }))
}

/// A logout token (OpenID Connect Back-Channel Logout §2.4) before it is signed.
#[derive(Clone, Copy, Debug)]
pub struct LogoutToken<'a> {
    /// Who says so.
    pub issuer: &'a Issuer,
    /// To whom.
    pub client_id: &'a ClientId,
    /// Whose session ended.
    pub subject: &'a str,
    /// Which; `None`: all of the person's.
    pub session_id: Option<&'a str>,
    /// 128 random bits, the same for each attempt at delivery.
    pub id: [u8; 16],
}

impl LogoutToken<'_> {
    /// Signs the token at the moment `now`.
    ///
    /// # Errors
    ///
    /// When the cryptographic library fails.
    pub fn sign(&self, key: &SigningKey, now: Timestamp) -> Result<String, SigningError> {
        let mut claims = json!({
            "iss": self.issuer.as_str(),
            "sub": self.subject,
            "aud": self.client_id.as_str(),
            "iat": now.as_second(),
            "exp": now.as_second() + LOGOUT_TOKEN_LIFETIME.as_secs(),
            "jti": URL_SAFE_NO_PAD.encode(self.id),
            "events": { BACKCHANNEL_LOGOUT: {} },
        });
        if let Some(session_id) = self.session_id {
            claims["sid"] = session_id.into();
        }
        key.sign("logout+jwt", &claims)
    }
}
