//! The past, as the model remembers it: the store computes the same from its events, and brings back what was
//! lost since.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use directory::{
    EventNo, ResourceId,
    history::{self, By, Moment, Subject, Wanted},
    snapshot,
};
use scim::Object;
use serde_json::Value as Json;
use testkit::TestOrganization;

use super::{
    expect,
    state::{Kind, Model},
};

/// An organization as it was after an event.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Copy {
    number: i64,
    users: BTreeMap<String, Json>,
    groups: BTreeMap<String, Json>,
    members: BTreeSet<(String, String)>,
}

impl Copy {
    /// As the model has it now.
    pub(super) fn of(model: &Model) -> Self {
        let json = |attributes: &Object| serde_json::to_value(attributes).expect("JSON");
        let all = |kind| {
            let versions = model.versions(kind);
            versions.into_iter().map(|(id, _)| {
                let attributes = json(&model.attributes(&id));
                (id, attributes)
            })
        };
        let groups: BTreeMap<String, Json> = all(Kind::Group).collect();
        let members = groups.keys().flat_map(|group| {
            model.members(group).into_iter().map(move |member| (group.clone(), member))
        });
        let members = members.collect();
        Self { number: model.events, users: all(Kind::User).collect(), groups, members }
    }

    /// As the store tells it.
    async fn told(org: &TestOrganization, number: i64) -> Result<Self, String> {
        let text = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&text);
        let take = move |piece: String| {
            told.lock().expect("sound").push_str(&piece);
            true
        };
        let moment = Moment::After(EventNo::from(number));
        history::tell(&org.store, &org.operator, moment, take)
            .await
            .map_err(|error| format!("{number} is not told: {error}"))?;
        let text = text.lock().expect("sound").clone();
        let lines: Vec<Json> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let [first, told @ .., last] = lines.as_slice() else { return Err(text) };
        assert_eq!(
            (&first["kind"], &last["kind"]),
            (&snapshot::BEGINS.into(), &snapshot::ENDS.into())
        );
        let (users, groups) = (BTreeMap::new(), BTreeMap::new());
        let mut copy = Self { number, users, groups, members: BTreeSet::new() };
        for line in told {
            let (target, data) = (line["target"].as_str().expect("a target"), &line["data"]);
            let (id, resource) = (target.to_owned(), data["resource"].clone());
            let twice = match line["kind"].as_str() {
                Some("user.created") => copy.users.insert(id.clone(), resource).is_some(),
                Some("group.created") => copy.groups.insert(id.clone(), resource).is_some(),
                _ => false,
            };
            if twice {
                return Err(format!("{id} is told twice"));
            }
            for member in data["added"].as_array().into_iter().flatten() {
                let member = member.as_str().expect("an id").to_owned();
                copy.members.insert((id.clone(), member));
            }
        }
        expect("the users that are counted", &first["data"]["users"], &copy.users.len().into())?;
        expect("the groups that are counted", &first["data"]["groups"], &copy.groups.len().into())?;
        Ok(copy)
    }
}

/// Compares what the store says of the past with what the model remembers.
pub(super) async fn check(org: &TestOrganization, copies: &[Copy]) -> Result<(), String> {
    for copy in copies.iter().step_by(5).chain(copies.last()) {
        expect("the past", &Copy::told(org, copy.number).await?, copy)?;
    }
    for copy in copies {
        one_by_one(org, copy).await?;
    }
    Ok(())
}

/// The same of each user and group by itself.
async fn one_by_one(org: &TestOrganization, copy: &Copy) -> Result<(), String> {
    let Copy { number, users, groups, members } = copy.clone();
    let id = |text: &str| ResourceId::parse(text).expect("an id");
    let users: Vec<_> = users.into_iter().map(|(user, json)| (id(&user), json)).collect();
    let groups: Vec<_> = groups.into_iter().map(|(group, json)| (id(&group), json)).collect();
    let read = org.read(move |reader| {
        let past = history::at(reader, Moment::After(EventNo::from(number)))?;
        let mut different = Vec::new();
        let json = |attributes: &Object| serde_json::to_value(attributes).expect("JSON");
        for (user, expected) in &users {
            let then = history::user(reader, past, *user)?;
            if json(&then.attributes) != *expected {
                different
                    .push(format!("{user} after {number}: {:?}, not {expected}", then.attributes));
            }
        }
        for (group, expected) in &groups {
            let then = history::group(reader, past, *group)?;
            if json(&then.attributes) != *expected {
                different
                    .push(format!("{group} after {number}: {:?}, not {expected}", then.attributes));
            }
            let of_group = group.to_string();
            let told: BTreeSet<_> = history::group_members(reader, past, *group)?
                .into_iter()
                .map(|member| (of_group.clone(), member.to_string()))
                .collect();
            let expected: BTreeSet<_> =
                members.iter().filter(|(group, _)| *group == of_group).cloned().collect();
            if told != expected {
                different
                    .push(format!("members of {group} after {number}: {told:?}, not {expected:?}"));
            }
        }
        Ok(different)
    });
    let different = read.await.map_err(|error| format!("after {number}: {error}"))?;
    if different.is_empty() { Ok(()) } else { Err(different.join("\n")) }
}

/// Brings back what was lost since a copy was made: nothing of it is missing afterwards but what was refused.
pub(super) async fn restore(org: &TestOrganization, copy: &Copy) -> Result<(), String> {
    let wanted = Wanted {
        to: Moment::After(EventNo::from(copy.number)),
        until: None,
        by: By::anyone(),
        of: Subject::Organization,
    };
    let again = wanted.clone();
    let restored = history::restore(&org.store, &org.operator, wanted, |_| true)
        .await
        .map_err(|error| format!("nothing is restored: {error}"))?;
    assert!(restored.whole);
    let newest = org.get().await.last_event.number();
    let now = Copy::told(org, newest).await?;
    let refused: BTreeSet<String> =
        restored.refused.iter().map(|refused| refused.id.to_string()).collect();
    let is_active = |user: &Json| user["active"] == Json::Bool(true);
    for (id, was) in &copy.users {
        let is_back = match now.users.get(id) {
            Some(user) => is_active(user) || !is_active(was),
            None => false,
        };
        if !is_back && !refused.contains(id) {
            return Err(format!("the user {id} is not back: {restored:?}"));
        }
    }
    for id in copy.groups.keys().filter(|id| !now.groups.contains_key(*id)) {
        if !refused.contains(id) {
            return Err(format!("the group {id} is not back: {restored:?}"));
        }
    }
    for (group, member) in copy.members.difference(&now.members) {
        if !refused.contains(group) && !refused.contains(member) {
            return Err(format!("{member} is not back in {group}: {restored:?}"));
        }
    }
    // Nothing is left to do.
    let twice = history::restore(&org.store, &org.operator, again, |_| true).await;
    let twice = twice.map_err(|error| format!("not twice: {error}"))?;
    expect("what comes back twice", &twice.done.all(), &0)
}
