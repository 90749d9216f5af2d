//! What a connection is: of which provider, by which app, in which protocol, and where in its life.

use scim::Profile;

use crate::keyword::keyword;

keyword! {
    /// An identity provider.
    Provider {
        /// Okta.
        Okta = "okta",
        /// Microsoft Entra ID.
        Entra = "entra",
        /// OneLogin.
        OneLogin = "onelogin",
        /// JumpCloud.
        JumpCloud = "jumpcloud",
        /// Any other that speaks SCIM.
        Other = "other",
    }
}

impl Provider {
    /// What is accepted leniently from its connections, unless one has a profile of its own.
    #[must_use]
    pub fn profile(self) -> Profile {
        match self {
            Self::Okta => Profile::OKTA,
            Self::Entra => Profile::ENTRA,
            Self::OneLogin => Profile::ONELOGIN,
            Self::JumpCloud => Profile::JUMPCLOUD,
            Self::Other => Profile::GENERIC,
        }
    }
}

keyword! {
    /// Which app an administrator added at the provider: it decides what its fields are called.
    App {
        /// "SCIM 2.0 Test App (OAuth Bearer Token)" of Okta's catalog.
        OktaScim2 = "okta-scim2",
        /// "SCIM 1.1 Test App (Header Auth)" of Okta's catalog.
        OktaScim1 = "okta-scim1",
        /// A custom SAML app of Okta, with SCIM.
        OktaCustom = "okta-custom",
    }
}

keyword! {
    /// A provisioning protocol.
    Protocol {
        /// SCIM 2.0.
        Scim2 = "scim2",
        /// SCIM 1.1.
        Scim1 = "scim1",
        /// None: the connection is for sign-in only.
        None = "none",
    }
}

keyword! {
    /// Where a connection is in its life.
    State {
        /// Being set up: what arrives is stored and shown, and gives no sign-in and no mapped role.
        Setup = "setup",
        /// In use.
        Active = "active",
        /// Switched off: every request is refused.
        Disabled = "disabled",
    }
}
