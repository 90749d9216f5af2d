//! Organizations: made, found, deleted.

use directory::{
    Error,
    event::EventKind,
    organization::{self, Slug},
};
use testkit::contract;

use crate::support::{
    audit_kinds, code, conflict, create_user, get_user, invalid, is_missing, kinds_after, named,
    newest, newest_audit, refusal,
};

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

contract! {
    async fn an_organization_is_found_by_its_slug(store) {
        let installation = store.installation();
        let made =
            organization::create(&installation, &slug("acme"), " Acme Ltd ", Some("Premium")).await;
        let (access, made) = made.expect("a free slug");
        let (same, found) = organization::find(&installation, &slug("acme")).await.expect("there");
        assert_eq!((same, found.id), (access, made.id));
        assert_eq!((&*found.name, found.plan.as_deref()), ("Acme Ltd", Some("Premium")));
        assert_eq!((found.users, found.groups, found.last_event.number()), (0, 0, 1));
        assert_eq!(found.created, store.now());
    }
}

contract! {
    async fn a_slug_is_used_once(store) {
        store.organization("acme").await;
        let installation = store.installation();
        let again = organization::create(&installation, &slug("acme"), "Other", None).await;
        assert_eq!(conflict(again), "slug");
        let list = organization::list(&installation).await.expect("a list");
        assert_eq!(list.iter().map(|(_, one)| &*one.name).collect::<Vec<_>>(), ["acme"]);
    }
}

contract! {
    async fn a_name_is_needed(store) {
        let installation = store.installation();
        for name in ["", "  ", &"x".repeat(201), "a\0b"] {
            let made = organization::create(&installation, &slug("acme"), name, None).await;
            assert_eq!(invalid(made), "name", "{name:?}");
        }
        assert!(organization::list(&installation).await.expect("a list").is_empty());
    }
}

contract! {
    async fn organizations_are_listed_by_slug(store) {
        for name in ["zulu", "acme", "mike"] {
            store.organization(name).await;
        }
        let list = organization::list(&store.installation()).await.expect("a list");
        let slugs: Vec<&str> = list.iter().map(|(_, one)| one.slug.as_str()).collect();
        assert_eq!(slugs, ["acme", "mike", "zulu"]);
    }
}

contract! {
    async fn a_deleted_organization_is_gone_at_once(store) {
        let installation = store.installation();
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let token = acme.issue(&okta.connection).await;
        let ada = named(&acme, "ada").await;
        organization::delete(&installation, &acme.slug).await.expect("there");
        assert!(is_missing(&organization::delete(&installation, &acme.slug).await));
        assert!(is_missing(&organization::find(&installation, &acme.slug).await));
        assert!(is_missing(&acme.read(organization::get).await));
        assert!(is_missing(&create_user(&acme, testkit::user("alan")).await));
        assert!(refusal(&store.store, token.reveal()).await.is_some());
        let home = directory::connection::find(&installation, okta.connection.id).await;
        assert!(is_missing(&home));
        // The slug is free, and what comes under it is another organization.
        let new = store.organization("acme").await;
        assert_ne!(new.operator, acme.operator);
        assert_ne!(new.get().await.created, ada.created);
        assert!(is_missing(&get_user(&new, ada.id).await));
    }
}

contract! {
    async fn another_plan_is_one_change(store) {
        let acme = store.organization("acme").await;
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        for _ in 0..2 {
            let changed = acme
                .write(|writer| organization::set_plan(writer, Some("Supreme")))
                .await
                .expect("there");
            assert_eq!(changed.plan.as_deref(), Some("Supreme"));
        }
        assert_eq!(acme.get().await.plan.as_deref(), Some("Supreme"));
        assert_eq!(kinds_after(&acme, before).await, [EventKind::OrganizationUpdated]);
        let expected = [directory::audit::AuditKind::PlanChanged];
        assert_eq!(audit_kinds(&acme, audit).await, expected);
    }
}

contract! {
    async fn another_name_is_one_change_and_leaves_the_slug(store) {
        let acme = store.organization("acme").await;
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        for _ in 0..2 {
            let renamed = acme.write(|writer| organization::rename(writer, " Acme & Söhne ")).await;
            assert_eq!(renamed.expect("there").name, "Acme & Söhne");
        }
        let shown = acme.get().await;
        assert_eq!((&*shown.name, shown.slug.as_str()), ("Acme & Söhne", "acme"));
        assert_eq!(kinds_after(&acme, before).await, [EventKind::OrganizationUpdated]);
        let expected = [directory::audit::AuditKind::OrganizationRenamed];
        assert_eq!(audit_kinds(&acme, audit).await, expected);
        let refused = acme.write(|writer| organization::rename(writer, " ")).await;
        assert_eq!(invalid(refused), "name");
    }
}

contract! {
    async fn what_belongs_to_the_operator_is_denied_to_a_provider(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let before = newest(&acme).await;
        let changed = okta.write(|writer| organization::set_plan(writer, Some("Supreme"))).await;
        assert_eq!(code(changed), "not_permitted");
        let changed = okta.write(|writer| organization::set_admin_guard(writer, Some(false))).await;
        assert!(matches!(changed, Err(Error::Denied { .. })), "{changed:?}");
        assert_eq!(newest(&acme).await, before);
        assert_eq!((acme.get().await.plan, acme.get().await.admin_guard), (None, None));
    }
}
