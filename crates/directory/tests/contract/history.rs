//! The past: what a user, a group and an organization were, and bringing back what was lost since.

use std::{collections::BTreeSet, time::Duration};

use directory::{
    Error, EventNo, ResourceId, Rule, Time,
    audit::AuditKind,
    connection::{NewConnection, Protocol, Provider},
    event::EventKind,
    group::{self, MemberChange, Staging},
    history::{self, Act, By, Counted, Moment, Past, Plan, Restored, Subject, Then, Wanted},
    maintenance::prune,
};
use testkit::{TestOrganization, contract};

use crate::support::{
    add_members, audit_kinds, change_group, clear_members, create_user, crowd, delete_group,
    delete_user, get_group, get_user, kinds_after, members, named, newest, newest_audit,
    remove_members, rename_group, set, set_active, strs, team,
};

const DAY: Duration = Duration::from_hours(24);

fn since(no: EventNo) -> Wanted {
    Wanted { to: Moment::After(no), until: None, by: By::anyone(), of: Subject::Organization }
}

async fn user_at(org: &TestOrganization, moment: Moment, id: ResourceId) -> Result<Then, Error> {
    org.read(move |reader| {
        let past = history::at(reader, moment)?;
        history::user(reader, past, id)
    })
    .await
}

async fn members_at(
    org: &TestOrganization,
    no: EventNo,
    id: ResourceId,
) -> Result<BTreeSet<ResourceId>, Error> {
    org.read(move |reader| {
        let past = history::at(reader, Moment::After(no))?;
        history::group_members(reader, past, id)
    })
    .await
}

async fn plan(org: &TestOrganization, wanted: Wanted) -> Result<Plan, Error> {
    org.read(move |reader| history::plan(reader, &wanted)).await
}

async fn restore(org: &TestOrganization, wanted: Wanted) -> Restored {
    history::restore(&org.store, &org.access, wanted, |_| true).await.expect("restored")
}

fn ids(texts: &[String]) -> Vec<ResourceId> {
    texts.iter().map(|text| ResourceId::parse(text).expect("an id")).collect()
}

contract! {
    async fn a_user_is_as_it_was_after_each_event_and_at_each_time(store) {
        let acme = store.organization("acme").await;
        let before = newest(&acme).await;
        let ada = named(&acme, "ada").await;
        let born = newest(&acme).await;
        // Events of one moment are a microsecond apart.
        let time = store.now().plus(Duration::from_millis(1));
        store.clock.advance(DAY);
        set(&acme, ada.id, "title", "Countess").await.expect("there");
        set_active(&acme, ada.id, false).await;
        let archived = newest(&acme).await;
        delete_user(&acme, ada.id).await.expect("there");
        assert!(matches!(
            user_at(&acme, Moment::After(before), ada.id).await,
            Err(Error::NotFound { .. })
        ));
        for moment in [Moment::After(born), Moment::At(time), Moment::At(time.plus(DAY / 2))] {
            let then = user_at(&acme, moment, ada.id).await.expect("it was there");
            assert!(then.is_active() && then.attributes.str("title").is_none(), "{then:?}");
            assert_eq!(then.since.map(|(no, _)| no), Some(born));
        }
        let then = user_at(&acme, Moment::After(archived), ada.id).await.expect("it was there");
        assert!(!then.is_active());
        assert_eq!(then.attributes.str("title"), Some("Countess"));
        store.clock.advance(DAY);
        let gone = user_at(&acme, Moment::At(store.now()), ada.id).await;
        assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
        let ahead = newest(&acme).await.number() + 1;
        let ahead = user_at(&acme, Moment::After(EventNo::from(ahead)), ada.id).await;
        assert!(matches!(ahead, Err(Error::Invalid { .. })), "{ahead:?}");
        let told = acme.read(move |reader| history::events(reader, ada.id, EventNo::START, 9)).await;
        let kinds: Vec<_> = told.expect("events").iter().map(directory::event::Event::kind).collect();
        assert_eq!(
            kinds,
            [
                EventKind::UserCreated,
                EventKind::UserUpdated,
                EventKind::UserArchived,
                EventKind::UserDeleted
            ]
        );
    }
}

contract! {
    async fn members_are_as_they_were_also_before_all_were_removed(store) {
        let acme = store.organization("acme").await;
        let people = crowd(&acme, 6).await;
        let crew = team(&acme, "Crew", &strs(&people[..3])).await.id;
        let began = newest(&acme).await;
        // One is waited for, and comes.
        add_members(&acme, crew, &["late"]).await;
        let late = create_user(&acme, testkit::user("late").with("externalId", "late")).await;
        let late = late.expect("new").id;
        delete_user(&acme, ids(&people)[0]).await.expect("there");
        remove_members(&acme, crew, &[&people[1]]).await;
        let full = newest(&acme).await;
        clear_members(&acme, crew).await;
        let cleared = newest(&acme).await;
        add_members(&acme, crew, &[&people[4]]).await;
        delete_group(&acme, crew).await.expect("there");
        let all: Vec<ResourceId> = ids(&people);
        let then = async |no| members_at(&acme, no, crew).await.expect("it was there");
        assert_eq!(then(began).await, BTreeSet::from([all[0], all[1], all[2]]));
        assert_eq!(then(full).await, BTreeSet::from([all[2], late]));
        assert!(then(cleared).await.is_empty());
        let gone = members_at(&acme, newest(&acme).await, crew).await;
        assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
    }
}

contract! {
    async fn what_was_staged_counts_from_the_moment_when_it_was_taken(store) {
        let acme = store.organization("acme").await;
        let people = crowd(&acme, 2_100).await;
        let crew = team(&acme, "Crew", &strs(&people[..3])).await.id;
        let few = newest(&acme).await;
        let everyone = MemberChange::Replace(testkit::members(&strs(&people[2..])));
        let staging = Staging::new(&acme.store, &acme.access, vec![everyone]);
        let prepared = staging.prepare(move |reader| group::get(reader, crew).map(Some)).await;
        let staged = newest(&acme).await;
        change_group(&acme, crew, None, &[prepared.expect("prepared")]).await.expect("changed");
        let many = newest(&acme).await;
        clear_members(&acme, crew).await;
        let all = ids(&people);
        let then = async |no| members_at(&acme, no, crew).await.expect("it was there");
        assert_eq!(then(few).await, all[..3].iter().copied().collect());
        assert_eq!(then(staged).await, all[..3].iter().copied().collect());
        assert_eq!(then(many).await, all[2..].iter().copied().collect());
        let restored = restore(&acme, since(many)).await;
        assert_eq!(restored.done.memberships, 2_098);
        assert_eq!(members(&acme, crew).await.len(), 2_098);
    }
}

contract! {
    async fn who_unassigned_the_whole_company_gets_it_back(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let (id, okta) = (okta.connection.id, okta.organization);
        let people = crowd(&okta, 120).await;
        let all = ids(&people);
        let crew = team(&okta, "Crew", &strs(&people)).await.id;
        let left = team(&okta, "Left", &strs(&people[..10])).await.id;
        // One was archived long before, and one is not the provider's.
        set_active(&okta, all[0], false).await;
        let ada = named(&acme, "ada").await;
        let noon = newest(&acme).await;
        for user in &all[1..100] {
            set_active(&okta, *user, false).await;
        }
        for user in &all[100..] {
            delete_user(&okta, *user).await.expect("there");
        }
        clear_members(&okta, crew).await;
        delete_group(&okta, left).await.expect("there");
        set_active(&acme, ada.id, false).await;
        let wanted = Wanted { by: By::connection(id), ..since(noon) };
        let planned = plan(&acme, wanted.clone()).await.expect("a plan");
        let counts = planned.counts();
        assert_eq!((counts.reactivated, counts.recreated, counts.groups), (99, 20, 1));
        assert_eq!(counts.memberships, 130);
        assert_eq!(planned.shown.len(), history::SHOWN);
        assert!(planned.shown.iter().all(|one| !one.name.is_empty()), "{:?}", planned.shown);
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        let mut pieces = Vec::new();
        let restored = history::restore(&acme.store, &acme.access, wanted.clone(), |progress| {
            pieces.push(progress);
            true
        });
        let restored = restored.await.expect("restored");
        assert_eq!(restored.done, counts);
        assert!(restored.refused.is_empty() && restored.whole, "{restored:?}");
        assert!(pieces.len() > 3 && pieces.iter().all(|it| it.of == counts.all()), "{pieces:?}");
        // It is told as ordinary changes are, and stays the provider's.
        let kinds = kinds_after(&acme, before).await;
        assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::UserReactivated).count(), 99);
        assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::UserCreated).count(), 20);
        assert_eq!(
            audit_kinds(&acme, audit).await,
            [AuditKind::RestoreBegun, AuditKind::RestoreEnded]
        );
        for user in &all[1..] {
            let user = get_user(&acme, *user).await.expect("back");
            assert!(user.is_active() && user.managed_by.is_some(), "{user:?}");
        }
        assert!(!get_user(&acme, all[0]).await.expect("there").is_active());
        assert!(!get_user(&acme, ada.id).await.expect("there").is_active(), "not the provider's act");
        assert_eq!(members(&acme, crew).await.len(), 120);
        assert_eq!(members(&acme, left).await.len(), 10);
        assert!(get_group(&acme, left).await.expect("back").managed_by.is_some());
        store.assert_clean().await;
        // Twice is once.
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        assert_eq!(restore(&acme, wanted).await.done.all(), 0);
        assert_eq!((newest(&acme).await, newest_audit(&acme).await), (before, audit));
        // The provider goes on with what it manages.
        set_active(&okta, all[1], false).await;
        rename_group(&okta, left, "Again").await.expect("its own");
    }
}

contract! {
    async fn a_restore_that_is_cut_off_is_begun_again(store) {
        let acme = store.organization("acme").await;
        let people = ids(&crowd(&acme, 130).await);
        let noon = newest(&acme).await;
        for user in &people {
            set_active(&acme, *user, false).await;
        }
        let mut pieces = 0;
        let cut = history::restore(&acme.store, &acme.access, since(noon), |_| {
            pieces += 1;
            pieces < 3
        });
        let cut = cut.await.expect("begun");
        assert_eq!((cut.done.reactivated, cut.whole), (100, false));
        let rest = restore(&acme, since(noon)).await;
        assert_eq!((rest.done.reactivated, rest.whole), (30, true));
    }
}

contract! {
    async fn one_user_or_one_group_comes_back_alone(store) {
        let acme = store.organization("acme").await;
        let people = crowd(&acme, 4).await;
        let all = ids(&people);
        let crew = team(&acme, "Crew", &strs(&people)).await.id;
        let other = team(&acme, "Other", &strs(&people)).await.id;
        let noon = newest(&acme).await;
        delete_user(&acme, all[0]).await.expect("there");
        delete_user(&acme, all[1]).await.expect("there");
        clear_members(&acme, crew).await;
        remove_members(&acme, other, &[&people[2]]).await;
        let one = restore(&acme, Wanted { of: Subject::User(all[0]), ..since(noon) }).await;
        assert_eq!((one.done.recreated, one.done.memberships), (1, 2));
        assert_eq!(members(&acme, crew).await, [people[0].clone()]);
        let one = restore(&acme, Wanted { of: Subject::Group(other), ..since(noon) }).await;
        // Who is not here cannot be a member.
        assert_eq!((one.done.recreated, one.done.memberships), (0, 1));
        assert_eq!(members(&acme, other).await.len(), 3);
    }
}

contract! {
    async fn what_came_since_stays_and_what_is_in_the_way_is_told(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let bea = named(&acme, "bea").await;
        let noon = newest(&acme).await;
        delete_user(&acme, ada.id).await.expect("there");
        delete_user(&acme, bea.id).await.expect("there");
        let ends = newest(&acme).await;
        let other = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&other.id.to_string()]).await.id;
        remove_members(&acme, crew, &[&other.id.to_string()]).await;
        let restored = restore(&acme, Wanted { until: Some(Moment::After(ends)), ..since(noon) }).await;
        assert_eq!((restored.done.recreated, restored.refused_count), (1, 1));
        assert_eq!(restored.refused[0].id, ada.id);
        assert!(restored.refused[0].reason.contains("\"ada\""), "{:?}", restored.refused);
        assert!(get_user(&acme, other.id).await.expect("there").is_active());
        assert!(members(&acme, crew).await.is_empty());
        assert_eq!(restored.plan.shown.iter().filter(|one| one.act == Act::Recreate).count(), 2);
    }
}

contract! {
    async fn a_provider_and_whoever_only_looks_restore_nothing(store) {
        let acme = store.organization("acme").await;
        let new = NewConnection::active(Provider::Okta, Protocol::Scim2);
        let okta = acme.connection_like(new).await.organization;
        let noon = newest(&acme).await;
        let denied = history::restore(&okta.store, &okta.access, since(noon), |_| true).await;
        assert!(matches!(denied, Err(Error::Denied { rule: Rule::NotPermitted, .. })), "{denied:?}");
    }
}

contract! {
    async fn history_ends_where_events_are_not_kept(store) {
        let acme = store.organization("acme").await;
        let people = crowd(&acme, 3).await;
        let all = ids(&people);
        let crew = team(&acme, "Crew", &strs(&people)).await.id;
        set(&acme, all[0], "title", "x").await.expect("there");
        let old = newest(&acme).await;
        let long_ago = store.now();
        store.clock.advance(30 * DAY + DAY);
        prune::events(&store.store, 30 * DAY).await.expect("pruned");
        set(&acme, all[1], "title", "y").await.expect("there");
        let through = |error: Error| match error {
            Error::HistoryEnds { through } => through,
            other => panic!("{other:?}"),
        };
        for moment in [Moment::At(long_ago), Moment::After(EventNo::from(old.number() - 1))] {
            let ends = user_at(&acme, moment, all[0]).await.expect_err("not kept");
            assert_eq!(through(ends), old);
        }
        // What no event tells of since is as it was; of what one does, nothing is known before it.
        let then = user_at(&acme, Moment::After(old), all[0]).await.expect("known");
        assert_eq!((then.attributes.str("title"), then.since), (Some("x"), None));
        let ends = user_at(&acme, Moment::After(old), all[1]).await.expect_err("not known");
        assert_eq!(through(ends), old);
        remove_members(&acme, crew, &[&people[0]]).await;
        let then = members_at(&acme, old, crew).await.expect("known");
        assert_eq!(then, all.iter().copied().collect());
        clear_members(&acme, crew).await;
        assert_eq!(through(members_at(&acme, old, crew).await.expect_err("not known")), old);
        // A restore brings back what is known, and names what is not.
        let planned = plan(&acme, since(old)).await.expect("a plan");
        assert_eq!((planned.counts().memberships, planned.unknown.as_slice()), (1, &[crew][..]));
    }
}

contract! {
    async fn an_organization_is_counted_at_a_moment(store) {
        let acme = store.organization("acme").await;
        let people = ids(&crowd(&acme, 5).await);
        let crew = team(&acme, "Crew", &[]).await.id;
        let noon = newest(&acme).await;
        let at = store.now();
        store.clock.advance(DAY);
        delete_user(&acme, people[0]).await.expect("there");
        set_active(&acme, people[1], false).await;
        delete_group(&acme, crew).await.expect("there");
        named(&acme, "late").await;
        let count = acme.read(move |reader| {
            let past = history::at(reader, Moment::At(at.plus(DAY / 2)))?;
            history::counted(reader, past)
        });
        let Counted { past: Past { after, .. }, at: told, users, groups, since } =
            count.await.expect("counted");
        assert_eq!((after, users, groups), (noon, 5, 1));
        assert!(told.is_some_and(|told: Time| told <= at.plus(DAY / 2)));
        assert_eq!(since.get(&EventKind::UserArchived), Some(&1));
        assert_eq!(since.values().sum::<i64>(), 4);
    }
}
