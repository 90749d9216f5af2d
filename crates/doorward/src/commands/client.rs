//! `doorward client`

use std::{path::PathBuf, time::Duration};

use ::oauth::{
    ClientKind, RedirectUri, Scopes,
    client::{Authentication, RedirectUriFault},
    jose::{Algorithm, KeySet},
};
use anyhow::{Context as _, Result, anyhow, bail};
use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use directory::{
    Access, Installation, Time,
    oauth::client::{self, Client, Created, NewClient, NewProof, Voucher},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    confirm::confirm,
    connection, organization, outbound,
    store::{self, Missing},
    token::{Lifetime, lifetime},
};
use crate::{
    answer::Answer,
    table::{self, cut, whole},
};

/// `doorward client`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a client; its secret is shown once
    Create(Box<Create>),
    /// Clients, of the installation and of all organizations, or of one
    List {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: Option<String>,
    },
    /// One client, with its secrets, never their text
    Show {
        /// Its identifier
        id: String,
    },
    /// Make a further secret: those before it work a while longer, so that the client can change over
    RotateSecret {
        /// Identifier of the client
        id: String,
        #[command(flatten)]
        lifetime: Lifetime,
        /// How much longer the secrets before it work
        #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = lifetime)]
        overlap: Duration,
    },
    /// End what a client was granted in an organization: its tokens stop working there
    Withdraw {
        /// Its identifier
        id: String,
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
    },
    /// Delete a client: all its tokens stop working
    Delete {
        /// Its identifier
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `doorward client create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The name for people: who signs in, and who consents, reads it
    name: String,
    /// application: people sign in to it; provider: an identity provider that acts for an organization;
    /// machine: a program that acts for itself, at the management API or for the SCIM of a connection
    #[arg(long, value_parser = kind())]
    kind: ClientKind,
    /// Short name of the one organization that it is for, and that a machine reaches [default: all]
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// The connection whose SCIM a machine serves [default: none; it is for the management API]
    #[arg(long, value_name = "ID")]
    connection: Option<String>,
    /// Where answers are sent to, exactly; may be given several times
    #[arg(long, value_name = "URI", value_parser = uri)]
    redirect_uri: Vec<RedirectUri>,
    /// The four addresses of Okta for the application of this name, as it stands in the address of
    /// Okta's admin console
    #[arg(long, value_name = "NAME")]
    okta_app: Option<String>,
    /// Where a browser may be sent to after a sign-out; may be given several times
    #[arg(long, value_name = "URI", value_parser = uri)]
    post_logout_redirect_uri: Vec<RedirectUri>,
    /// Where it is told that someone is signed out
    #[arg(long, value_name = "URI", value_parser = uri)]
    backchannel_logout_uri: Option<RedirectUri>,
    /// It runs where nothing can be kept secret: it has none
    #[arg(long, conflicts_with_all = ["jwks", "jwks_uri"])]
    public: bool,
    /// It proves itself by its own keys (`private_key_jwt`), and has no secret: a JWK Set, a file
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// The same, where the JWK Set is published: it is read now, and again and again
    #[arg(long, value_name = "URL", conflicts_with = "jwks")]
    jwks_uri: Option<String>,
    #[command(flatten)]
    federated: Federation,
    /// The secret is taken in the header only, and not in the body of a request
    #[arg(long)]
    secret_in_header_only: bool,
    /// What it may ask for; may be given several times. A machine for the management API has api:read, api:write
    /// or api:manage, which are the scopes of API keys [default: what its kind asks for; api:read]
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// What its ID tokens are signed with
    #[arg(long, value_name = "ALGORITHM", default_value = "ES256", value_parser = algorithm())]
    id_token_algorithm: Algorithm,
    #[command(flatten)]
    lifetime: Lifetime,
}

/// An identity provider that vouches for a machine, by a token that has each of these.
#[derive(Debug, Args)]
pub(crate) struct Federation {
    /// An identity provider vouches for it (Entra ID's workload identity federation): its issuer,
    /// `https://login.microsoftonline.com/{tenant}/v2.0`. Its keys are at --jwks-uri
    #[arg(
        id = "federated-issuer",
        long = "federated-issuer",
        value_name = "URL",
        requires_all = ["federated-subject", "federated-audience", "federated-tenant", "jwks_uri"]
    )]
    issuer: Option<String>,
    /// The subject: the object id of the identity
    #[arg(
        id = "federated-subject",
        long = "federated-subject",
        value_name = "ID",
        requires = "federated-issuer"
    )]
    subject: Option<String>,
    /// The audience: `api://{application}`
    #[arg(
        id = "federated-audience",
        long = "federated-audience",
        value_name = "URI",
        requires = "federated-issuer"
    )]
    audience: Option<String>,
    /// The tenant
    #[arg(
        id = "federated-tenant",
        long = "federated-tenant",
        value_name = "ID",
        requires = "federated-issuer"
    )]
    tenant: Option<String>,
}

impl Federation {
    fn voucher(self, jwks_uri: &str) -> Option<Voucher> {
        Some(Voucher {
            issuer: self.issuer?,
            subject: self.subject?,
            audience: self.audience?,
            tenant: self.tenant?,
            jwks_uri: jwks_uri.to_owned(),
        })
    }
}

fn kind() -> impl TypedValueParser<Value = ClientKind> {
    PossibleValuesParser::new(["application", "provider", "machine"])
        .map(|word| client::parse_kind(&word).expect("the possible values are all kinds"))
}

fn algorithm() -> impl TypedValueParser<Value = Algorithm> {
    let words = Algorithm::OF_ID_TOKENS.iter().map(|algorithm| algorithm.as_str());
    PossibleValuesParser::new(words)
        .map(|word| Algorithm::parse(&word).expect("the possible values are algorithms"))
}

fn uri(text: &str) -> Result<RedirectUri, RedirectUriFault> {
    RedirectUri::parse(text)
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    let missing = match command {
        Command::Create(_) => Missing::Create,
        _ => Missing::Refuse,
    };
    store::with(config, missing, async |installation| match command {
        Command::Create(create) => self::create(installation, config, *create).await,
        Command::List { organization } => list(installation, organization.as_deref()).await,
        Command::Show { id } => {
            let client = client::get(installation, &id).await?;
            Ok(shown(&client, installation.store().clock().now()))
        }
        Command::RotateSecret { id, lifetime, overlap } => {
            rotate(installation, &id, &lifetime, overlap).await
        }
        Command::Withdraw { id, organization } => withdraw(installation, &id, &organization).await,
        Command::Delete { id, yes } => delete(installation, &id, yes).await,
    })
    .await
}

async fn create(installation: &Installation, config: &Config, create: Create) -> Result<Answer> {
    let of_organization = match &create.organization {
        None => None,
        Some(slug) => Some(organization::find(installation, slug).await?.0),
    };
    let of_connection = match &create.connection {
        None => None,
        Some(id) => Some(connection::find(installation, id).await?),
    };
    let (owner, connection) = match (of_organization, of_connection) {
        (Some(access), Some((of_connection, _))) if !access.is_of_same(&of_connection) => {
            bail!("the connection is another organization's")
        }
        (_, Some((access, connection))) => (Some(access), Some(connection)),
        (owner, None) => (owner, None),
    };
    let mut redirect_uris = create.redirect_uri;
    if let Some(app) = &create.okta_app {
        let wrong =
            || format!("\"{}\" is not the name of an application at Okta", app.escape_debug());
        redirect_uris.extend(RedirectUri::of_okta(app).with_context(wrong)?);
    }
    let proof = match (&create.jwks, create.jwks_uri) {
        _ if create.public => NewProof::Public,
        (Some(file), _) => NewProof::Keys(key_set(file)?),
        (None, Some(url)) => {
            published(installation, config, &url).await?;
            match create.federated.voucher(&url) {
                Some(voucher) => NewProof::Federated(voucher),
                None => NewProof::KeysAt(url),
            }
        }
        (None, None) => NewProof::Secret {
            lives: create.lifetime.duration(),
            in_body: !create.secret_in_header_only,
        },
    };
    let new = NewClient {
        name: create.name,
        kind: create.kind,
        proof,
        redirect_uris,
        post_logout_redirect_uris: create.post_logout_redirect_uri,
        logout_uri: create.backchannel_logout_uri,
        scopes: Scopes::parse(&create.scope.join(" ")).map_err(|fault| anyhow!("{fault}"))?,
        id_token_algorithm: create.id_token_algorithm,
        connection,
    };
    let Created { client, secret } = client::create(installation, owner.as_ref(), new).await?;
    let secret = secret.as_ref().map(::oauth::Secret::reveal);
    let mut json = view(&client, installation.store().clock().now());
    json["client_secret"] = json!(secret);
    let note = match secret {
        Some(secret) => format!(
            "client_secret  {secret}\n\nThe secret is shown once: only its hash is kept. {}",
            client.secrets.first().and_then(|secret| secret.expires).map_or(
                "It never expires.".to_owned(),
                |end| format!(
                    "It works until {end}; `doorward client rotate-secret` makes another."
                )
            )
        ),
        None => "It has no secret.".to_owned(),
    };
    let text = format!(
        "The {} \"{}\" is a client{}:\n\nclient_id      {}\n{note}",
        client.registered.kind.as_str(),
        client.name,
        purpose(&client, create.organization.as_deref()),
        client.id()
    );
    Ok(Answer::new(json, text))
}

/// What a machine is for, in the middle of a sentence.
fn purpose(client: &Client, organization: Option<&str>) -> String {
    if client.registered.kind != ClientKind::Machine || client.connection.is_some() {
        return String::new();
    }
    let reach = organization.map_or_else(
        || "the installation and all of its organizations".to_owned(),
        |slug| format!("the organization {slug}"),
    );
    format!(" for the management API (scope {}), for {reach}", client.registered.scopes)
}

/// Makes sure that there are keys at an address.
async fn published(installation: &Installation, config: &Config, url: &str) -> Result<()> {
    let outbound = outbound::of(installation, config).await?;
    let read = server::client_keys::read(&outbound, url).await;
    let keys = read.map_err(|why| anyhow!("the keys at {url} could not be read: {why}"))?;
    if keys.iter().next().is_none() {
        bail!("there is no key at {url} that can be used");
    }
    Ok(())
}

fn key_set(file: &PathBuf) -> Result<Json> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    KeySet::parse(&text).with_context(|| format!("{} cannot be used", file.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

async fn list(installation: &Installation, organization: Option<&str>) -> Result<Answer> {
    let store = installation.store();
    let mut clients = Vec::new();
    let accesses: Vec<Access> = if let Some(slug) = organization {
        vec![organization::find(installation, slug).await?.0]
    } else {
        clients = client::of_installation(installation).await?;
        let all = directory::organization::list(installation).await?;
        all.into_iter().map(|(access, _)| access).collect()
    };
    for access in accesses {
        clients.extend(store.read(&access, client::list).await?);
    }
    let now = store.clock().now();
    let json: Vec<Json> = clients.iter().map(|client| view(client, now)).collect();
    if clients.is_empty() {
        let text = "There is no client; `doorward client create` makes one.";
        return Ok(Answer::new(json!({ "clients": json }), text.to_owned()));
    }
    let row = |client: &Client| {
        [
            client.id().to_string(),
            client.registered.kind.as_str().to_owned(),
            client.name.clone(),
            client.created.to_string(),
        ]
    };
    let columns = [whole("client_id"), whole("kind"), cut("name"), whole("created")];
    let text = table::columns(columns, clients.iter().map(row));
    Ok(Answer::new(json!({ "clients": json }), text))
}

fn shown(client: &Client, now: Time) -> Answer {
    let json = view(client, now);
    let line = |(name, value): (&String, &Json)| match value {
        Json::String(text) => format!("{name}: {text}\n"),
        Json::Null => String::new(),
        value => format!("{name}: {value}\n"),
    };
    let text: String = json.as_object().into_iter().flatten().map(line).collect();
    Answer::new(json, text.trim_end().to_owned())
}

async fn rotate(
    installation: &Installation,
    id: &str,
    lifetime: &Lifetime,
    overlap: Duration,
) -> Result<Answer> {
    let client = client::get(installation, id).await?;
    let made = client::rotate(installation, &client, lifetime.duration(), overlap).await?;
    let (secret, kept) = made;
    let expires = kept.expires.map(|time| time.to_string());
    let json = json!({
        "client_id": client.id().as_str(),
        "client_secret": secret.reveal(),
        "number": kept.number,
        "expires": expires,
    });
    let text = format!(
        "client_id      {}\nclient_secret  {}\n\nThe secret is shown once: only its hash is kept. Those \
         before it work for a while longer.",
        client.id(),
        secret.reveal()
    );
    Ok(Answer::new(json, text))
}

async fn withdraw(installation: &Installation, id: &str, organization: &str) -> Result<Answer> {
    let client = client::get(installation, id).await?;
    let (access, organization) = organization::find(installation, organization).await?;
    let named = client.id().clone();
    let store = installation.store();
    let ended = store.write(&access, move |writer| client::withdraw(writer, &named)).await?;
    let slug = organization.slug.as_str();
    let json = json!({ "client_id": id, "organization": slug, "ended": ended });
    let text = match ended {
        0 => format!("\"{}\" had nothing in {slug}: nothing changed.", client.name),
        _ => format!(
            "\"{}\" has nothing in {slug} any more: its tokens stopped working.",
            client.name
        ),
    };
    Ok(Answer::new(json, text))
}

async fn delete(installation: &Installation, id: &str, yes: bool) -> Result<Answer> {
    let client = client::get(installation, id).await?;
    let question =
        format!("The client \"{}\" will be deleted, and all its tokens stop working.", client.name);
    confirm(yes, &question, id)?;
    client::delete(installation, &client).await?;
    let text =
        format!("The client \"{}\" is deleted: all its tokens stopped working.", client.name);
    Ok(Answer::new(json!({ "client_id": id, "deleted": true }), text))
}

/// A client, for programs.
fn view(client: &Client, now: Time) -> Json {
    let registered = &client.registered;
    let texts = |uris: &[RedirectUri]| -> Vec<String> {
        uris.iter().map(|uri| uri.as_str().to_owned()).collect()
    };
    let authentication = match &registered.authentication {
        Authentication::Public => "none",
        Authentication::Secret { in_body: true, .. } => "secret",
        Authentication::Secret { in_body: false, .. } => "secret-in-header",
        Authentication::PrivateKeyJwt { .. } => "private_key_jwt",
        Authentication::Federated(_) => "federated",
    };
    let secrets: Vec<Json> = client
        .secrets
        .iter()
        .map(|secret| {
            json!({
                "number": secret.number,
                "created": secret.created.to_string(),
                "expires": secret.expires.map(|time| time.to_string()),
                "live": secret.is_live(now),
            })
        })
        .collect();
    json!({
        "client_id": client.id().as_str(),
        "name": client.name,
        "kind": registered.kind.as_str(),
        "authentication": authentication,
        "jwks_uri": client.jwks_uri,
        "scopes": registered.scopes.iter().collect::<Vec<_>>(),
        "redirect_uris": texts(&registered.redirect_uris),
        "post_logout_redirect_uris": texts(&registered.post_logout_redirect_uris),
        "backchannel_logout_uri": client.logout_uri.as_ref().map(RedirectUri::as_str),
        "id_token_algorithm": registered.id_token_algorithm.as_str(),
        "connection": client.connection.map(|id| id.to_string()),
        "created": client.created.to_string(),
        "secrets": secrets,
    })
}
