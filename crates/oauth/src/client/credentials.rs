//! [`Credentials`]: how a client proves itself in a request (RFC 6749 §2.3).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Authentication, Client, ClientId, ClientRefusal, assertion};
use crate::{
    issuer::Issuer,
    jose::{Replay, unverified_claim},
    parameters::{ParameterFault, Parameters},
    secret::SecretHash,
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who a client says it is, and its proof, before either is believed.
#[derive(Clone, Debug)]
pub struct Credentials {
    client_id: ClientId,
    proof: Proof,
}

#[derive(Clone, Debug)]
enum Proof {
    None,
    /// `client_secret_basic`.
    Basic(SecretString),
    /// `client_secret_post`.
    Post(SecretString),
    /// `private_key_jwt`, or a federated token.
    Assertion(SecretString),
}

/// A client that was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an assertion is taken once: what is to be remembered must be"]
pub struct Authenticated {
    /// The method's name in the registry (RFC 7591 §2, RFC 7523), for the log.
    pub method: &'static str,
    /// What must be remembered, so that an assertion is taken once. A federated token has none: a
    /// workload shows the same one until it expires.
    pub replay: Option<Replay>,
}

impl Authenticated {
    /// Whether a secret stood in the body of the request, which some who are served do not take (IPSIE
    /// SCIM AL1, Authentication).
    #[must_use]
    pub fn is_by_secret_in_body(&self) -> bool {
        self.method == "client_secret_post"
    }
}

impl Credentials {
    /// Reads the header `Authorization`, if there is one, and the parameters of the body.
    ///
    /// # Errors
    ///
    /// When it uses two methods at once, and when it cannot be told who it is.
    pub fn read(
        authorization: Option<&str>,
        parameters: &Parameters,
    ) -> Result<Self, ClientRefusal> {
        let named = parameters.get("client_id")?;
        let secret = parameters.get("client_secret")?;
        let assertion = parameters.get("client_assertion")?;
        let assertion_type = parameters.get("client_assertion_type")?;
        let methods = [authorization.is_some(), secret.is_some(), assertion.is_some()];
        if methods.into_iter().filter(|is_used| *is_used).count() > 1 {
            return Err(ClientRefusal::SeveralMethods);
        }
        let id = |text: &str| {
            ClientId::parse(text)
                .ok_or(ClientRefusal::Parameter(ParameterFault::Malformed("client_id")))
        };
        if let Some(header) = authorization {
            let (client_id, secret) = basic(header).ok_or(ClientRefusal::Header)?;
            if named.is_some_and(|named| named != client_id.as_str()) {
                return Err(ClientRefusal::Header);
            }
            return Ok(Self { client_id, proof: Proof::Basic(secret) });
        }
        if let Some(token) = assertion {
            if assertion_type != Some(JWT_BEARER) {
                return Err(ClientRefusal::AssertionType);
            }
            // RFC 7521 §4.2: the subject names the client, too.
            let subject = match named {
                Some(named) => Some(named.to_owned()),
                None => unverified_claim(token, "sub"),
            };
            let client_id = id(&subject.ok_or(ClientRefusal::NoClient)?)?;
            return Ok(Self { client_id, proof: Proof::Assertion(token.into()) });
        }
        let client_id = id(named.ok_or(ClientRefusal::NoClient)?)?;
        let proof = secret.map_or(Proof::None, |secret| Proof::Post(secret.into()));
        Ok(Self { client_id, proof })
    }

    /// Which client to look up. One that is not there is refused as [`ClientRefusal::Unknown`].
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Whether a JWT is shown, for which the keys of its signer are needed.
    #[must_use]
    pub fn is_assertion(&self) -> bool {
        matches!(self.proof, Proof::Assertion(_))
    }

    /// Judges the proof by what is registered of the client.
    ///
    /// # Errors
    ///
    /// When the client is not who it says it is.
    ///
    /// # Panics
    ///
    /// When `client` is another one than [`Credentials::client_id`] asks for.
    pub fn authenticate(
        &self,
        client: &Client,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Authenticated, ClientRefusal> {
        assert_eq!(client.id, self.client_id, "the client was looked up by its identifier");
        let by = |method| Authenticated { method, replay: None };
        match (&client.authentication, &self.proof) {
            (Authentication::Public, Proof::None) => Ok(by("none")),
            (Authentication::Secret { .. }, Proof::Basic(secret)) => {
                check_secret(client, secret, now)?;
                Ok(by("client_secret_basic"))
            }
            (Authentication::Secret { in_body: true, .. }, Proof::Post(secret)) => {
                check_secret(client, secret, now)?;
                Ok(by("client_secret_post"))
            }
            (Authentication::Secret { in_body: false, .. }, Proof::Post(_)) => {
                Err(ClientRefusal::SecretInBody)
            }
            (Authentication::PrivateKeyJwt { keys }, Proof::Assertion(token)) => {
                let token = token.expose_secret();
                let replay = assertion::private_key_jwt(token, &client.id, keys, issuer, now)?;
                Ok(Authenticated { method: "private_key_jwt", replay: Some(replay) })
            }
            (Authentication::Federated(federation), Proof::Assertion(token)) => {
                federation.verify(token.expose_secret(), now)?;
                Ok(by("federated"))
            }
            _ => Err(ClientRefusal::OtherMethod),
        }
    }
}

/// RFC 7617, with identifier and secret encoded as in a form (RFC 6749 §2.3.1).
fn basic(header: &str) -> Option<(ClientId, SecretString)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((ClientId::parse(&form_decoded(id))?, form_decoded(secret).into()))
}

/// One value as a form encodes it. Identifiers and secrets of ours are the same without encoding.
fn form_decoded(text: &str) -> String {
    // `=` and `&` have a meaning of their own in a form; as a value they would be encoded.
    let text = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(text.as_bytes()).map(|(value, _)| value.into_owned()).collect()
}

/// Each secret is compared, so that the time does not tell which one it nearly was.
fn check_secret(
    client: &Client,
    presented: &SecretString,
    now: Timestamp,
) -> Result<(), ClientRefusal> {
    let Authentication::Secret { secrets, .. } = &client.authentication else {
        return Err(ClientRefusal::OtherMethod);
    };
    let presented = SecretHash::of(presented.expose_secret());
    let is_live = |expires: Option<Timestamp>| expires.is_none_or(|expires| now < expires);
    let mut found = Err(ClientRefusal::Secret);
    for secret in secrets {
        if secret.hash.matches(&presented) && found != Ok(()) {
            let is_live = is_live(secret.expires);
            found = is_live.then_some(()).ok_or(ClientRefusal::SecretExpired);
        }
    }
    found
}
