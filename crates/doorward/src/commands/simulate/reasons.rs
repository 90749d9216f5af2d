//! [`Reasons`]: why things failed, each reason once.

/// Reasons in the order in which they came up first, each with what failed for it.
#[derive(Debug, Default)]
pub(crate) struct Reasons(Vec<Reason>);

/// One reason.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// In full, as it was given first.
    pub(crate) first: String,
    /// What failed for it.
    pub(crate) failed: Vec<String>,
}

impl Reasons {
    /// Notes that something failed.
    pub(crate) fn add(&mut self, what: impl Into<String>, reason: &str) {
        let what = what.into();
        match self.0.iter_mut().find(|known| core(&known.first) == core(reason)) {
            Some(known) => known.failed.push(what),
            None => self.0.push(Reason { first: reason.to_owned(), failed: vec![what] }),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Reason> {
        self.0.iter()
    }
}

/// A reason without the request that it begins with: the same answer to another request is the same
/// reason.
fn core(reason: &str) -> &str {
    let method = reason.split(' ').next().unwrap_or_default();
    // A filter in the request may hold a colon.
    let parts = reason.split_once(": expected ").or_else(|| reason.split_once(": "));
    match parts {
        Some((_, rest)) if ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method) => rest,
        _ => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::Reasons;

    #[test]
    fn the_same_answer_to_other_requests_is_one_reason() {
        let mut reasons = Reasons::default();
        reasons.add("create", "GET /Users?filter=userName eq \"a\": expected 200, but 401 came");
        reasons.add("link", "needs Ada, who could not be assigned");
        reasons.add(
            "update",
            "GET /Groups?filter=displayName eq \"a: b\": expected 200, but 401 came",
        );
        reasons.add("delete", "DELETE /Groups/1: expected 204, but 401 came");
        let told: Vec<(&str, usize)> = reasons
            .iter()
            .map(|reason| (reason.first.split(' ').next().unwrap_or_default(), reason.failed.len()))
            .collect();
        assert_eq!(told, [("GET", 2), ("needs", 1), ("DELETE", 1)]);
    }
}
