//! The audit: who did what to credentials, roles and settings, in a chain that outlives its
//! organization.

use directory::{
    AuditNo, RequestId,
    audit::{self, AuditEntry, AuditKind, Payload, Trail},
    connection,
    installation::Setting,
    maintenance::verify,
    organization,
    plan::Feature,
    role, token,
};
use testkit::contract;

use crate::{
    outside::Outside,
    support::{
        audit_kinds, audited, code, is_missing, named, newest_audit, of_installation, role_name,
        team,
    },
};

contract! {
    async fn each_act_is_one_entry_numbered_without_gaps(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let (ada, crew) = (named(&acme, "ada").await, team(&acme, "Crew", &[]).await);
        let no = acme.issue(&okta).await.token.no;
        let id = okta.id;
        acme.write(move |writer| {
            token::revoke(writer, id, no)?;
            role::create(writer, &role_name("auditor"), "Looks")?;
            for name in ["auditor", "admin"].map(role_name) {
                role::assign(writer, &ada, &name)?;
                role::map(writer, &crew, &name)?;
                // Again: nothing changes.
                role::assign(writer, &ada, &name)?;
                role::unassign(writer, &ada, &name)?;
                role::unmap(writer, &crew, &name)?;
            }
            role::delete(writer, &role_name("auditor"))?;
            organization::set_admin_guard(writer, Some(false))?;
            organization::set_admin_guard(writer, Some(false)).map(drop)
        })
        .await
        .expect("done");
        let roles =
            [AuditKind::RoleAssigned, AuditKind::RoleMapped, AuditKind::RoleUnassigned, AuditKind::RoleUnmapped];
        let expected: Vec<AuditKind> = [
            AuditKind::OrganizationCreated,
            AuditKind::ConnectionCreated,
            AuditKind::TokenIssued,
            AuditKind::TokenIssued,
            AuditKind::TokenRevoked,
            AuditKind::RoleCreated,
        ]
        .into_iter()
        .chain(roles)
        .chain(roles)
        .chain([AuditKind::RoleDeleted, AuditKind::GuardChanged])
        .collect();
        assert_eq!(audit_kinds(&acme, AuditNo::START).await, expected);
        let entries = audited(&acme, AuditNo::START).await;
        let numbers: Vec<i64> = entries.iter().map(|entry| entry.no.number()).collect();
        assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
        assert!(entries.iter().all(|entry| entry.principal == "operator"));
        assert!(entries.is_sorted_by_key(|entry| entry.at));
        // People and groups as such are not audited: events tell of them.
        let page = acme.read(|reader| audit::after(reader, AuditNo::from(14), 1)).await;
        assert_eq!(page.expect("entries").iter().map(|it| it.no.number()).collect::<Vec<_>>(), [15]);
    }
}

contract! {
    async fn what_was_refused_or_undone_is_not_audited(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = named(&acme, "ada").await;
        let before = newest_audit(&acme).await;
        let denied = okta.write({
            let ada = ada.clone();
            move |writer| role::assign(writer, &ada, &role_name("admin"))
        });
        assert_eq!(code(denied.await), "not_permitted");
        let undone = acme.write(move |writer| {
            role::assign(writer, &ada, &role_name("admin"))?;
            role::create(writer, &role_name("admin"), "")
        });
        assert_eq!(code(undone.await), "conflict");
        assert_eq!(newest_audit(&acme).await, before);
    }
}

contract! {
    async fn an_entry_says_who_for_which_request_and_to_what(store) {
        let acme = store.organization("acme").await;
        let request = RequestId::new(store.store.random());
        let asked = acme.by(acme.operator.clone().for_request(request));
        let ada = named(&acme, "ada").await;
        let before = newest_audit(&acme).await;
        let bearer = ada.clone();
        asked
            .write(move |writer| role::assign(writer, &bearer, &role_name("admin")))
            .await
            .expect("assigned");
        let entry = audited(&acme, before).await.remove(0);
        assert_eq!((&*entry.principal, entry.request), ("operator", Some(request)));
        assert_eq!(entry.target, ada.id.to_string());
        let Payload::RoleAssigned(payload) = entry.payload else { panic!("{entry:?}") };
        assert_eq!((&*payload.role, &*payload.user), ("admin", "ada"));
    }
}

contract! {
    async fn the_installation_has_a_chain_of_its_own(store) {
        let installation = store.installation();
        installation.set(Setting::PublicUrl, Some("https://door.example")).await.expect("set");
        installation.set(Setting::PublicUrl, Some("https://door.example")).await.expect("the same");
        installation.set_plan("Basic", &[Feature::Saml]).await.expect("a plan");
        let acme = store.organization("acme").await;
        installation.delete_plan("Basic").await.expect("none has it");
        organization::delete(&installation, &acme.slug).await.expect("there");
        installation.set(Setting::PublicUrl, None).await.expect("unset");
        let entries = of_installation(store).await;
        let kinds: Vec<AuditKind> = entries.iter().map(AuditEntry::kind).collect();
        let expected = [
            AuditKind::SettingChanged,
            AuditKind::PlanSet,
            AuditKind::OrganizationCreated,
            AuditKind::PlanDeleted,
            AuditKind::OrganizationDeleted,
            AuditKind::SettingChanged,
        ];
        assert_eq!(kinds, expected);
        let numbers: Vec<i64> = entries.iter().map(|entry| entry.no.number()).collect();
        assert_eq!(numbers, (1..=6).collect::<Vec<_>>());
    }
}

contract! {
    async fn a_deleted_organization_leaves_its_audit(store) {
        let acme = store.organization("acme").await;
        store.connection(&acme).await;
        let id = acme.get().await.id;
        named(&acme, "ada").await;
        let entries = audited(&acme, AuditNo::START).await.len();
        let outside = Outside::of(store);
        let org = outside.org("acme");
        organization::delete(&store.installation(), &acme.slug).await.expect("there");
        while directory::maintenance::reap::step(&store.store).await.expect("a step") {}
        assert_eq!(usize::try_from(outside.rows_of("audit", org)).ok(), Some(entries));
        assert_eq!(outside.rows_of("event", org), 0);
        let told = of_installation(store).await.pop().expect("entries");
        assert_eq!((told.target, &*told.principal), (id.to_string(), "operator"));
        let Payload::OrganizationDeleted(payload) = told.payload else { panic!("not deleted") };
        assert_eq!((&*payload.slug, payload.users, payload.groups), ("acme", 1, 0));
        // It is read by the id or the number that is told.
        assert_eq!(payload.number, org);
        let installation = store.installation();
        for name in [id.to_string(), org.to_string()] {
            let trail = Trail::of_deleted(&installation, &name).await.expect("it was deleted");
            assert_eq!(trail.after(AuditNo::START, 1_000).await.expect("entries").len(), entries);
            assert_eq!(trail.newest().await.expect("one").number().cast_unsigned(), entries as u64);
        }
        let umbra = store.organization("umbra").await.get().await.id.to_string();
        for wrong in ["acme", "0", &umbra] {
            assert!(is_missing(&Trail::of_deleted(&installation, wrong).await), "{wrong}");
        }
        // And verified.
        let principal = |name: &str| {
            let whose = format!("where org = {org} and seq = 1");
            outside.execute(&format!("update audit set principal = '{name}' {whose}"));
        };
        principal("nobody");
        let findings = verify::installation(&installation).await.expect("it can be read");
        assert_eq!(findings.violation_count, 1, "{:?}", findings.violations);
        principal("operator");
    }
}

contract! {
    async fn the_audit_of_one_organization_is_not_read_from_another(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let okta = store.connection(&acme).await;
        assert_eq!(audit_kinds(&umbra, AuditNo::START).await, [AuditKind::OrganizationCreated]);
        // Nor by a provider at all.
        let read = store.store.read(&okta.organization.access, |reader| {
            audit::after(reader, AuditNo::START, 10)
        });
        assert_eq!(code(read.await), "not_permitted");
        let all = acme.read(connection::list).await.expect("a list");
        assert_eq!(all.len(), 1);
    }
}

contract! {
    async fn the_ends_of_the_chains_are_signed_once_a_day(store) {
        let acme = store.organization("acme").await;
        named(&acme, "ada").await;
        // Of the organization, and of the installation.
        assert_eq!(audit::sign(&store.store).await.expect("signed"), 2);
        assert_eq!(audit::sign(&store.store).await.expect("nothing is due"), 0);
        store.clock.advance(std::time::Duration::from_hours(24));
        assert_eq!(audit::sign(&store.store).await.expect("nothing has happened"), 0);
        acme.write(|writer| organization::set_admin_guard(writer, Some(false)).map(drop)).await.expect("set");
        assert_eq!(audit::sign(&store.store).await.expect("signed"), 1);
        // What a provider does is in the events only, and their end is signed as well.
        store.clock.advance(std::time::Duration::from_hours(24));
        named(&acme, "grace").await;
        assert_eq!(audit::sign(&store.store).await.expect("signed"), 1);
        let heads = acme.read(|reader| audit::heads(reader, None, 10)).await.expect("three");
        let [first, second, third] = heads.as_slice() else { panic!("{heads:?}") };
        assert_eq!((third.audit, third.event), (2, 3));
        let day = second.day().expect("a time");
        let later = acme.read(move |reader| audit::heads(reader, Some(day), 10)).await.expect("one");
        assert_eq!(later, std::slice::from_ref(third));
        let id = acme.get().await.id.to_string();
        assert_eq!((&first.organization, first.audit, first.event), (&id, 1, 2));
        assert_eq!((second.audit, second.event), (2, 2));
        assert!(first.is_genuine() && second.is_genuine() && first.public == second.public);
        let forged = audit::SignedHead { audit: 2, ..first.clone() };
        assert!(!forged.is_genuine());
        store.assert_clean().await;
        for (head, is_right) in [(first.clone(), true), (second.clone(), true), (third.clone(), true), (forged, false)] {
            let told = acme.read(move |reader| audit::compare(reader, &head)).await.expect("compared");
            assert_eq!(told.is_none(), is_right, "{told:?}");
        }
    }
}

#[test]
fn a_chain_that_was_cut_short_in_all_places_is_found_by_its_signed_head() {
    let store = testkit::TestStore::open(testkit::Engine::Sqlite);
    store.block_on(async {
        let acme = store.organization("acme").await;
        acme.write(|writer| organization::set_admin_guard(writer, Some(false)).map(drop))
            .await
            .expect("set");
        audit::sign(&store.store).await.expect("signed");
        store.assert_clean().await;
        let outside = Outside::of(&store);
        let org = outside.org("acme");
        outside.execute(&format!("delete from audit where org = {org} and seq = 2"));
        outside.execute(&format!(
            "update organization_counter set audit_seq = 1, audit_head = \
             (select hash from audit where org = {org} and seq = 1) where org = {org}"
        ));
        let wrong = store.violations(&acme.operator).await;
        assert!(wrong.iter().any(|it| it.contains("whose hash was signed")), "{wrong:?}");
        outside.execute("delete from audit_head");
        assert!(store.violations(&acme.operator).await.is_empty(), "the chain itself is whole");
        // The test ends with a store that is not sound.
    });
}
