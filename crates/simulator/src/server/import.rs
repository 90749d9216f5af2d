//! Import: everything, by pages of 100, with a provider's own arithmetic.

use std::collections::HashSet;

use serde_json::Value;

use super::{Server, id};
use crate::{
    failure::{Failure, ensure},
    judge::list,
};

/// A provider adds this to the start, whatever the server says about its pages.
const PAGE: u64 = 100;

impl Server {
    /// Reads all of `/Users` or `/Groups` and hands each resource to `each`. Returns the total.
    pub(crate) async fn import(
        &self,
        path: &str,
        mut each: impl FnMut(&Value, u64) -> Result<(), Failure>,
    ) -> Result<u64, Failure> {
        let mut seen = HashSet::new();
        let mut total = None;
        let mut start = 1;
        loop {
            let (from, count) = (start.to_string(), PAGE.to_string());
            let query = [("startIndex", from.as_str()), ("count", count.as_str())];
            let answer = self.client.get(path, &query).await?;
            let page = list::check(&answer, self.dialect, start, PAGE)?;
            let first = *total.get_or_insert(page.total);
            ensure!(
                page.total == first,
                "{}: expected `totalResults` {first} as on the first page, but {} came",
                answer.request,
                page.total
            );
            for resource in &page.resources {
                ensure!(
                    seen.insert(id(resource)),
                    "{}: expected each id once, but `{}` was on an earlier page too",
                    answer.request,
                    id(resource)
                );
                each(resource, first)?;
            }
            start += PAGE;
            if start > first {
                return Ok(first);
            }
        }
    }
}
