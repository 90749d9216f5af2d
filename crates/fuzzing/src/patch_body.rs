//! [`patch_body`]: RFC 7644 §3.5.2.

use scim::{
    Notes, Object, json,
    patch::{self, Limits, Operation, members},
};

use crate::{
    resource::{ID, Sample, samples, stays_the_same},
    told,
};

/// A PATCH that fails changes nothing; one that succeeds leaves a resource that can be shown, sent
/// back and read as the same.
pub fn patch_body(data: &[u8]) {
    let body = match json::from_slice(data, json::Limits::default()) {
        Ok(body) => body,
        Err(error) => return told(&error),
    };
    for sample in samples() {
        match patch::parse(body.clone(), Limits::default(), &mut Notes::default()) {
            Ok(operations) => patched(sample, operations),
            Err(error) => told(&error),
        }
    }
}

/// Applies operations to a sample as a server does, and judges what comes of it.
pub(crate) fn patched(sample: &Sample, operations: Vec<Operation>) {
    let is_group = sample.schema.attribute("members").is_some();
    let operations = if is_group {
        match members::lift(operations, &mut Notes::default()) {
            Ok((rest, _)) => rest,
            Err(error) => return told(&error),
        }
    } else {
        operations
    };
    let mut tree: Object = sample.tree.clone();
    match patch::apply(&sample.schema, ID, &mut tree, operations, &mut Notes::default()) {
        Ok(()) => match sample.schema.check_change(&sample.tree, &tree) {
            Ok(()) => stays_the_same(&sample.schema, &tree),
            Err(error) => told(&error),
        },
        Err(error) => {
            told(&error);
            assert_eq!(tree, sample.tree, "a PATCH that fails changes nothing");
        }
    }
}
