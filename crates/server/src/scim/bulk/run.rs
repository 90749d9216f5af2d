//! [`run()`]: the operations of a bulk request, in pieces.

use std::{io, sync::Arc};

use ::scim::{
    Notes, Precondition,
    bulk::{Call, Method, Named, Operation, Request, Step, order, reference},
    quoted,
};
use axum::http::StatusCode;
use directory::{Error, ResourceId, Writer, removal};

use super::{
    circle,
    progress::Progress,
    work::{self, Work},
};
use crate::{
    error::HttpError,
    http::{KB, body::BodyError},
    scim::{
        acts::Target,
        context::Context,
        endpoint::Endpoint,
        error::{ActError, ScimError},
    },
};

/// What shares one transaction: enough operations that the commit costs little for each, and few
/// enough, with few enough bytes in their bodies, that no one else waits long for the organization.
const PIECE: Size = Size { operations: 64, bytes: 256 * KB };

/// An operation with a larger body has a transaction of its own: it may have so many members that
/// they are staged before.
const ALONE: usize = 8 * KB;

/// How much work operations are.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    operations: usize,
    bytes: usize,
}

/// A bulk request that is being served.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) context: Context,
    pub(super) request: Request,
    /// How many bytes of JSON the body of each operation takes.
    lengths: Vec<usize>,
}

/// What is known of a step before its transaction.
enum Ready {
    /// It could be read: it refers to nothing that does not exist yet.
    Read(Result<Work, ScimError>),
    /// It is read once what it refers to has an id.
    Later,
}

/// Runs the operations of a request. What is answered is committed.
///
/// # Errors
///
/// Where the store fails before anything was done. Once something was, each operation that the
/// store did not get to has that error of its own.
pub(super) async fn run(
    context: &Context,
    request: Request,
    notes: Notes,
) -> Result<(Arc<Running>, Progress), ScimError> {
    let mut progress = Progress::new(request.operations.len(), request.fail_on_errors, notes);
    let lengths = request.operations.iter().map(length).collect();
    let running = Arc::new(Running { context: context.clone(), request, lengths });
    let mut is_first = true;
    for steps in running.pieces() {
        if progress.is_over() {
            break;
        }
        match piece(&running, steps, progress.clone()).await {
            Ok(further) => progress = further,
            Err(error) if is_first => return Err(error),
            Err(error) => {
                let HttpError { code, cause, .. } = &error.http;
                tracing::error!(code, cause, "a bulk request was given up half way");
                for at in progress.untried() {
                    let location = running.location(at, &progress);
                    progress.fail(at, &error, location);
                }
                break;
            }
        }
        is_first = false;
    }
    Ok((running, progress))
}

/// Runs some steps in one transaction.
async fn piece(
    running: &Arc<Running>,
    steps: Vec<Step>,
    mut before: Progress,
) -> Result<Progress, ScimError> {
    // Whatever can be read is read here, and not while the organization is locked.
    let mut piece = Vec::with_capacity(steps.len());
    for step in steps {
        let ready = running.ready(&step, &mut before);
        piece.push((step, ready));
    }
    if let [(_, ready)] = piece.as_mut_slice() {
        running.stage(ready).await;
    }
    let inside = Arc::clone(running);
    let work = move |writer: &mut Writer<'_>| {
        let mut progress = before.clone();
        for (step, ready) in &piece {
            if progress.is_over() {
                break;
            }
            if step.is_circular {
                circle::run(&inside, writer, &step.operations, &mut progress)?;
                continue;
            }
            for &at in &step.operations {
                inside.single(writer, at, ready, &mut progress)?;
            }
        }
        Ok(progress)
    };
    running.context.write(work).await
}

impl Running {
    /// The steps in their order, as they share transactions.
    fn pieces(&self) -> Vec<Vec<Step>> {
        let mut pieces = Vec::new();
        let (mut piece, mut size) = (Vec::new(), Size::default());
        for step in order(&self.request.operations) {
            let bytes = step.operations.iter().map(|&at| self.lengths[at]).sum::<usize>();
            let is_alone = step.operations.len() == 1 && bytes > ALONE;
            if is_alone && !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
                size = Size::default();
            }
            size.operations += step.operations.len();
            size.bytes += bytes;
            piece.push(step);
            if is_alone || size.operations >= PIECE.operations || size.bytes >= PIECE.bytes {
                pieces.push(std::mem::take(&mut piece));
                size = Size::default();
            }
        }
        pieces.push(piece);
        pieces
    }

    /// Stages the members of an operation that is alone in its transaction, where it has many.
    async fn stage(&self, ready: &mut Ready) {
        let Ready::Read(Ok(work)) = ready else { return };
        let Some(many) = work.take_many() else { return };
        match self.context.stage(many).await {
            Ok(prepared) => work.put_prepared(prepared),
            Err(error) => *ready = Ready::Read(Err(error)),
        }
    }

    /// Reads a step, if it refers to nothing that does not exist yet.
    fn ready(&self, step: &Step, progress: &mut Progress) -> Ready {
        let [at] = step.operations[..] else { return Ready::Later };
        let known = match &self.request.operations[at].call {
            Ok(call) => call.references.iter().all(|name| progress.born(name).is_some()),
            Err(_) => true,
        };
        if step.is_circular || !known {
            return Ready::Later;
        }
        let mut notes = progress.notes.clone();
        let read = self.read(at, progress, &mut notes);
        progress.notes = notes;
        Ready::Read(read)
    }

    /// Runs one operation, so that it can be undone alone.
    fn single(
        &self,
        writer: &mut Writer<'_>,
        at: usize,
        ready: &Ready,
        progress: &mut Progress,
    ) -> Result<(), ActError> {
        let mut notes = progress.notes.clone();
        let later;
        let read = match ready {
            Ready::Read(read) => read,
            Ready::Later => {
                later = self.read(at, progress, &mut notes);
                &later
            }
        };
        let tried = match read {
            Ok(work) => {
                let tried = writer.attempt(|writer| work.run(writer, &mut notes))?;
                if let Err(ActError::Directory(Error::Held(held))) = &tried {
                    removal::hold(writer, held)?;
                }
                tried.map_err(|error| self.explained(at, error))
            }
            Err(error) => Err(error.clone()),
        };
        progress.notes = notes;
        match tried {
            Ok(done) => {
                let operation = &self.request.operations[at];
                if let (Some(name), Some((id, _))) = (&operation.bulk_id, done.left) {
                    progress.bear(name, id);
                }
                let location = self.location(at, progress);
                progress.done(at, done, location);
            }
            Err(error) => {
                let location = self.location(at, progress);
                progress.fail(at, &error, location);
            }
        }
        Ok(())
    }

    /// What the client reads. An operation that names no version and is stale all the same was
    /// staged for a group that has changed meanwhile.
    fn explained(&self, at: usize, error: ActError) -> ScimError {
        let call = self.request.operations[at].call.as_ref();
        let names_version = call.is_ok_and(|call| call.condition != Precondition::NONE);
        match error {
            ActError::Directory(Error::Stale { .. }) if !names_version => Error::Busy.into(),
            error => error.into(),
        }
    }

    /// Reads an operation as a request of its own would be read.
    fn read(&self, at: usize, progress: &Progress, notes: &mut Notes) -> Result<Work, ScimError> {
        let call = self.request.operations[at].call.as_ref().map_err(Clone::clone)?;
        let endpoint = self.endpoint(at, call)?;
        if let Some(name) = call.references.iter().find(|name| progress.born(name).is_none()) {
            return Err(ScimError::new(
                StatusCode::CONFLICT,
                "reference_failed",
                format!(
                    "The operation refers to the bulkId {}, whose own operation failed.",
                    quoted(name)
                ),
            ));
        }
        let mut data = call.data.clone();
        reference::resolve(&mut data, |name| progress.born(name).map(|id| id.to_string()));
        let context = &self.context;
        Ok(match call.method {
            Method::Post => work::create(context, endpoint, data, notes)?,
            Method::Put => work::replace(context, endpoint, target(call, progress)?, data, notes)?,
            Method::Patch => work::patch(context, endpoint, target(call, progress)?, data, notes)?,
            Method::Delete => work::delete(endpoint, target(call, progress)?),
        })
    }

    /// Where an operation acts. Its body is limited as in a request of its own.
    pub(super) fn endpoint(&self, at: usize, call: &Call) -> Result<Endpoint, ScimError> {
        let endpoint = work::endpoint(&self.context, &call.path.endpoint)?;
        let limit = endpoint.limit(self.context.limits());
        if self.lengths[at] > limit {
            return Err(BodyError::TooLarge { limit }.into());
        }
        Ok(endpoint)
    }

    /// RFC 7644 §3.7: every answer has the address of its resource, but that of a POST that failed.
    pub(super) fn location(&self, at: usize, progress: &Progress) -> Option<String> {
        let operation = &self.request.operations[at];
        let path = operation.path.as_ref()?;
        let endpoint = Endpoint::at(&self.context, &path.endpoint)?;
        let id = match &path.resource {
            Some(_) if operation.method == "POST" => return None,
            Some(Named::Id(id)) => id.clone(),
            Some(Named::BulkId(name)) => progress.born(name)?.to_string(),
            None => progress.born(operation.bulk_id.as_deref()?)?.to_string(),
        };
        Some(format!("{}{}/{id}", self.context.base_url(), endpoint.path()))
    }
}

/// The resource that an operation is for. What cannot be an id is one that does not exist.
fn target(call: &Call, progress: &Progress) -> Result<Target, ScimError> {
    let id = match &call.path.resource {
        Some(Named::Id(id)) => ResourceId::parse(id),
        Some(Named::BulkId(name)) => progress.born(name),
        None => None,
    };
    let id = id.ok_or_else(ScimError::no_such_resource)?;
    Ok(Target { id, condition: call.condition.clone() })
}

/// How many bytes of JSON the body of an operation takes.
fn length(operation: &Operation) -> usize {
    struct Counter(usize);

    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut counter = Counter(0);
    if let Ok(call) = &operation.call {
        // Counting does not fail.
        let _ = serde_json::to_writer(&mut counter, &call.data);
    }
    counter.0
}
