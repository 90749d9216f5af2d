//! Random operations on the store and on a plain model of it: the two must not differ.

mod operation;
mod state;

use std::cell::Cell;

use directory::{Actor, Error, Record, ResourceId, group::Group, user::User};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use testkit::{Engine, Shipped, TestOrganization, TestStore};

use self::{
    operation::{Change, Operation, script},
    state::{Kind, Model, Outcome},
};
use crate::support;

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

/// Who may act: the operator and two connections.
type Actors = [TestOrganization; 3];

async fn play(store: &TestStore, slug: &str, script: &[Operation]) -> Result<(), String> {
    let operator = store.organization(slug).await;
    let actors = [
        operator.clone(),
        store.connection(&operator).await.organization,
        store.connection(&operator).await.organization,
    ];
    let mut model = Model::new(support::newest(&operator).await);
    for (at, operation) in script.iter().enumerate() {
        step(&actors, &mut model, operation)
            .await
            .map_err(|difference| format!("at operation {at}, {operation:?}: {difference}"))?;
    }
    check(&actors, &model).await?;
    let violations = store.violations(&operator.tenant).await;
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
            outcome(support::create_user(org, person.resource()).await)
        }
        (Change::ReplaceUser(_, person), Some(id)) => {
            outcome(support::replace_user(org, id, person.resource()).await)
        }
        (Change::SetActive(_, active), Some(id)) => {
            let operations = format!(r#"[{{"op":"replace","value":{{"active":{active}}}}}]"#);
            outcome(support::patch_user(org, id, &operations).await)
        }
        (Change::DeleteUser(_), Some(id)) => gone(support::delete_user(org, id).await),
        (Change::CreateGroup(team, _), _) => {
            outcome(support::create_group(org, team.resource(), &names).await)
        }
        (Change::ReplaceGroup(_, team, members), Some(id)) => {
            let members = members.is_some().then_some(&*names);
            outcome(support::replace_group(org, id, team.resource(), members).await)
        }
        (Change::Members(_, how, _), Some(id)) => {
            outcome(support::patch_group(org, id, &how.operations(&names)).await)
        }
        (Change::DeleteGroup(_), Some(id)) => gone(support::delete_group(org, id).await),
        // There was nothing to change yet.
        (_, None) => return Ok(()),
    };
    let expected = model.apply(owner, change, target.as_deref(), &texts, real.id());
    expect("the outcome", &real, &expected)
}

fn outcome<R: Record>(result: Result<R, Error>) -> Outcome {
    match result {
        Ok(record) => Outcome::Done { id: record.id().to_string(), version: record.meta().version },
        Err(Error::Scim(error)) => Outcome::Refused(error.scim_type()),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

fn gone(result: Result<(), Error>) -> Outcome {
    result.map_or_else(|error| Outcome::Failed(error.to_string()), |()| Outcome::Gone)
}

/// Compares everything that can be seen.
async fn check(actors: &Actors, model: &Model) -> Result<(), String> {
    let org = &actors[0];
    let organization = org.get().await;
    expect("the number of users", &organization.users, &(model.count(Kind::User)))?;
    expect("the number of groups", &organization.groups, &(model.count(Kind::Group)))?;
    expect("the number of events", &organization.last_event, &model.events)?;
    let users: Vec<User> = all(org).await;
    let groups: Vec<Group> = all(org).await;
    let seen: Vec<_> = users.iter().map(|user| (user.id.to_string(), user.version)).collect();
    expect("the users", &seen, &model.versions(Kind::User))?;
    let seen: Vec<_> = groups.iter().map(|group| (group.id.to_string(), group.version)).collect();
    expect("the groups", &seen, &model.versions(Kind::Group))?;
    for user in &users {
        let id = user.id.to_string();
        let expected = model.resource(&id);
        expect(&id, &user.resource, &expected)?;
        expect(&id, &Some(user.active), &expected.get("active").and_then(scim::Value::as_bool))?;
        expect("the owner", &user.managed_by, &owner(actors, model.owner(&id)))?;
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
        expect(&id, &group.resource, &model.resource(&id))?;
        expect("the owner", &group.managed_by, &owner(actors, model.owner(&id)))?;
        let members = support::members(org, group.id).await;
        expect("the members", &members, &model.members(&id))?;
    }
    Ok(())
}

async fn all<R: Shipped>(org: &TestOrganization) -> Vec<R> {
    let mut all = Vec::new();
    loop {
        let skip = all.len() as u64;
        let page =
            org.read(move |reader| R::list(reader, R::schema(), skip, 3)).await.expect("a page");
        if page.items.is_empty() {
            assert_eq!(page.total, skip);
            return all;
        }
        all.extend(page.items);
    }
}

fn owner(actors: &Actors, owner: Option<usize>) -> Option<directory::KeyNo> {
    match actors[owner?].actor {
        Actor::Connection { no, .. } => Some(no),
        Actor::Operator => None,
    }
}
