//! `/organizations/{organization}/connections/{connection}/saml`: how people sign in.

use axum::Json;
use directory::{
    ConnectionId,
    saml::{self, Binding, Change, Described, NameId, Settings, Signed, State, certificate},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Organization, body::Body, context::ConnectionInPath, words};
use crate::{App, error::HttpError};

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
}

impl SamlSettings {
    fn of(app: &App, id: ConnectionId, settings: Settings) -> Self {
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
    let settings = organization.read(move |reader| saml::get(reader, id)).await?;
    Ok(Json(SamlSettings::of(organization.app(), id, settings)))
}

/// Changes how people sign in through a connection.
#[utoipa::path(patch, path = "/organizations/{organization}/connections/{connection}/saml",
    tag = "sign-in", request_body = SamlChange, responses((status = 200, body = SamlSettings)))]
async fn change(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Body(wanted): Body<SamlChange>,
) -> Result<Json<SamlSettings>, HttpError> {
    let (described, certificates) = match &wanted.metadata {
        Some(text) => {
            let Described { provider, certificates } = Described::read(text.as_bytes())?;
            (Some(provider), certificates)
        }
        None => (None, Vec::new()),
    };
    let given = wanted.provider.map(|provider| saml::Provider {
        entity_id: provider.entity_id,
        sso_url: provider.sso_url,
        binding: provider.binding,
    });
    let change = Change {
        state: wanted.state,
        provider: given.or(described),
        signed: wanted.signed,
        unsolicited: wanted.unsolicited,
        name_id: wanted.name_id,
        create_users: wanted.create_users,
        untested: false,
    };
    let changed = organization.write(move |writer| {
        for certificate in &certificates {
            certificate::add(writer, id, certificate, true)?;
        }
        saml::set(writer, id, change.clone())
    });
    let (settings, _) = changed.await?;
    Ok(Json(SamlSettings::of(organization.app(), id, settings)))
}
