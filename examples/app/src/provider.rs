//! Doorward as the crate `openidconnect` sees it: what it says of a person, and where it is.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use openidconnect::{core::*, reqwest, *};
use serde::{Deserialize, Serialize};

/// What Doorward says beside the standard claims. `events` is in logout tokens only.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct More {
    pub organization: Option<Organization>,
    #[serde(default)]
    pub roles: Vec<String>,
    pub sid: Option<String>,
    pub session_expiry: Option<u64>,
    #[serde(default)]
    pub events: HashMap<String, HashMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Organization {
    pub name: String,
}

impl AdditionalClaims for More {}

type Encryption = CoreJweContentEncryptionAlgorithm;
pub type Claims = IdTokenClaims<More, CoreGenderClaim>;
pub type Token = IdToken<More, CoreGenderClaim, Encryption, CoreJwsSigningAlgorithm>;
type Fields = IdTokenFields<More, EmptyExtraTokenFields, CoreGenderClaim, Encryption, CoreJwsSigningAlgorithm>;
#[rustfmt::skip]
type Client = openidconnect::Client<
    More, CoreAuthDisplay, CoreGenderClaim, Encryption, CoreJsonWebKey, CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>, StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse, CoreRevocableToken, CoreRevocationErrorResponse,
    EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet,
>;

pub struct Provider {
    pub client: Client,
    pub end_session: EndSessionUrl,
}

impl Provider {
    /// Reads what Doorward says of itself, its keys among it.
    pub async fn discover(
        http: &reqwest::Client,
        issuer: &str,
        (id, secret): (String, String),
        app: &str,
    ) -> Result<Self> {
        let metadata = ProviderMetadataWithLogout::discover_async(IssuerUrl::new(issuer.into())?, http).await?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone();
        let (id, secret) = (ClientId::new(id), ClientSecret::new(secret));
        let client = Client::from_provider_metadata(metadata, id, Some(secret));
        let client = client.set_redirect_uri(RedirectUrl::new(format!("{app}/callback"))?);
        Ok(Self { client, end_session: end_session.context("no one can be signed out there")? })
    }
}
