//! Cookies: `__Host-` and `Secure` where the public URL is https, and neither over http, which is for
//! trying things out on one machine.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

/// The cookies of this server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jar {
    is_secure: bool,
}

/// A cookie by its name, without the prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name(&'static str);

/// Who is signed in.
pub(crate) const SESSION: Name = Name("doorward-session");
/// Which set-up was started in this browser.
pub(crate) const SETUP: Name = Name("doorward-setup");
/// How the console looks.
pub(crate) const THEME: Name = Name("doorward-theme");
/// Which browser began a sign-in.
pub(crate) const BROWSER: Name = Name("doorward-browser");
/// That the browser was just sent to the provider because of an answer that it brought along.
pub(crate) const SENT_ON: Name = Name("doorward-sent-on");

/// What was typed at `/signin`.
pub(crate) const LOGIN: Name = Name("doorward-login");
/// From which browser an administrator came in by break-glass.
pub(crate) const DEVICE: Name = Name("doorward-device");

impl Jar {
    pub(crate) fn of(public_url: &str) -> Self {
        Self { is_secure: public_url.starts_with("https://") }
    }

    fn full(self, Name(name): Name) -> String {
        let prefix = if self.is_secure { "__Host-" } else { "" };
        format!("{prefix}{name}")
    }

    /// The value that the browser shows. `None`: none, or two.
    pub(crate) fn get(self, headers: &HeaderMap, name: Name) -> Option<&str> {
        let full = self.full(name);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';'));
        let mut values = pairs.filter_map(|pair| {
            let (shown, value) = pair.split_once('=')?;
            (shown.trim() == full).then_some(value.trim())
        });
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The header that sets a cookie for so long.
    pub(crate) fn set(self, name: Name, value: &str, life: Duration) -> HeaderValue {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            self.full(name),
            life.as_secs()
        );
        let mut header = HeaderValue::try_from(text)
            .expect("our own values are letters, digits, dots and hyphens");
        header.set_sensitive(true);
        header
    }

    /// The header that removes a cookie.
    pub(crate) fn remove(self, name: Name) -> HeaderValue {
        self.set(name, "", Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, HeaderValue, header};

    use super::{BROWSER, Jar, SESSION};

    fn showing(line: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(line))])
    }

    #[test]
    fn a_cookie_is_bound_to_the_host_where_there_is_tls() {
        let set = |url| Jar::of(url).set(SESSION, "a.b", Duration::from_mins(1));
        assert_eq!(
            set("https://door.example"),
            "__Host-doorward-session=a.b; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            set("http://127.0.0.1:8400"),
            "doorward-session=a.b; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_counts_once() {
        let headers = showing("a=1; __Host-doorward-session=x.y; doorward-browser=z");
        let jar = Jar::of("https://door.example");
        assert_eq!(jar.get(&headers, SESSION), Some("x.y"));
        assert_eq!(jar.get(&headers, BROWSER), None, "it lacks the prefix");
        let twice = showing("doorward-browser=1; doorward-browser=2");
        assert_eq!(Jar::of("http://localhost").get(&twice, BROWSER), None);
    }
}
