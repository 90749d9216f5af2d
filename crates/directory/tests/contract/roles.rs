//! Roles: made, given, mapped to groups, and what a user has of them.

use directory::{
    Error, Group, ResourceId, ResourceNo, User,
    audit::AuditKind,
    event::{EventKind, Payload},
    role::{self, Held, RoleName, Why},
};
use testkit::{TestOrganization, contract};

use crate::support::{
    add_members, audit_kinds, clear_members, code, conflict, create_group, delete_group,
    delete_user, invalid, is_missing, kinds_after, named, newest, newest_audit, remove_members,
    role_name, roles_of, set_active, team,
};

async fn create(org: &TestOrganization, name: &'static str) -> Result<role::Role, Error> {
    org.write(move |writer| role::create(writer, &role_name(name), "What it is for")).await
}

async fn delete(org: &TestOrganization, name: &'static str) -> Result<(), Error> {
    org.write(move |writer| role::delete(writer, &role_name(name))).await
}

async fn assign(org: &TestOrganization, user: &User, role: &'static str) -> Result<bool, Error> {
    let user = user.clone();
    org.write(move |writer| role::assign(writer, &user, &role_name(role))).await
}

async fn unassign(org: &TestOrganization, user: &User, role: &'static str) -> Result<(), Error> {
    let user = user.clone();
    org.write(move |writer| role::unassign(writer, &user, &role_name(role))).await
}

async fn map(org: &TestOrganization, group: &Group, role: &'static str) -> Result<bool, Error> {
    let group = group.clone();
    org.write(move |writer| role::map(writer, &group, &role_name(role))).await
}

async fn unmap(org: &TestOrganization, group: &Group, role: &'static str) -> Result<(), Error> {
    let group = group.clone();
    org.write(move |writer| role::unmap(writer, &group, &role_name(role))).await
}

async fn held(org: &TestOrganization, user: &User) -> Vec<Held> {
    let user = user.clone();
    org.read(move |reader| role::of_user(reader, &user)).await.expect("roles")
}

contract! {
    async fn every_organization_has_three_roles_and_makes_its_own(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let before = newest(&acme).await;
        let auditor = create(&acme, "auditor").await.expect("new");
        assert!(!auditor.is_built_in() && !auditor.is_administrators());
        assert_eq!(auditor.created, Some(acme.events_after(before).await[0].at));
        create(&acme, "biller").await.expect("new");
        let listed = acme.read(role::list).await.expect("a list");
        let names: Vec<&str> = listed.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(names, ["superadmin", "admin", "member", "auditor", "biller"]);
        let administrators: Vec<bool> = listed.iter().map(role::Role::is_administrators).collect();
        assert_eq!(administrators, [true, true, false, false, false]);
        assert_eq!(listed[3], auditor);
        assert_eq!(umbra.read(role::list).await.expect("a list").len(), 3);
        for taken in ["auditor", "admin"] {
            assert_eq!(conflict(create(&acme, taken).await), "role");
        }
        let kinds = kinds_after(&acme, before).await;
        assert_eq!(kinds, [EventKind::RoleCreated, EventKind::RoleCreated]);
        for bad in ["", "Admin", "a b", "-a", "a_b", &"x".repeat(64)] {
            assert_eq!(invalid(RoleName::parse(bad)), "role", "{bad:?}");
        }
        for bad in ["a\nb", &"x".repeat(501)] {
            let bad = bad.to_owned();
            let made = acme.write(move |writer| role::create(writer, &role_name("new"), &bad));
            assert_eq!(invalid(made.await), "description");
        }
    }
}

contract! {
    async fn a_role_that_is_in_use_stays(store) {
        let acme = store.organization("acme").await;
        let (ada, crew) = (named(&acme, "ada").await, team(&acme, "Crew", &[]).await);
        let first = create(&acme, "auditor").await.expect("new");
        assign(&acme, &ada, "auditor").await.expect("assigned");
        assert_eq!(conflict(delete(&acme, "auditor").await), "role");
        map(&acme, &crew, "auditor").await.expect("mapped");
        unassign(&acme, &ada, "auditor").await.expect("unassigned");
        assert_eq!(conflict(delete(&acme, "auditor").await), "role");
        unmap(&acme, &crew, "auditor").await.expect("unmapped");
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        delete(&acme, "auditor").await.expect("not in use");
        assert!(is_missing(&delete(&acme, "auditor").await));
        assert_eq!(conflict(delete(&acme, "member").await), "role");
        assert_eq!(kinds_after(&acme, before).await, [EventKind::RoleDeleted]);
        assert_eq!(audit_kinds(&acme, audit).await, [AuditKind::RoleDeleted]);
        // One of the same name is another one.
        assert_ne!(create(&acme, "auditor").await.expect("new"), first);
        for missing in [assign(&acme, &ada, "unknown").await, map(&acme, &crew, "unknown").await] {
            assert!(is_missing(&missing));
        }
    }
}

contract! {
    async fn giving_twice_is_giving_once(store) {
        let acme = store.organization("acme").await;
        let (ada, crew) = (named(&acme, "ada").await, team(&acme, "Crew", &[]).await);
        let before = newest(&acme).await;
        assert!(assign(&acme, &ada, "admin").await.expect("new"));
        assert!(!assign(&acme, &ada, "admin").await.expect("there"));
        assert!(map(&acme, &crew, "admin").await.expect("new"));
        assert!(!map(&acme, &crew, "admin").await.expect("there"));
        unassign(&acme, &ada, "admin").await.expect("there");
        assert!(is_missing(&unassign(&acme, &ada, "admin").await));
        unmap(&acme, &crew, "admin").await.expect("there");
        assert!(is_missing(&unmap(&acme, &crew, "admin").await));
        let told: Vec<(EventKind, String, String)> = acme
            .events_after(before)
            .await
            .into_iter()
            .map(|event| {
                let role = match &event.payload {
                    Payload::RoleAssigned(payload) => &payload.role,
                    Payload::RoleUnassigned(payload) => &payload.role,
                    Payload::RoleMapped(payload) => &payload.role,
                    Payload::RoleUnmapped(payload) => &payload.role,
                    other => panic!("{other:?}"),
                };
                (event.kind(), event.target.clone(), role.clone())
            })
            .collect();
        let (ada, crew) = (ada.id.to_string(), crew.id.to_string());
        let expected = [
            (EventKind::RoleAssigned, &ada),
            (EventKind::RoleMapped, &crew),
            (EventKind::RoleUnassigned, &ada),
            (EventKind::RoleUnmapped, &crew),
        ];
        let expected = expected.map(|(kind, id)| (kind, id.clone(), "admin".to_owned()));
        assert_eq!(told, expected);
    }
}

contract! {
    async fn a_user_has_the_roles_of_its_groups_and_of_those_around_them(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let inner = team(&acme, "Inner", &[&ada.id.to_string()]).await;
        let outer = team(&acme, "Outer", &[&inner.id.to_string(), &alan.id.to_string()]).await;
        create(&acme, "auditor").await.expect("new");
        map(&acme, &inner, "admin").await.expect("mapped");
        map(&acme, &outer, "auditor").await.expect("mapped");
        assign(&acme, &ada, "auditor").await.expect("assigned");
        assert_eq!(roles_of(&acme, ada.id).await, ["admin", "auditor"]);
        assert_eq!(roles_of(&acme, alan.id).await, ["auditor"]);
        let why = held(&acme, &ada).await;
        let by = |group: &Group, direct| Why::Group {
            id: group.id,
            name: group.name().to_owned(),
            direct,
        };
        assert_eq!(why[0].why, [by(&inner, true)]);
        assert_eq!(why[1].why, [Why::Assigned, by(&outer, false)]);
        // Several users at once, in their order.
        let both = [alan.clone(), ada.clone()];
        let each = acme.read(move |reader| role::of_users(reader, &both)).await.expect("roles");
        assert_eq!(each.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
        // Nothing was copied: what changes in the groups changes the roles.
        remove_members(&acme, outer.id, &[&inner.id.to_string()]).await;
        assert_eq!(held(&acme, &ada).await[1].why, [Why::Assigned]);
        clear_members(&acme, inner.id).await;
        assert_eq!(roles_of(&acme, ada.id).await, ["auditor"]);
        add_members(&acme, inner.id, &[&ada.id.to_string()]).await;
        assert_eq!(roles_of(&acme, ada.id).await, ["admin", "auditor"]);
    }
}

contract! {
    async fn what_is_mapped_and_who_was_given_a_role_can_be_listed(store) {
        let acme = store.organization("acme").await;
        let (one, two) = (team(&acme, "One", &[]).await, team(&acme, "Two", &[]).await);
        for (group, role) in [(&two, "member"), (&two, "admin"), (&one, "admin")] {
            map(&acme, group, role).await.expect("mapped");
        }
        let mapped = acme.read(role::mapped).await.expect("a list");
        let mapped: Vec<(&str, &str)> =
            mapped.iter().map(|it| (it.role.name.as_str(), it.group.name())).collect();
        assert_eq!(mapped, [("admin", "One"), ("admin", "Two"), ("member", "Two")]);
        let mut users = Vec::new();
        for number in 0..5 {
            let user = named(&acme, &format!("user{number}")).await;
            assign(&acme, &user, "member").await.expect("assigned");
            users.push(user.id);
        }
        let page = async |after: ResourceNo| -> Vec<User> {
            let read = acme.read(move |reader| {
                role::assigned(reader, &role_name("member"), after, 2)
            });
            read.await.expect("a page")
        };
        let (mut met, mut last): (Vec<ResourceId>, ResourceNo) = (Vec::new(), ResourceNo::START);
        loop {
            let users = page(last).await;
            met.extend(users.iter().map(|user| user.id));
            match users.last() {
                Some(user) => last = user.no(),
                None => break,
            }
        }
        assert_eq!(met, users);
        let unknown = acme.read(|reader| role::assigned(reader, &role_name("x"), ResourceNo::START, 2)).await;
        assert!(is_missing(&unknown));
    }
}

contract! {
    async fn an_archived_user_keeps_its_roles_and_a_deleted_one_does_not(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let person = testkit::user("ada").with("externalId", "00u1");
        let ada = crate::support::create_user(&okta, person.clone()).await.expect("new");
        let crew = create_group(&acme, testkit::group("Crew"), &[&ada.id.to_string()]).await;
        let crew = crew.expect("new");
        assign(&acme, &ada, "member").await.expect("assigned");
        map(&acme, &crew, "admin").await.expect("mapped");
        // Another one, so that the guard has nothing to say.
        let other = named(&acme, "other").await;
        assign(&acme, &other, "admin").await.expect("assigned");
        set_active(&okta, ada.id, false).await;
        assert_eq!(roles_of(&acme, ada.id).await, ["admin", "member"]);
        delete_user(&okta, ada.id).await.expect("there");
        // The same person with the same id has none of them.
        let back = crate::support::create_user(&okta, person).await.expect("back");
        assert_eq!((back.id, roles_of(&acme, ada.id).await), (ada.id, Vec::new()));
        delete_group(&acme, crew.id).await.expect("there");
        assert!(acme.read(role::mapped).await.expect("a list").is_empty());
        delete_user(&acme, other.id).await.expect("there");
        let left = acme.read(|reader| role::assigned(reader, &role_name("admin"), ResourceNo::START, 10)).await;
        assert!(left.expect("a list").is_empty());
    }
}

contract! {
    async fn whoever_is_gone_is_given_nothing(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let (ada, crew) = (named(&acme, "ada").await, team(&acme, "Crew", &[]).await);
        // The first user and group of another organization have the same numbers.
        let (named_there, team_there) = (named(&umbra, "x").await, team(&umbra, "X", &[]).await);
        assert!(is_missing(&assign(&umbra, &ada, "member").await));
        assert!(is_missing(&map(&umbra, &crew, "member").await));
        assert_eq!(roles_of(&umbra, named_there.id).await, [""; 0]);
        delete_user(&acme, ada.id).await.expect("there");
        delete_group(&acme, crew.id).await.expect("there");
        assert!(is_missing(&assign(&acme, &ada, "member").await));
        assert!(is_missing(&map(&acme, &crew, "member").await));
        assert!(is_missing(&unassign(&acme, &ada, "member").await));
        assert!(umbra.read(role::mapped).await.expect("a list").is_empty());
        assert_eq!(team_there.member_count(), 0);
    }
}

contract! {
    async fn there_is_an_end_to_roles(store) {
        let acme = store.organization("acme").await;
        acme.write(|writer| {
            (0..200).try_for_each(|number| {
                let name = RoleName::parse(&format!("role-{number}"))?;
                role::create(writer, &name, "").map(drop)
            })
        })
        .await
        .expect("as many");
        assert_eq!(code(create(&acme, "one-more").await), "conflict");
        delete(&acme, "role-7").await.expect("not in use");
        create(&acme, "one-more").await.expect("there is room again");
    }
}
