//! [`Addresses`]: under which addresses a connection is known to its provider, and [`ReturnTo`]:
//! where a person goes after a sign-in.

use directory::ConnectionId;

/// Our addresses for one connection. They come from the configuration and never from a request.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    base: String,
}

impl Addresses {
    pub(crate) fn of(public_url: &str, connection: ConnectionId) -> Self {
        Self { base: format!("{public_url}/saml/{connection}") }
    }

    /// Our entity ID, which is also where our metadata is.
    pub(crate) fn entity_id(&self) -> String {
        format!("{}/metadata", self.base)
    }

    /// Where the provider posts its answer.
    pub(crate) fn acs(&self) -> String {
        format!("{}/acs", self.base)
    }

    /// Where a sign-in begins.
    pub(crate) fn login(&self) -> String {
        format!("{}/login", self.base)
    }

    /// Where the browser comes for the answer.
    pub(crate) fn finish(&self, handle: &str) -> String {
        format!("{}/finish?answer={handle}", self.base)
    }
}

/// Where a person goes after a sign-in: an address of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

/// The longest address to go to after a sign-in, in bytes.
pub(crate) const LONGEST: usize = 2048;

impl ReturnTo {
    /// Where who asked for nothing goes.
    pub(crate) const HOME: &'static str = "/console/me";

    /// Reads an address. Whatever may lead to another server, as any browser may understand it, is
    /// the address of the start page.
    pub(crate) fn read(text: Option<&str>) -> Self {
        Self::kept(text.filter(|text| text.len() <= LONGEST).unwrap_or_default())
    }

    /// An address that we made or checked before, which may be longer than one that stands in a query.
    pub(crate) fn kept(text: &str) -> Self {
        let is_here = text.starts_with('/')
            && !text.starts_with("//")
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        Self(if is_here { text } else { Self::HOME }.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::ReturnTo;

    #[test]
    fn no_one_is_led_to_another_server() {
        for here in ["/", "/console/users?page=2", "/oauth/authorize?client_id=a&x=%2F%2Fb"] {
            assert_eq!(ReturnTo::read(Some(here)).as_str(), here);
        }
        let long = format!("/{}", "a".repeat(2048));
        for elsewhere in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            " /",
            "/a b",
            "/ü",
            &long,
        ] {
            assert_eq!(ReturnTo::read(Some(elsewhere)).as_str(), ReturnTo::HOME, "{elsewhere}");
        }
        assert_eq!(ReturnTo::read(None).as_str(), ReturnTo::HOME);
    }
}
