//! [`EntityTag`]: what a resource is known by in the state in which it is shown, RFC 7644 §3.14.

use std::fmt;

/// The entity tag of a resource as it is shown: its version, and a digest of what is shown along
/// with it and changes without the version (the groups of a user, the names of members).
///
/// `W/"7"` is version 7 with nothing of the kind; `W/"7-3f2a9c0d11e2b4f6"` is version 7 with the
/// groups of that digest. A change is made for a version, so `If-Match` goes by what stands before
/// the hyphen; whether a reader has what it would be shown is a question of the whole tag.
///
/// Tags are weak, because the same state is shown in two dialects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityTag {
    version: i64,
    related: Option<u64>,
}

impl EntityTag {
    /// The tag of a version by itself.
    #[must_use]
    pub fn of(version: i64) -> Self {
        Self { version, related: None }
    }

    /// The same version, shown along with what has this digest.
    #[must_use]
    pub fn with_related(self, digest: u64) -> Self {
        Self { related: Some(digest), ..self }
    }

    /// What a tag says of the version: its inside (without the quotation marks) up to the hyphen.
    pub(crate) fn version_in(inside: &[u8]) -> &[u8] {
        inside.split(|byte| *byte == b'-').next().unwrap_or_default()
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.related {
            None => write!(f, "W/\"{}\"", self.version),
            Some(digest) => write!(f, "W/\"{}-{digest:016x}\"", self.version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EntityTag;

    #[test]
    fn a_tag_tells_its_version_first() {
        let tag = EntityTag::of(7);
        assert_eq!(tag.to_string(), "W/\"7\"");
        let shown = tag.with_related(0x3f).to_string();
        assert_eq!(shown, "W/\"7-000000000000003f\"");
        assert_eq!(EntityTag::version_in(b"7-000000000000003f"), b"7");
        assert_eq!(EntityTag::version_in(b"7"), b"7");
        assert_eq!(EntityTag::version_in(b""), b"");
    }
}
