//! The text that leads a browser back to something of an organization: which organization, the id of
//! the thing, and a secret. A session's cookie has this form, and a set-up link.

use std::fmt::Display;

use super::{base62, secret::Secret};
use crate::id::OrgNo;

/// Reads `organization.id.secret`. `None`: it does not look like one.
pub(crate) fn parse<I>(
    text: &str,
    id: impl FnOnce(&str) -> Option<I>,
) -> Option<(OrgNo, I, Secret)> {
    let mut parts = text.split('.');
    let (org, named, secret) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some((OrgNo(base62::decode_number(org)?), id(named)?, Secret::parse(secret)?))
}

/// The text, for the browser.
pub(crate) fn reveal(org: OrgNo, id: impl Display, secret: &Secret) -> String {
    format!("{}.{id}.{}", base62::encode_number(org.0), secret.reveal())
}
