//! What every server must refuse: wrong credentials, and ids that are not there.

use reqwest::Method;

use super::Server;
use crate::{
    client::Credential,
    failure::{Failure, Outcome, PASSED},
    judge::problem,
};

/// Ids that look odd and must still be answered 404.
const UNKNOWN: [&str; 3] =
    ["00919288221112222", "010101001010101011001010101011", "5f8a4c1e-0000-4000-8000-00000000d00d"];

impl Server {
    /// A header that is no credential at all, and a token that no one issued: both 401.
    pub(crate) async fn refused_credentials(&self) -> Outcome {
        let wrong = self.client.authorization_for("d00d-this-token-was-never-issued");
        for header in ["non-token", &wrong] {
            let answer = self
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
            problem::check(&answer, 401, self.dialect)?;
        }
        PASSED
    }

    /// What is not there is a 404 with an error that can be read.
    pub(crate) async fn unknown_ids(&self) -> Outcome {
        for path in ["/Users", "/Groups"] {
            for id in UNKNOWN {
                let answer = self.client.get(&format!("{path}/{id}"), &[]).await?;
                problem::check(&answer, 404, self.dialect)?;
            }
        }
        PASSED
    }
}
