//! [`v1_body`]: bodies of SCIM 1.1, to the tree and back.

use scim::{Notes, accept, json, v1};

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
        let as_v2 = v1::from_v1(sample.schema, body.clone());
        match accept::resource(sample.schema, as_v2, &mut Notes::default()) {
            Ok(tree) => stays_the_same(sample.schema, &tree),
            Err(error) => told(&error),
        }
        match v1::patch(sample.schema, body.clone(), &mut Notes::default()) {
            Ok(operations) => patched(sample, operations),
            Err(error) => told(&error),
        }
    }
}
