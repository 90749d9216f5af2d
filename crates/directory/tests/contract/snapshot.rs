//! A snapshot is what the events before its number come to, and the events after it go on from there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use directory::{
    EventNo, Record as _,
    event::{EventKind, Payload},
    group::{self, MemberChange, Staging},
    maintenance::prune,
    role, snapshot,
};
use serde_json::{Value as Json, json};
use testkit::{TestOrganization, contract};

use crate::support::{
    clear_members, create_user, crowd, delete_group, delete_user, named, newest, remove_members,
    role_name, set, set_active, strs, team,
};

/// What an application keeps of an organization.
#[derive(Debug, Default, PartialEq)]
struct Replica {
    users: BTreeMap<String, Json>,
    groups: BTreeMap<String, Json>,
    members: BTreeSet<(String, String)>,
    staged: BTreeMap<(String, String), bool>,
    /// Roles of users and of groups.
    roles: BTreeSet<(String, String)>,
    own_roles: BTreeSet<String>,
    connections: BTreeMap<String, bool>,
}

fn ids(data: &Json, member: &str) -> Vec<String> {
    let ids = data[member].as_array().into_iter().flatten();
    ids.map(|id| id.as_str().expect("an id").to_owned()).collect()
}

impl Replica {
    /// As docs/keep-in-step.md has it: the same for events and for the lines of a snapshot.
    fn apply(&mut self, kind: &str, target: &str, data: &Json) {
        let id = target.to_owned();
        let with_role = || (id.clone(), data["role"].as_str().expect("a role").to_owned());
        match kind {
            "user.created" | "user.updated" | "user.archived" | "user.reactivated" => {
                self.users.insert(id.clone(), data["resource"].clone());
            }
            "group.created" | "group.updated" => self.change_group(&id, data),
            "group.members_staged" => {
                for (member, is_added) in [("removed", false), ("added", true)] {
                    for one in ids(data, member) {
                        self.staged.insert((id.clone(), one), is_added);
                    }
                }
            }
            "user.deleted" | "group.deleted" => {
                self.users.remove(&id);
                self.groups.remove(&id);
                self.members.retain(|(group, member)| *group != id && *member != id);
                self.staged.retain(|(_, member), _| *member != id);
                self.roles.retain(|(bearer, _)| *bearer != id);
            }
            "role.assigned" | "role.mapped" => drop(self.roles.insert(with_role())),
            "role.unassigned" | "role.unmapped" => drop(self.roles.remove(&with_role())),
            "role.created" => drop(self.own_roles.insert(id.clone())),
            "connection.created" => {
                self.connections.insert(id.clone(), data["active"] == json!(true));
            }
            "connection.disabled" => drop(self.connections.insert(id.clone(), false)),
            _ => {}
        }
        for group in ids(data, "joined") {
            self.members.insert((group, id.clone()));
        }
    }

    fn change_group(&mut self, id: &str, data: &Json) {
        if let Some(resource) = data.get("resource") {
            self.groups.insert(id.to_owned(), resource.clone());
        }
        if data["cleared"] == json!(true) {
            self.members.retain(|(group, _)| group != id);
        }
        if let Some(target) = data["staged"].as_str() {
            let pieces = self.staged.iter().filter(|((of, _), _)| of == target);
            for ((_, member), is_added) in pieces {
                let membership = (id.to_owned(), member.clone());
                if *is_added {
                    self.members.insert(membership);
                } else {
                    self.members.remove(&membership);
                }
            }
            self.staged.retain(|(of, _), _| of != target);
        }
        for member in ids(data, "removed") {
            self.members.remove(&(id.to_owned(), member));
        }
        for member in ids(data, "added") {
            self.members.insert((id.to_owned(), member));
        }
    }

    async fn follow(&mut self, acme: &TestOrganization, after: EventNo) {
        for event in acme.events_after(after).await {
            let data = serde_json::from_str(event.json()).expect("JSON");
            self.apply(event.described().name, &event.target, &data);
        }
    }

    /// What all events come to.
    async fn of_all_events(acme: &TestOrganization) -> Self {
        let mut copy = Self::default();
        copy.follow(acme, EventNo::START).await;
        copy
    }

    /// Takes a snapshot in, and answers after which event it is.
    fn of_snapshot(text: &str) -> (Self, EventNo) {
        let mut copy = Self::default();
        let lines: Vec<Json> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let [first, told @ .., last] = lines.as_slice() else { panic!("{text}") };
        assert_eq!(
            (&first["kind"], &last["kind"]),
            (&snapshot::BEGINS.into(), &snapshot::ENDS.into())
        );
        assert_eq!(first["data"], last["data"]);
        for line in told {
            let (kind, data) = (line["kind"].as_str().expect("a kind"), &line["data"]);
            // It is an event like others.
            let number = EventKind::parse(kind).expect("a known kind").described().number;
            let read = Payload::read(number, &data.to_string()).expect("a known number");
            read.unwrap_or_else(|error| panic!("{line}: {error}"));
            copy.apply(kind, line["target"].as_str().expect("a target"), data);
        }
        assert_eq!(first["data"]["users"], copy.users.len());
        assert_eq!(first["data"]["groups"], copy.groups.len());
        (copy, EventNo::from(first["data"]["number"].as_i64().expect("a number")))
    }
}

/// Takes a snapshot, and does something after its first piece.
async fn take(
    acme: &TestOrganization,
    mut meanwhile: impl FnMut() + Send + 'static,
) -> (Replica, EventNo) {
    let text = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&text);
    let (store, access) = (acme.store.clone(), acme.operator.clone());
    let take = move |piece: String| {
        assert!(piece.ends_with('\n'), "a piece has whole lines");
        let is_first = told.lock().expect("sound").is_empty();
        told.lock().expect("sound").push_str(&piece);
        if is_first {
            meanwhile();
        }
        true
    };
    snapshot::tell(&store, &access, take).await.expect("told");
    let text = text.lock().expect("sound").clone();
    Replica::of_snapshot(&text)
}

/// An organization with some of everything.
async fn fill(store: &testkit::TestStore) -> TestOrganization {
    let acme = store.organization("acme").await;
    store.connection(&acme).await;
    let people = crowd(&acme, 450).await;
    let crew = team(&acme, "Crew", &strs(&people)).await;
    team(&acme, "Outer", &[&crew.id.to_string(), &people[0]]).await;
    team(&acme, "Empty", &[]).await;
    let quoted = testkit::user("quote").with("displayName", "A \"quoted\"\nname");
    let quoted = create_user(&acme, quoted).await.expect("new");
    set_active(&acme, quoted.id, false).await;
    acme.write(move |writer| {
        role::create(writer, &role_name("auditor"), "Looks")?;
        role::assign(writer, &quoted, &role_name("auditor"))?;
        role::assign(writer, &quoted, &role_name("admin"))?;
        role::map(writer, &crew, &role_name("admin"))
    })
    .await
    .expect("roles");
    acme
}

contract! {
    async fn a_snapshot_is_what_the_events_come_to(store) {
        let acme = fill(store).await;
        let (copy, number) = take(&acme, || ()).await;
        assert_eq!(number, newest(&acme).await);
        assert_eq!(copy, Replica::of_all_events(&acme).await);
        assert!(copy.members.len() > 450 && copy.roles.len() == 3 && copy.connections.len() == 1);
    }
}

contract! {
    async fn what_happens_meanwhile_comes_after_it(store) {
        let acme = fill(store).await;
        let before = newest(&acme).await;
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let mut begun = Some(begun);
        let taking = tokio::spawn({
            let acme = acme.clone();
            async move {
                let meanwhile = move || {
                    let _ = begun.take().expect("once").send(());
                    wait.recv().expect("it may go on");
                };
                take(&acme, meanwhile).await
            }
        });
        has_begun.await.expect("it begins");
        let users = acme.events().await;
        let of_kind = |kind| users.iter().find(|event| event.kind() == kind).expect("one").target.clone();
        let user = directory::ResourceId::parse(&of_kind(EventKind::UserCreated)).expect("an id");
        let group = directory::ResourceId::parse(&of_kind(EventKind::GroupCreated)).expect("an id");
        named(&acme, "late").await;
        delete_user(&acme, user).await.expect("there");
        clear_members(&acme, group).await;
        delete_group(&acme, group).await.expect("there");
        go_on.send(()).expect("it waits");
        let (mut copy, number) = taking.await.expect("no panic");
        assert_eq!(number, before);
        copy.follow(&acme, number).await;
        assert_eq!(copy, Replica::of_all_events(&acme).await);
    }
}

contract! {
    async fn a_large_change_that_is_under_way_is_taken_over(store) {
        let acme = store.organization("acme").await;
        let people = crowd(&acme, 2_100).await;
        let crew = team(&acme, "Crew", &strs(&people[..3])).await.id;
        let everyone = MemberChange::Replace(testkit::members(&strs(&people[2..])));
        let staging = Staging::new(&acme.store, &acme.access, vec![everyone]);
        let prepared = staging.prepare(move |reader| group::get(reader, crew).map(Some)).await;
        let prepared = prepared.expect("prepared");
        let (mut copy, number) = take(&acme, || ()).await;
        assert!(copy.staged.len() > 2_000, "{}", copy.staged.len());
        acme.write(move |writer| {
            let group = group::get(writer, crew)?;
            let attributes = group.attributes.to_object();
            group::change(writer, &group, attributes, std::slice::from_ref(&prepared))
        })
        .await
        .expect("changed");
        copy.follow(&acme, number).await;
        let mut expected = Replica::of_all_events(&acme).await;
        assert_eq!(copy.members.len(), 2_098);
        // What was given up long ago is in the events and in no snapshot.
        expected.staged.clear();
        assert_eq!(copy, expected);
    }
}

contract! {
    async fn who_was_away_past_the_retention_ends_equal(store) {
        let acme = fill(store).await;
        let mut witness = Replica::of_all_events(&acme).await;
        let mut seen = newest(&acme).await;
        // The receiver goes away, and much happens.
        let away = seen;
        for name in ["ada", "bea", "carl"] {
            let id = named(&acme, name).await.id;
            set(&acme, id, "title", "x").await.expect("there");
            team(&acme, name, &[&id.to_string()]).await;
        }
        witness.follow(&acme, seen).await;
        seen = newest(&acme).await;
        let kept = Duration::from_hours(30 * 24);
        store.clock.advance(kept + Duration::from_hours(24));
        prune::events(&store.store, kept).await.expect("pruned");
        let dora = named(&acme, "dora").await.id.to_string();
        let crew = team(&acme, "Late", &[&dora]).await.id;
        let gone = acme.read(move |reader| directory::event::after(reader, away, 10)).await;
        assert!(matches!(gone, Err(directory::Error::EventsPruned { .. })));
        let (mut receiver, number) = take(&acme, || ()).await;
        remove_members(&acme, crew, &[&dora]).await;
        receiver.follow(&acme, number).await;
        witness.follow(&acme, seen).await;
        assert_eq!(receiver, witness);
    }
}

contract! {
    async fn no_one_who_listens_ends_it(store) {
        let acme = fill(store).await;
        let (store, access) = (acme.store.clone(), acme.operator.clone());
        let mut pieces = 0;
        let told = snapshot::tell(&store, &access, move |_| { pieces += 1; pieces < 2 }).await;
        assert!(matches!(told, Err(directory::Error::Busy)), "{told:?}");
    }
}
