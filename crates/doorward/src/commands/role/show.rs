//! `doorward role show`

use anyhow::Result;
use directory::{
    Access, Error, Installation, Noun, ResourceNo, User,
    role::{self, Mapping, Role, RoleName},
};
use serde_json::{Value as Json, json};

use super::{
    super::organization::find,
    list::{group, groups, view},
};
use crate::{
    answer::Answer,
    output::{Output, stream},
    problem::within,
    table::{self, Table, cut, number, whole},
};

/// So many users are read at a time.
const PIECE: u32 = 500;

/// A role, with those who have it.
struct Shown<'i> {
    installation: &'i Installation,
    access: Access,
    role: Role,
    mapped: Vec<Mapping>,
}

pub(super) async fn run(
    installation: &Installation,
    slug: &str,
    name: &str,
    json: bool,
) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let name = RoleName::parse(name)?;
    let (role, mapped) = installation
        .store()
        .read(&access, move |reader| {
            let role = role::list(reader)?.into_iter().find(|role| role.name == name);
            let role = role.ok_or_else(|| Error::no_such(Noun::Role, name.as_str()))?;
            Ok::<_, Error>((role, role::mapped(reader)?))
        })
        .await
        .map_err(within(&organization.slug))?;
    let shown = Shown { installation, access, role, mapped };
    stream(async |output| {
        if json {
            let mut head = view(&shown.role);
            head["organization"] = json!(organization.slug.as_str());
            shown.as_json(&head, output).await
        } else {
            shown.as_text(output).await
        }
    })
    .await
}

impl Shown<'_> {
    async fn as_json(&self, head: &Json, output: &mut Output) -> Result<()> {
        output.begin(head)?;
        output.list("groups")?;
        for mapping in groups(&self.role, &self.mapped) {
            output.element(&group(mapping).to_string())?;
        }
        output.end_list()?;
        output.list("users")?;
        let mut last = None;
        while let Some(users) = self.users(last).await? {
            for user in &users {
                let object = json!({ "id": user.id.to_string(), "userName": user.name() });
                output.element(&object.to_string())?;
            }
            last = users.into_iter().next_back();
        }
        output.end_list()?;
        output.end(&json!({}))?;
        Ok(())
    }

    async fn as_text(&self, output: &mut Output) -> Result<()> {
        let Role { name, description, created, .. } = &self.role;
        let made = created.map_or("built in".to_owned(), |created| created.to_string());
        let sheet = table::sheet([("what it is for", description.clone()), ("created", made)]);
        output.text(&format!("{name}\n\n{sheet}"))?;
        let mapped: Vec<&Mapping> = groups(&self.role, &self.mapped).collect();
        if !mapped.is_empty() {
            let table = table::columns(
                [cut("mapped to the group"), whole("id"), number("members")],
                mapped.iter().map(|mapping| {
                    let group = &mapping.group;
                    let members = group.member_count().to_string();
                    [group.name().to_owned(), group.id.to_string(), members]
                }),
            );
            output.text(&format!("\n{table}"))?;
        }
        let mut table = Table::new([cut("assigned to"), whole("id")]);
        let mut last: Option<User> = None;
        while let Some(users) = self.users(last.clone()).await? {
            if last.is_none() {
                output.text("\n")?;
            }
            let rows = users.iter().map(|user| [user.name().to_owned(), user.id.to_string()]);
            output.text(&table.page(rows))?;
            last = users.into_iter().next_back();
        }
        Ok(())
    }

    /// The next users to whom it was assigned; `None` at the end.
    async fn users(&self, last: Option<User>) -> Result<Option<Vec<User>>, Error> {
        let name = self.role.name.clone();
        let last = last.map_or(ResourceNo::START, |user| user.no());
        let users = self
            .installation
            .store()
            .read(&self.access, move |reader| role::assigned(reader, &name, last, PIECE))
            .await?;
        Ok((!users.is_empty()).then_some(users))
    }
}
