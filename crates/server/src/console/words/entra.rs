//! The words of Microsoft Entra ID.

use super::Words;

pub(super) const WORDS: Words = Words {
    provider: "Microsoft Entra ID",
    app: "Enterprise application",
    url: "Tenant URL",
    token: "Secret Token",
    more: &[],
    test: "Test Connection",
    add: &[
        "Open Enterprise applications, press New application, then Create your own application.",
        "Choose Integrate any other application you don't find in the gallery, and press Create.",
    ],
    fields: &[
        "Open Provisioning, press New configuration (or Get started with Provisioning Mode Automatic).",
        "Paste the two values below into the fields of the same names.",
    ],
    switches: (
        "Provisioning Status",
        &["Press Save, and set Provisioning Status to On. Entra pushes about every 40 minutes; \
           Provision on demand tries one person at once."],
    ),
    assign: &[
        "Open Users and groups and press Add user/group. Choose who is to come, and press Assign.",
    ],
    push: &["A group that is assigned is pushed with its members; nested groups are not."],
    retry: ("Provision on demand", "Restart provisioning"),
};
