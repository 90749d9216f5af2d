//! [`Dialect`]: the version of SCIM that a client speaks, with its names.

/// A version of SCIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SCIM 1.1.
    V1,
    /// SCIM 2.0: RFC 7643 and RFC 7644.
    V2,
}

impl Dialect {
    pub(crate) const fn is_v1(self) -> bool {
        matches!(self, Self::V1)
    }

    pub(crate) const fn user_schema(self) -> &'static str {
        match self {
            Self::V1 => "urn:scim:schemas:core:1.0",
            Self::V2 => "urn:ietf:params:scim:schemas:core:2.0:User",
        }
    }

    pub(crate) const fn enterprise_schema(self) -> &'static str {
        match self {
            Self::V1 => "urn:scim:schemas:extension:enterprise:1.0",
            Self::V2 => "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        }
    }

    pub(crate) const fn group_schema(self) -> &'static str {
        match self {
            Self::V1 => "urn:scim:schemas:core:1.0",
            Self::V2 => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }

    pub(crate) const fn list_schema(self) -> &'static str {
        match self {
            Self::V1 => "urn:scim:schemas:core:1.0",
            Self::V2 => "urn:ietf:params:scim:api:messages:2.0:ListResponse",
        }
    }
}
