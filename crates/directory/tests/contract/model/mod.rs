//! Random operations on the store and on a plain model of it: the two must not differ.

mod operation;
mod past;
mod roles;
mod state;

use std::{cell::Cell, collections::BTreeSet};

use directory::{
    Error, Group, Resource, ResourceId, User, Writer,
    connection::{NewConnection, Protocol, Provider, State},
    group, organization, role, user,
};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use testkit::{Engine, TestOrganization, TestStore};

use self::{
    operation::{Change, How, Operation, Role, script},
    past::Copy,
    state::{Kind, Model, Outcome},
};
use crate::support::{self, Shipped};

#[test]
fn sqlite() {
    compare(Engine::Sqlite, 60);
}

#[test]
fn postgres() {
    compare(Engine::Postgres, 20);
}

fn compare(engine: Engine, cases: u32) {
    if !engine.takes_part() {
        return;
    }
    let cases = if testkit::long() { cases * 20 } else { cases };
    let store = TestStore::open(engine);
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let number = Cell::new(0);
    let result = TestRunner::new(config).run(&script(), |script| {
        // Each case has an organization of its own, and the others as neighbours.
        number.set(number.get() + 1);
        let slug = format!("case-{}", number.get());
        store.block_on(play(&store, &slug, &script)).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Who may act: the operator, a connection in use, and one that is being set up.
type Actors = [TestOrganization; 3];

async fn play(store: &TestStore, slug: &str, script: &[Operation]) -> Result<(), String> {
    let operator = store.organization(slug).await;
    let in_setup = NewConnection {
        state: State::Setup,
        ..NewConnection::active(Provider::Entra, Protocol::Scim2)
    };
    let actors = [
        operator.clone(),
        store.connection(&operator).await.organization,
        operator.connection_like(in_setup).await.organization,
    ];
    let mut model = Model::new(support::newest(&operator).await.number());
    let mut copies = vec![Copy::of(&model)];
    for (at, operation) in script.iter().enumerate() {
        step(&actors, &mut model, operation)
            .await
            .map_err(|difference| format!("at operation {at}, {operation:?}: {difference}"))?;
        copies.push(Copy::of(&model));
    }
    check(&actors, &model).await?;
    past::check(&operator, &copies).await?;
    past::restore(&operator, &copies[copies.len() / 2]).await?;
    let violations = store.violations(&operator.operator).await;
    if violations.is_empty() { Ok(()) } else { Err(format!("{violations:#?}")) }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, real: &T, model: &T) -> Result<(), String> {
    if real == model { Ok(()) } else { Err(format!("{what}: {real:?}, the model says {model:?}")) }
}

/// Does an operation on both.
async fn step(actors: &Actors, model: &mut Model, operation: &Operation) -> Result<(), String> {
    let org = &actors[operation.actor];
    let owner = (operation.actor > 0).then_some(operation.actor);
    let change = &operation.change;
    let target = model.target(change);
    let id = target.as_deref().and_then(ResourceId::parse);
    let texts: Vec<String> =
        change.members().into_iter().flatten().filter_map(|name| model.name(*name)).collect();
    let names = support::strs(&texts);
    let real = match (change, id) {
        (Change::CreateUser(person), _) => {
            outcome(support::create_user(org, person.attributes()).await)
        }
        (Change::UpdateUser(_, person), Some(id)) => {
            outcome(support::change_user(org, id, person.attributes()).await)
        }
        (Change::SetActive(_, active), Some(id)) => {
            outcome(support::try_set_active(org, id, *active).await)
        }
        (Change::DeleteUser(_), Some(id)) => gone(support::delete_user(org, id).await),
        (Change::CreateGroup(team, _), _) => {
            outcome(support::create_group(org, team.attributes(), &names).await)
        }
        (Change::UpdateGroup(_, team, members), Some(id)) => {
            let replace = members.as_ref().map(|_| How::Replace.change(&names));
            let changes: Vec<_> = replace.into_iter().collect();
            outcome(support::change_group(org, id, Some(team.attributes()), &changes).await)
        }
        (Change::Members(_, how, _), Some(id)) => {
            outcome(support::change_group(org, id, None, &[how.change(&names)]).await)
        }
        (Change::DeleteGroup(_), Some(id)) => gone(support::delete_group(org, id).await),
        (Change::Give(_, role), Some(id)) => switched(of_user(org, id, *role, role::assign).await),
        (Change::Take(_, role), Some(id)) => gone(of_user(org, id, *role, role::unassign).await),
        (Change::Map(_, role), Some(id)) => switched(of_group(org, id, *role, role::map).await),
        (Change::Unmap(_, role), Some(id)) => gone(of_group(org, id, *role, role::unmap).await),
        (Change::SetGuard(guard), _) => {
            let guard = *guard;
            let set = org.write(move |writer| organization::set_admin_guard(writer, guard)).await;
            gone(set.map(drop))
        }
        // There was nothing to change yet.
        (_, None) => return Ok(()),
    };
    let expected = model.apply(owner, change, target.as_deref(), &texts, real.id());
    expect("the outcome", &real, &expected)
}

async fn of_user<T: Send + 'static>(
    org: &TestOrganization,
    id: ResourceId,
    role: Role,
    verb: fn(&mut Writer<'_>, &User, &role::RoleName) -> Result<T, Error>,
) -> Result<T, Error> {
    org.write(move |writer| {
        let user = user::get(writer, id)?;
        verb(writer, &user, &role.name())
    })
    .await
}

async fn of_group<T: Send + 'static>(
    org: &TestOrganization,
    id: ResourceId,
    role: Role,
    verb: fn(&mut Writer<'_>, &Group, &role::RoleName) -> Result<T, Error>,
) -> Result<T, Error> {
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        verb(writer, &group, &role.name())
    })
    .await
}

fn outcome(result: Result<impl Into<Resource>, Error>) -> Outcome {
    result.map(Into::into).map_or_else(refused, |Resource { id, version, .. }| Outcome::Done {
        id: id.to_string(),
        version: version.number(),
    })
}

fn gone(result: Result<(), Error>) -> Outcome {
    result.map_or_else(refused, |()| Outcome::Gone)
}

fn switched(result: Result<bool, Error>) -> Outcome {
    result.map_or_else(refused, Outcome::Switched)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn refused(error: Error) -> Outcome {
    Outcome::Refused(error.code())
}

/// Compares everything that can be seen.
async fn check(actors: &Actors, model: &Model) -> Result<(), String> {
    let org = &actors[0];
    let organization = org.get().await;
    expect("the number of users", &organization.users, &(model.count(Kind::User)))?;
    expect("the number of groups", &organization.groups, &(model.count(Kind::Group)))?;
    expect("the number of events", &organization.last_event.number(), &model.events)?;
    let users: Vec<User> = all(org, Shipped::Users).await;
    let groups: Vec<Group> = all(org, Shipped::Groups).await;
    let version = |of: &Resource| (of.id.to_string(), of.version.number());
    let seen: Vec<_> = users.iter().map(|user| version(user)).collect();
    expect("the users", &seen, &model.versions(Kind::User))?;
    let seen: Vec<_> = groups.iter().map(|group| version(group)).collect();
    expect("the groups", &seen, &model.versions(Kind::Group))?;
    let asked = users.clone();
    let roles = org.read(move |reader| role::of_users(reader, &asked)).await.expect("roles");
    for (user, held) in users.iter().zip(roles) {
        let id = user.id.to_string();
        let expected = model.attributes(&id);
        expect(&id, &*user.attributes, &expected)?;
        let active = expected.get("active").and_then(scim::Value::as_bool).unwrap_or(false);
        expect(&id, &user.is_active(), &active)?;
        let held: BTreeSet<_> = held.into_iter().map(|held| held.role.name).collect();
        let expected: BTreeSet<_> = model.roles(&id).into_iter().map(Role::name).collect();
        expect("the roles of a user", &held, &expected)?;
        expect("the owner", &managing(org, user).await, &owner(actors, model.owner(&id)))?;
        let mut found: Vec<_> = support::groups_of(org, user.id)
            .await
            .into_iter()
            .map(|group| (group.id.to_string(), group.direct))
            .collect();
        found.sort();
        expect("the groups of a user", &found, &model.groups_of(&id))?;
    }
    for group in &groups {
        let id = group.id.to_string();
        expect(&id, &*group.attributes, &model.attributes(&id))?;
        expect("the owner", &managing(org, group).await, &owner(actors, model.owner(&id)))?;
        let members = support::members(org, group.id).await;
        expect("the members", &members, &model.members(&id))?;
    }
    Ok(())
}

async fn all<R: TryFrom<Resource, Error = Error>>(org: &TestOrganization, of: Shipped) -> Vec<R> {
    let mut all = Vec::new();
    loop {
        let skip = all.len() as u64;
        let page = support::list(org, of, skip, 3).await;
        if page.items.is_empty() {
            assert_eq!(page.total, skip);
            return all;
        }
        all.extend(page.items.into_iter().map(|it| R::try_from(it).expect("of this type")));
    }
}

/// The connection that manages a resource, as records name it.
async fn managing(org: &TestOrganization, resource: &Resource) -> Option<String> {
    let managed_by = resource.managed_by;
    let read = org.read(move |reader| directory::connection::managing(reader, managed_by));
    let connection = read.await.expect("an answer")?;
    Some(format!("connection:{}", connection.id))
}

fn owner(actors: &Actors, owner: Option<usize>) -> Option<String> {
    Some(actors[owner?].access.principal().to_string())
}
