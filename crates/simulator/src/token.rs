//! [`Token`]: the credential that the administrator pastes into the provider.

use secrecy::{ExposeSecret, SecretString};

/// A token that cannot be printed: `Debug` hides it and there is no `Display`.
#[derive(Clone, Debug)]
pub struct Token(SecretString);

impl Token {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self(token.into())
    }
}

impl From<&str> for Token {
    fn from(token: &str) -> Self {
        Self(token.into())
    }
}

impl From<SecretString> for Token {
    fn from(token: SecretString) -> Self {
        Self(token)
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn is_not_printed() {
        assert!(!format!("{:?}", Token::from("s3cret-value")).contains("s3cret"));
    }
}
