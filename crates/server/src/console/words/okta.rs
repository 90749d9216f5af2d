//! Okta's words, of the admin console as it is in 2026.

use super::Words;

const ASSIGN: &[&str] = &[
    "Open Assignments and choose Assign, then Assign to Groups (or to People for a first try).",
    "Press Assign beside the group, then Save and Go Back, then Done.",
];
const PUSH: &[&str] = &[
    "Open Push Groups and choose Push Groups, then Find groups by name.",
    "Type the name, keep Create Group, and press Save. Okta shows Pushing, then Active.",
    "Okta wants one group for assigning people and another one for pushing.",
];
const SWITCHES: &[&str] = &[
    "Under Provisioning, choose To App and press Edit.",
    "Switch on Create Users, Update User Attributes and Deactivate Users, then press Save.",
];
const RETRY: (&str, &str) =
    ("Retry Selected under Dashboard, Tasks", "Retry All Groups under Push Groups");
const FIELDS: &[&str] = &[
    "Open Provisioning, press Configure API Integration and tick Enable API Integration.",
    "Paste the two values below into the fields of the same names.",
];

pub(super) const SCIM2: Words = Words {
    provider: "Okta",
    app: "SCIM 2.0 Test App (OAuth Bearer Token)",
    url: "SCIM 2.0 Base Url",
    token: "OAuth Bearer Token",
    more: &[],
    test: "Test API Credentials",
    add: &[
        "Open Applications, Applications (in newer consoles: Applications and Resources) and press \
         Browse App Catalog.",
        "Search for SCIM 2.0 Test App (OAuth Bearer Token) and press Add Integration.",
        "Give it an Application label, press Next, keep SAML 2.0, and press Done.",
    ],
    fields: FIELDS,
    switches: ("To App", SWITCHES),
    assign: ASSIGN,
    push: PUSH,
    retry: RETRY,
};

pub(super) const SCIM1: Words = Words {
    app: "SCIM 1.1 Test App (Header Auth)",
    url: "Base URL",
    token: "API Token",
    add: &[
        "Open Applications, Applications (in newer consoles: Applications and Resources) and press \
         Browse App Catalog.",
        "Search for SCIM 1.1 Test App (Header Auth) and press Add Integration.",
        "Give it an Application label, press Next, keep SAML 2.0, and press Done.",
    ],
    ..SCIM2
};

pub(super) const CUSTOM: Words = Words {
    app: "Custom SAML app with SCIM",
    url: "SCIM connector base URL",
    token: "Authorization",
    more: &[
        ("Unique identifier field for users", "userName"),
        (
            "Supported provisioning actions",
            "Push New Users, Push Profile Updates, Push Groups, Import New Users",
        ),
        ("Authentication Mode", "HTTP Header"),
    ],
    test: "Test Connector Configuration",
    add: &[
        "Open Applications, Applications and press Create App Integration, then SAML 2.0.",
        "In General, press Edit beside App Settings, choose SCIM and press Save.",
    ],
    fields: &[
        "Open Provisioning, Integration and press Edit.",
        "Fill in the fields with the values below.",
    ],
    ..SCIM2
};
