//! `DELETE /Groups/{id}`, RFC 7644 §3.6.

use ::scim::Notes;
use axum::http::StatusCode;
use directory::{Error, Writer, group};

use crate::scim::{
    change::Change,
    context::{Context, Target},
    error::ScimError,
    path_id::PathId,
};

/// A group to be deleted.
#[derive(Debug)]
pub(crate) struct Delete {
    target: Target,
}

impl Delete {
    pub(crate) fn new(target: Target) -> Self {
        Self { target }
    }
}

impl Change for Delete {
    type Left = ();

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<(), Error> {
        group::delete(writer, self.target.id, &self.target.condition)
    }
}

pub(crate) async fn delete(context: Context, path: PathId) -> Result<StatusCode, ScimError> {
    let delete = Delete::new(context.target(&path)?);
    context.change(delete, context.notes(), |_, ()| Ok(())).await?;
    Ok(StatusCode::NO_CONTENT)
}
