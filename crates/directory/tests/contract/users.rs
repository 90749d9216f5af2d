//! Users: arriving, changing, being archived, leaving, coming back.

use std::time::Duration;

use directory::{
    ResourceId, User, after,
    event::{EventKind, Payload},
    user::{self, Rehire},
};
use scim::{Object, schema::builtin};
use testkit::{TestOrganization, contract, user as person};

use crate::support::{
    add_members, change_user, code, conflict, create_user, delete_user, get_group, get_user,
    invalid, is_missing, kinds_after, members, named, names, newest, set, set_active, team,
};

fn known(name: &str, external_id: &str) -> Object {
    person(name).with("externalId", external_id)
}

contract! {
    async fn a_new_user_is_active_and_at_version_one(store) {
        let acme = store.organization("acme").await;
        let before = newest(&acme).await;
        let ada = create_user(&acme, person("Ada").with("title", "Countess")).await.expect("new");
        let stored = get_user(&acme, ada.id).await.expect("stored");
        assert!(stored.is_active() && stored.managed_by.is_none());
        assert_eq!(stored.version.number(), 1);
        assert_eq!(stored.created, stored.modified);
        let expected = person("Ada").with("title", "Countess").with("active", true);
        assert_eq!(stored.attributes, expected);
        assert_eq!(acme.get().await.users, 1);
        assert_eq!(kinds_after(&acme, before).await, [EventKind::UserCreated]);
    }
}

contract! {
    async fn creating_twice_conflicts_whatever_the_case(store) {
        let acme = store.organization("acme").await;
        named(&acme, "Straße").await;
        let before = newest(&acme).await;
        for same in ["Straße", "STRAßE", "straße", "ｓtraße"] {
            assert_eq!(conflict(create_user(&acme, person(same)).await), "userName");
        }
        // Lower-casing, not case folding: two colleagues.
        named(&acme, "strasse").await;
        assert_eq!(kinds_after(&acme, before).await, [EventKind::UserCreated]);
        assert_eq!(acme.get().await.users, 2);
    }
}

contract! {
    async fn a_user_without_a_name_is_refused(store) {
        let acme = store.organization("acme").await;
        let before = newest(&acme).await;
        let nameless = Object::new().with("title", "Nobody");
        assert_eq!(invalid(create_user(&acme, nameless).await), "userName");
        assert_eq!((newest(&acme).await, acme.get().await.users), (before, 0));
    }
}

contract! {
    async fn creating_an_archived_user_brings_it_back_with_its_old_id(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        set_active(&acme, ada.id, false).await;
        let before = newest(&acme).await;
        let back = create_user(&acme, person("ADA").with("title", "New")).await.expect("back");
        assert_eq!((back.id, back.is_active(), back.version.number()), (ada.id, true, 3));
        assert_eq!(back.created, ada.created);
        // The new attributes are the attributes; the groups are the old ones.
        assert_eq!(back.name(), "ADA");
        assert_eq!(back.attributes.str("title"), Some("New"));
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        assert_eq!(kinds_after(&acme, before).await, [EventKind::UserReactivated]);
        assert_eq!(acme.get().await.users, 1);
    }
}

contract! {
    async fn an_archived_user_is_known_by_the_external_id_of_its_connection(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = create_user(&okta, known("ada.byron", "00u1")).await.expect("new");
        set_active(&okta, ada.id, false).await;
        let married = create_user(&okta, known("ada.lovelace", "00u1")).await.expect("back");
        assert_eq!((married.id, married.is_active()), (ada.id, true));
        // The same externalId of another provider is another person's.
        set_active(&okta, ada.id, false).await;
        let entra = store.connection(&acme).await.organization;
        let other = create_user(&entra, known("alan", "00u1")).await.expect("another person");
        assert_ne!(other.id, ada.id);
    }
}

contract! {
    async fn an_external_id_is_not_unique(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = create_user(&okta, known("ada", "00u1")).await.expect("new");
        let other = create_user(&okta, known("ada.lovelace", "00u1")).await.expect("another");
        assert_ne!(other.id, ada.id);
        let alan = named(&okta, "alan").await;
        set(&okta, alan.id, "externalId", "00u1").await.expect("allowed");
        let all = names(&acme, r#"externalId eq "00u1""#).await;
        assert_eq!(all, ["ada", "ada.lovelace", "alan"]);
    }
}

contract! {
    async fn of_several_archived_users_with_the_external_id_none_is_brought_back(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let mut ids = Vec::new();
        for name in ["one", "two"] {
            ids.push(create_user(&okta, known(name, "00u1")).await.expect("new").id);
        }
        for id in &ids {
            set_active(&okta, *id, false).await;
        }
        let new = create_user(&okta, known("three", "00u1")).await.expect("new");
        assert!(!ids.contains(&new.id));
        // An active one beside the only archived one does not hide it.
        set_active(&okta, ids[1], true).await;
        let back = create_user(&okta, known("four", "00u1")).await.expect("back");
        assert_eq!(back.id, ids[0]);
    }
}

contract! {
    async fn a_deleted_user_leaves_its_id_to_the_same_person(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = create_user(&okta, known("ada", "00u1")).await.expect("new");
        delete_user(&okta, ada.id).await.expect("there");
        assert!(is_missing(&get_user(&acme, ada.id).await));
        assert!(is_missing(&delete_user(&okta, ada.id).await));
        assert_eq!(acme.get().await.users, 0);
        let back = create_user(&okta, known("ada", "00u1")).await.expect("back");
        assert_eq!((back.id, back.is_active()), (ada.id, true));
        // Whoever remembers a version does not mean this one.
        assert!(back.version > ada.version, "{}", back.version);
        // By the externalId alone, under a new name.
        delete_user(&okta, ada.id).await.expect("there");
        let renamed = create_user(&okta, known("lovelace", "00u1")).await.expect("back");
        assert_eq!(renamed.id, ada.id);
    }
}

contract! {
    async fn a_name_alone_does_not_prove_who_was_deleted(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let entra = store.connection(&acme).await.organization;
        let ada = create_user(&okta, known("ada", "00u1")).await.expect("new");
        delete_user(&okta, ada.id).await.expect("there");
        // The same name without an externalId, from another connection, and from an operator.
        for org in [&okta, &entra, &acme] {
            let namesake = named(org, "ada").await;
            assert_ne!(namesake.id, ada.id);
            delete_user(org, namesake.id).await.expect("there");
        }
        let other = create_user(&entra, known("ada", "00u1")).await.expect("new");
        assert_ne!(other.id, ada.id);
        delete_user(&entra, other.id).await.expect("there");
        // The same connection shows the same externalId.
        assert_eq!(create_user(&okta, known("ada", "00u1")).await.expect("back").id, ada.id);
    }
}

contract! {
    async fn a_name_that_was_given_to_another_person_does_not_bring_the_old_id(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let first = create_user(&okta, known("j.smith", "00u1")).await.expect("new");
        delete_user(&okta, first.id).await.expect("there");
        let second = create_user(&okta, known("j.smith", "00u2")).await.expect("new");
        assert_ne!(second.id, first.id);
        // The first one still has a claim to its id.
        let back = create_user(&okta, known("john.smith", "00u1")).await.expect("back");
        assert_eq!(back.id, first.id);
    }
}

contract! {
    async fn a_tombstone_is_used_once(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = create_user(&okta, known("ada", "00u1")).await.expect("new");
        delete_user(&okta, ada.id).await.expect("there");
        assert_eq!(create_user(&okta, known("ada", "00u1")).await.expect("back").id, ada.id);
        set(&okta, ada.id, "userName", "ada2").await.expect("free");
        assert_ne!(create_user(&okta, known("ada", "00u1")).await.expect("new").id, ada.id);
    }
}

async fn strictly(org: &TestOrganization, attributes: Object) -> Result<User, directory::Error> {
    org.write(move |writer| user::create(writer, &attributes, Rehire::Refuse)).await
}

contract! {
    async fn whoever_refuses_rehires_gets_no_old_id_and_no_archived_name(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = create_user(&okta, known("ada", "00u1")).await.expect("new");
        set_active(&okta, ada.id, false).await;
        let before = newest(&acme).await;
        assert_eq!(conflict(strictly(&okta, known("ADA", "00u1")).await), "userName");
        assert_eq!(newest(&acme).await, before);
        // The externalId alone brings back neither the archived one nor a deleted one.
        let other = strictly(&okta, known("lovelace", "00u1")).await.expect("another");
        assert_ne!(other.id, ada.id);
        delete_user(&okta, ada.id).await.expect("there");
        let again = strictly(&okta, known("ada", "00u1")).await.expect("free");
        assert!(again.id != ada.id && again.version.number() == 1);
    }
}

contract! {
    async fn saving_what_is_stored_changes_nothing(store) {
        let acme = store.organization("acme").await;
        let ada = create_user(&acme, person("ada").with("title", "Countess")).await.expect("new");
        let before = newest(&acme).await;
        store.clock.advance(Duration::from_mins(1));
        let same = person("ada").with("title", "Countess").with("active", true);
        let changed = change_user(&acme, ada.id, same.clone()).await.expect("there");
        let set = set(&acme, ada.id, "title", "Countess").await.expect("there");
        let active = set_active(&acme, ada.id, true).await;
        for user in [&changed, &set, &active] {
            assert_eq!((user.version, user.modified), (ada.version, ada.modified));
        }
        let okta = store.connection(&acme).await.organization;
        let before_okta = newest(&acme).await;
        let saved = change_user(&okta, ada.id, same).await.expect("there");
        assert_eq!((saved.version, saved.managed_by), (ada.version, None));
        assert_eq!(newest(&acme).await, before_okta);
        assert_eq!(kinds_after(&acme, before).await, [EventKind::ConnectionCreated]);
    }
}

contract! {
    async fn deactivating_keeps_everything(store) {
        let acme = store.organization("acme").await;
        let full = known("ada", "00u1").with("title", "Countess").with("displayName", "Ada L.");
        let ada = create_user(&acme, full.clone()).await.expect("new");
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        let before = newest(&acme).await;
        let archived = set_active(&acme, ada.id, false).await;
        assert!(!archived.is_active());
        assert_eq!(archived.attributes, full.with("active", false));
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        // It stays visible to look-ups and counts.
        assert_eq!(names(&acme, r#"userName eq "ada""#).await, ["ada"]);
        assert_eq!(names(&acme, r#"displayName eq "ada l.""#).await, ["ada"]);
        assert_eq!(acme.get().await.users, 1);
        let back = set_active(&acme, ada.id, true).await;
        assert_eq!((back.id, back.version.number()), (ada.id, 3));
        let kinds = kinds_after(&acme, before).await;
        assert_eq!(kinds, [EventKind::UserArchived, EventKind::UserReactivated]);
    }
}

contract! {
    async fn attributes_without_active_archive_a_user(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let before = newest(&acme).await;
        let changed = change_user(&acme, ada.id, person("ada").with("title", "x")).await;
        let changed = changed.expect("there");
        assert!(!changed.is_active() && changed.attributes.get("active").is_none());
        let back = change_user(&acme, ada.id, person("ada").with("active", true)).await;
        let back = back.expect("there");
        assert!(back.is_active() && back.attributes.get("title").is_none());
        let kinds = kinds_after(&acme, before).await;
        assert_eq!(kinds, [EventKind::UserArchived, EventKind::UserReactivated]);
    }
}

contract! {
    async fn archiving_twice_is_one_change(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let before = newest(&acme).await;
        let archived = set_active(&acme, ada.id, false).await;
        assert_eq!(set_active(&acme, ada.id, false).await.version, archived.version);
        assert_eq!(kinds_after(&acme, before).await, [EventKind::UserArchived]);
    }
}

contract! {
    async fn a_name_in_use_cannot_be_taken_by_a_change(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        set_active(&acme, alan.id, false).await;
        let before = newest(&acme).await;
        let whole = change_user(&acme, ada.id, person("ALAN").with("active", true)).await;
        assert_eq!(conflict(whole), "userName");
        assert_eq!(conflict(set(&acme, ada.id, "userName", "Alan").await), "userName");
        assert_eq!(newest(&acme).await, before);
        // The spelling of its own name is its own business.
        let respelt = set(&acme, ada.id, "userName", "ADA").await.expect("free");
        assert_eq!(respelt.name(), "ADA");
    }
}

contract! {
    async fn a_change_is_done_whole_or_not_at_all(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        named(&acme, "alan").await;
        for half in [
            person("alan").with("active", true).with("displayName", "x"),
            Object::new().with("active", true).with("displayName", "x"),
        ] {
            change_user(&acme, ada.id, half).await.expect_err("a name that is none, or in use");
            let after = get_user(&acme, ada.id).await.expect("there");
            assert_eq!((after.version, &after.attributes), (ada.version, &ada.attributes));
        }
        assert!(names(&acme, r#"displayName eq "x""#).await.is_empty());
    }
}

contract! {
    async fn a_user_that_was_read_earlier_is_not_overwritten(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let current = set(&acme, ada.id, "title", "Countess").await.expect("there");
        let before = newest(&acme).await;
        let (stale, attributes) = (ada.clone(), ada.attributes.to_object().with("title", "x"));
        let change = acme
            .write(move |writer| user::change(writer, &stale, attributes.clone()))
            .await;
        assert!(
            matches!(change, Err(directory::Error::Stale { version }) if version == current.version),
            "{change:?}"
        );
        let stale = ada.clone();
        assert_eq!(code(acme.write(move |writer| user::delete(writer, &stale)).await), "stale");
        assert_eq!(newest(&acme).await, before);
        let stored = get_user(&acme, ada.id).await.expect("there");
        assert_eq!(stored.attributes, current.attributes);
        delete_user(&acme, ada.id).await.expect("there");
        // One that is gone is missing, however it was read.
        let (gone, attributes) = (current.clone(), current.attributes.to_object().with("title", "x"));
        let change = acme.write(move |writer| user::change(writer, &gone, attributes.clone()));
        assert!(is_missing(&change.await));
        let gone = current.clone();
        assert!(is_missing(&acme.write(move |writer| user::delete(writer, &gone)).await));
    }
}

contract! {
    async fn the_connection_that_changes_a_user_manages_it(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let ada = named(&acme, "ada").await;
        let linked = set(&okta.organization, ada.id, "externalId", "00u1").await.expect("there");
        assert!(linked.managed_by.is_some());
        let stored = get_user(&acme, ada.id).await.expect("there");
        assert_eq!(stored.managed_by, linked.managed_by);
        // Another connection takes it over by changing it.
        let entra = store.connection(&acme).await;
        let taken = set(&entra.organization, ada.id, "title", "x").await.expect("there");
        assert!(taken.managed_by.is_some() && taken.managed_by != linked.managed_by);
    }
}

contract! {
    async fn deleting_a_user_lowers_the_counts_of_its_groups(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let both = [&*ada.id.to_string(), &*alan.id.to_string()];
        let (one, two) = (team(&acme, "One", &both).await, team(&acme, "Two", &both[..1]).await);
        let other = team(&acme, "Other", &both[1..]).await;
        add_members(&acme, other.id, &[]).await;
        let before = newest(&acme).await;
        delete_user(&acme, ada.id).await.expect("there");
        assert_eq!(members(&acme, one.id).await, [alan.id.to_string()]);
        assert!(members(&acme, two.id).await.is_empty());
        let mut events = acme.events_after(before).await;
        assert_eq!(events.len(), 1);
        let Payload::UserDeleted(told) = events.remove(0).payload else { panic!("not deleted") };
        let mut left = [one.id, two.id];
        left.sort();
        assert_eq!(told.left, left);
        let version =
            async |id| get_group(&acme, id).await.expect("there").version.number();
        assert_eq!((version(one.id).await, version(other.id).await), (2, 1));
    }
}

contract! {
    async fn none_is_found_under_an_id_that_was_never_given(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let unknown = ResourceId::parse("00000000-0000-4000-8000-000000000000").expect("an id");
        let crew = team(&acme, "Crew", &[]).await;
        for id in [unknown, crew.id] {
            assert!(is_missing(&get_user(&acme, id).await));
            assert!(is_missing(&change_user(&acme, id, person("x")).await));
            assert!(is_missing(&set(&acme, id, "title", "x").await));
            assert!(is_missing(&delete_user(&acme, id).await));
        }
        assert_eq!(get_user(&acme, ada.id).await.expect("there").version, ada.version);
    }
}

contract! {
    async fn users_can_be_walked_while_others_come_and_go(store) {
        let acme = store.organization("acme").await;
        let mut ids = Vec::new();
        for number in 0..10 {
            ids.push(named(&acme, &format!("user{number}")).await.id);
        }
        let first = acme.read(|reader| after(reader, builtin::user(), None, 4)).await;
        let first = first.expect("users");
        delete_user(&acme, ids[3]).await.expect("there");
        delete_user(&acme, ids[5]).await.expect("there");
        let last = first.last().expect("four users").clone();
        let second =
            acme.read(move |reader| after(reader, builtin::user(), Some(&last), 4)).await;
        let met: Vec<_> = first.iter().chain(&second.expect("users")).map(|user| user.id).collect();
        assert_eq!(met, [ids[0], ids[1], ids[2], ids[3], ids[4], ids[6], ids[7], ids[8]]);
    }
}
