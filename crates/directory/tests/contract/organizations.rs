//! Organizations: made, found, deleted.

use directory::{
    Actor, Error,
    event::EventKind,
    organization::{self, Slug},
};
use testkit::contract;

use crate::support::{is_missing, kinds_after, named, newest};

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

contract! {
    async fn an_organization_is_found_by_its_slug(store) {
        let (tenant, made) =
            organization::create(&store.store, &slug("acme"), " Acme Ltd ", Some("Premium"))
                .await
                .expect("a free slug");
        let (same, found) = organization::find(&store.store, &slug("acme")).await.expect("there");
        assert_eq!((same, found.id), (tenant, made.id));
        assert_eq!((&*found.name, found.plan.as_deref()), ("Acme Ltd", Some("Premium")));
        assert_eq!((found.users, found.groups, found.last_event), (0, 0, 1));
        assert_eq!(found.created, store.now());
    }
}

contract! {
    async fn a_slug_is_used_once(store) {
        store.organization("acme").await;
        let again = organization::create(&store.store, &slug("acme"), "Other", None).await;
        assert!(matches!(again, Err(Error::Refused(_))), "{again:?}");
        assert_eq!(organization::list(&store.store).await.expect("a list").len(), 1);
    }
}

contract! {
    async fn a_name_is_needed(store) {
        for name in ["", "  ", &"x".repeat(201), "a\0b"] {
            let made = organization::create(&store.store, &slug("acme"), name, None).await;
            assert!(matches!(made, Err(Error::Refused(_))), "{name:?}");
        }
        assert!(organization::list(&store.store).await.expect("a list").is_empty());
    }
}

contract! {
    async fn organizations_are_listed_by_slug(store) {
        for name in ["zulu", "acme", "mike"] {
            store.organization(name).await;
        }
        let list = organization::list(&store.store).await.expect("a list");
        let slugs: Vec<&str> = list.iter().map(|(_, one)| one.slug.as_str()).collect();
        assert_eq!(slugs, ["acme", "mike", "zulu"]);
    }
}

contract! {
    async fn a_deleted_organization_is_gone_at_once(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let token = acme.issue(&okta.connection).await;
        let ada = named(&acme, "ada").await;
        organization::delete(&store.store, &acme.tenant, &acme.slug).await.expect("there");
        let twice = organization::delete(&store.store, &acme.tenant, &acme.slug).await;
        assert!(is_missing(&twice));
        let find = organization::find(&store.store, &acme.slug).await;
        assert!(matches!(find, Err(Error::Refused(_))));
        assert!(is_missing(&acme.read(organization::get).await));
        assert!(is_missing(&crate::support::create_user(&acme, testkit::user("alan")).await));
        let refusal = directory::token::authenticate(&store.store, token.reveal(), None).await;
        assert!(refusal.expect("an answer").is_err());
        let home = directory::connection::find(&store.store, okta.connection.id).await;
        assert!(matches!(home, Err(Error::Refused(_))));
        // The slug is free, and what comes under it is another organization.
        let new = store.organization("acme").await;
        assert_ne!(new.tenant, acme.tenant);
        assert!(is_missing(&crate::support::get_user(&new, ada.id).await));
    }
}

contract! {
    async fn another_plan_is_one_change(store) {
        let acme = store.organization("acme").await;
        let before = newest(&acme).await;
        for _ in 0..2 {
            let changed = acme
                .by(Actor::Operator)
                .write(|writer| organization::set_plan(writer, Some("Supreme")))
                .await
                .expect("there");
            assert_eq!(changed.plan.as_deref(), Some("Supreme"));
        }
        assert_eq!(acme.get().await.plan.as_deref(), Some("Supreme"));
        assert_eq!(kinds_after(&acme, before).await, [EventKind::OrganizationUpdated]);
    }
}
