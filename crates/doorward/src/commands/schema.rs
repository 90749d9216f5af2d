//! `doorward schema`

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, Subcommand};
use directory::{
    Access, Error, Installation,
    schemas::{self, Listed},
};
use doorward::config::Config;
use scim::schema::{Schemas, definition::Definition};
use serde_json::{Value as Json, json};

use super::{
    organization, progress,
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    table::{self, whole, wrapped},
};

/// Definitions that come with Doorward, by the name under which they are registered.
const SHIPPED: [(&str, &str); 1] =
    [("okta-governance", include_str!("../../schemas/okta-governance.toml"))];

/// `doorward schema`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register schemas, extensions and resource types, or replace those of the same name
    ///
    /// The file says, in TOML or JSON, which schemas there are (as in RFC 7643 section 7), which
    /// resource types they extend, and which new resource types they make. docs/schemas.md shows
    /// one. What resources carry already stays as it is: a change that would take it away is
    /// refused.
    Register {
        /// The file, or the name of a definition that comes with Doorward: okta-governance
        definition: PathBuf,
        #[command(flatten)]
        scope: ScopeOption,
    },
    /// What is registered
    List {
        #[command(flatten)]
        scope: ScopeOption,
    },
    /// A definition as it was registered, in JSON
    Show {
        /// Its name, as `doorward schema list` shows it
        name: String,
        #[command(flatten)]
        scope: ScopeOption,
    },
    /// Remove a definition that no resource uses
    Remove {
        /// Its name, as `doorward schema list` shows it
        name: String,
        #[command(flatten)]
        scope: ScopeOption,
    },
    /// Read a definition and say what it would make, without a store
    Check {
        /// The file, or the name of a definition that comes with Doorward: okta-governance
        definition: PathBuf,
    },
}

/// For whom.
#[derive(Debug, Args)]
pub(crate) struct ScopeOption {
    /// Slug of the organization [default: the whole installation]
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
}

impl ScopeOption {
    /// The organization; `None`: the whole installation.
    async fn find(&self, installation: &Installation) -> Result<Option<Access>> {
        Ok(match &self.organization {
            Some(slug) => Some(organization::find(installation, slug).await?.0),
            None => None,
        })
    }

    fn flag(&self) -> String {
        self.organization
            .as_ref()
            .map_or_else(String::new, |slug| format!(" --organization {slug}"))
    }
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    if let Command::Check { definition } = command {
        return check(&definition);
    }
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::Register { definition, scope } => {
            register(installation, &definition, &scope, json).await
        }
        Command::List { scope } => list(installation, &scope).await,
        Command::Show { name, scope } => show(installation, &name, &scope).await,
        Command::Remove { name, scope } => remove(installation, &name, &scope).await,
        Command::Check { .. } => unreachable!("it needs no store"),
    })
    .await
}

/// Reads a definition from a file, by the ending of its name, or one that comes with Doorward.
fn read(path: &Path) -> Result<Definition> {
    let shown = path.display();
    if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| path == Path::new(name)) {
        return toml::from_str(text).with_context(|| format!("{name} cannot be read"));
    }
    let text = std::fs::read_to_string(path).with_context(|| {
        let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
        format!("cannot read {shown} (with Doorward comes: {})", names.join(", "))
    })?;
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("toml") => toml::from_str(&text).with_context(|| format!("{shown} is no definition")),
        Some("json") => {
            serde_json::from_str(&text).with_context(|| format!("{shown} is no definition"))
        }
        _ => bail!("{shown}: the name of a definition's file ends in .toml or .json"),
    }
}

fn check(path: &Path) -> Result<Answer> {
    let definition = read(path)?;
    let schemas = Schemas::builtin().with(&definition).map_err(|error| anyhow!("{error}"))?;
    let mut text = format!("{} can be registered. It makes:\n", definition.name);
    for line in summary(&definition) {
        let _ = writeln!(text, "  {line}");
    }
    let endpoints: Vec<&str> = schemas
        .registered()
        .iter()
        .map(|schema| schema.resource_type().endpoint.as_str())
        .collect();
    let answer = json!({
        "name": definition.name,
        "extensions": definition.extensions.iter().map(|it| &it.schema).collect::<Vec<_>>(),
        "endpoints": endpoints,
    });
    Ok(Answer::new(answer, text.trim_end().to_owned()))
}

/// What a definition makes, in a line each.
fn summary(definition: &Definition) -> Vec<String> {
    let extensions = definition
        .extensions
        .iter()
        .map(|extension| format!("{} on {}", extension.schema, extension.resource_type));
    let types = definition
        .resource_types
        .iter()
        .map(|resource_type| format!("{} ({})", resource_type.endpoint, resource_type.schema));
    extensions.chain(types).collect()
}

async fn register(
    installation: &Installation,
    path: &Path,
    option: &ScopeOption,
    json: bool,
) -> Result<Answer> {
    let definition = read(path)?;
    let scope = option.find(installation).await?;
    let bar = progress::spinner(json);
    let mut seen = |seen| bar.set_message(format!("{seen} resources read for new indexes"));
    let store = installation.store();
    let registered = match &scope {
        Some(access) => schemas::register(store, access, &definition, &mut seen).await,
        None => schemas::install(installation, &definition, &mut seen).await,
    };
    bar.finish_and_clear();
    let registered = registered?;
    let name = &definition.name;
    let mut text = format!(
        "{name} is {}. It makes:\n",
        if registered.replaced { "replaced" } else { "registered" }
    );
    for line in summary(&definition) {
        let _ = writeln!(text, "  {line}");
    }
    if registered.indexed > 0 {
        let _ = writeln!(text, "{} resources were read for new indexes.", registered.indexed);
    }
    let answer = json!({
        "name": name,
        "organization": option.organization,
        "replaced": registered.replaced,
        "indexed": registered.indexed,
    });
    Ok(Answer::new(answer, text.trim_end().to_owned()))
}

async fn all(installation: &Installation, option: &ScopeOption) -> Result<Vec<Listed>> {
    Ok(match option.find(installation).await? {
        Some(access) => installation.store().read(&access, schemas::list).await?,
        None => schemas::installed(installation).await?,
    })
}

async fn list(installation: &Installation, option: &ScopeOption) -> Result<Answer> {
    let all = all(installation, option).await?;
    let json: Vec<Json> = all
        .iter()
        .map(|listed| {
            json!({
                "name": listed.definition.name,
                "description": listed.definition.description,
                "scope": scope_name(listed),
                "created": listed.created.to_string(),
            })
        })
        .collect();
    if all.is_empty() {
        let text = "Nothing is registered; `doorward schema register` does it.".to_owned();
        return Ok(Answer::new(json!({ "definitions": json }), text));
    }
    let text = table::columns(
        [whole("name"), whole("for"), wrapped("makes")],
        all.iter().flat_map(|listed| {
            let first = [listed.definition.name.clone(), scope_name(listed).to_owned()];
            let rest = std::iter::repeat([String::new(), String::new()]);
            let heads = std::iter::once(first).chain(rest);
            heads.zip(summary(&listed.definition)).map(|([name, scope], made)| [name, scope, made])
        }),
    );
    Ok(Answer::new(json!({ "definitions": json }), text))
}

fn scope_name(listed: &Listed) -> &'static str {
    if listed.installed { "installation" } else { "organization" }
}

async fn show(installation: &Installation, name: &str, option: &ScopeOption) -> Result<Answer> {
    let all = all(installation, option).await?;
    let found = all
        .into_iter()
        .find(|listed| listed.definition.name == name)
        .ok_or_else(|| missing(name, option))?;
    let json = serde_json::to_value(&found.definition)?;
    let text = serde_json::to_string_pretty(&json)?;
    Ok(Answer::new(json, text))
}

async fn remove(installation: &Installation, name: &str, option: &ScopeOption) -> Result<Answer> {
    let removed = match option.find(installation).await? {
        Some(access) => schemas::remove(installation.store(), &access, name).await,
        None => schemas::uninstall(installation, name).await,
    };
    removed.map_err(|error| match error {
        Error::NotFound { .. } => missing(name, option),
        error => error.into(),
    })?;
    let text = format!("{name} is removed: its attributes and endpoints are unknown from now on.");
    Ok(Answer::new(json!({ "name": name, "removed": true }), text))
}

fn missing(name: &str, option: &ScopeOption) -> anyhow::Error {
    anyhow!("there is no definition {name}; `doorward schema list{}` shows all", option.flag())
}
