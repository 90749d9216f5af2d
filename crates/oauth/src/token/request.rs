//! [`TokenRequest`]: what a client wants a token for.

use super::TokenRefusal;
use crate::{
    client::{Client, GrantType},
    parameters::{ParameterFault, Parameters},
    pkce::CodeVerifier,
    scope::Scopes,
    secret::{PresentedSecret, SecretKind},
};

/// A token request, parsed, and of a grant type that the client may use.
#[derive(Clone, Debug)]
pub enum TokenRequest {
    /// RFC 6749 §4.1.3.
    AuthorizationCode {
        /// What the browser brought.
        code: PresentedSecret,
        /// As in the authorization request.
        redirect_uri: Option<String>,
        /// RFC 7636 §4.5.
        verifier: Option<CodeVerifier>,
    },
    /// RFC 6749 §6.
    RefreshToken {
        /// What the last answer brought.
        token: PresentedSecret,
        /// Fewer scopes than before, or none for as many.
        scopes: Option<Scopes>,
    },
    /// RFC 6749 §4.4.2.
    ClientCredentials {
        /// What is granted.
        scopes: Scopes,
    },
}

impl TokenRequest {
    /// Reads the body of a request of a client that was authenticated.
    ///
    /// # Errors
    ///
    /// When it cannot be read, and when the client may not use the grant type.
    pub fn read(parameters: &Parameters, client: &Client) -> Result<Self, TokenRefusal> {
        parameters.check_unrepeated(&["resource"])?;
        let name = parameters.required("grant_type")?;
        let grant_type = GrantType::ALL.into_iter().find(|known| known.as_str() == name);
        let grant_type = grant_type.ok_or(TokenRefusal::UnsupportedGrantType)?;
        if !client.may_use(grant_type) {
            return Err(TokenRefusal::UnauthorizedClient);
        }
        let scopes = parameters.get("scope")?.map(Scopes::parse).transpose()?;
        match grant_type {
            GrantType::AuthorizationCode => {
                let malformed = ParameterFault::Malformed("code_verifier");
                let verifier = parameters.get("code_verifier")?;
                let verifier =
                    verifier.map(|text| CodeVerifier::parse(text).ok_or(malformed)).transpose()?;
                Ok(Self::AuthorizationCode {
                    code: secret(parameters.required("code")?, SecretKind::Code)?,
                    redirect_uri: parameters.get("redirect_uri")?.map(str::to_owned),
                    verifier,
                })
            }
            GrantType::RefreshToken => {
                let token = parameters.required("refresh_token")?;
                Ok(Self::RefreshToken { token: secret(token, SecretKind::RefreshToken)?, scopes })
            }
            GrantType::ClientCredentials => {
                let granted = client.grant(scopes.as_ref());
                Ok(Self::ClientCredentials { scopes: granted.ok_or(TokenRefusal::Scope)? })
            }
        }
    }
}

/// A code or a refresh token; another text is none that was ever given out.
fn secret(text: &str, kind: SecretKind) -> Result<PresentedSecret, TokenRefusal> {
    match PresentedSecret::parse(text) {
        Ok(secret) if secret.kind == kind => Ok(secret),
        _ => Err(TokenRefusal::UnknownGrant),
    }
}
