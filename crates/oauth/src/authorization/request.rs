//! [`AuthorizationRequest`]: parsed, and allowed to this client.

use super::{AuthorizationError, AuthorizationRefusal, Callback, PageRefusal};
use crate::{
    client::{Client, ClientId, ClientKind, GrantType},
    issuer::Issuer,
    limit::{LONGEST_NONCE, LONGEST_STATE, MOST_ACR_VALUES},
    parameters::{ParameterFault, Parameters},
    pkce::CodeChallenge,
    scope::Scopes,
};

/// A request that may be followed: its client registered the address, and every parameter was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Where the answer goes.
    pub callback: Callback,
    /// What is granted once the person agrees.
    pub scopes: Scopes,
    /// What the code will be bound to; `None` for a confidential identity provider only.
    pub code_challenge: Option<CodeChallenge>,
    /// To come back in the ID token (OpenID Connect Core §3.1.2.1).
    pub nonce: Option<String>,
    /// What the person is to be asked.
    pub prompt: Prompt,
    /// So many seconds may have passed since the person was authenticated.
    pub max_age: Option<u32>,
    /// Whose sign-in it may be, such as an address of e-mail.
    pub login_hint: Option<String>,
    /// The slug or id of an organization.
    pub organization: Option<String>,
    /// The id of a connection.
    pub connection: Option<String>,
    /// Which authentication the application would like, the best first: a wish (OpenID Connect Core
    /// §3.1.2.1).
    pub acr_values: Vec<String>,
    /// All that came, known or not, to be put away while the person signs in, and read again.
    pub parameters: Parameters,
}

/// What the person is to be asked (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prompt {
    /// What must be.
    #[default]
    Needed,
    /// Nothing: an error where something must be asked.
    None,
    /// To sign in again.
    Login,
}

impl AuthorizationRequest {
    /// Whose request it is, to look the client up. One that is not there is refused as
    /// [`PageRefusal::UnknownClient`].
    ///
    /// # Errors
    ///
    /// When it names none, or two.
    pub fn client_id(parameters: &Parameters) -> Result<ClientId, PageRefusal> {
        let text = parameters.required("client_id")?;
        ClientId::parse(text).ok_or(PageRefusal::UnknownClient)
    }

    /// Reads a request of this client.
    ///
    /// # Errors
    ///
    /// First what keeps the answer here: an address that is not the client's. Then what the client is
    /// told.
    pub fn read(
        parameters: Parameters,
        client: &Client,
        issuer: &Issuer,
    ) -> Result<Self, AuthorizationRefusal> {
        if Self::client_id(&parameters)? != client.id {
            return Err(PageRefusal::UnknownClient.into());
        }
        let named = parameters.get("redirect_uri").map_err(PageRefusal::Parameter)?;
        let callback = Callback::of(client, named, issuer).ok_or(PageRefusal::RedirectUri)?;
        let state = parameters.get("state").and_then(|state| within("state", state, LONGEST_STATE));
        // Without a `state` that can be given back, the client is told of the rest all the same.
        let callback = Callback { state: state.as_ref().ok().cloned().flatten(), ..callback };
        let read = state.map_err(AuthorizationError::Parameter);
        match read.and_then(|_| Self::read_rest(&parameters, client, callback.clone())) {
            Ok(request) => Ok(Self { parameters, ..request }),
            Err(error) => {
                Err(AuthorizationRefusal::Callback { callback: Box::new(callback), error })
            }
        }
    }

    fn read_rest(
        parameters: &Parameters,
        client: &Client,
        callback: Callback,
    ) -> Result<Self, AuthorizationError> {
        // Okta's administrators add `?scope=offline_access` to our address, and Okta its own.
        let is_provider = client.kind == ClientKind::Provider;
        let several: &[&str] = if is_provider { &["resource", "scope"] } else { &["resource"] };
        parameters.check_unrepeated(several)?;
        for (name, error) in [
            ("request", AuthorizationError::RequestObject),
            ("request_uri", AuthorizationError::RequestUri),
            ("registration", AuthorizationError::Registration),
        ] {
            if parameters.get(name)?.is_some() {
                return Err(error);
            }
        }
        if !client.may_use(GrantType::AuthorizationCode) {
            return Err(AuthorizationError::ClientKind);
        }
        if parameters.required("response_type")? != "code" {
            return Err(AuthorizationError::ResponseType);
        }
        if parameters.get("response_mode")?.is_some_and(|mode| mode != "query") {
            return Err(AuthorizationError::ResponseMode);
        }
        let scopes: Vec<&str> = parameters.values("scope").collect();
        let scopes = client.grant(Some(&Scopes::parse(&scopes.join(" "))?));
        let text = |name| parameters.get(name).map(|text| text.map(str::to_owned));
        let acr_values = parameters.get("acr_values")?.unwrap_or_default();
        let acr_values: Vec<String> =
            acr_values.split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect();
        if acr_values.len() > MOST_ACR_VALUES {
            return Err(ParameterFault::TooLong("acr_values").into());
        }
        let max_age = parameters.get("max_age")?.map(seconds).transpose()?;
        Ok(Self {
            callback,
            scopes: scopes.ok_or(AuthorizationError::Scope)?,
            code_challenge: code_challenge(parameters, client)?,
            nonce: within("nonce", parameters.get("nonce")?, LONGEST_NONCE)?,
            prompt: prompt(parameters.get("prompt")?)?,
            max_age,
            login_hint: text("login_hint")?,
            organization: text("organization")?,
            connection: text("connection")?,
            acr_values,
            parameters: parameters.clone(),
        })
    }
}

/// A text that comes back must not be too long.
fn within(
    name: &'static str,
    text: Option<&str>,
    longest: usize,
) -> Result<Option<String>, ParameterFault> {
    match text {
        Some(text) if text.len() > longest => Err(ParameterFault::TooLong(name)),
        text => Ok(text.map(str::to_owned)),
    }
}

/// RFC 7636 §4.3 and §4.4.1.
fn code_challenge(
    parameters: &Parameters,
    client: &Client,
) -> Result<Option<CodeChallenge>, AuthorizationError> {
    let challenge = parameters.get("code_challenge")?;
    let method = parameters.get("code_challenge_method")?;
    match (challenge, method) {
        (None, None) if client.must_use_pkce() => Err(AuthorizationError::PkceMissing),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(AuthorizationError::PkceMissing),
        (Some(challenge), Some(CodeChallenge::METHOD)) => {
            let challenge = CodeChallenge::parse(challenge);
            Ok(Some(challenge.ok_or(ParameterFault::Malformed("code_challenge"))?))
        }
        (Some(_), _) => Err(AuthorizationError::PkceMethod),
    }
}

/// Digits only.
fn seconds(text: &str) -> Result<u32, ParameterFault> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    // Whoever grants a hundred years means any time.
    let number = is_number.then(|| text.parse().unwrap_or(u32::MAX));
    number.ok_or(ParameterFault::Malformed("max_age"))
}

/// Consent is asked for every time where it is asked for at all, and an account is chosen at the
/// provider: `consent` and `select_account` add nothing to what must be.
fn prompt(text: Option<&str>) -> Result<Prompt, AuthorizationError> {
    let values: Vec<&str> = text.unwrap_or_default().split(' ').filter(|v| !v.is_empty()).collect();
    let is_known = |value: &&str| ["none", "login", "consent", "select_account"].contains(value);
    if !values.iter().all(is_known) || values.contains(&"none") && values.len() > 1 {
        return Err(AuthorizationError::Prompt);
    }
    Ok(match values.as_slice() {
        ["none"] => Prompt::None,
        values if values.contains(&"login") => Prompt::Login,
        _ => Prompt::Needed,
    })
}
