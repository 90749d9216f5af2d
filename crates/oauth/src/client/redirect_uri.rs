//! [`RedirectUri`]: where an answer may be sent to.

use std::fmt;

use crate::limit::LONGEST_REDIRECT_URI;

/// An address that a client registered: absolute, `https` but for a loopback address, without a
/// fragment (RFC 6749 §3.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

/// Why an address cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectUriFault {
    /// No absolute address with a host.
    #[error("a redirect URI is an absolute address such as https://app.example.com/callback")]
    NotAnAddress,
    /// Plain `http` to another machine, or another scheme.
    #[error(
        "a redirect URI begins with https://, or with http:// where the host is 127.0.0.1, [::1] or localhost"
    )]
    Scheme,
    /// RFC 6749 §3.1.2.
    #[error("a redirect URI has no fragment (#)")]
    Fragment,
    /// User information, a wildcard or a character that browsers read in another way.
    #[error("a redirect URI has no user name, no * and no \\, and is written in ASCII")]
    Character,
    /// A parameter that the answer itself has.
    #[error(
        "the query of a redirect URI has none of the parameters of an answer: code, state, iss, error"
    )]
    Parameter,
    /// Too long.
    #[error("a redirect URI has at most {LONGEST_REDIRECT_URI} characters")]
    TooLong,
}

/// Where Okta's parts of the world are served from; `https` all of them. The plain `http` address that
/// only Okta's own developers use is left out.
const OKTA_HOSTS: [&str; 4] = [
    "system-admin.okta.com",
    "system-admin.okta-emea.com",
    "system-admin.oktapreview.com",
    "system-admin.trexcloud.com",
];

impl RedirectUri {
    /// Reads an address to be registered.
    ///
    /// # Errors
    ///
    /// When answers must not be sent there.
    pub fn parse(text: &str) -> Result<Self, RedirectUriFault> {
        if text.len() > LONGEST_REDIRECT_URI {
            return Err(RedirectUriFault::TooLong);
        }
        if text.contains('#') {
            return Err(RedirectUriFault::Fragment);
        }
        let is_granted = |byte: u8| matches!(byte, b'!'..=b'~') && !b"*\\\"<>^`{|}".contains(&byte);
        if !text.bytes().all(is_granted) {
            return Err(RedirectUriFault::Character);
        }
        let (scheme, rest) = text.split_once("://").ok_or(RedirectUriFault::NotAnAddress)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(RedirectUriFault::Character);
        }
        let (host, port) = host_and_port(authority).ok_or(RedirectUriFault::NotAnAddress)?;
        if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(RedirectUriFault::NotAnAddress);
        }
        let is_loopback = ["127.0.0.1", "[::1]", "localhost"].contains(&host);
        if !(scheme == "https" || scheme == "http" && is_loopback) {
            return Err(RedirectUriFault::Scheme);
        }
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        let is_of_answer = |name: &str| ["code", "state", "iss", "error"].contains(&name);
        if form_urlencoded::parse(query.as_bytes()).any(|(name, _)| is_of_answer(&name)) {
            return Err(RedirectUriFault::Parameter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The addresses that Okta's "Authenticate with ..." comes back to, for the application with this
    /// name in the address of Okta's admin console, such as `trial123_name_1`.
    ///
    /// # Errors
    ///
    /// When the name is none.
    pub fn of_okta(app_name: &str) -> Result<Vec<Self>, RedirectUriFault> {
        let is_granted = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        if app_name.is_empty() || !app_name.bytes().all(is_granted) {
            return Err(RedirectUriFault::Character);
        }
        let address = |host| format!("https://{host}/admin/app/cpc/{app_name}/oauth/callback");
        OKTA_HOSTS.into_iter().map(|host| Self::parse(&address(host))).collect()
    }

    /// The address as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request may ask for an answer at `presented`: the same, byte for byte (RFC 9700 §2.1),
    /// but for the port of a loopback address where the client chooses it (RFC 8252 §7.3).
    pub(crate) fn admits(&self, presented: &str, any_loopback_port: bool) -> bool {
        self.0 == presented
            || any_loopback_port
                && loopback(&self.0).is_some_and(|known| loopback(presented) == Some(known))
    }

    /// The address with parameters of an answer after those that it has.
    pub(crate) fn with(&self, parameters: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(parameters).finish();
        let separator = match self.0.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some((_, known)) if known.ends_with('&') => "",
            Some(_) => "&",
        };
        format!("{}{separator}{query}", self.0)
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A host, in brackets where it is an IPv6 address, and the digits after its colon.
fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let end_of_host = if authority.starts_with('[') { authority.find(']')? + 1 } else { 0 };
    let (host, rest) = match authority[end_of_host..].find(':') {
        Some(colon) => authority.split_at(end_of_host + colon),
        None => (authority, ""),
    };
    let port = match rest.strip_prefix(':') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits)
        }
        Some(_) => return None,
        None => None,
    };
    (end_of_host == 0 || end_of_host == host.len()).then_some((host, port))
}

/// The literal loopback address of a plain `http` address, and all that comes after the port.
fn loopback(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("http://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = host_and_port(authority)?;
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    (is_port && ["127.0.0.1", "[::1]"].contains(&host)).then_some((host, path))
}
