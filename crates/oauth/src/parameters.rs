//! [`Parameters`]: the query or the form of a request.

use crate::limit::{LARGEST_PARAMETERS, MOST_PARAMETERS};

/// The parameters of a request, as `application/x-www-form-urlencoded` carries them, in their order.
///
/// What is not known is kept, so that a request can be put away and taken up again as it was.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterFault {
    /// The request is too large to be looked at.
    #[error("the parameters have more than {} KB", LARGEST_PARAMETERS / 1024)]
    TooLarge,
    /// There are too many.
    #[error("there are more than {MOST_PARAMETERS} parameters")]
    TooMany,
    /// Bytes that are no UTF-8, or a control character.
    #[error("a parameter is not UTF-8 or has a control character")]
    NotText,
    /// RFC 6749 §3.1 and §3.2: no parameter stands there twice.
    #[error("a parameter stands there twice")]
    Repeated,
    /// One that must be there is not.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// One that cannot be read.
    #[error("the parameter {0} is malformed")]
    Malformed(&'static str),
    /// One that is too long.
    #[error("the parameter {0} is too long")]
    TooLong(&'static str),
}

impl ParameterFault {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "parameters_too_large",
            Self::TooMany => "too_many_parameters",
            Self::NotText => "parameter_not_text",
            Self::Repeated => "parameter_repeated",
            Self::Missing(_) => "parameter_missing",
            Self::Malformed(_) => "parameter_malformed",
            Self::TooLong(_) => "parameter_too_long",
        }
    }
}

impl std::fmt::Debug for Parameters {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Parameters {
    /// Reads a query without its `?`, or the body of a form.
    ///
    /// # Errors
    ///
    /// When there is too much of it, and when a value is no text. That one stands there twice is told
    /// by whoever asks for it: what is asked first decides where the error is shown.
    pub fn parse(text: &str) -> Result<Self, ParameterFault> {
        if text.len() > LARGEST_PARAMETERS {
            return Err(ParameterFault::TooLarge);
        }
        let mut pairs = Vec::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if pairs.len() == MOST_PARAMETERS {
                return Err(ParameterFault::TooMany);
            }
            // Decoding puts U+FFFD in the place of what is no UTF-8.
            let is_text = |text: &str| !text.contains(|c: char| c.is_control() || c == '\u{fffd}');
            if !is_text(&name) || !is_text(&value) {
                return Err(ParameterFault::NotText);
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// The one value of a parameter. One without a value counts as left out (RFC 6749 §3.1).
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, ParameterFault> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(ParameterFault::Repeated),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    /// The one value of a parameter that must be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, ParameterFault> {
        self.get(name)?.ok_or(ParameterFault::Missing(name))
    }

    /// All values of a parameter, in their order.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// That no parameter stands there twice, whether known or not, but for these.
    pub(crate) fn check_unrepeated(&self, except: &[&str]) -> Result<(), ParameterFault> {
        let is_repeated = |at: usize, name: &str| {
            !except.contains(&name) && self.0[..at].iter().any(|(other, _)| other == name)
        };
        let mut names = self.0.iter().enumerate();
        let repeated = names.find(|(at, (name, _))| is_repeated(*at, name));
        repeated.map_or(Ok(()), |_| Err(ParameterFault::Repeated))
    }

    /// The parameters as a query, to be kept while somebody signs in: [`Parameters::parse`] reads
    /// from it what was read before.
    #[must_use]
    pub fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}
