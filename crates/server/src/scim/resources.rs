//! How users and groups become answers.
//!
//! A user carries its groups, a group its members; both are read when they are shown, and only if
//! the client wants to see them. A group may have a million members, so members are written as
//! they are read: in one piece while they are few, otherwise as a stream.

use ::scim::{
    Meta, Object, Value, patch::MemberKind, query::Projection, represent, schema::ResourceSchema,
};
use axum::body::Body;
use bytes::Bytes;
use directory::{
    Error, Member, Membership, Reader, Record,
    custom::Custom,
    group::{self, Group},
    search,
    user::User,
};

use super::context::Context;
use crate::http::stream;

/// Up to so many members are read along with their groups, in one transaction, and sent in one
/// piece. More are streamed, in pieces of this size.
const PIECE: usize = 1_000;

/// A representation of a record, projected, in 2.0 form and without its computed attributes.
fn represented<R: Record>(
    context: &Context,
    schema: &ResourceSchema,
    record: &R,
    computed: Option<(&str, Vec<Value>)>,
    projection: &Projection,
) -> Object {
    let mut resource = record.resource().clone();
    if let Some((name, values)) = computed {
        resource.insert(name, values);
    }
    let meta = Meta { location: context.location(schema, record), ..record.meta() };
    projection.apply(represent(schema, &record.id().to_string(), resource, &meta))
}

/// The groups of users, if they are wanted.
pub(crate) fn groups_of(
    reader: &mut Reader<'_>,
    users: &[User],
    projection: &Projection,
) -> Result<Vec<Vec<Membership>>, Error> {
    if projection.wants("groups") {
        search::groups(reader, users)
    } else {
        Ok(vec![Vec::new(); users.len()])
    }
}

/// A user as the client wants to see it.
pub(crate) fn user(
    context: &Context,
    user: &User,
    groups: &[Membership],
    projection: &Projection,
) -> Object {
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| {
            Object::new()
                .with("value", group.id.to_string())
                .with("$ref", format!("{}/Groups/{}", context.base_url(), group.id))
                .with("display", group.display.as_str())
                .with("type", if group.direct { "direct" } else { "indirect" })
                .into()
        })
        .collect();
    // RFC 7643 §2.5: no groups is no attribute.
    let computed = (!groups.is_empty()).then_some(("groups", groups));
    context.shown(represented(context, context.schemas().user(), user, computed, projection))
}

/// A resource of a registered type as the client wants to see it.
pub(crate) fn custom(
    context: &Context,
    schema: &ResourceSchema,
    resource: &Custom,
    projection: &Projection,
) -> Object {
    context.shown(represented(context, schema, resource, None, projection))
}

/// Groups with the members that were read along with them.
#[derive(Debug)]
pub(crate) struct GroupsWithMembers {
    groups: Vec<Group>,
    /// The members of each group; `None` where there are so many that they must be streamed.
    members: Option<Vec<Vec<Member>>>,
}

/// Reads the members of groups, if they are wanted and few.
pub(crate) fn members_of(
    reader: &mut Reader<'_>,
    groups: Vec<Group>,
    projection: &Projection,
) -> Result<GroupsWithMembers, Error> {
    if !projection.wants("members") {
        let members = vec![Vec::new(); groups.len()];
        return Ok(GroupsWithMembers { groups, members: Some(members) });
    }
    let all: i64 = groups.iter().map(|group| group.member_count).sum();
    if all > PIECE.cast_signed() as i64 {
        return Ok(GroupsWithMembers { groups, members: None });
    }
    let members = groups
        .iter()
        .map(|group| match group.member_count {
            0 => Ok(Vec::new()),
            _ => group::members(reader, group, None, PIECE),
        })
        .collect::<Result<_, _>>()?;
    Ok(GroupsWithMembers { groups, members: Some(members) })
}

/// The text of a list of groups, or of one (`head` and `tail` empty), as the client wants to see
/// it.
pub(crate) fn groups_body(
    context: Context,
    groups: GroupsWithMembers,
    projection: Projection,
    head: String,
    tail: &'static str,
) -> Body {
    match groups.members {
        Some(members) => {
            let mut text = head;
            for (at, (group, members)) in groups.groups.iter().zip(members).enumerate() {
                if at > 0 {
                    text.push(',');
                }
                let (before, after) = split(&context, group, &projection);
                text.push_str(&before);
                text.push_str(&joined(&context, &members, &projection));
                text.push_str(&after);
            }
            text.push_str(tail);
            text.into()
        }
        None => stream::body(move |sink| async move {
            let mut text = head;
            for (at, group) in groups.groups.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                let (before, after) = split(&context, &group, &projection);
                text.push_str(&before);
                let mut last: Option<Member> = None;
                loop {
                    let piece = next_piece(&context, &group, last.clone()).await?;
                    if last.is_some() && !piece.is_empty() {
                        text.push(',');
                    }
                    text.push_str(&joined(&context, &piece, &projection));
                    let end = piece.len() < PIECE;
                    if let Some(member) = piece.into_iter().next_back() {
                        last = Some(member);
                    }
                    if end {
                        break;
                    }
                    let ready = Bytes::from(std::mem::take(&mut text));
                    sink.send(ready).await.map_err(|_| CutOff("the client went away"))?;
                }
                text.push_str(&after);
            }
            text.push_str(tail);
            sink.send(Bytes::from(text)).await.map_err(|_| CutOff("the client went away"))
        }),
    }
}

/// Why a stream of members ended before its end.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct CutOff(&'static str);

/// The next members of a group. If all of them were replaced since the answer began, the answer
/// is cut off: what was sent is no longer a state that the group ever had.
async fn next_piece(
    context: &Context,
    group: &Group,
    last: Option<Member>,
) -> Result<Vec<Member>, CutOff> {
    let group = group.clone();
    let piece = context
        .read(move |reader| {
            if !group::has_same_members_set(reader, &group)? {
                return Ok(None);
            }
            group::members(reader, &group, last.as_ref(), PIECE).map(Some)
        })
        .await
        .map_err(|_| CutOff("the store failed"))?;
    piece.ok_or(CutOff("the group was cleared or deleted while it was being sent"))
}

/// The text of a group, cut where its members go. Without members the second part is empty.
fn split(context: &Context, group: &Group, projection: &Projection) -> (String, String) {
    let mut object = represented(context, context.schemas().group(), group, None, projection);
    if !projection.wants("members") {
        return (context.shown(object).to_json(), String::new());
    }
    let meta = object.remove("meta");
    object.insert("members", Vec::new());
    if let Some(meta) = meta {
        object.insert("meta", meta);
    }
    let text = context.shown(object).to_json();
    // In a text, a quotation mark is escaped: this can only be the attribute itself.
    let open = "\"members\":[";
    match text.find(open) {
        Some(at) => {
            let (before, after) = text.split_at(at + open.len());
            (before.to_owned(), after.to_owned())
        }
        None => (text, String::new()),
    }
}

/// The text of members, with commas between them.
fn joined(context: &Context, members: &[Member], projection: &Projection) -> String {
    let mut text = String::new();
    for member in members {
        let (kind, endpoint) = match member.kind {
            MemberKind::User => ("User", "Users"),
            MemberKind::Group => ("Group", "Groups"),
        };
        let value = Object::new()
            .with("value", member.id.to_string())
            .with("$ref", format!("{}/{endpoint}/{}", context.base_url(), member.id))
            .with("display", member.display.as_str())
            .with("type", kind);
        if let Some(Value::Complex(shown)) = projection.apply_to_value("members", value.into()) {
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(&shown.to_json());
        }
    }
    text
}
