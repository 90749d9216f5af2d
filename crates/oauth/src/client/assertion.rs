//! Tokens that stand for a client: its own (`private_key_jwt`), and an identity provider's
//! ([`Federation`]). They are two methods with two sets of rules, and never one lenient check.

use jiff::{SignedDuration, Timestamp};

use super::{ClientId, ClientRefusal};
use crate::{
    issuer::Issuer,
    jose::{Algorithm, KeySet, Replay, TokenType, Verification, verify},
    limit::LONGEST_ASSERTION,
};

/// RFC 7523 §3: the client says that it is the client, to us, once.
///
/// The audience is our issuer and nothing else, as one text: RFC 7523bis takes the addresses of
/// endpoints away, since an assertion for one server could be shown to another one. IPSIE asks for the
/// same.
pub(super) fn private_key_jwt(
    token: &str,
    client_id: &ClientId,
    keys: &KeySet,
    issuer: &Issuer,
    now: Timestamp,
) -> Result<Replay, ClientRefusal> {
    let verification = Verification {
        algorithms: Algorithm::OF_CLIENTS,
        token_type: TokenType::OrGeneric("client-authentication+jwt"),
    };
    let claims = verify(token, keys.iter(), &verification)?;
    claims.expect("iss", client_id.as_str())?;
    claims.expect("sub", client_id.as_str())?;
    claims.expect("aud", issuer.as_str())?;
    let expires = claims.check_times(LONGEST_ASSERTION, now)?;
    Ok(claims.replay(expires)?)
}

/// How long the token of an identity provider may live: those of Entra ID do for a day where a managed
/// identity asks.
const LONGEST_FEDERATED: SignedDuration = SignedDuration::from_hours(25);

/// A workload identity of another identity provider, such as Entra ID. All of it is configured, and all
/// of it must be in the token, byte for byte.
#[derive(Clone, Debug)]
pub struct Federation {
    /// `iss`: `https://login.microsoftonline.com/{tenant}/v2.0`.
    pub issuer: String,
    /// `sub`: the object id of the identity.
    pub subject: String,
    /// `aud`: `api://{application}`. It is the provider's word and not our issuer, which RFC 7523 does
    /// not foresee.
    pub audience: String,
    /// `tid`: the tenant.
    pub tenant: String,
    /// The provider's keys, which change without notice.
    pub keys: KeySet,
}

impl Federation {
    pub(super) fn verify(&self, token: &str, now: Timestamp) -> Result<(), ClientRefusal> {
        let verification = Verification {
            algorithms: Algorithm::OF_CLIENTS,
            token_type: TokenType::OrGeneric("JWT"),
        };
        let claims = verify(token, self.keys.iter(), &verification)?;
        claims.expect("iss", &self.issuer)?;
        claims.expect("aud", &self.audience)?;
        claims.expect("tid", &self.tenant)?;
        claims.expect("sub", &self.subject)?;
        claims.check_times(LONGEST_FEDERATED, now)?;
        Ok(())
    }
}
