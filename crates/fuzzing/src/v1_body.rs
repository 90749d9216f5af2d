//! [`v1_body`]: bodies of SCIM 1.1, to the tree and back.

use scim::{Notes, accept, json, patch, v1};

use crate::{
    patch_body::patched,
    resource::{samples, stays_the_same},
    told,
};

/// A body of 1.1 that is accepted comes back the same in both versions; as a PATCH of 1.1 it does
/// to a resource what operations of 2.0 could do.
pub fn v1_body(data: &[u8]) {
    let Ok(body) = json::from_slice(data, json::Limits::default()) else { return };
    for sample in samples() {
        let mut notes = Notes::default();
        let accepted = v1::from_v1(&sample.schema, body.clone(), &mut notes)
            .and_then(|as_v2| accept::resource(&sample.schema, as_v2, &mut notes));
        match accepted {
            Ok(tree) => stays_the_same(&sample.schema, &tree),
            Err(error) => told(&error),
        }
        let limits = patch::Limits::default();
        match v1::operations(&sample.schema, body.clone(), limits, &mut notes) {
            Ok(operations) => patched(sample, operations),
            Err(error) => told(&error),
        }
    }
}
