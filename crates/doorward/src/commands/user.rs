//! `doorward user`

use std::fmt::Write as _;

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::{
    Access, Error, Installation, Membership, Reader, ResourceId, Store, User,
    role::{self, Held, Why},
    schemas, search, user,
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
    walk::{Walk, filter},
};
use crate::{
    answer::Answer,
    listing::Listing,
    problem::within,
    table::{self, cut, number, whole, wrapped},
};

/// `doorward user`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The users of an organization, in the order in which they came
    List(List),
    /// One user: attributes, groups, roles, and the connection that manages it
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
    async fn wanted(&self, store: &Store, access: &Access) -> Result<Option<Filter>> {
        let state = match (self.active, self.archived) {
            (true, _) => Some("active eq true"),
            (_, true) => Some("active eq false"),
            _ => None,
        };
        let mut wanted = None;
        for text in self.filter.as_deref().into_iter().chain(state) {
            let read = filter::<User>(store, access, text).await?;
            wanted = Some(match wanted {
                None => read,
                Some(before) => Filter::and(before, read),
            });
        }
        Ok(wanted)
    }
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match &command {
        Command::List(options) => list(installation, options, json).await,
        Command::Show { user, organization } => show(installation, organization, user).await,
    })
    .await
}

async fn list(installation: &Installation, options: &List, json: bool) -> Result<Answer> {
    let (access, organization) = find_organization(installation, &options.organization).await?;
    let store = installation.store();
    let wanted = options.wanted(store, &access).await?;
    let names = Names::read(store, &access).await?;
    let columns = [whole("id"), cut("userName"), cut("name"), whole("state"), number("groups")];
    let show = async |users, listing: &mut Listing<'_, 5>| {
        let (users, groups) = with_groups(store, &access, users).await?;
        let people = users.iter().zip(&groups).map(|(user, groups)| Person::new(user, groups));
        let people: Vec<Person<'_>> = people.collect();
        Ok(listing.page(&people, |person| view(person, &names), row)?)
    };
    Walk::new(store, &access, wanted).list(&organization.slug, columns, show, json).await
}

async fn with_groups(
    store: &Store,
    access: &Access,
    users: Vec<User>,
) -> Result<(Vec<User>, Vec<Vec<Membership>>)> {
    let read = store.read(access, move |reader| {
        let groups = search::groups(reader, users.iter().map(|user| &**user))?;
        Ok::<_, Error>((users.clone(), groups))
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
    if user.is_active() { "active" } else { "archived" }
}

fn view(person: &Person<'_>, names: &Names) -> Json {
    let user = person.user();
    json!({
        "id": user.id.to_string(),
        "userName": person.text("userName"),
        "name": person.display_name(),
        "email": person.email(),
        "active": user.is_active(),
        "groups": person.memberships().len(),
        "managed_by": names.manager(user.managed_by).map(|manager| manager.id.to_string()),
        "created": user.created.to_string(),
        "modified": user.modified.to_string(),
    })
}

async fn show(installation: &Installation, slug: &str, wanted: &str) -> Result<Answer> {
    let (access, organization) = find_organization(installation, slug).await?;
    let (store, wanted) = (installation.store(), wanted.to_owned());
    let (user, groups, roles, schemas) = store
        .read(&access, move |reader| {
            let user = named(reader, &wanted)?;
            let groups = search::groups(reader, [&*user])?.pop().unwrap_or_default();
            let roles = role::of_user(reader, &user)?;
            Ok::<_, Error>((user, groups, roles, schemas::current(reader)?))
        })
        .await
        .map_err(within(&organization.slug))?;
    let names = Names::read(store, &access).await?;
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
        "active": user.is_active(),
        "managed_by": manager.map(|manager| manager.id.to_string()),
        "created": user.created.to_string(),
        "modified": user.modified.to_string(),
        "groups": listed,
        "roles": roles.iter().map(role_view).collect::<Vec<Json>>(),
        "resource": shown::represent(schemas.user(), None, &user, None),
    });
    Ok(Answer::new(json, sheet(&person, &roles, Names::long(manager))))
}

/// A role of a user, for programs, with every reason for it.
fn role_view(held: &Held) -> Json {
    let why = |why: &Why| match why {
        Why::Assigned => json!({ "assigned": true }),
        Why::Group { id, name, direct } => {
            json!({ "group": id.to_string(), "name": name, "direct": direct })
        }
    };
    let reasons: Vec<Json> = held.why.iter().map(why).collect();
    json!({ "name": held.role.name.as_str(), "why": reasons })
}

/// Why a user has a role, for people.
fn reason(why: &Why) -> String {
    match why {
        Why::Assigned => "assigned to the user".to_owned(),
        Why::Group { name, direct: true, .. } => format!("mapped to the group {name}"),
        Why::Group { name, direct: false, .. } => {
            format!("mapped to the group {name}, by way of another group")
        }
    }
}

fn sheet(person: &Person<'_>, roles: &[Held], manager: String) -> String {
    let user = person.user();
    let head = table::sheet([
        ("id", user.id.to_string()),
        ("state", state(user).to_owned()),
        ("managed by", manager),
        ("created", user.created.to_string()),
        ("modified", user.modified.to_string()),
    ]);
    let mut attributes = String::new();
    for (extension, lines) in shown::lines(&user.attributes) {
        if let Some(urn) = extension {
            // Writing to a text cannot fail.
            let _ = writeln!(attributes, "\n{urn}");
        }
        let lines = lines.iter().map(|(path, value)| (path.as_str(), value.as_str()));
        attributes.push_str(&table::sheet(lines));
    }
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
    let roles = if roles.is_empty() {
        "Without a role.\n".to_owned()
    } else {
        let rows = roles
            .iter()
            .flat_map(|held| held.why.iter().map(|why| [held.role.name.to_string(), reason(why)]));
        table::columns([whole("role"), wrapped("why")], rows)
    };
    format!("{}\n\n{head}\n{attributes}\n{groups}\n{roles}", person.display_name())
}

/// The user with this id or userName.
pub(crate) fn named(reader: &mut Reader<'_>, wanted: &str) -> Result<User, Error> {
    if let Some(id) = ResourceId::parse(wanted) {
        match user::get(reader, id) {
            Err(Error::NotFound { .. }) => {}
            found => return found,
        }
    }
    user::by_username(reader, wanted)
}
