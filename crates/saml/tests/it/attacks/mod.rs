//! One table for each rule: a message that breaks it and nothing else, signed where it can be, and the
//! exact code of its refusal.

mod conditions;
mod document;
mod shape;
mod signature;

use crate::provider::{Draft, expected, outcome};

/// A genuine response with its draft changed before it is signed.
fn drafted(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = Draft::okta();
    change(&mut draft);
    draft.xml()
}

/// All differences at once: a case, what came of it, and what should have.
fn refused(cases: &[(&str, String, &str)]) {
    let judged = cases.iter().map(|(name, xml, code)| (name, outcome(xml, &expected()), code));
    let wrong: Vec<_> = judged.filter(|(_, found, code)| found != *code).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
