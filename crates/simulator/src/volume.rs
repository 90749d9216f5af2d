//! Volume: many people and groups at once, then everything imported and compared.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use futures_util::{StreamExt as _, stream};
use serde::Serialize;

use crate::{
    Options,
    failure::{Failure, Outcome, ensure},
    judge::{group, list, user},
    people::{Company, Person, Team},
    player::{Assigned, Landed, Player},
    progress::Progress,
    report::{Recorder, milliseconds},
    server::{Member, Server},
};

/// How many failures [`Pushed`] tells of.
const TOLD: usize = 20;

/// What [`push`](crate::push) brought to the server.
#[derive(Clone, Debug, Serialize)]
pub struct Pushed {
    /// The company whose directory it was.
    pub company: String,
    /// The people who arrived.
    pub users: Vec<PushedUser>,
    /// The groups that arrived.
    pub groups: Vec<PushedGroup>,
    /// How many people or groups did not arrive.
    pub failed: usize,
    /// Why, for the first of them.
    pub failures: Vec<String>,
    /// How many requests it took.
    pub requests: u64,
    /// How long it took.
    pub milliseconds: u64,
}

/// A person who arrived.
#[derive(Clone, Debug, Serialize)]
pub struct PushedUser {
    /// The server's id.
    pub id: String,
    /// The login.
    pub user_name: String,
    /// The name as shown.
    pub display_name: String,
    /// Whether the person is new on the server.
    pub created: bool,
}

/// A group that arrived.
#[derive(Clone, Debug, Serialize)]
pub struct PushedGroup {
    /// The server's id.
    pub id: String,
    /// The name.
    pub display_name: String,
    /// How many members were pushed.
    pub members: usize,
    /// Whether the group is new on the server.
    pub created: bool,
}

/// What was pushed, in the order of the directory; a failure stays where it happened.
struct Pushes<T>(Vec<Result<T, Failure>>);

impl<T> Pushes<T> {
    fn first_failure(&self, what: &str) -> Result<(), Failure> {
        let failed = self.0.iter().filter(|push| push.is_err()).count();
        match self.0.iter().find_map(|push| push.as_ref().err()) {
            None => Ok(()),
            Some(first) => Err(Failure::new(format!(
                "{failed} of {} {what} did not arrive. The first: {first}",
                self.0.len()
            ))),
        }
    }
}

/// Pushes without judging the import.
pub(crate) async fn push(
    player: &impl Player,
    company: &Company,
    options: &Options,
    progress: &Progress,
) -> Pushed {
    let begun = Instant::now();
    let before = player.server().client.requests();
    let people = company.people(options.users);
    let teams = company.teams(options.groups, options.users);
    let users = push_people(player, &people, options.concurrency, progress).await;
    let groups = push_teams(player, &teams, &people, &users, options.concurrency, progress).await;
    let failures: Vec<String> = users
        .0
        .iter()
        .filter_map(|push| push.as_ref().err())
        .chain(groups.0.iter().filter_map(|push| push.as_ref().err()))
        .map(|failure| player.server().client.redact(&failure.to_string()))
        .collect();
    let users = users.0.into_iter().zip(&people).filter_map(|(push, person)| {
        let landed = push.ok()?;
        Some(PushedUser {
            id: landed.id,
            user_name: person.user_name.clone(),
            display_name: person.display_name.clone(),
            created: landed.created,
        })
    });
    let groups = groups.0.into_iter().zip(&teams).filter_map(|(push, team)| {
        let (landed, members) = push.ok()?;
        Some(PushedGroup {
            id: landed.id,
            display_name: team.name.clone(),
            members: members.len(),
            created: landed.created,
        })
    });
    Pushed {
        company: company.name().to_owned(),
        users: users.collect(),
        groups: groups.collect(),
        failed: failures.len(),
        failures: failures.into_iter().take(TOLD).collect(),
        requests: player.server().client.requests() - before,
        milliseconds: milliseconds(begun),
    }
}

/// Pushes, imports and compares, as steps of a report.
pub(crate) async fn run(
    player: &impl Player,
    company: &Company,
    options: &Options,
    progress: &Progress,
    not_kept: &mut BTreeSet<String>,
    recorder: &mut Recorder<'_>,
) {
    let people = company.people(options.users);
    let teams = company.teams(options.groups, options.users);
    let mut users = Pushes(Vec::new());
    let mut groups = Pushes(Vec::new());
    let mut totals = (0, 0);

    let counting = async {
        totals =
            (total(player.server(), "/Users").await?, total(player.server(), "/Groups").await?);
        Ok(Some(format!("{} users and {} groups before", totals.0, totals.1)))
    };
    recorder.step("volume", "count what is there", counting).await;

    let name = format!("push {} people, {} at once", people.len(), options.concurrency);
    let pushing = async {
        users = push_people(player, &people, options.concurrency, progress).await;
        users.first_failure("people")?;
        Ok(Some(rate(users.0.iter().flatten())))
    };
    recorder.step("volume", name, pushing).await;

    let name = format!("push {} groups, {} at once", teams.len(), options.concurrency);
    let pushing = async {
        groups = push_teams(player, &teams, &people, &users, options.concurrency, progress).await;
        groups.first_failure("groups")?;
        let members: usize = groups.0.iter().flatten().map(|(_, members)| members.len()).sum();
        let landed = rate(groups.0.iter().flatten().map(|(landed, _)| landed));
        Ok(Some(format!("{landed}, {members} memberships")))
    };
    recorder.step("volume", name, pushing).await;

    let work = import_people(player, &people, &users, totals.0, not_kept, progress);
    recorder.step("volume", "import the people and compare", work).await;
    let work = import_teams(player, &teams, &groups, totals.1, progress);
    recorder.step("volume", "import the groups and compare", work).await;
}

fn rate<'a>(landed: impl Iterator<Item = &'a Landed>) -> String {
    let (mut created, mut linked) = (0, 0);
    for push in landed {
        if push.created {
            created += 1;
        } else {
            linked += 1;
        }
    }
    format!("{created} created, {linked} linked")
}

async fn total(server: &Server, path: &str) -> Result<u64, Failure> {
    let answer = server.client.get(path, &[("startIndex", "1"), ("count", "2")]).await?;
    Ok(list::check(&answer, server.dialect, 1, 2)?.total)
}

async fn push_people(
    player: &impl Player,
    people: &[Person],
    concurrency: usize,
    progress: &Progress,
) -> Pushes<Landed> {
    progress.count(people.len());
    let pushes = people.iter().enumerate().map(|(index, person)| async move {
        let push = player
            .assign(person)
            .await
            .map(|(id, assigned)| Landed { id, created: assigned == Assigned::Created });
        progress.advance();
        (index, push)
    });
    in_order(stream::iter(pushes).buffer_unordered(concurrency.max(1)).collect().await)
}

async fn push_teams(
    player: &impl Player,
    teams: &[Team],
    people: &[Person],
    users: &Pushes<Landed>,
    concurrency: usize,
    progress: &Progress,
) -> Pushes<(Landed, Vec<Member>)> {
    progress.count(teams.len());
    let pushes = teams.iter().enumerate().map(|(index, team)| async move {
        // A provider pushes the members that are provisioned and leaves out the others.
        let members: Vec<Member> = team
            .members
            .iter()
            .filter_map(|&member| {
                let landed = users.0.get(member)?.as_ref().ok()?;
                let user_name = people[member].user_name.clone();
                Some(Member { id: landed.id.clone(), user_name })
            })
            .collect();
        let push = player.push_group(&team.name, &members).await.map(|landed| (landed, members));
        progress.advance();
        (index, push)
    });
    in_order(stream::iter(pushes).buffer_unordered(concurrency.max(1)).collect().await)
}

fn in_order<T>(mut pushes: Vec<(usize, Result<T, Failure>)>) -> Pushes<T> {
    pushes.sort_unstable_by_key(|(index, _)| *index);
    Pushes(pushes.into_iter().map(|(_, push)| push).collect())
}

/// Every person who was pushed is on a page, once, with the content that was sent; and the total
/// grew by those who were created.
async fn import_people(
    player: &impl Player,
    people: &[Person],
    users: &Pushes<Landed>,
    before: u64,
    not_kept: &mut BTreeSet<String>,
    progress: &Progress,
) -> Outcome {
    progress.count(people.len());
    let mut expected = HashMap::new();
    for (push, person) in users.0.iter().zip(people) {
        if let Ok(landed) = push
            && let Some(other) = expected.insert(landed.id.as_str(), person)
        {
            return Err(Failure::new(format!(
                "expected each person to have an id, but \"{}\" and \"{}\" share `{}`",
                other.user_name, person.user_name, landed.id
            )));
        }
    }
    let pushed = expected.len();
    let created = users.0.iter().flatten().filter(|landed| landed.created).count() as u64;
    let server = player.server();
    let total = server
        .import("/Users", |found, _| {
            let request = "GET /Users by pages";
            let id = user::form(found, server.dialect, request)?;
            if let Some(person) = expected.remove(id.as_str()) {
                let request = format!("{request}, \"{}\"", person.user_name);
                user::active(found, true, &request)?;
                let missing = user::content(found, &player.profile(person), &request)?;
                user::nothing_lost(&missing, not_kept, &request)?;
                progress.advance();
            }
            Ok(())
        })
        .await?;
    if let Some(person) = expected.values().next() {
        return Err(Failure::new(format!(
            "GET /Users by pages: expected all {pushed} people, but {} were on no page; one is \
             \"{}\"",
            expected.len(),
            person.user_name
        )));
    }
    grown("/Users", before, created, total)?;
    Ok(Some(format!("{pushed} people equal, {total} users in all")))
}

/// Every group that was pushed is on a page with exactly its members.
async fn import_teams(
    player: &impl Player,
    teams: &[Team],
    groups: &Pushes<(Landed, Vec<Member>)>,
    before: u64,
    progress: &Progress,
) -> Outcome {
    progress.count(teams.len());
    let mut expected: HashMap<&str, (&Team, &[Member])> = groups
        .0
        .iter()
        .zip(teams)
        .filter_map(|(push, team)| {
            let (landed, members) = push.as_ref().ok()?;
            Some((landed.id.as_str(), (team, members.as_slice())))
        })
        .collect();
    let pushed = expected.len();
    let created = groups.0.iter().flatten().filter(|(landed, _)| landed.created).count() as u64;
    let server = player.server();
    let total = server
        .import("/Groups", |found, _| {
            let request = "GET /Groups by pages";
            let id = group::form(found, server.dialect, request)?;
            if let Some((team, members)) = expected.remove(id.as_str()) {
                let request = format!("{request}, \"{}\"", team.name);
                group::name(found, &team.name, &request)?;
                let wanted = members.iter().map(|member| member.id.clone()).collect();
                let actual = group::members(found, &request)?;
                group::exactly(&actual, &wanted, &request, ToOwned::to_owned)?;
                progress.advance();
            }
            Ok(())
        })
        .await?;
    if let Some((team, _)) = expected.values().next() {
        return Err(Failure::new(format!(
            "GET /Groups by pages: expected all {pushed} groups, but {} were on no page; one is \
             \"{}\"",
            expected.len(),
            team.name
        )));
    }
    grown("/Groups", before, created, total)?;
    Ok(Some(format!("{pushed} groups equal, {total} groups in all")))
}

fn grown(path: &str, before: u64, created: u64, total: u64) -> Result<(), Failure> {
    ensure!(
        total == before + created,
        "GET {path}: expected `totalResults` {} ({before} before and {created} created), but \
         {total} came; is someone else writing?",
        before + created
    );
    Ok(())
}
