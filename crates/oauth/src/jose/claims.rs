//! [`Claims`]: what a verified token says.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json};

use crate::{excerpt::Excerpt, limit::CLOCK_SKEW};

/// The claims of a token whose signature holds. [`verify`](super::verify()) is their only maker.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(Map<String, Json>);

/// What is wrong with a claim (RFC 7519 §4.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimFault {
    /// One that must be there is not.
    #[error("the token has no claim {0}")]
    Missing(&'static str),
    /// One that is of another type.
    #[error("the claim {0} is of the wrong type, or out of range")]
    Malformed(&'static str),
    /// One with another value than the one that is configured.
    #[error("the claim {claim} is {found} and not the configured one")]
    Other {
        /// Which.
        claim: &'static str,
        /// What it is.
        found: Excerpt,
    },
    /// `exp` is past.
    #[error("the token expired {seconds} s ago: set the clocks of both sides")]
    Expired {
        /// How long ago.
        seconds: i64,
    },
    /// `nbf` or `iat` is to come.
    #[error("the claim {claim} is {seconds} s ahead: set the clocks of both sides")]
    Early {
        /// Which.
        claim: &'static str,
        /// How far.
        seconds: i64,
    },
    /// `exp` is too far ahead.
    #[error("the token lives too long: let it expire within {minutes} minutes")]
    LivesLong {
        /// How long it may.
        minutes: i64,
    },
}

impl ClaimFault {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "claim_missing",
            Self::Malformed(_) => "claim_malformed",
            Self::Other { claim, .. } => match *claim {
                "iss" => "issuer",
                "aud" => "audience",
                "sub" => "subject",
                "tid" => "tenant",
                _ => "claim",
            },
            Self::Expired { .. } => "expired",
            Self::Early { .. } => "not_yet_valid",
            Self::LivesLong { .. } => "lives_long",
        }
    }
}

/// What must be remembered, so that a token is taken once: whoever keeps it refuses a token whose
/// [`id`](Replay::id) it knows already from the same sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The `jti`.
    pub id: String,
    /// So long; afterwards the token has expired.
    pub until: Timestamp,
}

/// Most bytes of a claim that is kept or compared.
const LONGEST: usize = 512;

impl Claims {
    pub(super) fn of(claims: Map<String, Json>) -> Self {
        Self(claims)
    }

    /// Whether a claim is there, of whatever type.
    #[must_use]
    pub fn has(&self, claim: &str) -> bool {
        self.0.contains_key(claim)
    }

    /// A text that may be left out.
    ///
    /// # Errors
    ///
    /// When it is no text, empty or longer than any that is in use.
    pub fn optional_text(&self, claim: &'static str) -> Result<Option<&str>, ClaimFault> {
        match self.0.get(claim) {
            None => Ok(None),
            Some(Json::String(text)) if (1..=LONGEST).contains(&text.len()) => Ok(Some(text)),
            Some(_) => Err(ClaimFault::Malformed(claim)),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn text(&self, claim: &'static str) -> Result<&str, ClaimFault> {
        self.optional_text(claim)?.ok_or(ClaimFault::Missing(claim))
    }

    /// That a claim is this text, byte for byte. A list with this one text in it is another thing.
    ///
    /// # Errors
    ///
    /// When it is another, or not there.
    pub fn expect(&self, claim: &'static str, expected: &str) -> Result<(), ClaimFault> {
        match self.text(claim)? {
            found if found == expected => Ok(()),
            found => Err(ClaimFault::Other { claim, found: Excerpt::of(found) }),
        }
    }

    /// A moment that may be left out (RFC 7519 §2, `NumericDate`: seconds, perhaps with a fraction).
    ///
    /// # Errors
    ///
    /// When it is no number, or beyond the calendar.
    pub fn optional_moment(&self, claim: &'static str) -> Result<Option<Timestamp>, ClaimFault> {
        let Some(value) = self.0.get(claim) else { return Ok(None) };
        let moment = match (value.as_i64(), value.as_f64()) {
            (Some(seconds), _) => Timestamp::from_second(seconds).ok(),
            (None, Some(seconds)) => SignedDuration::try_from_secs_f64(seconds)
                .ok()
                .and_then(|since| Timestamp::UNIX_EPOCH.checked_add(since).ok()),
            (None, None) => None,
        };
        moment.map(Some).ok_or(ClaimFault::Malformed(claim))
    }

    /// A moment that must be there.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn moment(&self, claim: &'static str) -> Result<Timestamp, ClaimFault> {
        self.optional_moment(claim)?.ok_or(ClaimFault::Missing(claim))
    }

    /// That the token is valid at this moment: `exp` must be there, and so must `iat`; `nbf` may be.
    /// Gives until when it is.
    ///
    /// # Errors
    ///
    /// When it is not valid yet or any more, and when it is so for longer than `longest`.
    pub fn check_times(
        &self,
        longest: SignedDuration,
        now: Timestamp,
    ) -> Result<Timestamp, ClaimFault> {
        for claim in ["iat", "nbf"] {
            let Some(moment) = self.optional_moment(claim)? else { continue };
            let ahead = moment.duration_since(now);
            if ahead > CLOCK_SKEW {
                return Err(ClaimFault::Early { claim, seconds: ahead.as_secs() });
            }
        }
        self.moment("iat")?;
        let expires = self.moment("exp")?;
        let past = now.duration_since(expires);
        if past >= CLOCK_SKEW {
            return Err(ClaimFault::Expired { seconds: past.as_secs() });
        }
        if expires.duration_since(now) > longest.saturating_add(CLOCK_SKEW) {
            return Err(ClaimFault::LivesLong { minutes: longest.as_mins() });
        }
        Ok(expires)
    }

    /// What must be remembered of a token that is valid until `expires`.
    ///
    /// # Errors
    ///
    /// When it has no `jti`.
    pub(crate) fn replay(&self, expires: Timestamp) -> Result<Replay, ClaimFault> {
        let until = expires.checked_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX);
        Ok(Replay { id: self.text("jti")?.to_owned(), until })
    }
}
