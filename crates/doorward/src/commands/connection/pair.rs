//! Base URL and token, as a provider's administrator needs them.

use directory::connection::Provider;
use doorward::config::PublicUrl;

use super::super::public_url::UNKNOWN;
use crate::table;

/// Base URL and token, in the words of the provider's own form.
pub(crate) fn pair(provider: Provider, base_url: &str, token: &str) -> String {
    let [url_label, token_label] = match provider {
        Provider::Okta => ["SCIM connector base URL", "API token"],
        Provider::Entra => ["Tenant URL", "Secret Token"],
        Provider::OneLogin => ["SCIM Base URL", "SCIM Bearer Token"],
        Provider::JumpCloud => ["Base URL", "Token Key"],
        Provider::Other => ["Base URL", "API token"],
    };
    match provider {
        Provider::Okta => table::sheet([
            (url_label, base_url),
            ("Unique identifier field for users", "userName"),
            (token_label, token),
        ]),
        _ => table::sheet([(url_label, base_url), (token_label, token)]),
    }
}

/// What to do with the pair, and what may stand in the way.
pub(crate) fn advice(provider: Provider, url: Option<&PublicUrl>, expires: Option<&str>) -> String {
    let shown = match expires {
        Some(end) => {
            format!("The token is shown once: only its hash is kept. It works until {end}.")
        }
        None => "The token is shown once: only its hash is kept. It never expires.".to_owned(),
    };
    let place = match provider {
        Provider::Okta => {
            "\nIn Okta: Provisioning > Integration > Configure API Integration, paste both, press \
             Test. (A custom app asks for the authentication mode: HTTP Header.)"
        }
        _ => "",
    };
    let address = match url {
        None => format!("\nNo base URL is shown: {UNKNOWN}."),
        Some(url) if url.is_loopback() => format!(
            "\n{url} can be reached from this machine only. For a provider in the cloud, set \
             `--public-url` to the https address that it uses."
        ),
        Some(url) if url.is_secure() => String::new(),
        Some(url) => format!("\n{url} is not https: a provider in the cloud refuses it."),
    };
    format!("{shown}{place}{address}")
}
