//! [`Base`]: where a SCIM surface is.

use std::fmt;

use ::scim::Dialect;

/// The part of an address before its endpoint: the fixed one of a version of the protocol, or that
/// of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Base<'p> {
    pub(crate) dialect: Dialect,
    /// The connection that the address names. One that spells it in another way than it was given
    /// out names none that exists.
    pub(crate) connection: Option<&'p str>,
}

impl<'p> Base<'p> {
    /// The base of a path and what follows it: nothing, or an endpoint with its slash. `None`
    /// outside of SCIM.
    pub(crate) fn of(path: &'p str) -> Option<(Self, &'p str)> {
        let (connection, rest) = match path.strip_prefix("/c/") {
            Some(rest) => {
                let (connection, _) = rest.split_once('/')?;
                (Some(connection), &rest[connection.len()..])
            }
            None => (None, path),
        };
        let versions = [("/scim/v2", Dialect::V2), ("/scim/v1", Dialect::V1)];
        versions.into_iter().find_map(|(prefix, dialect)| {
            let endpoint = rest.strip_prefix(prefix)?;
            let is_whole = endpoint.is_empty() || endpoint.starts_with('/');
            is_whole.then_some((Self { dialect, connection }, endpoint))
        })
    }
}

impl fmt::Display for Base<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(connection) = self.connection {
            write!(f, "/c/{connection}")?;
        }
        f.write_str(match self.dialect {
            Dialect::V2 => "/scim/v2",
            Dialect::V1 => "/scim/v1",
        })
    }
}

#[cfg(test)]
mod tests {
    use ::scim::Dialect;

    use super::Base;

    #[test]
    fn a_base_is_told_from_what_follows_it() {
        for (path, dialect, connection, endpoint) in [
            ("/scim/v2", Dialect::V2, None, ""),
            ("/scim/v1/Users/7", Dialect::V1, None, "/Users/7"),
            ("/c/7/scim/v2/Users", Dialect::V2, Some("7"), "/Users"),
            ("/c/scim/scim/v1", Dialect::V1, Some("scim"), ""),
        ] {
            assert_eq!(Base::of(path), Some((Base { dialect, connection }, endpoint)), "{path}");
            let base = Base { dialect, connection };
            assert_eq!(format!("{base}{endpoint}"), path);
        }
        for path in ["", "/", "/scim", "/scim/v3", "/scim/v22", "/c/7", "/c/7/Users", "/c/scim/v2"]
        {
            assert_eq!(Base::of(path), None, "{path}");
        }
    }
}
