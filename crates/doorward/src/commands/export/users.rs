//! `doorward export users`

use anyhow::Result;
use directory::{schemas, search, user::User};
use scim::{Object, Value};

use super::{
    super::{person::Person, shown, walk::Walk},
    Sink, Source,
};

/// A column: its heading, and how its cell is made.
type Column = (&'static str, fn(&Person<'_>) -> String);

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
    ("active", |person| person.user().active.to_string()),
    ("groups", |person| person.groups()),
    ("created", |person| person.user().created.to_string()),
    ("lastModified", |person| person.user().modified.to_string()),
];

pub(super) async fn write(source: &Source<'_>, mut sink: Sink<'_>) -> Result<()> {
    let schemas = source.store.read(source.tenant, schemas::current).await?;
    let mut walk = Walk::new(source.store, source.tenant, None);
    sink.begin("users", COLUMNS.map(|(heading, _)| heading))?;
    while let Some(users) = walk.page::<User>().await? {
        let (users, groups) = source
            .store
            .read(source.tenant, move |reader| {
                let groups = search::groups(reader, &users)?;
                Ok((users.clone(), groups))
            })
            .await?;
        for (user, groups) in users.iter().zip(&groups) {
            let person = Person::new(user, groups);
            sink.record(
                || COLUMNS.iter().map(|(_, cell)| cell(&person)).collect(),
                || {
                    let url = source.url.as_ref();
                    let object = shown::represent(schemas.user(), url, user, groups_of(&person));
                    object.to_json()
                },
            )?;
        }
    }
    sink.end()
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
