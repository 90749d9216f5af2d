//! `/console/roles`: roles, mappings from groups, and who would change.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse as _, Response},
};
use directory::{
    Error, Group, Noun, Reader, ResourceId, ResourceNo, User, Writer, group,
    role::{self, RoleName},
    user,
};

use super::{
    Frame, Posted, Section, Visitor, icon::Icon, message::Message, people::name_of, posted::done,
    time::Moment,
};
use crate::{error::HttpError, page::Page};

/// A role.
#[derive(Debug)]
struct Line {
    name: String,
    description: String,
    is_built_in: bool,
    groups: Vec<(String, String)>,
}

#[derive(Debug, Template)]
#[template(path = "console/roles.html")]
struct Roles {
    frame: Frame,
    lines: Vec<Line>,
    has_mappings: bool,
}

/// `GET /console/roles`
pub(super) async fn list(visitor: Visitor) -> Result<Response, HttpError> {
    let (roles, mapped) =
        visitor.read(|reader| Ok((role::list(reader)?, role::mapped(reader)?))).await?;
    let line = |role: &role::Role| Line {
        name: role.name.to_string(),
        description: role.description.clone(),
        is_built_in: role.is_built_in(),
        groups: mapped
            .iter()
            .filter(|mapping| mapping.role == *role)
            .map(|mapping| (group_page(mapping.group.id), mapping.group.name().to_owned()))
            .collect(),
    };
    let page = Roles {
        frame: Frame::new(&visitor, "Roles", Section::Roles),
        lines: roles.iter().map(line).collect(),
        has_mappings: !mapped.is_empty(),
    };
    Ok(Page::ok(page).into_response())
}

fn group_page(id: ResourceId) -> String {
    format!("/console/groups/{id}")
}

/// `POST /console/roles`: a role of the organization's own.
pub(super) async fn make(posted: Posted) -> Result<Response, HttpError> {
    let name = RoleName::parse(posted.text("name"))?;
    let description = posted.text("description").to_owned();
    let address = page_of(&name);
    posted.visitor.write(move |writer| role::create(writer, &name, &description)).await?;
    Ok(done(&address, Message::Added))
}

fn page_of(name: &RoleName) -> String {
    format!("/console/roles/{name}")
}

#[derive(Debug, Template)]
#[template(path = "console/role.html")]
struct One {
    frame: Frame,
    name: String,
    description: String,
    is_built_in: bool,
    may_give: bool,
    groups: Vec<(String, String, i64, Moment)>,
    people: Vec<(String, String)>,
    is_more: bool,
}

/// `GET /console/roles/{role}`
pub(super) async fn show(
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, HttpError> {
    /// So many of those who have it directly are named.
    const SHOWN: u32 = 50;
    let name = RoleName::parse(&name).map_err(|_| Error::not_found(Noun::Role))?;
    let (role, mapped, users) = visitor
        .read(move |reader| {
            let role = known(reader, &name)?;
            let mapped = role::mapped(reader)?;
            let users = role::assigned(reader, &name, ResourceNo::START, SHOWN + 1)?;
            Ok((role, mapped, users))
        })
        .await?;
    let of_role = mapped.iter().filter(|mapping| mapping.role == role);
    let is_more = users.len() > SHOWN as usize;
    let person = |user: &User| (format!("/console/users/{}", user.id), name_of(user));
    let page = One {
        frame: Frame::new(&visitor, role.name.to_string(), Section::Roles)
            .below("/console/roles", "Roles"),
        name: role.name.to_string(),
        description: role.description.clone(),
        is_built_in: role.is_built_in(),
        may_give: visitor.is_superadmin() || !role.is_administrators(),
        groups: of_role
            .map(|mapping| {
                let Group { .. } = &mapping.group;
                (
                    mapping.group.id.to_string(),
                    mapping.group.name().to_owned(),
                    mapping.group.member_count(),
                    Moment(mapping.created),
                )
            })
            .collect(),
        people: users.iter().take(SHOWN as usize).map(person).collect(),
        is_more,
    };
    Ok(Page::ok(page).into_response())
}

fn known(reader: &mut Reader<'_>, name: &RoleName) -> Result<role::Role, Error> {
    let found = role::list(reader)?.into_iter().find(|role| role.name == *name);
    found.ok_or_else(|| Error::no_such(Noun::Role, name.as_str()))
}

/// Whom a mapping would change, of so many members at the most.
const LOOKED_AT: usize = 500;

/// The change of a mapping.
#[derive(Clone, Debug)]
struct Change {
    role: RoleName,
    group: ResourceId,
    /// Whether the group is to have the role, or to lose it.
    gives: bool,
}

/// Who would change.
#[derive(Clone, Debug)]
struct Preview {
    group: Group,
    changed: Vec<User>,
    looked_at: usize,
}

impl Preview {
    fn read(reader: &mut Reader<'_>, change: &Change) -> Result<Self, Error> {
        let role = known(reader, &change.role)?;
        let group = group::get(reader, change.group)?;
        let members = group::members(reader, &group, None, LOOKED_AT)?;
        let mut users = Vec::new();
        for member in &members {
            match user::get(reader, member.id) {
                Ok(user) => users.push(user),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let held = role::of_users(reader, &users)?;
        let is_changed = |held: &[role::Held]| {
            let why = held.iter().find(|held| held.role == role).map(|held| &held.why);
            match (change.gives, why) {
                (true, why) => why.is_none(),
                (false, None) => false,
                // Who has it in another way keeps it.
                (false, Some(why)) => why
                    .iter()
                    .all(|why| matches!(why, role::Why::Group { id, .. } if *id == group.id)),
            }
        };
        let changed = users.into_iter().zip(held).filter(|(_, held)| is_changed(held));
        let changed = changed.map(|(user, _)| user).collect();
        Ok(Self { changed, looked_at: members.len(), group })
    }

    /// What a form keeps of whom it showed: another text where anyone else would change. It tells
    /// two states apart, and protects nothing.
    fn seen(&self) -> String {
        let mut ids: Vec<String> = self.changed.iter().map(|user| user.id.to_string()).collect();
        ids.sort_unstable();
        let mut hasher = DefaultHasher::new();
        ids.hash(&mut hasher);
        format!("{}-{:016x}", ids.len(), hasher.finish())
    }
}

#[derive(Debug, Template)]
#[template(path = "console/preview.html")]
struct Previewed {
    frame: Frame,
    role: String,
    group: String,
    group_id: String,
    gives: bool,
    changed: Vec<(String, String)>,
    count: usize,
    seen: String,
    members: i64,
    is_part: bool,
}

fn change_of(text: impl Fn(&str) -> String) -> Result<Change, Error> {
    let group = ResourceId::parse(&text("group"));
    Ok(Change {
        role: RoleName::parse(&text("role"))?,
        group: group.ok_or_else(|| Error::not_found(Noun::Group))?,
        gives: text("act") != "unmap",
    })
}

/// `GET /console/roles/preview`
pub(super) async fn preview(visitor: Visitor) -> Result<Response, HttpError> {
    let given = |name: &str| visitor.query(name).unwrap_or_default().to_owned();
    let mut group = given("group");
    if ResourceId::parse(&group).is_none() {
        let name = group.clone();
        let found = visitor.read(move |reader| group::by_display_name(reader, &name)).await?;
        group = found.id.to_string();
    }
    let change = change_of(|name| if name == "group" { group.clone() } else { given(name) })?;
    let asked = change.clone();
    let found = visitor.read_long(move |reader| Preview::read(reader, &asked)).await?;
    let count = found.changed.len();
    let person = |user: &User| (format!("/console/users/{}", user.id), name_of(user));
    let page = Previewed {
        frame: Frame::new(&visitor, "Who would change", Section::Roles)
            .below("/console/roles", "Roles")
            .below(page_of(&change.role), change.role.to_string()),
        role: change.role.to_string(),
        group: found.group.name().to_owned(),
        group_id: change.group.to_string(),
        gives: change.gives,
        changed: found.changed.iter().take(50).map(person).collect(),
        count,
        seen: found.seen(),
        members: found.group.member_count(),
        is_part: found.group.member_count() > i64::try_from(found.looked_at).unwrap_or(i64::MAX),
    };
    Ok(Page::ok(page).into_response())
}

/// `POST /console/roles/preview`: saves the mapping, if those would change who were shown.
pub(super) async fn save(posted: Posted) -> Result<Response, HttpError> {
    let change = change_of(|name| posted.text(name).to_owned())?;
    let seen = posted.text("seen").to_owned();
    let address = page_of(&change.role);
    let save = move |writer: &mut Writer<'_>| {
        let now = Preview::read(writer, &change)?;
        if now.seen() != seen {
            let detail = format!(
                "Others would change than when you looked; now it is {} people. Look again before \
                 you save.",
                now.changed.len()
            );
            return Err(Error::conflict("preview", detail));
        }
        if change.gives {
            role::map(writer, &now.group, &change.role).map(drop)
        } else {
            role::unmap(writer, &now.group, &change.role)
        }
    };
    posted.visitor.write(save).await?;
    Ok(done(&address, Message::Saved))
}

/// `POST /console/roles/{role}/delete`
pub(super) async fn delete(
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, HttpError> {
    let name = RoleName::parse(&name).map_err(|_| Error::not_found(Noun::Role))?;
    posted.visitor.write(move |writer| role::delete(writer, &name)).await?;
    Ok(done("/console/roles", Message::Deleted))
}
