//! Global Token Revocation: an identity provider wants a person out, now. Okta calls it Universal
//! Logout (draft-parecki-oauth-global-token-revocation, and Okta's own page, which is the contract).

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::{
    excerpt::Excerpt,
    jose::{
        Algorithm, ClaimFault, JwtRefusal, Replay, TokenType, Verification, VerifyingKey, json,
        verify,
    },
    limit::{LARGEST_REVOCATION, LONGEST_REVOCATION},
};

/// Most bytes of an identifier of a person.
const LONGEST_SUBJECT: usize = 512;

/// Who may ask at a connection's address. All of it is configuration.
#[derive(Clone, Copy, Debug)]
pub struct RevocationRules<'a> {
    /// The keys of the connection: those of its certificates, or of its issuer.
    pub keys: &'a [VerifyingKey],
    /// By which names the provider may call itself: its entity ID, the origin of its sign-on address,
    /// and what is configured. Okta's documents contradict each other.
    pub issuers: &'a [&'a str],
    /// The application's id at the provider, if it is configured: `0oa…`.
    pub subject: Option<&'a str>,
    /// Our address for this connection: [`Issuer::global_token_revocation`](crate::Issuer).
    pub audience: &'a str,
}

/// A request that comes from the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a request is taken once: what is to be remembered must be"]
pub struct RevocationCaller {
    /// By which name it called itself.
    pub issuer: String,
    /// The application's id, as it said.
    pub subject: String,
    /// What must be remembered.
    pub replay: Replay,
}

/// Why a request does not count as the provider's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationRefusal {
    /// No `Authorization: Bearer`.
    #[error("the request has no bearer token")]
    NoToken,
    /// The token is not believed.
    #[error("the token is refused: {0}")]
    Token(#[from] JwtRefusal),
    /// The token says something else than it must.
    #[error("the token is refused: {0}")]
    Claim(#[from] ClaimFault),
    /// No object, or no `sub_id` in it.
    #[error("the body is no JSON object with sub_id")]
    Body,
    /// A format that is not known.
    #[error(
        "the format of sub_id is {found}: set \"Subject Format\" to \"Email\" or \"Issuer and Subject Identifier\""
    )]
    Format {
        /// What it says.
        found: Excerpt,
    },
    /// A member of `sub_id` that is missing, empty or too long.
    #[error("sub_id has no {0}")]
    Member(&'static str),
}

impl RevocationRefusal {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::Token(refusal) => refusal.code(),
            Self::Claim(fault) => fault.code(),
            Self::Body => "body",
            Self::Format { .. } => "subject_format",
            Self::Member(_) => "subject_member",
        }
    }

    /// The HTTP status. The body of an answer is not read.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NoToken | Self::Token(_) | Self::Claim(_) => 401,
            Self::Body | Self::Format { .. } | Self::Member(_) => 400,
        }
    }
}

impl RevocationRules<'_> {
    /// Verifies the header `Authorization` of a request.
    ///
    /// # Errors
    ///
    /// The first rule that does not hold.
    pub fn verify(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
    ) -> Result<RevocationCaller, RevocationRefusal> {
        let token = authorization
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
        let (_, token) = token.ok_or(RevocationRefusal::NoToken)?;
        let verification = Verification {
            // As Okta signs its assertions.
            algorithms: &[Algorithm::Rs256],
            token_type: TokenType::Explicit("global-token-revocation+jwt"),
        };
        let claims = verify(token.trim(), self.keys, &verification)?;
        let issuer = claims.text("iss")?;
        if !self.issuers.contains(&issuer) {
            let found = Excerpt::of(issuer);
            return Err(ClaimFault::Other { claim: "iss", found }.into());
        }
        claims.expect("aud", self.audience)?;
        let subject = claims.text("sub")?;
        if let Some(expected) = self.subject {
            claims.expect("sub", expected)?;
        }
        let expires = claims.check_times(LONGEST_REVOCATION, now)?;
        Ok(RevocationCaller {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            replay: claims.replay(expires)?,
        })
    }
}

/// Whom the provider wants out (RFC 9493 §3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevokedSubject {
    /// `{"format":"email","email":…}`: Okta's default.
    Email(String),
    /// `{"format":"iss_sub","iss":…,"sub":…}`.
    IssuerAndSubject {
        /// The provider, by its own name.
        issuer: String,
        /// The person: an id of SCIM, a `NameID` or an externalId. Okta's documents do not agree.
        subject: String,
    },
}

impl RevokedSubject {
    /// Reads the body of a request, once its header was verified.
    ///
    /// # Errors
    ///
    /// When no one is named in a format that is known.
    pub fn read(body: &[u8]) -> Result<Self, RevocationRefusal> {
        let body = Some(body).filter(|body| body.len() <= LARGEST_REVOCATION);
        let body = body.and_then(json::object).ok_or(RevocationRefusal::Body)?;
        let subject = body.get("sub_id").and_then(Json::as_object);
        let subject = subject.ok_or(RevocationRefusal::Body)?;
        let text = |name: &'static str| {
            let text = subject.get(name).and_then(Json::as_str);
            let is_granted = |text: &&str| {
                (1..=LONGEST_SUBJECT).contains(&text.len()) && !text.contains(char::is_control)
            };
            text.filter(is_granted).map(str::to_owned).ok_or(RevocationRefusal::Member(name))
        };
        match text("format")?.as_str() {
            "email" => Ok(Self::Email(text("email")?)),
            "iss_sub" => Ok(Self::IssuerAndSubject { issuer: text("iss")?, subject: text("sub")? }),
            other => Err(RevocationRefusal::Format { found: Excerpt::of(other) }),
        }
    }
}
