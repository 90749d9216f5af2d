//! `/organizations/{organization}/connections/{connection}/saml`: how people sign in.

use axum::Json;
use directory::{
    ConnectionId, Error, Reader,
    saml::{
        self, Binding, Change, Described, NameId, Settings, Signed, State,
        request_key::{self, RequestKey},
        source::Source,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Organization, body::Body, context::ConnectionInPath, words};
use crate::{App, error::HttpError, provider_metadata};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// How people sign in through a connection.
#[derive(Debug, Serialize, ToSchema)]
struct SamlSettings {
    /// Whether they do.
    #[schema(schema_with = words::saml_state)]
    state: State,
    /// Our entity ID, for the provider: the audience URI. Our metadata is there, too.
    entity_id: String,
    /// Where the provider sends its answers: the single sign-on URL in Okta's words.
    acs_url: String,
    /// Where a sign-in begins.
    login_url: String,
    /// The provider; null: it is not known yet.
    provider: Option<SamlProvider>,
    /// What the provider must sign.
    #[schema(schema_with = words::signed)]
    signed: Signed,
    /// Whether a sign-in may begin at the provider.
    unsolicited: bool,
    /// Which attribute of a user the `NameID` is.
    #[schema(schema_with = words::name_id)]
    name_id: NameId,
    /// Whether who is not here yet is created on arrival.
    create_users: bool,
    /// When a test sign-in last went well.
    tested: Option<String>,
    /// Whether our requests are signed. Our metadata has the certificate then.
    sign_requests: bool,
    /// Where the metadata of the provider is read every day; null: it was given in another way.
    metadata: Option<FollowedMetadata>,
}

/// Metadata that is read every day.
#[derive(Debug, Serialize, ToSchema)]
struct FollowedMetadata {
    /// Where it is.
    url: String,
    /// When it was last read.
    read: Option<String>,
    /// Why it could not be used the last time; null: it could.
    failure: Option<String>,
}

/// An identity provider.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SamlProvider {
    /// Its entity ID: the issuer of what it signs.
    entity_id: String,
    /// Where sign-in begins at it.
    sso_url: String,
    /// How a request gets there.
    #[serde(default = "redirect")]
    #[schema(schema_with = words::binding)]
    binding: Binding,
}

fn redirect() -> Binding {
    Binding::Redirect
}

/// What is to be different. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SamlChange {
    /// The metadata of the provider, XML as text: it says what `provider` would, and its certificates are
    /// trusted.
    #[serde(default)]
    metadata: Option<String>,
    /// Where the metadata of the provider is. It is read at once, and every day from then on: a new key is
    /// pending until it is trusted.
    #[serde(default)]
    metadata_url: Option<String>,
    /// The provider.
    #[serde(default)]
    provider: Option<SamlProvider>,
    /// Whether people sign in. `enforced` wants a good test sign-in first.
    #[serde(default)]
    #[schema(schema_with = words::saml_state)]
    state: Option<State>,
    /// What the provider must sign.
    #[serde(default)]
    #[schema(schema_with = words::signed)]
    signed: Option<Signed>,
    /// Whether a sign-in may begin at the provider.
    #[serde(default)]
    unsolicited: Option<bool>,
    /// Which attribute of a user the `NameID` is.
    #[serde(default)]
    #[schema(schema_with = words::name_id)]
    name_id: Option<NameId>,
    /// Whether who is not here yet is created on arrival.
    #[serde(default)]
    create_users: Option<bool>,
    /// Whether our requests are signed, by a key that is made for it.
    #[serde(default)]
    sign_requests: Option<bool>,
}

impl SamlSettings {
    fn of(app: &App, id: ConnectionId, current: Current) -> Self {
        let Current { settings, source, sign_requests } = current;
        let address = |what: &str| format!("{}/saml/{id}/{what}", app.public_url());
        Self {
            state: settings.state,
            entity_id: address("metadata"),
            acs_url: address("acs"),
            login_url: address("login"),
            provider: settings.provider.map(|provider| SamlProvider {
                entity_id: provider.entity_id,
                sso_url: provider.sso_url,
                binding: provider.binding,
            }),
            signed: settings.signed,
            unsolicited: settings.unsolicited,
            name_id: settings.name_id,
            create_users: settings.create_users,
            tested: settings.tested.map(|time| time.to_string()),
            sign_requests,
            metadata: source.map(|source| FollowedMetadata {
                url: source.url,
                read: source.read.map(|time| time.to_string()),
                failure: source.failure,
            }),
        }
    }
}

/// Shows how people sign in through a connection, and what the provider is told.
#[utoipa::path(get, path = "/organizations/{organization}/connections/{connection}/saml",
    tag = "sign-in", responses((status = 200, body = SamlSettings)))]
async fn show(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
) -> Result<Json<SamlSettings>, HttpError> {
    let settings = organization.read(move |reader| Current::read(reader, id)).await?;
    Ok(Json(SamlSettings::of(organization.app(), id, settings)))
}

/// How people sign in through a connection at a moment.
struct Current {
    settings: Settings,
    source: Option<Source>,
    sign_requests: bool,
}

impl Current {
    fn read(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Self, Error> {
        Ok(Self {
            settings: saml::get(reader, id)?,
            source: saml::source::get(reader, id)?,
            sign_requests: request_key::get(reader, id)?.is_some(),
        })
    }
}

/// Changes how people sign in through a connection.
#[utoipa::path(patch, path = "/organizations/{organization}/connections/{connection}/saml",
    tag = "sign-in", request_body = SamlChange, responses((status = 200, body = SamlSettings)))]
async fn change(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Body(wanted): Body<SamlChange>,
) -> Result<Json<SamlSettings>, HttpError> {
    let given = wanted.provider.map(|provider| saml::Provider {
        entity_id: provider.entity_id,
        sso_url: provider.sso_url,
        binding: provider.binding,
    });
    let ways = [given.is_some(), wanted.metadata.is_some(), wanted.metadata_url.is_some()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        let detail =
            "A provider is given in one way: by its metadata, by where that is, or by hand.";
        return Err(HttpError::bad_request("several_providers", detail));
    }
    let url = wanted.metadata_url;
    if url.is_some() {
        // Before anyone is asked for metadata.
        organization.read(saml::permit_change).await?;
    }
    let described = match (&wanted.metadata, &url) {
        (Some(text), _) => Some(Described::read(text.as_bytes())?),
        (None, Some(url)) => {
            Some(provider_metadata::read(organization.app().outbound(), url).await?)
        }
        (None, None) => None,
    };
    let change = Change {
        state: wanted.state,
        provider: given,
        signed: wanted.signed,
        unsolicited: wanted.unsolicited,
        name_id: wanted.name_id,
        create_users: wanted.create_users,
        untested: false,
    };
    let key = match wanted.sign_requests {
        Some(signs) => {
            let (store, access) = (organization.app().store(), organization.access());
            Some(RequestKey::wanted(store, access, id, signs).await?)
        }
        None => None,
    };
    let changed = organization.write(move |writer| {
        match (&described, &url) {
            (Some(described), Some(url)) => saml::source::set(writer, id, url, described, &change),
            (Some(described), None) => saml::describe(writer, id, described, &change),
            (None, _) => saml::set(writer, id, change.clone()),
        }?;
        if let Some(key) = &key {
            request_key::set(writer, id, key.as_ref())?;
        }
        Current::read(writer, id)
    });
    Ok(Json(SamlSettings::of(organization.app(), id, changed.await?)))
}
