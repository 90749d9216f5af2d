//! Who may do what: a provider does what a provider does, in its own organization.

use directory::{
    Access, AuditNo, Error, EventNo, Reader, ResourceNo, Rule, Verb, Writer, audit,
    connection::{self, NewConnection, Protocol, Provider},
    event, group,
    maintenance::verify,
    organization, plan,
    plan::Feature,
    registered, role, schemas, search,
    search::Search,
    sync_log, token,
    user::{self, Rehire},
};
use scim::schema::builtin;
use testkit::{TestOrganization, contract};

use crate::support::{audit_kinds, named, newest, newest_audit, role_name, team};

/// A refusal by a rule, with its sentence.
#[track_caller]
fn denied<T: std::fmt::Debug>(what: &str, result: Result<T, Error>) {
    match result {
        Err(Error::Denied { rule: Rule::NotPermitted, detail }) => {
            assert!(detail.starts_with("An identity provider may not "), "{what}: {detail}");
        }
        other => panic!("{what}: {other:?}"),
    }
}

type Write = Box<dyn FnMut(&mut Writer<'_>) -> Result<(), Error> + Send>;
type Read = Box<dyn FnMut(&mut Reader<'_>) -> Result<(), Error> + Send>;

fn write<T>(mut verb: impl FnMut(&mut Writer<'_>) -> Result<T, Error> + Send + 'static) -> Write {
    Box::new(move |writer| verb(writer).map(drop))
}

fn read<T>(mut verb: impl FnMut(&mut Reader<'_>) -> Result<T, Error> + Send + 'static) -> Read {
    Box::new(move |reader| verb(reader).map(drop))
}

/// What people and operators do with an organization, and a provider does not.
async fn verbs_of_people(org: &TestOrganization) -> Vec<(&'static str, Write)> {
    let (ada, crew) = (named(org, "ada").await, team(org, "Crew", &[]).await);
    let okta = org.read(connection::list).await.expect("a list").remove(0);
    let id = okta.id;
    let no = org.issue(&okta).await.token.no;
    let (bearer, mapped) = (ada.clone(), crew.clone());
    org.write(move |writer| {
        role::create(writer, &role_name("auditor"), "")?;
        role::assign(writer, &bearer, &role_name("member"))?;
        role::map(writer, &mapped, &role_name("member"))
    })
    .await
    .expect("roles");
    let name = || role_name("member");
    let (one, two, other, another) = (ada.clone(), ada, crew.clone(), crew);
    vec![
        ("set the guard", write(|w| organization::set_admin_guard(w, Some(false)))),
        ("set the plan", write(|w| organization::set_plan(w, Some("x")))),
        ("add an add-on", write(|w| plan::add_add_on(w, Feature::Saml))),
        ("remove an add-on", write(|w| plan::remove_add_on(w, Feature::Saml))),
        ("activate a connection", write(move |w| connection::activate(w, id))),
        ("disable a connection", write(move |w| connection::disable(w, id))),
        ("rename a connection", write(move |w| connection::rename(w, id, Some("x")))),
        ("choose a profile", write(move |w| connection::set_profile(w, id, None))),
        ("issue a token", write(move |w| token::issue(w, id, None))),
        ("revoke a token", write(move |w| token::revoke(w, id, no))),
        ("create a role", write(|w| role::create(w, &role_name("new"), ""))),
        ("delete a role", write(|w| role::delete(w, &role_name("auditor")))),
        ("assign a role", write(move |w| role::assign(w, &one, &role_name("auditor")))),
        ("unassign a role", write(move |w| role::unassign(w, &two, &name()))),
        ("map a role", write(move |w| role::map(w, &other, &role_name("auditor")))),
        ("unmap a role", write(move |w| role::unmap(w, &another, &role_name("member")))),
    ]
}

fn readings_of_people(okta: &connection::Connection) -> Vec<(&'static str, Read)> {
    let (id, logged) = (okta.id, okta.clone());
    vec![
        ("list connections", read(connection::list)),
        ("read a connection", read(move |r| connection::get(r, id))),
        ("read who manages", read(|r| connection::managing(r, None))),
        ("list tokens", read(move |r| token::list(r, id))),
        ("list roles", read(role::list)),
        ("list mappings", read(role::mapped)),
        ("list bearers", read(|r| role::assigned(r, &role_name("member"), ResourceNo::START, 10))),
        ("read events", read(|r| event::after(r, EventNo::START, 10))),
        ("read the audit", read(|r| audit::after(r, AuditNo::START, 10))),
        ("read the sync log", read(move |r| sync_log::before(r, &logged, None, 10))),
    ]
}

contract! {
    async fn a_provider_may_not_do_what_people_and_operators_do(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let verbs = verbs_of_people(&acme).await;
        let (before, audited) = (newest(&acme).await, newest_audit(&acme).await);
        let provider = &okta.organization;
        for (what, verb) in verbs {
            denied(what, provider.write(verb).await);
        }
        for (what, verb) in readings_of_people(&okta.connection) {
            denied(what, store.store.read(&provider.access, verb).await);
        }
        let new = NewConnection::active(Provider::Okta, Protocol::Scim2);
        denied("create", connection::create(&store.store, &provider.access, new).await);
        let gone = connection::delete(&store.store, &provider.access, okta.connection.id).await;
        denied("delete", gone);
        denied("verify", verify::organization(&store.store, &provider.access).await);
        denied("remove", schemas::remove(&store.store, &provider.access, "x").await);
        assert_eq!(newest(&acme).await, before);
        assert!(audit_kinds(&acme, audited).await.is_empty());
    }
}

contract! {
    async fn a_provider_manages_people_and_groups(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        okta.write(|writer| {
            let ada = user::create(writer, &testkit::user("ada"), Rehire::BringBack)?;
            let ada = user::archive(writer, &ada)?;
            let ada = user::reactivate(writer, &ada)?;
            let crew = group::create(writer, &testkit::group("Crew"), &[ada.id.into()])?;
            let crew = group::rename(writer, &crew, "Staff")?;
            let crew = group::remove_members(writer, &crew, &[ada.id.into()])?;
            let crew = group::add_members(writer, &crew, &[ada.id.into()])?;
            let crew = group::empty(writer, &crew)?;
            group::delete(writer, &crew)?;
            user::delete(writer, &ada)
        })
        .await
        .expect("all of it");
        let seen = store.store.read(&okta.access, |reader| {
            organization::get(reader)?;
            search::search(reader, &[builtin::user()], &Search::all(0, 10))
        });
        assert_eq!(seen.await.expect("allowed").total, 0);
    }
}

contract! {
    async fn what_an_access_may_do_its_principal_says(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let may = |access: &Access, verb| access.principal().may(verb);
        // An operator is no one in the organization, does not come in, and holds no grant.
        let own = [
            Verb::ReadOwnProfile,
            Verb::EndOwnSession,
            Verb::SignIn,
            Verb::Authorize,
            Verb::Redeem,
        ];
        for verb in Verb::ALL {
            assert_eq!(may(&acme.operator, *verb), !own.contains(verb), "{verb:?}");
        }
        assert!(may(&okta.access, Verb::CreateUser) && !may(&okta.access, Verb::ManageRoles));
        assert_eq!(acme.operator.principal().to_string(), "operator");
    }
}

contract! {
    async fn another_organization_does_not_exist(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let (okta, entra) = (store.connection(&acme).await, store.connection(&umbra).await);
        let (ada, crew) = (named(&acme, "ada").await, team(&acme, "Crew", &[]).await);
        let (connection, user, group) = (okta.connection.id, ada.id, crew.id);
        // The same answer for what another organization has and for what none has.
        let foreign: Vec<(&str, Read)> = vec![
            ("user", read(move |r| user::get(r, user))),
            ("group", read(move |r| group::get(r, group))),
            ("name", read(|r| user::by_username(r, "ada"))),
            ("group's name", read(|r| group::by_display_name(r, "Crew"))),
            ("resource", read(move |r| directory::get(r, builtin::user(), user))),
            ("registered", read(move |r| registered::get(r, builtin::user(), group))),
        ];
        for (what, verb) in foreign {
            let answer = store.store.read(&entra.organization.access, verb).await;
            assert!(matches!(answer, Err(Error::NotFound { .. })), "{what}: {answer:?}");
        }
        for access in [&umbra.operator, &entra.organization.access] {
            let shown = store.store.read(access, move |r| token::list(r, connection)).await;
            assert!(shown.is_err(), "{shown:?}");
        }
        let shown = umbra.read(move |r| connection::get(r, connection)).await;
        assert!(matches!(shown, Err(Error::NotFound { .. })), "{shown:?}");
        // Both are the first of their kind, so their numbers are the same.
        let theirs = acme.issue(&okta.connection).await;
        let address = entra.connection.id.to_string();
        let shown = token::authenticate(&store.store, theirs.reveal(), Some(&address), None);
        assert_eq!(shown.await.expect("an answer").err(), Some(token::Refusal::WrongAddress));
    }
}
