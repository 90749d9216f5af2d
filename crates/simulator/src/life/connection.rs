//! What an administrator sees first: are address and token right?

use reqwest::Method;

use super::{Life, PASSED};
use crate::{
    client::Credential,
    failure::{Failure, Outcome},
    judge::{list, problem, user},
};

/// Ids that look odd and must still be answered 404.
const UNKNOWN: [&str; 3] =
    ["00919288221112222", "010101001010101011001010101011", "5f8a4c1e-0000-4000-8000-00000000d00d"];

impl Life<'_> {
    /// "Test API Credentials": two lists, complete even when nobody is there.
    pub(super) async fn test_credentials(&self) -> Outcome {
        let client = &self.okta.client;
        let answer = client.get("/Users", &[("startIndex", "1"), ("count", "2")]).await?;
        let advice = match answer.status {
            200 => None,
            401 | 403 => Some("Is the token right, whole, and for this app?"),
            _ => Some("Is the base URL the address to which Okta adds /Users?"),
        };
        if let Some(advice) = advice {
            return Err(Failure::new(format!("{}. {advice}", answer.other_than("200"))));
        }
        let page = list::check(&answer, self.okta.flavour, 1, 2)?;
        if let Some(first) = page.resources.first() {
            user::form(first, self.okta.flavour, &answer.request)?;
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
        list::check(&answer, self.okta.flavour, 1, 100)?;
        PASSED
    }

    /// A header that is no credential at all, and a token that nobody issued: both 401.
    pub(super) async fn refused_credentials(&self) -> Outcome {
        let wrong = self.okta.flavour.authorization("d00d-this-token-was-never-issued");
        for header in ["non-token", &wrong] {
            let answer = self
                .okta
                .client
                .send(
                    Method::GET,
                    "/Users",
                    &[("startIndex", "1"), ("count", "2")],
                    None,
                    Credential::Verbatim(header),
                )
                .await?;
            if answer.status != 401 {
                let expected = format!("401 for `Authorization: {header}`");
                return Err(Failure::new(answer.other_than(&expected)));
            }
            problem::check(&answer, 401, self.okta.flavour)?;
        }
        PASSED
    }

    pub(super) async fn unknown_ids(&self) -> Outcome {
        for path in ["/Users", "/Groups"] {
            for id in UNKNOWN {
                let answer = self.okta.client.get(&format!("{path}/{id}"), &[]).await?;
                problem::check(&answer, 404, self.okta.flavour)?;
            }
        }
        PASSED
    }
}
