//! `doorward domain`

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use directory::{
    Installation,
    domain::{self, Domain, DomainName},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};
use server::dns::Resolver;

use super::{
    organization::find,
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    problem::within,
    table::{self, cut, to_the_second, whole},
};

/// `doorward domain`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a domain, and show the DNS record that proves it
    Add(Which),
    /// The domains of an organization
    List {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
    },
    /// Look for the DNS record, and take the domain as the organization's own
    Verify {
        #[command(flatten)]
        which: Which,
        /// Vouch for the domain instead of asking DNS
        #[arg(long)]
        by_operator: bool,
    },
    /// Remove a domain: its addresses lead nowhere any more
    Remove(Which),
}

/// Which domain.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// The domain, such as example.com
    domain: String,
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::Add(which) => add(installation, &which).await,
        Command::List { organization } => list(installation, &organization).await,
        Command::Verify { which, by_operator: true } => vouch(installation, &which).await,
        Command::Verify { which, .. } => verify(installation, config, &which).await,
        Command::Remove(which) => remove(installation, &which).await,
    })
    .await
}

fn view(domain: &Domain) -> Json {
    json!({
        "domain": domain.name.as_str(),
        "verified": domain.verified.is_some(),
        "verified_at": domain.verified.map(|(time, _)| time.to_string()),
        "proof": domain.verified.map(|(_, proof)| proof.as_str()),
        "record": { "name": domain.record_name(), "type": "TXT", "value": domain.record_value() },
        "created": domain.created.to_string(),
    })
}

fn shown(domain: &Domain) -> String {
    match domain.verified {
        Some((_, proof)) => format!("{} is verified ({proof}).", domain.name),
        None => format!(
            "{} is not verified yet. Add this record to its DNS, and then run \
             `doorward domain verify`:\n\n{}",
            domain.name,
            table::sheet([
                ("name", domain.record_name()),
                ("type", "TXT".to_owned()),
                ("text", domain.record_value()),
            ])
        ),
    }
}

async fn add(installation: &Installation, which: &Which) -> Result<Answer> {
    let name = DomainName::parse(&which.domain)?;
    let (access, organization) = find(installation, &which.organization).await?;
    let added = installation.store().write(&access, move |writer| domain::add(writer, &name));
    let domain = added.await.map_err(within(&organization.slug))?;
    Ok(Answer::new(view(&domain), shown(&domain)))
}

async fn list(installation: &Installation, slug: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let domains = installation.store().read(&access, domain::list).await?;
    let json = json!({
        "organization": organization.slug.as_str(),
        "domains": domains.iter().map(view).collect::<Vec<_>>(),
    });
    let text = if domains.is_empty() {
        format!(
            "{} has no domain; `doorward domain add --organization {0} DOMAIN` adds one.",
            organization.slug
        )
    } else {
        table::columns(
            [cut("domain"), whole("verified"), whole("by")],
            domains.iter().map(|domain| {
                let (time, proof) = domain.verified.unzip();
                [
                    domain.name.to_string(),
                    time.map_or("-".to_owned(), |time| to_the_second(&time.to_string())),
                    proof.map_or("-".to_owned(), |proof| proof.to_string()),
                ]
            }),
        )
    };
    Ok(Answer::new(json, text))
}

async fn verify(installation: &Installation, config: &Config, which: &Which) -> Result<Answer> {
    let name = DomainName::parse(&which.domain)?;
    let (access, organization) = find(installation, &which.organization).await?;
    let wanted = name.clone();
    let store = installation.store();
    let read = store.read(&access, move |reader| domain::get(reader, &wanted));
    let domain = read.await.map_err(within(&organization.slug))?;
    let record = domain.record_name();
    let resolver = config.network.dns_server.map_or_else(Resolver::of_system, Resolver::new);
    let texts = resolver.texts(store.random(), &record).await.with_context(|| {
        format!("{record} could not be looked up; `dns_server` names another server to ask")
    })?;
    let domain = domain::verify(store, &access, &name, &texts).await;
    let domain = domain.map_err(within(&organization.slug))?;
    Ok(Answer::new(view(&domain), shown(&domain)))
}

async fn vouch(installation: &Installation, which: &Which) -> Result<Answer> {
    let name = DomainName::parse(&which.domain)?;
    let (access, organization) = find(installation, &which.organization).await?;
    let domain = domain::vouch(installation.store(), &access, &name).await;
    let domain = domain.map_err(within(&organization.slug))?;
    Ok(Answer::new(view(&domain), shown(&domain)))
}

async fn remove(installation: &Installation, which: &Which) -> Result<Answer> {
    let name = DomainName::parse(&which.domain)?;
    let (access, organization) = find(installation, &which.organization).await?;
    let removed = domain::remove(installation.store(), &access, &name).await;
    removed.map_err(within(&organization.slug))?;
    let json = json!({ "domain": name.as_str(), "removed": true });
    Ok(Answer::new(json, format!("{name} is removed: its addresses lead nowhere any more.")))
}
