//! The words of OneLogin, JumpCloud, and of those whom we do not know.

use super::Words;

pub(super) const ONELOGIN: Words = Words {
    provider: "OneLogin",
    app: "SCIM Provisioner with SAML (SCIM v2 Enterprise)",
    url: "SCIM Base URL",
    token: "SCIM Bearer Token",
    more: &[],
    test: "Enable",
    add: &[
        "Open Applications and press Add App.",
        "Search for SCIM Provisioner with SAML (SCIM v2 Enterprise), and press Save.",
    ],
    fields: &[
        "Open Configuration and paste the two values below into the fields of the same names.",
        "Under API Status press Enable.",
    ],
    switches: (
        "Enable provisioning",
        &[
            "Under Provisioning tick Enable provisioning, choose what needs an approval, and press Save.",
        ],
    ),
    assign: &["Assign a role or people to the app under Access, or under Users."],
    push: &["Under Rules add an action Set Groups, and map from the field that has the groups."],
    retry: ("Retry under Users, Provisioning", "Reapply entitlement mappings"),
};

pub(super) const JUMPCLOUD: Words = Words {
    provider: "JumpCloud",
    app: "Custom application",
    url: "Base URL",
    token: "Token Key",
    more: &[("API Type", "SCIM API"), ("SCIM Version", "SCIM 2.0")],
    test: "Test Connection",
    add: &["Open SSO Applications, press Add New Application, and choose Custom Application."],
    fields: &[
        "Open Identity Management and fill in the values below.",
        "Give the address of a test user, and press Test Connection.",
    ],
    switches: ("Activate", &["Press Activate, then Save."]),
    assign: &["Under User Groups tick the groups whose people are to come, and press Save."],
    push: &["Tick Enable management of User Groups and Group Membership in this application."],
    retry: ("Save the user once more", "Save the group once more"),
};

pub(super) const OTHER: Words = Words {
    provider: "Your provider",
    app: "SCIM 2.0",
    url: "Base URL",
    token: "API token",
    more: &[("Authentication", "Bearer token, in the Authorization header")],
    test: "Test",
    add: &["Add an application with SCIM 2.0 provisioning at your provider."],
    fields: &["Paste the two values below into the fields for the base URL and the token."],
    switches: ("Switch provisioning on", &["Switch on creating, updating and deactivating users."]),
    assign: &["Assign people to the application."],
    push: &["Push groups, if your provider does that."],
    retry: ("try again at your provider", "push the group again at your provider"),
};
