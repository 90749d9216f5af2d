//! Each way to be wrong is caught, at the step where Okta would stumble, with its reason.

use simulator::{App, Flavour, Options, Report, Verdict};

use crate::fake::{Fake, Fault, TOKEN};

/// Faults of paging only show with more people than a page holds.
pub(crate) async fn play(flavour: Flavour, fault: Fault) -> Report {
    let fake = Fake::start(flavour, Some(fault)).await;
    let pages = [Fault::CutPages, Fault::TotalIsPage, Fault::DoubledOverPages];
    let users = if pages.contains(&fault) { 120 } else { 0 };
    let options = Options { users, groups: users.min(3), ..fake.options() };
    simulator::run(options).await.unwrap()
}

#[tokio::test]
async fn each_fault_is_caught() {
    let cases = [
        (Fault::StringTotal, "test API credentials", "JSON integer"),
        (Fault::MissingResources, "test API credentials", "array `Resources`"),
        (Fault::AnyTokenTaken, "wrong credentials are refused", "expected 401"),
        (Fault::PlainTextErrors, "an unknown id is a 404", "no JSON"),
        (Fault::FilterIgnored, "change the login", "not understood"),
        (Fault::LowerCased, "create on assignment", "case of letters"),
        (Fault::InactiveEcho, "create on assignment", "`active` true"),
        (Fault::PasswordReturned, "create on assignment", "no `password`"),
        (Fault::CaseSensitiveLookup, "look up in other letters", "more than case"),
        (Fault::DuplicateCreated, "refuse a duplicate", "expected 409"),
        (Fault::PutLosesAttributes, "update the profile, echoing the rest", "addresses"),
        (Fault::NoneText, "clear attributes by empty values", "\"None\""),
        (Fault::DeactivatedIsGone, "deactivate", "must stay readable"),
        (Fault::HiddenInactive, "deactivate", "no one came"),
        (Fault::InactiveMissingFromList, "everyone, by pages of 100", "who is archived"),
        (Fault::MembersAtCreationIgnored, "link an existing group", "given at creation"),
        (Fault::RemoveIgnored, "add and remove members together", "not removed"),
        (Fault::RenameEmpties, "rename, members stay", "missing"),
        (Fault::EmptyPushIgnored, "push an empty group", "not removed"),
        (Fault::RehireMakesNew, "re-hire", "a new one came"),
        (Fault::CutPages, "import the people and compare", "would miss"),
        (Fault::TotalIsPage, "import the people and compare", ""),
        (Fault::DoubledOverPages, "import the people and compare", "earlier page"),
        (Fault::BusyUntilADate, "create on assignment", "whole seconds"),
    ];
    for app in [App::Custom, App::Catalog, App::HeaderAuthV1] {
        for (fault, step, reason) in cases {
            is_caught(Flavour::Okta(app), fault, step, reason).await;
        }
    }
}

/// Fails unless this step fails with this reason.
pub(crate) async fn is_caught(flavour: Flavour, fault: Fault, step: &str, reason: &str) {
    let report = play(flavour, fault).await;
    let caught = report.steps.iter().any(|one| {
        one.name == step
            && one.result == Verdict::Fail
            && one.reason.as_deref().is_some_and(|text| text.contains(reason))
    });
    assert!(caught, "{flavour} {fault:?}: {step}\n{report:#?}");
    assert!(!report.is_success());
}

#[tokio::test]
async fn members_added_twice_are_caught() {
    for flavour in [Flavour::Okta(App::Catalog), Flavour::Okta(App::HeaderAuthV1)] {
        let report = play(flavour, Fault::AddsTwice).await;
        let step = &report.steps.iter().find(|step| step.name.starts_with("repeat")).unwrap();
        assert!(step.reason.as_deref().unwrap().contains("twice"), "{report:#?}");
    }
}

#[tokio::test]
async fn a_conflict_on_rehire_is_no_dead_end_when_the_lookup_finds_the_person() {
    let report = play(Flavour::Okta(App::Catalog), Fault::RehireConflict).await;
    assert!(report.is_success(), "{report:#?}");
    let step = report.steps.iter().find(|step| step.name == "re-hire").unwrap();
    assert!(step.reason.as_deref().unwrap().contains("409"));
}

#[tokio::test]
async fn a_token_that_the_server_echoes_is_not_repeated() {
    let fake = Fake::start(Flavour::Okta(App::Catalog), Some(Fault::EchoedToken)).await;
    let base_url = fake.options().base_url.replace("/scim/v2", "/elsewhere");
    let report = simulator::run(Options { base_url, ..fake.options() }).await.unwrap();
    assert!(!report.is_success(), "{report:#?}");
    let text = serde_json::to_string(&report).unwrap();
    assert!(text.contains("[token]") && !text.contains(TOKEN));
    assert!(text.contains("Is the base URL"));
}
