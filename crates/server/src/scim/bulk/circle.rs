//! Operations that refer to each other, RFC 7644 §3.7.1: done together or not at all.
//!
//! Each resource is created without the values that refer to what has no id yet. Once all of them
//! are there, those that lack something are replaced by what the request says of them.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use ::scim::{
    Notes, Precondition,
    bulk::{Call, reference},
    quoted,
};
use axum::http::StatusCode;
use directory::{ResourceId, Writer};

use super::{
    progress::Progress,
    run::Running,
    work::{self, Done},
};
use crate::scim::{
    acts::Target,
    endpoint::Endpoint,
    error::{ActError, ScimError},
};

/// How many bulkIds a message names.
const MOST_NAMES: usize = 5;

/// Runs the operations of a circle. All of them are POSTs: nothing else is referred to.
pub(super) fn run(
    running: &Running,
    writer: &mut Writer<'_>,
    operations: &[usize],
    progress: &mut Progress,
) -> Result<(), ActError> {
    let tried = match posts(running, operations, progress) {
        Ok(posts) => {
            let mut attempt =
                Attempt { running, born: HashMap::new(), notes: progress.notes.clone() };
            let made = writer.attempt(|writer| attempt.make(writer, &posts, progress))?;
            made.map(|made| (made, attempt.notes.clone()))
                .map_err(|error| attempt.names_for_ids(ScimError::from(error).detail()))
        }
        Err(error) => Err(error.http.detail),
    };
    match tried {
        Ok((made, notes)) => {
            progress.notes = notes;
            for (at, done) in made {
                let name = running.request.operations[at].bulk_id.as_deref();
                if let (Some(name), Some((id, _))) = (name, done.left) {
                    progress.bear(name, id);
                }
                let location = running.location(at, progress);
                progress.done(at, done, location);
            }
        }
        Err(why) => {
            let error = ScimError::new(
                StatusCode::CONFLICT,
                "circle_failed",
                format!(
                    "The operations {} refer to each other, so they are done together or not at \
                     all. Nothing was changed. {why}",
                    names(running, operations)
                ),
            );
            for &at in operations {
                progress.fail(at, &error, None);
            }
        }
    }
    Ok(())
}

/// One operation of a circle.
struct Post<'r> {
    at: usize,
    bulk_id: &'r str,
    call: &'r Call,
    endpoint: Endpoint,
}

/// The operations, where none of them has a mistake of its own and whatever they refer to outside
/// of the circle is there.
fn posts<'r>(
    running: &'r Running,
    operations: &[usize],
    progress: &Progress,
) -> Result<Vec<Post<'r>>, ScimError> {
    let mut posts = Vec::with_capacity(operations.len());
    for &at in operations {
        let operation = &running.request.operations[at];
        let call = operation.call.as_ref().map_err(Clone::clone)?;
        let bulk_id = operation.bulk_id.as_deref().unwrap_or_default();
        posts.push(Post { at, bulk_id, call, endpoint: running.endpoint(at, call)? });
    }
    let inside: HashSet<&str> = posts.iter().map(|post| post.bulk_id).collect();
    for name in posts.iter().flat_map(|post| &post.call.references) {
        if progress.born(name).is_none() && !inside.contains(name.as_str()) {
            let detail = format!("They refer to the bulkId {}, which failed.", quoted(name));
            return Err(ScimError::new(StatusCode::CONFLICT, "reference_failed", detail));
        }
    }
    Ok(posts)
}

/// A try to do them all.
struct Attempt<'r> {
    running: &'r Running,
    /// What was created, by bulkId.
    born: HashMap<&'r str, ResourceId>,
    notes: Notes,
}

impl<'r> Attempt<'r> {
    fn make(
        &mut self,
        writer: &mut Writer<'_>,
        posts: &[Post<'r>],
        progress: &Progress,
    ) -> Result<Vec<(usize, Done)>, ActError> {
        let context = &self.running.context;
        let mut made: Vec<(usize, Done)> = Vec::with_capacity(posts.len());
        let mut lacking = Vec::new();
        for (number, post) in posts.iter().enumerate() {
            let mut data = post.call.data.clone();
            let is_whole = reference::resolve(&mut data, |name| self.id_of(name, progress));
            let work = work::create(context, post.endpoint.clone(), data, &mut self.notes)?;
            let done = work.run(writer, &mut self.notes)?;
            if let Some((id, _)) = done.left {
                self.born.insert(post.bulk_id, id);
                if !is_whole {
                    lacking.push((number, id));
                }
            }
            made.push((post.at, done));
        }
        for (number, id) in lacking {
            let post = &posts[number];
            let mut data = post.call.data.clone();
            reference::resolve(&mut data, |name| self.id_of(name, progress));
            let target = Target { id, condition: Precondition::NONE };
            let work =
                work::replace(context, post.endpoint.clone(), target, data, &mut self.notes)?;
            made[number].1.left = work.run(writer, &mut self.notes)?.left;
        }
        Ok(made)
    }

    fn id_of(&self, name: &str, progress: &Progress) -> Option<String> {
        self.born.get(name).copied().or_else(|| progress.born(name)).map(|id| id.to_string())
    }

    /// A message about what was undone: its ids name nothing any more.
    fn names_for_ids(&self, detail: &str) -> String {
        self.born.iter().fold(detail.to_owned(), |detail, (name, id)| {
            detail.replace(&id.to_string(), &quoted(name))
        })
    }
}

/// The bulkIds of a circle, as a message names them.
fn names(running: &Running, operations: &[usize]) -> String {
    let bulk_ids =
        operations.iter().filter_map(|&at| running.request.operations[at].bulk_id.as_deref());
    let mut text = bulk_ids.take(MOST_NAMES).map(quoted).collect::<Vec<_>>().join(", ");
    if operations.len() > MOST_NAMES {
        let _ = write!(text, " and {} more", operations.len() - MOST_NAMES);
    }
    text
}
