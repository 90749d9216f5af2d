//! A right server passes every step, in every flavour, again and again.

use simulator::{App, Flavour, Options, SetupError, Verdict};

use crate::fake::{Fake, Fault, TOKEN};

#[tokio::test]
async fn every_step_passes_in_every_flavour() {
    for flavour in Flavour::ALL {
        let fake = Fake::start(flavour, None).await;
        let options = Options { users: 230, groups: 12, keep: true, ..fake.options() };
        let report = simulator::run(options.clone()).await.unwrap();
        assert!(report.is_success(), "{report:#?}");
        assert!(report.not_kept.is_empty(), "{:?}", report.not_kept);
        assert_eq!(fake.counts(), (238, 12), "{flavour}");
        assert_eq!((report.made_users, report.made_groups), (238, 12), "{flavour}");
        assert!(report.removed.is_none(), "{flavour}");

        let again = simulator::run(options).await.unwrap();
        assert!(again.is_success(), "{again:#?}");
        assert_eq!(fake.counts(), (238, 12), "{flavour}");
        let linked = again
            .steps
            .iter()
            .any(|step| step.reason.as_deref().is_some_and(|reason| reason.contains("230 linked")));
        assert!(linked, "{again:#?}");
        // What the second run found was there before it; Entra deletes one and makes a new one.
        let replaced = usize::from(matches!(flavour, Flavour::Entra(_)));
        assert_eq!((again.made_users, again.made_groups), (replaced, 0), "{flavour}");
    }
}

#[tokio::test]
async fn the_envelope_is_that_of_okta() {
    for app in [App::Custom, App::Catalog, App::HeaderAuthV1] {
        let fake = Fake::start(Flavour::Okta(app), None).await;
        simulator::run(Options { keep: true, ..fake.options() }).await.unwrap();
        let v1 = app == App::HeaderAuthV1;
        let (accept, body, token) = if v1 {
            ("application/json", "application/json; charset=utf-8", TOKEN.to_owned())
        } else {
            (
                "application/scim+json",
                "application/scim+json; charset=utf-8",
                format!("Bearer {TOKEN}"),
            )
        };
        for seen in fake.seen() {
            let header = |name: &str| seen.headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("accept"), Some(accept));
            assert_eq!(header("accept-charset"), Some("utf-8"));
            assert_eq!(header("accept-encoding"), Some("gzip,deflate"));
            assert_eq!(header("user-agent"), Some("Okta SCIM Client 1.0.0"));
            let with_body = seen.method != "GET";
            assert_eq!(header("content-type"), with_body.then_some(body), "{seen:?}");
            assert!(seen.uri.query().unwrap().starts_with("aadOptscim062020"), "{seen:?}");
            assert!(seen.uri.path().starts_with("/scim/v2/"), "{seen:?}");
            // The real one never does: only what we made is removed so, at the end.
            assert!(!(seen.method == "DELETE" && seen.uri.path().contains("Users")));
        }
        let right = |seen: &&crate::fake::Seen| seen.headers["authorization"] == token;
        assert_eq!(fake.seen().iter().filter(|seen| !right(seen)).count(), 2);
        let patches = fake.seen().iter().any(|seen| seen.method == "PATCH");
        assert_eq!(patches, app != App::Custom);
    }
}

#[tokio::test]
async fn membership_travels_in_hundreds() {
    let fake = Fake::start(Flavour::Okta(App::Catalog), None).await;
    let options = Options { users: 230, groups: 1, ..fake.options() };
    let pushed = simulator::push(options).await.unwrap();
    assert_eq!((pushed.users.len(), pushed.groups.len(), pushed.failed), (230, 1, 0));
    assert_eq!(pushed.groups[0].members, 230);
    let seen = fake.seen();
    let sizes: Vec<usize> = seen
        .iter()
        .filter(|seen| seen.body["Operations"][0]["op"] == "add")
        .map(|seen| seen.body["Operations"][0]["value"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 100, 30]);
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_waited_for() {
    let fake = Fake::start(Flavour::Okta(App::Catalog), Some(Fault::Busy)).await;
    let options = Options { users: 30, groups: 2, ..fake.options() };
    let report = simulator::run(options).await.unwrap();
    assert!(report.is_success(), "{report:#?}");
    assert!(report.postponed > 10);
}

#[tokio::test]
async fn an_optional_attribute_that_is_never_kept_is_told_and_no_failure() {
    let fake = Fake::start(Flavour::Okta(App::Catalog), Some(Fault::TitleNotKept)).await;
    let options = Options { users: 30, groups: 2, ..fake.options() };
    let report = simulator::run(options).await.unwrap();
    assert!(report.is_success(), "{report:#?}");
    assert_eq!(report.not_kept.iter().collect::<Vec<_>>(), ["title"]);
}

#[tokio::test]
async fn no_one_at_the_address_is_said_before_anything_else() {
    let fake = Fake::start(Flavour::Okta(App::Custom), None).await;
    let options = Options { base_url: "http://127.0.0.1:9/scim".to_owned(), ..fake.options() };
    let error = simulator::run(options).await.unwrap_err();
    assert!(matches!(error, SetupError::Unreachable(_)));
    assert!(error.to_string().contains("Is the server running at http://127.0.0.1:9/scim?"));
}

#[tokio::test]
async fn the_report_is_json_too() {
    let fake = Fake::start(Flavour::Okta(App::HeaderAuthV1), None).await;
    let report = simulator::run(fake.options()).await.unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((&json["provider"], &json["flavour"]), (&"okta".into(), &"header-auth-v1".into()));
    assert_eq!(json["failed"], 0);
    assert_eq!(json["steps"][0]["result"], "pass");
    assert_eq!(report.steps.iter().filter(|step| step.result == Verdict::Pass).count(), 25);
    assert!(!json.to_string().contains(TOKEN));
}

#[tokio::test]
#[ignore = "a minute or more; run it by hand"]
async fn ten_thousand_people_and_two_hundred_groups_come_back_equal() {
    for flavour in Flavour::ALL {
        let fake = Fake::start(flavour, None).await;
        let options =
            Options { users: 10_000, groups: 200, concurrency: 8, keep: true, ..fake.options() };
        let report = simulator::run(options).await.unwrap();
        assert!(report.is_success(), "{report:#?}");
        assert_eq!(fake.counts(), (10_008, 200));
    }
}
