//! `doorward user`

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use directory::{
    Error, Membership, ResourceId, Store, Tenant, schemas, search,
    user::{self, User},
};
use doorward::config::Config;
use scim::Filter;
use serde_json::{Value as Json, json};

use super::{
    connection::Names,
    organization::find as find_organization,
    person::Person,
    shown,
    store::{self, Missing},
    walk::{Walk, filter, named},
};
use crate::{
    answer::Answer,
    output::stream,
    table::{self, Table, cut, number, whole},
};

/// `doorward user`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The users of an organization, in the order in which they came
    List(List),
    /// One user: attributes, groups, and the connection that manages it
    Show {
        /// Its userName, or its id
        user: String,
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
    },
}

/// `doorward user list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// Only those that match, as SCIM writes it: 'title co "engineer" and userName ew "@acme.com"'
    #[arg(long)]
    filter: Option<String>,
    /// Only those who are archived
    #[arg(long, conflicts_with = "active")]
    archived: bool,
    /// Only those who are active
    #[arg(long)]
    active: bool,
}

impl List {
    /// The filter that says all of it.
    async fn wanted(&self, store: &Store, tenant: &Tenant) -> Result<Option<Filter>> {
        let state = match (self.active, self.archived) {
            (true, _) => Some("active eq true"),
            (_, true) => Some("active eq false"),
            _ => None,
        };
        let mut wanted = None;
        for text in self.filter.as_deref().into_iter().chain(state) {
            let read = filter::<User>(store, tenant, text).await?;
            wanted = Some(match wanted {
                None => read,
                Some(before) => Filter::and(before, read),
            });
        }
        Ok(wanted)
    }
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |store| match &command {
        Command::List(options) => list(store, options, json).await,
        Command::Show { user, organization } => show(store, organization, user).await,
    })
    .await
}

async fn list(store: &Store, options: &List, json: bool) -> Result<Answer> {
    let (tenant, organization) = find_organization(store, &options.organization).await?;
    let wanted = options.wanted(store, &tenant).await?;
    let everyone = wanted.is_none();
    let mut walk = Walk::new(store, &tenant, wanted);
    let names = Names::read(store, &tenant).await?;
    stream(async |output| {
        let mut table = Table::new([
            whole("id"),
            cut("userName"),
            cut("name"),
            whole("state"),
            number("groups"),
        ]);
        if json {
            output.begin(&json!({ "organization": organization.slug.as_str() }))?;
            output.list("users")?;
        }
        while let Some(users) = walk.page::<User>().await? {
            let (users, groups) = with_groups(store, &tenant, users).await?;
            let all = users.iter().zip(&groups).map(|(user, groups)| Person::new(user, groups));
            if json {
                for person in all {
                    output.element(&view(&person, &names).to_string())?;
                }
            } else {
                output.text(&table.page(all.map(|person| row(&person))))?;
            }
        }
        if json {
            output.end_list()?;
            output.end(&json!({ "total": walk.total() }))?;
        } else if walk.total() == 0 {
            let who = if everyone { "There is no user in" } else { "No user matches in" };
            output.text(&format!("{who} {} yet.\n", organization.slug))?;
        }
        Ok(())
    })
    .await
}

async fn with_groups(
    store: &Store,
    tenant: &Tenant,
    users: Vec<User>,
) -> Result<(Vec<User>, Vec<Vec<Membership>>)> {
    let read = store.read(tenant, move |reader| {
        let groups = search::groups(reader, &users)?;
        Ok((users.clone(), groups))
    });
    Ok(read.await?)
}

fn row(person: &Person<'_>) -> [String; 5] {
    [
        person.user().id.to_string(),
        person.text("userName").to_owned(),
        person.display_name(),
        state(person.user()).to_owned(),
        person.memberships().len().to_string(),
    ]
}

fn state(user: &User) -> &'static str {
    if user.active { "active" } else { "archived" }
}

fn view(person: &Person<'_>, names: &Names) -> Json {
    let user = person.user();
    json!({
        "id": user.id.to_string(),
        "userName": person.text("userName"),
        "name": person.display_name(),
        "email": person.email(),
        "active": user.active,
        "groups": person.memberships().len(),
        "managed_by": names.manager(user.managed_by).map(|manager| manager.id.to_string()),
        "created": user.created.to_string(),
        "modified": user.modified.to_string(),
    })
}

async fn show(store: &Store, slug: &str, wanted: &str) -> Result<Answer> {
    let (tenant, organization) = find_organization(store, slug).await?;
    let user = find(store, &tenant, wanted).await?.ok_or_else(|| {
        anyhow!(
            "there is no user \"{}\" in {slug}; `doorward user list --organization {slug}` shows all",
            wanted.escape_debug()
        )
    })?;
    let (mut users, mut groups) = with_groups(store, &tenant, vec![user]).await?;
    let (user, groups) =
        users.pop().zip(groups.pop()).ok_or_else(|| anyhow!("the user went away meanwhile"))?;
    let names = Names::read(store, &tenant).await?;
    let schemas = store.read(&tenant, schemas::current).await?;
    let person = Person::new(&user, &groups);
    let manager = names.manager(user.managed_by);
    let listed: Vec<Json> = groups
        .iter()
        .map(|group| {
            json!({
                "id": group.id.to_string(),
                "name": group.display,
                "direct": group.direct,
            })
        })
        .collect();
    let json = json!({
        "id": user.id.to_string(),
        "organization": organization.slug.as_str(),
        "userName": person.text("userName"),
        "name": person.display_name(),
        "active": user.active,
        "managed_by": manager.map(|manager| manager.id.to_string()),
        "created": user.created.to_string(),
        "modified": user.modified.to_string(),
        "groups": listed,
        "resource": shown::represent(schemas.user(), None, &user, None),
    });
    Ok(Answer::new(json, sheet(&person, Names::long(manager))))
}

fn sheet(person: &Person<'_>, manager: String) -> String {
    let user = person.user();
    let head = table::sheet([
        ("id", user.id.to_string()),
        ("state", state(user).to_owned()),
        ("managed by", manager),
        ("created", user.created.to_string()),
        ("modified", user.modified.to_string()),
    ]);
    let lines = shown::lines(&user.resource);
    let attributes =
        table::sheet(lines.iter().map(|(path, value)| (path.as_str(), value.as_str())));
    let groups = if person.memberships().is_empty() {
        "In no group.\n".to_owned()
    } else {
        table::columns(
            [cut("group"), whole("id"), whole("membership")],
            person.memberships().iter().map(|group| {
                let way = if group.direct { "direct" } else { "by way of another group" };
                [group.display.clone(), group.id.to_string(), way.to_owned()]
            }),
        )
    };
    format!("{}\n\n{head}\n{attributes}\n{groups}", person.display_name())
}

/// The user with this id or userName.
async fn find(store: &Store, tenant: &Tenant, wanted: &str) -> Result<Option<User>> {
    if let Some(id) = ResourceId::parse(wanted) {
        match store.read(tenant, move |reader| user::get(reader, id)).await {
            Err(Error::NotFound) => {}
            found => return Ok(Some(found?)),
        }
    }
    let by_name = filter::<User>(store, tenant, &named("userName", wanted)).await?;
    let mut walk = Walk::new(store, tenant, Some(by_name));
    Ok(walk.page::<User>().await?.and_then(|mut found| found.pop()))
}
