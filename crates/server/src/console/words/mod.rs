//! [`Words`]: what an administrator reads at the provider, so that our screens say the same. One file
//! for each provider; Okta's apps differ in their labels.

mod entra;
mod okta;
mod others;

use directory::connection::{App, Connection, Protocol, Provider};

/// The words of one app at one provider.
#[derive(Debug)]
pub(super) struct Words {
    /// How people call the provider.
    pub(super) provider: &'static str,
    /// The app that is added there.
    pub(super) app: &'static str,
    /// The labels of its two fields.
    pub(super) url: &'static str,
    pub(super) token: &'static str,
    /// A third field that has to be filled in, and with what.
    pub(super) more: &'static [(&'static str, &'static str)],
    /// The button that tries the two.
    pub(super) test: &'static str,
    /// How the app is added.
    pub(super) add: &'static [&'static str],
    /// Where the two fields are.
    pub(super) fields: &'static [&'static str],
    /// What is switched on next.
    pub(super) switches: (&'static str, &'static [&'static str]),
    /// How people are assigned.
    pub(super) assign: &'static [&'static str],
    /// How groups are pushed.
    pub(super) push: &'static [&'static str],
    /// How a person, and a group, is tried again.
    pub(super) retry: (&'static str, &'static str),
}

/// The words for a connection.
pub(super) fn of(connection: &Connection) -> &'static Words {
    match (connection.provider, connection.app, connection.protocol) {
        (Provider::Okta, Some(App::OktaCustom), _) => &okta::CUSTOM,
        (Provider::Okta, Some(App::OktaScim1), _) | (Provider::Okta, None, Protocol::Scim1) => {
            &okta::SCIM1
        }
        (Provider::Okta, ..) => &okta::SCIM2,
        (Provider::Entra, ..) => &entra::WORDS,
        (Provider::OneLogin, ..) => &others::ONELOGIN,
        (Provider::JumpCloud, ..) => &others::JUMPCLOUD,
        (Provider::Other, ..) => &others::OTHER,
    }
}

/// How people call a connection: by its name, or by its provider.
pub(super) fn name_of(connection: &Connection) -> String {
    connection.name.clone().unwrap_or_else(|| of(connection).provider.to_owned())
}

/// How people call a provider.
pub(super) fn provider(provider: Provider) -> &'static str {
    match provider {
        Provider::Okta => okta::SCIM2.provider,
        Provider::Entra => entra::WORDS.provider,
        Provider::OneLogin => others::ONELOGIN.provider,
        Provider::JumpCloud => others::JUMPCLOUD.provider,
        Provider::Other => others::OTHER.provider,
    }
}

/// Every guide, by its name in an address.
pub(super) const GUIDES: &[(&str, &Words)] = &[
    ("okta", &okta::SCIM2),
    ("okta-scim1", &okta::SCIM1),
    ("okta-custom", &okta::CUSTOM),
    ("entra", &entra::WORDS),
    ("onelogin", &others::ONELOGIN),
    ("jumpcloud", &others::JUMPCLOUD),
    ("other", &others::OTHER),
];
