//! [`body()`]: resources as the text of an answer.
//!
//! A group may have a million members, so members are written as they are read: in one piece while
//! they are few, otherwise as a stream.

use axum::body::Body;
use bytes::Bytes;
use directory::{Group, Member, group};

use super::{
    expanded::{Expanded, PIECE, Related, Wanted},
    object::{around_members, joined, plain, with_groups},
};
use crate::{http::stream, scim::context::Context};

/// The text of a resource, cut where members go that are still to be read.
struct Text {
    before: String,
    members: Option<(Group, Wanted)>,
    after: String,
}

impl Text {
    fn of(context: &Context, expanded: Expanded, wanted: &[Wanted]) -> Self {
        let tag = expanded.tag();
        let Expanded { resource, related, .. } = expanded;
        let wanted = Wanted::of(wanted, &resource);
        let all = |text: String| Self { before: text, members: None, after: String::new() };
        let around = || around_members(context, &resource, tag, wanted);
        match related {
            Related::Nothing => all(plain(context, &resource, tag, wanted)),
            Related::Groups(groups) => all(with_groups(context, &resource, tag, &groups, wanted)),
            Related::Members(members) => {
                let (before, after) = around();
                all(before + &joined(context, &members, wanted) + &after)
            }
            Related::ManyMembers(group) => {
                let (before, after) = around();
                Self { before, members: Some((group, wanted.clone())), after }
            }
        }
    }
}

/// The texts of resources, as the client wants to see them.
pub(crate) struct Texts(Vec<Text>);

impl Texts {
    /// The work of writing them is done here, and not when they are sent.
    pub(crate) fn of(context: &Context, resources: Vec<Expanded>, wanted: &[Wanted]) -> Self {
        Self(resources.into_iter().map(|expanded| Text::of(context, expanded, wanted)).collect())
    }

    /// How many resources they are of.
    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }
}

/// The body of a list of resources, or of one (`head` and `tail` empty).
pub(crate) fn body(
    context: &Context,
    Texts(texts): Texts,
    head: String,
    tail: &'static str,
) -> Body {
    if texts.iter().all(|text| text.members.is_none()) {
        let texts: Vec<String> = texts.into_iter().map(|text| text.before).collect();
        return (head + &texts.join(",") + tail).into();
    }
    let context = context.clone();
    stream::body(move |sink| async move {
        let mut text = head;
        for (at, Text { before, members, after }) in texts.into_iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            text.push_str(&before);
            if let Some((group, wanted)) = members {
                let mut last: Option<Member> = None;
                loop {
                    let piece = next_piece(&context, &group, last.clone()).await?;
                    if last.is_some() && !piece.is_empty() {
                        text.push(',');
                    }
                    text.push_str(&joined(&context, &piece, &wanted));
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
            }
            text.push_str(&after);
        }
        text.push_str(tail);
        sink.send(Bytes::from(text)).await.map_err(|_| CutOff("the client went away"))
    })
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
        .read_long(move |reader| {
            if !group::has_same_member_set(reader, &group)? {
                return Ok(None);
            }
            Ok(Some(group::members(reader, &group, last.as_ref(), PIECE)?))
        })
        .await
        .map_err(|_| CutOff("the store failed"))?;
    piece.ok_or(CutOff("the group was cleared or deleted while it was being sent"))
}
