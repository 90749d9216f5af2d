//! [`PublicUrl`]: the address under which the world knows this server.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use http::Uri;

/// An absolute http or https address without a trailing slash, a query or an underscore.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    host: String,
    secure: bool,
}

impl PublicUrl {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("\"{text}\" {why}");
        let example = "is not an address such as \"https://doorward.example.com\"";
        if text.contains(['?', '#']) {
            return Err(wrong("must not have a query or a fragment"));
        }
        if text.contains('_') {
            return Err(wrong("must not contain `_`: Okta refuses such a base URL"));
        }
        let uri: Uri = text.parse().map_err(|_| wrong(example))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("must begin with https:// or http://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong(example))?;
        if authority.as_str().contains('@') {
            // Not repeated: it may hold a password.
            return Err("must not contain a user or a password".to_owned());
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(wrong(example));
        }
        Ok(Self { text: text.trim_end_matches('/').to_owned(), host, secure })
    }

    /// The address of a server that is reached without a proxy.
    pub(super) fn of(listen: SocketAddr) -> Self {
        Self { text: format!("http://{listen}"), host: listen.ip().to_string(), secure: false }
    }

    /// Whether it is the plain address of a listener, as a server has it that was told no other.
    #[must_use]
    pub fn is_of_a_listener(&self) -> bool {
        self.text.strip_prefix("http://").is_some_and(|rest| rest.parse::<SocketAddr>().is_ok())
    }

    /// The address, without a trailing slash: append `/scim/v2`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it names this machine only.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// Whether it is the address that means "every address of this machine", to which no one can
    /// connect.
    #[must_use]
    pub fn is_unspecified(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified())
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;

    #[test]
    fn trailing_slashes_are_dropped() {
        for (written, text) in [
            ("https://door.example.com/", "https://door.example.com"),
            ("http://127.0.0.1:8400", "http://127.0.0.1:8400"),
            ("https://example.com/door//", "https://example.com/door"),
            ("https://[::1]:8400/", "https://[::1]:8400"),
        ] {
            assert_eq!(PublicUrl::parse(written).expect(written).as_str(), text);
        }
    }

    #[test]
    fn what_okta_could_not_use_is_refused_with_the_reason() {
        for (written, reason) in [
            ("https://my_door.example.com", "Okta refuses"),
            ("https://example.com/a_b", "Okta refuses"),
            ("https://example.com/?x=1", "query"),
            ("https://example.com/#x", "fragment"),
            ("ftp://example.com", "must begin with"),
            ("example.com", "must begin with"),
            ("/scim", "must begin with"),
            ("https://", "is not an address"),
            ("https://a b", "is not an address"),
            ("https://user:secret@example.com", "must not contain a user"),
        ] {
            let error = PublicUrl::parse(written).expect_err(written);
            assert!(error.contains(reason), "{written}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn addresses_of_this_machine_are_known() {
        let url = |text: &str| PublicUrl::parse(text).expect(text);
        for text in ["http://localhost:1", "http://127.0.0.9", "http://[::1]", "http://a.localhost"]
        {
            assert!(url(text).is_loopback(), "{text}");
        }
        assert!(!url("http://localhost.example.com").is_loopback());
        assert!(url("http://0.0.0.0:8400").is_unspecified());
        assert!(url("http://[::]:8400").is_unspecified());
    }
}
