//! [`v1_body`]: bodies of SCIM 1.1, to the tree and back.

use scim::{Notes, accept, json, patch, v1};

use crate::{
    patch_body::patched,
    resource::{samples, stays_the_same},
};

/// A body of 1.1 that is accepted comes back the same in both versions; as a PATCH of 1.1 it does
/// to a resource what operations of 2.0 could do.
pub fn v1_body(data: &[u8]) {
    let Ok(body) = json::from_slice(data, json::Limits::default()) else { return };
    for sample in samples() {
        let mut notes = Notes::default();
        if let Ok(as_v2) = v1::from_v1(sample.schema, body.clone(), &mut notes)
            && let Ok(tree) = accept::resource(sample.schema, as_v2, &mut notes)
        {
            stays_the_same(sample.schema, &tree);
        }
        let limits = patch::Limits::default();
        if let Ok(operations) = v1::operations(sample.schema, body.clone(), limits, &mut notes) {
            patched(sample, operations);
        }
    }
}
