//! The mass-removal guard: a provider that takes many people away at once is stopped until someone says
//! that it is meant.

use std::time::Duration;

use directory::{
    AuditNo, Error, Group, ResourceId, Rule,
    audit::AuditKind,
    connection::{self, NewConnection, Protocol, Provider, State},
    event::EventKind,
    group::{MemberChange, Staging},
    maintenance::prune,
    removal::{self, Act, HeldRemoval, Limits, Shown},
    user::{self, Rehire},
};
use testkit::{TestConnection, TestOrganization, contract};

use crate::support::{
    Shipped, audit_kinds, change_group, change_user, code, crowd, delete_group, delete_user,
    get_user, kinds_after, list, members, named, newest, set_active, set_members, team,
    try_clear_members, try_set_active,
};

const HOUR: Duration = Duration::from_hours(1);

/// Lets so many through, however many people there are.
fn at_most(people: i64) -> Limits {
    Limits { people, percent: 100, minutes: 60 }
}

/// People of a connection.
async fn people(okta: &TestConnection, count: usize) -> Vec<ResourceId> {
    let ids = crowd(&okta.organization, count).await;
    ids.iter().map(|id| ResourceId::parse(id).expect("an id")).collect()
}

/// What was audited last.
async fn last_act(org: &TestOrganization) -> Option<AuditKind> {
    audit_kinds(org, AuditNo::START).await.pop()
}

/// What a provider is told, once what is held is written down.
async fn told<T>(okta: &TestConnection, result: Result<T, Error>) -> Result<T, Error> {
    if let Err(Error::Held(held)) = &result {
        let TestOrganization { store, access, .. } = &okta.organization;
        removal::record(store, access, held).await.expect("it is written down");
    }
    result
}

async fn archive(okta: &TestConnection, id: ResourceId) -> Result<(), Error> {
    let archived = try_set_active(&okta.organization, id, false).await;
    told(okta, archived).await.map(drop)
}

async fn shown(okta: &TestConnection) -> Shown {
    let id = okta.connection.id;
    okta.organization.read(move |reader| removal::show(reader, id)).await.expect("the guard")
}

async fn held(okta: &TestConnection) -> Vec<HeldRemoval> {
    let id = okta.connection.id;
    okta.organization
        .read(move |reader| removal::held(reader, id, None, 100))
        .await
        .expect("a list")
}

async fn release(okta: &TestConnection) -> i64 {
    let id = okta.connection.id;
    let release = okta.organization.by_operator();
    release.write(move |writer| removal::release(writer, id, None)).await.expect("some are held")
}

async fn refuse(okta: &TestConnection) -> i64 {
    let id = okta.connection.id;
    let refuse = okta.organization.by_operator();
    refuse.write(move |writer| removal::refuse(writer, id, None)).await.expect("some are held")
}

async fn let_through(okta: &TestConnection, resource: ResourceId) -> Result<(), Error> {
    let id = okta.connection.id;
    let operator = okta.organization.by_operator();
    operator.write(move |writer| removal::let_through(writer, id, resource)).await
}

async fn set(okta: &TestConnection, limits: Option<Limits>) -> Result<bool, Error> {
    let id = okta.connection.id;
    let operator = okta.organization.by_operator();
    operator.write(move |writer| removal::set(writer, id, limits)).await
}

/// How long a provider is asked to wait, in seconds.
#[track_caller]
fn wait<T: std::fmt::Debug>(result: Result<T, Error>) -> u32 {
    match result {
        Err(Error::Held(held)) => held.retry_after(),
        other => panic!("not held: {other:?}"),
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) {
    match result {
        Err(Error::Denied { rule: Rule::RemovalRefused, detail }) => {
            assert!(detail.contains("the people stay"), "{detail}");
        }
        other => panic!("not refused: {other:?}"),
    }
}

contract! {
    async fn more_removals_than_the_limits_let_through_are_held(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(3)).await;
        let people = people(&okta, 8).await;
        assert_eq!(shown(&okta).await.managed, 8);
        archive(&okta, people[0]).await.expect("one passes");
        delete_user(&okta.organization, people[1]).await.expect("two pass");
        // What was archived before is still someone who can be deleted.
        delete_user(&okta.organization, people[0]).await.expect("three pass");
        let before = newest(&acme).await;
        let result = archive(&okta, people[2]).await;
        let sentence = result.as_ref().expect_err("it is held").to_string();
        assert!(sentence.starts_with("Held: more than 3 removals in 60 minutes."), "{sentence}");
        assert_eq!(code(result), "removals_held");
        assert!(get_user(&acme, people[2]).await.expect("there").is_active());
        let gone = delete_user(&okta.organization, people[3]).await;
        assert_eq!(wait(told(&okta, gone).await), 300);
        // That is told once, and nothing else is.
        assert_eq!(kinds_after(&acme, before).await, [EventKind::RemovalsHeld]);
        assert_eq!(last_act(&acme).await, Some(AuditKind::RemovalsHeld));
        let guard = shown(&okta).await;
        assert_eq!((guard.held, guard.counted, guard.managed), (2, 3, 6));
        assert!(guard.since.is_some());
        let acts: Vec<(Act, i64)> =
            held(&okta).await.iter().map(|one| (one.act, one.attempts)).collect();
        assert_eq!(acts, [(Act::Archive, 1), (Act::Delete, 1)]);
        // Whoever comes again waits longer, and is no second line of the list.
        let waits = [600, 1_200, 2_400, 4_800, 9_600, 19_200, 21_600, 21_600];
        for expected in waits {
            assert_eq!(wait(archive(&okta, people[2]).await), expected);
        }
        assert_eq!(held(&okta).await.len(), 2);
        assert_eq!(held(&okta).await[0].attempts, 9);
        // Everything else goes on, and bringing people in does not hide that others are taken away.
        named(&okta.organization, "late").await;
        change_user(&okta.organization, people[4], testkit::user("user4").with("active", true))
            .await
            .expect("no removal");
        wait(archive(&okta, people[5]).await);
    }
}

contract! {
    async fn what_was_removed_longer_ago_does_not_count(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(2)).await;
        let people = people(&okta, 6).await;
        archive(&okta, people[0]).await.expect("one passes");
        store.clock.advance(HOUR / 2);
        archive(&okta, people[1]).await.expect("two pass");
        store.clock.advance(HOUR / 2);
        // A step that has begun within the window counts whole.
        assert_eq!(shown(&okta).await.counted, 2);
        store.clock.advance(HOUR / 12);
        assert_eq!(shown(&okta).await.counted, 1);
        archive(&okta, people[2]).await.expect("the first is too long ago");
        wait(archive(&okta, people[3]).await);
        // What is held stays held, however long ago the others were.
        store.clock.advance(24 * HOUR);
        assert_eq!(shown(&okta).await.counted, 0);
        wait(archive(&okta, people[4]).await);
    }
}

contract! {
    async fn a_part_of_the_people_of_a_connection_is_the_limit_where_that_is_fewer(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(Limits::default()).await;
        let people = people(&okta, 60).await;
        // Others do not make the part larger.
        let entra = store.connection(&acme).await.organization;
        named(&entra, "another").await;
        assert_eq!(shown(&okta).await.allowance, 12);
        for id in &people[..12] {
            archive(&okta, *id).await.expect("a fifth passes");
        }
        // The part is of those who were there at first.
        assert_eq!((shown(&okta).await.allowance, shown(&okta).await.managed), (12, 48));
        wait(archive(&okta, people[12]).await);
        // Of a few people ten pass.
        let small = acme.guarded_connection(Limits::default()).await;
        let mut few = Vec::new();
        for number in 0..11 {
            few.push(named(&small.organization, &format!("few{number}")).await.id);
        }
        for id in &few[..10] {
            archive(&small, *id).await.expect("ten pass");
        }
        wait(archive(&small, few[10]).await);
    }
}

contract! {
    async fn many_at_once_are_counted_one_by_one(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(7)).await;
        let people = people(&okta, 40).await;
        let tries = people.iter().map(|id| {
            let (okta, id) = (okta.clone(), *id);
            tokio::spawn(async move { archive(&okta, id).await.is_ok() })
        });
        let tries: Vec<_> = tries.collect();
        let mut passed = 0;
        for one in tries {
            passed += u32::from(one.await.expect("no panic"));
        }
        assert_eq!(passed, 7);
        let guard = shown(&okta).await;
        assert_eq!((guard.held, guard.managed), (33, 33));
    }
}

contract! {
    async fn members_who_leave_a_group_are_counted_and_nobody_who_stays(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(4)).await;
        let org = &okta.organization;
        let ids = crowd(org, 12).await;
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let group = team(org, "Staff", &names[..8]).await;
        let counted = async || shown(&okta).await.counted;
        // Two leave, two come, and one who leaves comes again.
        set_members(org, group.id, &names[2..10]).await;
        assert_eq!(counted().await, 2);
        let change = [
            MemberChange::Remove(testkit::members(&names[2..4])),
            MemberChange::Add(testkit::members(&names[2..3])),
        ];
        change_group(org, group.id, None, &change).await.expect("one more passes");
        assert_eq!(counted().await, 3);
        // All leave, and six of seven come again.
        let change =
            [MemberChange::Clear, MemberChange::Add(testkit::members(&names[4..10]))];
        change_group(org, group.id, None, &change).await.expect("one more passes");
        assert_eq!(counted().await, 4);
        let before = members(&acme, group.id).await;
        assert_eq!(before.len(), 6);
        // One too many, in each way; nothing changes.
        let replaced = MemberChange::Replace(testkit::members(&names[..9]));
        let removed = MemberChange::Remove(testkit::members(&names[4..5]));
        for change in [replaced, removed, MemberChange::Clear] {
            let changed = change_group(org, group.id, None, &[change]).await;
            wait(told(&okta, changed).await);
        }
        let gone = delete_group(org, group.id).await;
        wait(told(&okta, gone).await);
        assert_eq!(members(&acme, group.id).await, before);
        // To rename it takes no one away, and neither does an empty group that goes.
        let renamed = Some(testkit::group("Everyone"));
        change_group(org, group.id, renamed, &[]).await.expect("no removal");
        let empty = team(org, "Empty", &[]).await;
        delete_group(org, empty.id).await.expect("no removal");
        let one = held(&okta).await.remove(0);
        assert_eq!((one.act, one.people, one.attempts), (Act::DeleteGroup, 6, 4));
        assert_eq!(one.resource.expect("the group").name(), "Everyone");
        // What was let through is what was asked for last, and no more than was asked for.
        let_through(&okta, group.id).await.expect("it is held");
        let emptied = try_clear_members(org, group.id).await;
        wait(told(&okta, emptied).await);
        let_through(&okta, group.id).await.expect("it is held");
        try_clear_members(org, group.id).await.expect("it was let through");
        assert_eq!(counted().await, 4);
    }
}

contract! {
    async fn a_change_of_so_many_members_that_it_is_staged_is_counted(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(2_100)).await;
        let org = &okta.organization;
        let ids = crowd(org, 4_200).await;
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let group = team(org, "Staff", &names[..4_150]).await;
        let replace = async |wanted: &[&str]| -> Result<Group, Error> {
            let changes = vec![MemberChange::Replace(testkit::members(wanted))];
            let id = group.id;
            let prepared = Staging::new(&org.store, &org.access, changes)
                .prepare::<Error, _>(move |reader| directory::group::get(reader, id).map(Some))
                .await?;
            change_group(org, group.id, None, &[prepared]).await
        };
        let changed = replace(&names[2_101..]).await;
        wait(told(&okta, changed).await);
        assert_eq!(held(&okta).await[0].people, 2_101);
        release(&okta).await;
        replace(&names[2_100..]).await.expect("no more than was let through");
        assert_eq!(members(&acme, group.id).await.len(), 2_100);
    }
}

contract! {
    async fn what_is_released_passes_and_is_not_counted(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(2)).await;
        let people = people(&okta, 9).await;
        for id in &people[..2] {
            archive(&okta, *id).await.expect("two pass");
        }
        for id in &people[2..6] {
            wait(archive(&okta, *id).await);
        }
        let id = okta.connection.id;
        let release_as_shown = |shown: i64| {
            acme.write(move |writer| removal::release(writer, id, Some(shown)))
        };
        assert_eq!(code(release_as_shown(3).await), "conflict");
        let before = newest(&acme).await;
        assert_eq!(release_as_shown(4).await.expect("as many are held"), 4);
        assert_eq!(code(release_as_shown(0).await), "conflict");
        assert_eq!(kinds_after(&acme, before).await, [EventKind::RemovalsReleased]);
        assert!(held(&okta).await.is_empty());
        for id in &people[2..5] {
            archive(&okta, *id).await.expect("it was released");
        }
        // Deleting someone is not what was released: it counts, from nothing.
        delete_user(&okta.organization, people[5]).await.expect("it counts");
        archive(&okta, people[6]).await.expect("two pass");
        wait(archive(&okta, people[7]).await);
        let guard = shown(&okta).await;
        assert_eq!((guard.counted, guard.held), (2, 1));
    }
}

contract! {
    async fn what_is_refused_stays_for_a_week(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(2)).await;
        let people = people(&okta, 9).await;
        for id in &people[..2] {
            archive(&okta, *id).await.expect("two pass");
        }
        for id in &people[2..5] {
            wait(archive(&okta, *id).await);
        }
        store.clock.advance(24 * HOUR);
        assert_eq!(refuse(&okta).await, 3);
        assert_eq!(last_act(&acme).await, Some(AuditKind::RemovalsRefused));
        for id in &people[2..5] {
            refused(archive(&okta, *id).await);
            refused(delete_user(&okta.organization, *id).await);
            assert!(get_user(&acme, *id).await.expect("there").is_active());
        }
        let guard = shown(&okta).await;
        assert_eq!((guard.held, guard.since), (0, None));
        assert!(guard.refused_until.is_some());
        assert_eq!(held(&okta).await.len(), 3);
        // Who left meant to leave: one is let through, and the others stay.
        let_through(&okta, people[3]).await.expect("it was refused");
        assert_eq!(held(&okta).await.len(), 2);
        archive(&okta, people[3]).await.expect("it was let through");
        refused(archive(&okta, people[2]).await);
        // The rest of a mistake is held at once.
        wait(archive(&okta, people[5]).await);
        release(&okta).await;
        refused(archive(&okta, people[2]).await);
        // More than a week later it is as if nothing had been asked for.
        store.clock.advance(8 * 24 * HOUR);
        archive(&okta, people[2]).await.expect("it counts anew");
        archive(&okta, people[4]).await.expect("it counts anew");
        wait(archive(&okta, people[5]).await);
    }
}

contract! {
    async fn one_is_let_through_and_the_others_wait(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(1)).await;
        let people = people(&okta, 5).await;
        archive(&okta, people[0]).await.expect("one passes");
        for id in &people[1..4] {
            wait(archive(&okta, *id).await);
        }
        let_through(&okta, people[2]).await.expect("it is held");
        assert_eq!(last_act(&acme).await, Some(AuditKind::RemovalLetThrough));
        assert_eq!((shown(&okta).await.held, held(&okta).await.len()), (2, 2));
        assert_eq!(code(let_through(&okta, people[2]).await), "not_found");
        assert_eq!(code(let_through(&okta, people[4]).await), "not_found");
        archive(&okta, people[2]).await.expect("it was let through");
        wait(archive(&okta, people[1]).await);
        assert_eq!(shown(&okta).await.held, 2);
        release(&okta).await;
        archive(&okta, people[1]).await.expect("it was released");
    }
}

contract! {
    async fn only_providers_are_guarded_and_each_by_its_own(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(1)).await;
        let entra = acme.guarded_connection(at_most(1)).await;
        let beta = store.organization("beta").await;
        let other = beta.guarded_connection(at_most(1)).await;
        let people = people(&okta, 3).await;
        let (theirs, elsewhere) =
            (named(&entra.organization, "theirs").await, named(&other.organization, "x").await);
        let local: Vec<_> = acme
            .write(|writer| {
                let make = |name: &str| testkit::user(name);
                ["one", "two", "three"]
                    .map(|name| user::create(writer, &make(name), Rehire::BringBack))
                    .into_iter()
                    .collect()
            })
            .await
            .expect("fresh names");
        archive(&okta, people[0]).await.expect("one passes");
        wait(archive(&okta, people[1]).await);
        archive(&entra, theirs.id).await.expect("another connection");
        archive(&other, elsewhere.id).await.expect("another organization");
        for user in &local {
            set_active(&acme, user.id, false).await;
            delete_user(&acme, user.id).await.expect("an operator may");
        }
        let waiting = acme.read(removal::waiting).await.expect("a list");
        let waiting: Vec<_> =
            waiting.iter().map(|one| (one.connection.id, one.held)).collect();
        assert_eq!(waiting, [(okta.connection.id, 1)]);
        // Whoever asks for a removal does not decide about it.
        let id = okta.connection.id;
        let own = okta.organization.write(move |writer| removal::release(writer, id, None));
        assert_eq!(code(own.await), "not_permitted");
        let own = okta.organization.write(move |writer| removal::set(writer, id, None));
        assert_eq!(code(own.await), "not_permitted");
        // Nothing is left of a connection that is deleted.
        connection::delete(&acme.store, &acme.operator, id).await.expect("deleted");
        assert!(acme.read(removal::waiting).await.expect("a list").is_empty());
        assert_eq!(list(&acme, Shipped::Users, 0, 10).await.total, 4);
    }
}

contract! {
    async fn the_limits_are_set_and_the_guard_switched_off(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(1)).await;
        let people = people(&okta, 6).await;
        let bad = Limits { people: 0, ..Limits::default() };
        assert_eq!(code(set(&okta, Some(bad)).await), "invalid");
        assert!(!set(&okta, Some(at_most(1))).await.expect("no change"));
        assert!(set(&okta, Some(at_most(2))).await.expect("a change"));
        assert_eq!(last_act(&acme).await, Some(AuditKind::RemovalGuardChanged));
        for id in &people[..2] {
            archive(&okta, *id).await.expect("two pass");
        }
        wait(archive(&okta, people[2]).await);
        // A wider limit lets nothing through that is held: that is decided.
        assert!(set(&okta, Some(at_most(50))).await.expect("a change"));
        wait(archive(&okta, people[2]).await);
        // Off, there is nothing to hold.
        assert!(set(&okta, None).await.expect("a change"));
        let guard = shown(&okta).await;
        assert_eq!((guard.is_on, guard.since, guard.held), (false, None, 0));
        for id in &people[2..] {
            archive(&okta, *id).await.expect("it is off");
        }
    }
}

contract! {
    async fn decisions_that_count_no_more_are_forgotten(store) {
        let acme = store.organization("acme").await;
        let okta = acme.guarded_connection(at_most(1)).await;
        let people = people(&okta, 4).await;
        archive(&okta, people[0]).await.expect("one passes");
        wait(archive(&okta, people[1]).await);
        refuse(&okta).await;
        store.clock.advance(2 * HOUR);
        archive(&okta, people[2]).await.expect("one passes");
        wait(archive(&okta, people[3]).await);
        prune::sign_ins(&store.store).await.expect("pruned");
        refused(archive(&okta, people[1]).await);
        store.clock.advance(7 * 24 * HOUR);
        prune::sign_ins(&store.store).await.expect("pruned");
        // What waits is kept, however long ago it was.
        assert_eq!(held(&okta).await.len(), 1);
        wait(archive(&okta, people[1]).await);
        assert_eq!(held(&okta).await.len(), 2);
    }
}

contract! {
    async fn a_connection_that_is_set_up_is_guarded_once_it_is_in_use(store) {
        let acme = store.organization("acme").await;
        let new = NewConnection {
            state: State::Setup,
            removals: Some(at_most(2)),
            ..NewConnection::active(Provider::Okta, Protocol::Scim2)
        };
        let okta = acme.connection_as(new).await;
        let ids = people(&okta, 8).await;
        for id in &ids[..4] {
            archive(&okta, *id).await.expect("no one is held");
        }
        let id = okta.connection.id;
        acme.by_operator().write(move |writer| connection::activate(writer, id)).await.expect("in use");
        for id in &ids[4..6] {
            archive(&okta, *id).await.expect("what was tried out does not count");
        }
        assert_eq!(wait(archive(&okta, ids[6]).await), 300);
    }
}
