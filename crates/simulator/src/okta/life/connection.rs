//! What an administrator sees first: are address and token right?

use super::Life;
use crate::{
    failure::{Failure, Outcome, PASSED},
    judge::{list, user},
};

impl Life<'_> {
    /// "Test API Credentials": two lists, complete even when no one is there.
    pub(super) async fn test_credentials(&self) -> Outcome {
        let client = &self.okta.server.client;
        let answer = client.get("/Users", &[("startIndex", "1"), ("count", "2")]).await?;
        let advice = match answer.status {
            200 => None,
            401 | 403 => Some("Is the token right, whole, and for this app?"),
            _ => Some("Is the base URL the address to which Okta adds /Users?"),
        };
        if let Some(advice) = advice {
            return Err(Failure::new(format!("{}. {advice}", answer.other_than("200"))));
        }
        let page = list::check(&answer, self.okta.server.dialect, 1, 2).map_err(|failure| {
            Failure::new(format!("{failure}; Okta says \"No results for users returned\""))
        })?;
        if let Some(first) = page.resources.first() {
            user::form(first, self.okta.server.dialect, &answer.request)?;
            // Okta's own test reads names of the first row.
            for name in ["givenName", "familyName"] {
                if first["name"][name].as_str().is_none_or(str::is_empty) {
                    return Err(Failure::new(format!(
                        "{}: expected `name.{name}` of the first user to be a text, but it is \
                         empty",
                        answer.request
                    )));
                }
            }
        }
        let answer = client.get("/Groups", &[("startIndex", "1"), ("count", "100")]).await?;
        list::check(&answer, self.okta.server.dialect, 1, 100)?;
        PASSED
    }
}
