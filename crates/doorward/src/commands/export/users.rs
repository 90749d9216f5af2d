//! `doorward export users`

use anyhow::Result;
use directory::{
    Error, User,
    role::{self, Held},
    schemas, search,
};
use scim::{Object, Value};
use serde_json::json;

use super::{
    super::{person::Person, shown, walk::Walk},
    Sink, Source,
};

/// A column: its heading, and how its cell is made.
type Column = (&'static str, fn(&Person<'_>) -> String);

/// The last column: the roles that the user has in the application, whatever they come from. SCIM's
/// own `roles` are what the provider says.
const ROLES: &str = "heldRoles";

/// The columns of a line, in their order. Programs find them by their headings, so new ones come
/// last.
const COLUMNS: [Column; 14] = [
    ("id", |person| person.user().id.to_string()),
    ("userName", |person| person.text("userName").to_owned()),
    ("givenName", |person| person.name("givenName").to_owned()),
    ("familyName", |person| person.name("familyName").to_owned()),
    ("displayName", |person| person.text("displayName").to_owned()),
    ("email", |person| person.email().to_owned()),
    ("title", |person| person.text("title").to_owned()),
    ("department", |person| person.enterprise("department").to_owned()),
    ("employeeNumber", |person| person.enterprise("employeeNumber").to_owned()),
    ("externalId", |person| person.text("externalId").to_owned()),
    ("active", |person| person.user().is_active().to_string()),
    ("groups", |person| person.groups()),
    ("created", |person| person.user().created.to_string()),
    ("lastModified", |person| person.user().modified.to_string()),
];

pub(super) async fn write(source: &Source<'_>, mut sink: Sink<'_>) -> Result<()> {
    let schemas = source.store.read(source.access, schemas::current).await?;
    let mut walk = Walk::new(source.store, source.access, None);
    sink.begin("users", COLUMNS.iter().map(|(heading, _)| *heading).chain([ROLES]))?;
    while let Some(users) = walk.page::<User>().await? {
        let (users, groups, roles) = source
            .store
            .read(source.access, move |reader| {
                let groups = search::groups(reader, users.iter().map(|user| &**user))?;
                let roles = role::of_users(reader, &users)?;
                Ok::<_, Error>((users.clone(), groups, roles))
            })
            .await?;
        for ((user, groups), roles) in users.iter().zip(&groups).zip(&roles) {
            let person = Person::new(user, groups);
            let roles = names(roles);
            sink.record(
                || {
                    let cells = COLUMNS.iter().map(|(_, cell)| cell(&person));
                    cells.chain([roles.join("; ")]).collect()
                },
                || {
                    let url = source.url.as_ref();
                    let groups = groups_of(&person);
                    let mut object = json!(shown::represent(schemas.user(), url, user, groups));
                    object[ROLES] = json!(roles);
                    object.to_string()
                },
            )?;
        }
    }
    sink.end()
}

fn names(roles: &[Held]) -> Vec<&str> {
    roles.iter().map(|held| held.role.name.as_str()).collect()
}

/// The groups of a person, as SCIM shows them.
fn groups_of(person: &Person<'_>) -> Option<(&'static str, Value)> {
    let groups: Vec<Value> = person
        .memberships()
        .iter()
        .map(|group| {
            Object::new()
                .with("value", group.id.to_string())
                .with("display", group.display.as_str())
                .with("type", if group.direct { "direct" } else { "indirect" })
                .into()
        })
        .collect();
    (!groups.is_empty()).then(|| ("groups", groups.into()))
}
