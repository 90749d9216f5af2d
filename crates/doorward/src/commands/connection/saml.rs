//! `doorward connection saml`

use std::path::{Path, PathBuf};

use ::saml::Certificate;
use anyhow::{Context as _, Result, anyhow, bail};
use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use directory::{
    ConnectionId, Error, Installation, Time,
    connection::Connection,
    saml::{
        self, Binding, Change, Described, NameId, Provider, Settings, Signed, State,
        certificate::{self, NewCertificate, hexadecimal},
        request_key::{self, RequestKey},
        source::{self, Source},
    },
};
use doorward::config::{Config, PublicUrl};
use serde_json::{Value as Json, json};
use server::provider_metadata;

use super::{
    super::{
        outbound,
        public_url::{self, UNKNOWN},
    },
    find,
};
use crate::{
    answer::Answer,
    table::{self, to_the_second, whole},
};

/// `doorward connection saml`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What the provider is told, and what is known of it
    Show {
        /// Id of the connection
        id: String,
    },
    /// Change how people sign in: what is not named stays as it is
    Set(Box<Set>),
    /// Certificates of the provider: by them its answers are verified
    #[command(subcommand)]
    Certificate(CertificateCommand),
}

/// `doorward connection saml set`
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Id of the connection
    id: String,
    /// The provider's metadata, a file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["provider_entity_id", "sso_url"])]
    metadata: Option<PathBuf>,
    /// Where the provider's metadata is: it is read now and every day, and a new key is pending there
    #[arg(
        long,
        value_name = "URL",
        conflicts_with_all = ["metadata", "provider_entity_id", "sso_url"]
    )]
    metadata_url: Option<String>,
    /// Entity ID of the provider; Okta calls it Issuer
    #[arg(long, value_name = "ID", requires = "sso_url")]
    provider_entity_id: Option<String>,
    /// Single sign-on URL of the provider
    #[arg(long, value_name = "URL", requires = "provider_entity_id")]
    sso_url: Option<String>,
    /// Certificate of the provider, a PEM file; may be given several times
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// What must be signed: both response and assertion, or the assertion
    #[arg(long, value_parser = signed())]
    signed: Option<Signed>,
    /// Whether our requests are signed, by a key that is made for it: our metadata has the certificate
    #[arg(long, value_name = "on|off", value_parser = switch())]
    sign_requests: Option<bool>,
    /// Whether a sign-in may begin at the provider. Without it, one that does is begun anew here
    #[arg(long, value_name = "on|off", value_parser = switch())]
    unsolicited: Option<bool>,
    /// Which attribute of a user the NameID is
    #[arg(long, value_parser = name_id())]
    name_id: Option<NameId>,
    /// Whether who is not here yet is created on arrival; not where the provider pushes its users
    #[arg(long, value_name = "on|off", value_parser = switch())]
    create_users: Option<bool>,
    /// off: no one signs in; testing: a sign-in shows what it would come to; enforced: people do
    #[arg(long, value_parser = state())]
    state: Option<State>,
    /// Enforce without a test sign-in, and without a break-glass account
    #[arg(long)]
    yes: bool,
}

/// `doorward connection saml certificate`
#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// The certificates of a connection
    List {
        /// Id of the connection
        id: String,
    },
    /// Add a certificate beside those that are there, before the provider uses it
    Add {
        /// Id of the connection
        id: String,
        /// A PEM file
        file: PathBuf,
    },
    /// Trust a certificate that is pending: the provider's metadata brought it
    Trust {
        /// Id of the connection
        id: String,
        /// SHA-256 of the certificate, as `list` shows it
        sha256: String,
    },
    /// Remove a certificate that the provider uses no longer
    Remove {
        /// Id of the connection
        id: String,
        /// SHA-256 of the certificate, as `list` shows it
        sha256: String,
    },
}

pub(super) fn switch() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new(["on", "off"]).map(|word| word == "on")
}

macro_rules! words {
    ($($name:ident $ty:ident;)*) => {$(
        fn $name() -> impl TypedValueParser<Value = $ty> {
            PossibleValuesParser::new($ty::ALL.iter().map(|word| word.as_str()))
                .map(|word| $ty::parse(&word).expect("the possible values are all of them"))
        }
    )*};
}
words! {
    signed Signed;
    name_id NameId;
    state State;
}

pub(super) async fn run(
    installation: &Installation,
    config: &Config,
    command: Command,
) -> Result<Answer> {
    let id = match command {
        Command::Show { id } => id,
        Command::Set(set) => {
            apply(installation, config, &set).await?;
            set.id
        }
        Command::Certificate(CertificateCommand::List { id }) => {
            let now = installation.store().clock().now();
            let Known { certificates, .. } = known(installation, &id).await?;
            return Ok(listed(&id, &certificates, now));
        }
        Command::Certificate(CertificateCommand::Add { id, file }) => {
            add(installation, &id, read_certificates(&file)?).await?;
            id
        }
        Command::Certificate(CertificateCommand::Trust { id, sha256 }) => {
            on_certificate(installation, &id, &sha256, certificate::trust).await?;
            id
        }
        Command::Certificate(CertificateCommand::Remove { id, sha256 }) => {
            on_certificate(installation, &id, &sha256, certificate::remove).await?;
            id
        }
    };
    show(installation, config, &id).await
}

/// What is known of sign-in through a connection.
struct Known {
    settings: Settings,
    source: Option<Source>,
    key: Option<RequestKey>,
    certificates: Vec<certificate::Certificate>,
}

async fn known(installation: &Installation, id: &str) -> Result<Known> {
    let (access, connection) = find(installation, id).await?;
    let id = connection.id;
    let read = installation.store().read(&access, move |reader| {
        Ok::<_, Error>(Known {
            settings: saml::get(reader, id)?,
            source: source::get(reader, id)?,
            key: request_key::get(reader, id)?,
            certificates: certificate::list(reader, id)?,
        })
    });
    Ok(read.await?)
}

async fn show(installation: &Installation, config: &Config, id: &str) -> Result<Answer> {
    let (_, connection) = find(installation, id).await?;
    let Known { settings, source, key, certificates } = known(installation, id).await?;
    let now = installation.store().clock().now();
    let url = public_url::known(config, installation).await?;
    let addresses = Addresses::of(url.as_ref(), &connection);
    let provider = settings.provider.as_ref().map(|provider| {
        json!({
            "entity_id": provider.entity_id,
            "sso_url": provider.sso_url,
            "binding": provider.binding.as_str(),
            "certificates": certificates.iter().map(|one| view(one, now)).collect::<Vec<_>>(),
        })
    });
    let mut json = json!({
        "connection": connection.id.to_string(),
        "entity_id": addresses.entity_id,
        "acs_url": addresses.acs_url,
        "login_url": addresses.login_url,
        "metadata_url": addresses.entity_id,
        "state": settings.state.as_str(),
        "signed": settings.signed.as_str(),
        "sign_requests": key.is_some(),
        "unsolicited": settings.unsolicited,
        "name_id": settings.name_id.as_str(),
        "create_users": settings.create_users,
        "tested": settings.tested.map(|time| time.to_string()),
        "provider": provider,
        "metadata": source.as_ref().map(|source| json!({
            "url": source.url,
            "read": source.read.map(|time| time.to_string()),
            "failure": source.failure,
        })),
    });
    if url.is_none() {
        json["note"] = json!(UNKNOWN);
    }
    let shown =
        |address: &Option<String>| address.clone().unwrap_or_else(|| "not known yet".to_owned());
    let on = |switch: bool| if switch { "on" } else { "off" }.to_owned();
    let provider = settings.provider.as_ref();
    let dash = || "-".to_owned();
    let ours = table::sheet([
        ("Single sign-on URL", shown(&addresses.acs_url)),
        ("Audience URI (SP Entity ID)", shown(&addresses.entity_id)),
        ("metadata", shown(&addresses.entity_id)),
        ("sign-in begins at", shown(&addresses.login_url)),
    ]);
    let theirs = table::sheet([
        ("entity ID", provider.map_or_else(dash, |provider| provider.entity_id.clone())),
        ("single sign-on URL", provider.map_or_else(dash, |provider| provider.sso_url.clone())),
        (
            "metadata is read from",
            source.as_ref().map_or_else(dash, |source| match &source.failure {
                Some(failure) => format!("{} ({failure})", source.url),
                None => source.url.clone(),
            }),
        ),
        ("state", settings.state.to_string()),
        ("last good test", settings.tested.map_or_else(dash, |time| time.to_string())),
        ("signed", settings.signed.to_string()),
        ("NameID is the", settings.name_id.to_string()),
        ("creates users", on(settings.create_users)),
        ("our requests are signed", on(key.is_some())),
        ("may begin at the provider", on(settings.unsolicited)),
    ]);
    let note = if url.is_none() { format!("\n({UNKNOWN})\n") } else { String::new() };
    let text = format!(
        "For the provider, in Okta's words:\n\n{ours}{note}\nThe provider:\n\n{theirs}\n{}",
        tabled(&certificates, now)
    );
    Ok(Answer::new(json, text))
}

/// What the provider is told.
struct Addresses {
    entity_id: Option<String>,
    acs_url: Option<String>,
    login_url: Option<String>,
}

impl Addresses {
    fn of(url: Option<&PublicUrl>, connection: &Connection) -> Self {
        let address = |what: &str| url.map(|url| format!("{url}/saml/{}/{what}", connection.id));
        Self {
            entity_id: address("metadata"),
            acs_url: address("acs"),
            login_url: address("login"),
        }
    }
}

fn view(certificate: &certificate::Certificate, now: Time) -> Json {
    json!({
        "sha256": hexadecimal(&certificate.sha256),
        "not_after": certificate.not_after.to_string(),
        "last_used": certificate.last_used.map(|time| time.to_string()),
        "trusted": certificate.trusted,
        "standing": certificate.standing(now).as_str(),
    })
}

fn listed(id: &str, certificates: &[certificate::Certificate], now: Time) -> Answer {
    let json = json!({
        "connection": id,
        "certificates": certificates.iter().map(|one| view(one, now)).collect::<Vec<_>>(),
    });
    Answer::new(json, tabled(certificates, now))
}

fn tabled(certificates: &[certificate::Certificate], now: Time) -> String {
    if certificates.is_empty() {
        return "No certificate of the provider is known.\n".to_owned();
    }
    table::columns(
        [whole("SHA-256 of the certificate"), whole("state"), whole("expires"), whole("last used")],
        certificates.iter().map(|one| {
            let used = one.last_used.map_or_else(|| "-".to_owned(), |time| time.to_string());
            [
                hexadecimal(&one.sha256),
                one.standing(now).as_str().to_owned(),
                one.not_after.timestamp().strftime("%Y-%m-%d").to_string(),
                to_the_second(&used),
            ]
        }),
    )
}

async fn apply(installation: &Installation, config: &Config, set: &Set) -> Result<()> {
    let (access, connection) = find(installation, &set.id).await?;
    let described = described(installation, config, set).await?;
    let given = set.provider_entity_id.clone().zip(set.sso_url.clone());
    let provider = given.map(|(entity_id, sso_url)| Provider {
        entity_id,
        sso_url,
        binding: Binding::Redirect,
    });
    let url = set.metadata_url.clone();
    let mut certificates = Vec::new();
    for file in &set.certificate {
        certificates.extend(read_certificates(file)?);
    }
    let change = Change {
        state: set.state,
        provider,
        signed: set.signed,
        unsolicited: set.unsolicited,
        name_id: set.name_id,
        create_users: set.create_users,
        untested: set.yes,
    };
    let id = connection.id;
    let key = match set.sign_requests {
        Some(signs) => Some(RequestKey::wanted(installation.store(), &access, id, signs).await?),
        None => None,
    };
    installation
        .store()
        .write(&access, move |writer| {
            if let Some(key) = &key {
                request_key::set(writer, id, key.as_ref())?;
            }
            for certificate in &certificates {
                certificate::add(writer, id, certificate, true)?;
            }
            match (&described, &url) {
                (Some(described), Some(url)) => source::set(writer, id, url, described, &change),
                (Some(described), None) => saml::describe(writer, id, described, &change),
                (None, _) => saml::set(writer, id, change.clone()),
            }
        })
        .await?;
    Ok(())
}

/// The provider as its metadata describes it, where the command names some.
async fn described(
    installation: &Installation,
    config: &Config,
    set: &Set,
) -> Result<Option<Described>> {
    if let Some(file) = &set.metadata {
        let described = Described::read(&read(file)?);
        return described.map(Some).with_context(|| format!("{} is of no use", file.display()));
    }
    let Some(url) = &set.metadata_url else { return Ok(None) };
    let outbound = outbound::of(installation, config).await?;
    Ok(Some(provider_metadata::read(&outbound, url).await?))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn read_certificates(file: &Path) -> Result<Vec<NewCertificate>> {
    let bytes = read(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let certificates = Certificate::parse_all(&text)
        .map_err(|error| anyhow!("{} cannot be used: {error}", file.display()))?;
    Ok(certificates.iter().map(NewCertificate::from).collect())
}

async fn add(installation: &Installation, id: &str, new: Vec<NewCertificate>) -> Result<()> {
    let (access, connection) = find(installation, id).await?;
    let id = connection.id;
    let add = move |writer: &mut directory::Writer<'_>| {
        for certificate in &new {
            certificate::add(writer, id, certificate, true)?;
        }
        Ok::<_, Error>(())
    };
    Ok(installation.store().write(&access, add).await?)
}

/// Does something with one certificate.
async fn on_certificate(
    installation: &Installation,
    id: &str,
    sha256: &str,
    act: fn(&mut directory::Writer<'_>, ConnectionId, &str) -> Result<(), Error>,
) -> Result<()> {
    let (access, connection) = find(installation, id).await?;
    if ::saml::Fingerprint::parse(sha256).is_none() {
        bail!("\"{}\" is not a SHA-256 of 64 hexadecimal digits", sha256.escape_debug())
    }
    let (id, sha256) = (connection.id, sha256.to_owned());
    let act = move |writer: &mut directory::Writer<'_>| act(writer, id, &sha256);
    Ok(installation.store().write(&access, act).await?)
}
