//! Changes of many members: in pieces between which others come to their turns, and all at once for
//! whoever reads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use directory::{
    Error, Group, ResourceId,
    event::{EventKind, Payload},
    group::{self, MemberChange, Staging},
    maintenance::reap,
};
use testkit::{TestOrganization, TestStore, contract};

use crate::{
    outside::Outside,
    support::{
        add_members, code, create_user, crowd, delete_user, get_group, group_update, invalid,
        kinds_after, members, named, newest, strs, team,
    },
};

fn replace(ids: &[String]) -> MemberChange {
    MemberChange::Replace(testkit::members(&strs(ids)))
}

/// Prepares a change of a group.
async fn prepare(
    org: &TestOrganization,
    id: ResourceId,
    changes: Vec<MemberChange>,
) -> MemberChange {
    let staging = Staging::new(&org.store, &org.access, changes);
    let prepared = staging.prepare(move |reader| group::get(reader, id).map(Some)).await;
    prepared.expect("it can be prepared")
}

/// Makes a change that was prepared.
async fn make(
    org: &TestOrganization,
    id: ResourceId,
    prepared: MemberChange,
) -> Result<Group, Error> {
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        let attributes = group.attributes.to_object();
        group::change(writer, &group, attributes, std::slice::from_ref(&prepared))
    })
    .await
}

async fn change(org: &TestOrganization, id: ResourceId, changes: Vec<MemberChange>) -> Group {
    let prepared = prepare(org, id, changes).await;
    make(org, id, prepared).await.expect("nothing is in its way")
}

fn rows(store: &TestStore, table: &str) -> i64 {
    Outside::of(store).rows(table)
}

contract! {
    async fn others_come_to_their_turns_within_a_large_change_and_see_nothing_of_it(store) {
        let (acme, globex) = (store.organization("acme").await, store.organization("globex").await);
        let ids = crowd(&acme, 8_000).await;
        let crew = team(&acme, "Crew", &strs(&ids[..2])).await.id;
        let before = newest(&acme).await;
        let done = Arc::new(AtomicBool::new(false));
        let large = tokio::spawn({
            let (acme, ids, done) = (acme.clone(), ids.clone(), Arc::clone(&done));
            async move {
                let prepared = prepare(&acme, crew, vec![replace(&ids)]).await;
                done.store(true, Ordering::SeqCst);
                make(&acme, crew, prepared).await.expect("changed")
            }
        });
        let mut others = 0;
        while !done.load(Ordering::SeqCst) {
            create_user(&globex, testkit::user(&format!("user{others}"))).await.expect("created");
            if !done.load(Ordering::SeqCst) {
                assert_eq!(get_group(&acme, crew).await.expect("there").member_count(), 2);
            }
            others += 1;
        }
        // Eight pieces, and another organization between each two of them.
        assert!(others >= 4, "{others}");
        assert_eq!(large.await.expect("no panic").member_count(), 8_000);
        assert_eq!(members(&acme, crew).await, ids);
        // It is told in pieces as well.
        let kinds = kinds_after(&acme, before).await;
        assert_eq!(kinds.last(), Some(&EventKind::GroupUpdated));
        assert!(kinds.len() >= 8, "{kinds:?}");
        store.assert_clean().await;
    }
}

contract! {
    async fn a_set_that_differs_in_a_few_costs_those_few(store) {
        let acme = store.organization("acme").await;
        let ids = crowd(&acme, 3_010).await;
        let crew = team(&acme, "Crew", &strs(&ids[..3_000])).await.id;
        let before = newest(&acme).await;
        let group = change(&acme, crew, vec![replace(&ids[10..])]).await;
        assert_eq!((group.member_count(), group.version.number()), (3_000, 2));
        let told = group_update(&acme, before).await;
        assert_eq!((told.cleared, told.staged), (false, None));
        assert_eq!((told.removed.len(), told.added.len()), (10, 10));
        assert_eq!(rows(store, "retired_member_set"), 0);
        // The same again changes nothing.
        let again = change(&acme, crew, vec![replace(&ids[10..])]).await;
        assert_eq!(again.version.number(), 2);
        store.assert_clean().await;
    }
}

contract! {
    async fn who_comes_and_goes_within_a_large_change_is_in_or_out(store) {
        let acme = store.organization("acme").await;
        let ids = crowd(&acme, 2_500).await;
        let crew = team(&acme, "Crew", &[]).await.id;
        let mut wanted = ids.clone();
        wanted.extend(["00u1".to_owned(), "00u2".to_owned()]);
        let prepared = prepare(&acme, crew, vec![replace(&wanted)]).await;
        store.assert_clean().await;
        let gone = ResourceId::parse(&ids[7]).expect("an id");
        delete_user(&acme, gone).await.expect("there");
        let come = testkit::user("ada").with("externalId", "00u1");
        let come = create_user(&acme, come).await.expect("new");
        store.assert_clean().await;
        let group = make(&acme, crew, prepared).await.expect("changed");
        assert_eq!(group.member_count(), 2_500);
        let now = members(&acme, crew).await;
        assert!(!now.contains(&ids[7]) && now.contains(&come.id.to_string()));
        store.assert_clean().await;
        // The other name waits.
        let late = testkit::user("alan").with("externalId", "00u2");
        create_user(&acme, late).await.expect("new");
        assert_eq!(get_group(&acme, crew).await.expect("there").member_count(), 2_501);
        store.assert_clean().await;
    }
}

contract! {
    async fn a_large_change_of_what_was_there_is_prepared_anew_where_that_has_changed(store) {
        let acme = store.organization("acme").await;
        let ids = crowd(&acme, 5_003).await;
        let crew = team(&acme, "Crew", &strs(&ids[..1])).await.id;
        let add = || vec![
            MemberChange::Add(testkit::members(&strs(&ids[1..5_000]))),
            MemberChange::Remove(testkit::members(&strs(&ids[..1]))),
        ];
        let outdated = prepare(&acme, crew, add()).await;
        add_members(&acme, crew, &[&ids[5_001]]).await;
        assert_eq!(code(make(&acme, crew, outdated).await), "stale");
        assert_eq!(get_group(&acme, crew).await.expect("there").member_count(), 2);
        let group = change(&acme, crew, add()).await;
        assert_eq!(group.member_count(), 5_000);
        let now = members(&acme, crew).await;
        assert!(!now.contains(&ids[0]) && now.contains(&ids[5_001]) && now.contains(&ids[4_999]));
        store.assert_clean().await;
        // To replace all members fits whatever is there.
        let other = team(&acme, "Other", &[]).await.id;
        let all = prepare(&acme, other, vec![replace(&ids)]).await;
        add_members(&acme, other, &[&ids[0]]).await;
        assert_eq!(make(&acme, other, all).await.expect("changed").member_count(), 5_003);
        store.assert_clean().await;
    }
}

contract! {
    async fn a_new_group_comes_to_be_with_all_its_members(store) {
        let acme = store.organization("acme").await;
        let ids = crowd(&acme, 2_500).await;
        let before = newest(&acme).await;
        let add = MemberChange::Add(testkit::members(&strs(&ids)));
        assert!(Staging::is_needed(std::slice::from_ref(&add)));
        let staging = Staging::new(&acme.store, &acme.access, vec![add]);
        let crew = testkit::group("Crew");
        let attributes = crew.clone();
        let free = staging.prepare(move |reader| {
            group::check_free(reader, &attributes)?;
            Ok::<_, Error>(None)
        });
        let prepared = free.await.expect("prepared");
        assert_eq!(acme.get().await.groups, 0);
        let made = acme.write(move |writer| group::create_with(writer, &crew, &prepared)).await;
        let made = made.expect("created");
        assert_eq!((made.member_count(), made.version.number()), (2_500, 1));
        assert_eq!(members(&acme, made.id).await, ids);
        let mut told = 0;
        for event in acme.events_after(before).await {
            match event.payload {
                Payload::GroupMembersStaged(piece) => told += piece.added.len(),
                Payload::GroupCreated(group) => assert_eq!(group.added, []),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(told, 2_500);
        store.assert_clean().await;
    }
}

contract! {
    async fn a_large_change_does_not_close_a_loop(store) {
        let acme = store.organization("acme").await;
        let mut ids = crowd(&acme, 2_500).await;
        let outer = team(&acme, "Outer", &[]).await.id;
        let inner = team(&acme, "Inner", &[]).await.id;
        ids.push(outer.to_string());
        let prepared = prepare(&acme, inner, vec![replace(&ids)]).await;
        add_members(&acme, outer, &[&inner.to_string()]).await;
        assert_eq!(invalid(make(&acme, inner, prepared).await), "members");
        assert_eq!(get_group(&acme, inner).await.expect("there").member_count(), 0);
        store.assert_clean().await;
    }
}

contract! {
    async fn a_large_change_that_is_given_up_is_cleared_away(store) {
        let acme = store.organization("acme").await;
        let ids = crowd(&acme, 2_500).await;
        let crew = team(&acme, "Crew", &strs(&ids[..1])).await.id;
        let mut wanted = ids.clone();
        wanted.push("one who never came".to_owned());
        let prepared = prepare(&acme, crew, vec![replace(&wanted)]).await;
        assert!(!reap::step(&store.store).await.expect("a step"));
        assert_eq!(rows(store, "member"), 2_501);
        store.clock.advance(Duration::from_mins(11));
        while reap::step(&store.store).await.expect("a step") {}
        assert_eq!(rows(store, "member"), 1);
        assert_eq!(rows(store, "pending_member"), 0);
        assert_eq!((rows(store, "staged_member_set"), rows(store, "retired_member_set")), (0, 0));
        // Whoever comes too late is told to try again.
        assert_eq!(code(make(&acme, crew, prepared).await), "busy");
        store.assert_clean().await;
        let named = named(&acme, "late").await;
        assert_eq!(add_members(&acme, crew, &[&named.id.to_string()]).await.member_count(), 2);
    }
}
