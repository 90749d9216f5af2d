//! Plans and add-ons: what an organization may use, and who says so.

use std::time::Duration;

use directory::{
    Error, Rule,
    audit::AuditKind,
    event::Payload,
    installation::Setting,
    organization,
    plan::{self, Feature, Plan},
    token::Refusal,
};
use testkit::{TestOrganization, contract};

use crate::support::{
    audit_kinds, code, conflict, invalid, is_missing, newest, newest_audit, refusal,
};

async fn set_plan(org: &TestOrganization, plan: Option<&'static str>) {
    org.write(move |writer| organization::set_plan(writer, plan)).await.expect("there");
}

async fn may(org: &TestOrganization, feature: Feature) -> bool {
    match org.read(move |reader| plan::require(reader, feature)).await {
        Ok(()) => true,
        Err(Error::Denied { rule: Rule::NotEntitled, .. }) => false,
        Err(error) => panic!("{error:?}"),
    }
}

contract! {
    async fn without_a_plan_every_feature_may_be_used(store) {
        let acme = store.organization("acme").await;
        for feature in [Feature::Scim, Feature::Saml] {
            assert!(may(&acme, feature).await);
        }
        // A plan that is not defined restricts nothing.
        set_plan(&acme, Some("Unheard of")).await;
        assert!(may(&acme, Feature::Scim).await);
    }
}

contract! {
    async fn a_plan_includes_what_it_names(store) {
        let acme = store.organization("acme").await;
        let installation = store.installation();
        let made = installation.set_plan(" Basic ", &[Feature::Saml, Feature::Saml]).await;
        let basic = Plan { name: "Basic".to_owned(), features: vec![Feature::Saml] };
        assert_eq!(made.expect("a plan"), basic);
        set_plan(&acme, Some("Basic")).await;
        assert!(may(&acme, Feature::Saml).await && !may(&acme, Feature::Scim).await);
        let denied = acme.read(|reader| plan::require(reader, Feature::Scim)).await;
        let sentence = denied.expect_err("not included").to_string();
        assert!(sentence.contains("\"Basic\"") && sentence.contains("SCIM"), "{sentence}");
        // This process knows at once.
        installation.set_plan("Basic", &[Feature::Scim]).await.expect("changed");
        assert!(!may(&acme, Feature::Saml).await && may(&acme, Feature::Scim).await);
        let plans = installation.plans().await.expect("plans");
        assert_eq!(plans.iter().map(|plan| &*plan.name).collect::<Vec<_>>(), ["Basic"]);
        for bad in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert_eq!(invalid(installation.set_plan(bad, &[]).await), "plan");
        }
        let named = acme.write(|writer| organization::set_plan(writer, Some("a\nb"))).await;
        assert_eq!(invalid(named), "plan");
    }
}

contract! {
    async fn another_process_knows_within_five_seconds(store) {
        let acme = store.organization("acme").await;
        let other = store.another();
        let mut abroad = acme.clone();
        abroad.store = other.clone();
        set_plan(&acme, Some("Basic")).await;
        assert!(may(&abroad, Feature::Scim).await);
        store.installation().set_plan("Basic", &[]).await.expect("a plan");
        assert!(!may(&acme, Feature::Scim).await);
        store.clock.advance(Duration::from_secs(5));
        assert!(!may(&abroad, Feature::Scim).await);
        tokio::task::block_in_place(|| other.close());
    }
}

contract! {
    async fn add_ons_stand_beside_the_plan(store) {
        let acme = store.organization("acme").await;
        store.installation().set_plan("Basic", &[]).await.expect("a plan");
        set_plan(&acme, Some("Basic")).await;
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        let add = async || acme.write(|writer| plan::add_add_on(writer, Feature::Saml)).await;
        assert!(add().await.expect("added"));
        assert!(!add().await.expect("there already"));
        assert!(may(&acme, Feature::Saml).await && !may(&acme, Feature::Scim).await);
        let listed = acme.read(plan::add_ons).await.expect("a list");
        assert_eq!(listed, [Feature::Saml]);
        let remove = async || acme.write(|writer| plan::remove_add_on(writer, Feature::Saml)).await;
        remove().await.expect("removed");
        assert!(is_missing(&remove().await));
        assert!(!may(&acme, Feature::Saml).await);
        let told: Vec<_> = acme
            .events_after(before)
            .await
            .into_iter()
            .map(|event| match event.payload {
                Payload::OrganizationUpdated(payload) => (payload.plan, payload.add_ons),
                other => panic!("{other:?}"),
            })
            .collect();
        let basic = Some("Basic".to_owned());
        assert_eq!(told, [(basic.clone(), vec!["saml".to_owned()]), (basic, vec![])]);
        let expected = [AuditKind::AddOnAdded, AuditKind::AddOnRemoved];
        assert_eq!(audit_kinds(&acme, audit).await, expected);
    }
}

contract! {
    async fn the_default_plan_is_that_of_organizations_without_one(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let installation = store.installation();
        installation.set_plan("Free", &[]).await.expect("a plan");
        installation.set_plan("Full", &[Feature::Scim]).await.expect("a plan");
        set_plan(&umbra, Some("Full")).await;
        installation.set(Setting::DefaultPlan, Some("Free")).await.expect("set");
        assert!(!may(&acme, Feature::Scim).await && may(&umbra, Feature::Scim).await);
        // What is in use stays.
        assert_eq!(conflict(installation.delete_plan("Free").await), "plan");
        assert_eq!(conflict(installation.delete_plan("Full").await), "plan");
        installation.set(Setting::DefaultPlan, None).await.expect("unset");
        set_plan(&umbra, None).await;
        assert!(may(&acme, Feature::Scim).await && may(&umbra, Feature::Saml).await);
        for name in ["Free", "Full"] {
            installation.delete_plan(name).await.expect("none has it");
            assert!(is_missing(&installation.delete_plan(name).await));
        }
        assert!(installation.plans().await.expect("plans").is_empty());
    }
}

contract! {
    async fn a_plan_without_provisioning_opens_to_no_token(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let issued = acme.issue(&okta).await;
        let show = async || refusal(&store.store, issued.reveal()).await;
        assert_eq!(show().await, None);
        store.installation().set_plan("Basic", &[Feature::Saml]).await.expect("a plan");
        set_plan(&acme, Some("Basic")).await;
        assert_eq!(show().await, Some(Refusal::NotEntitled(Some("Basic".to_owned()))));
        acme.write(|writer| plan::add_add_on(writer, Feature::Scim)).await.expect("added");
        assert_eq!(show().await, None);
    }
}

contract! {
    async fn a_provider_changes_no_plan(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let added = okta.write(|writer| plan::add_add_on(writer, Feature::Saml)).await;
        assert_eq!(code(added), "not_permitted");
        let removed = okta.write(|writer| plan::remove_add_on(writer, Feature::Saml)).await;
        assert_eq!(code(removed), "not_permitted");
        assert!(acme.read(plan::add_ons).await.expect("a list").is_empty());
    }
}
