//! Comparing what is there with what must be.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::worker::State;

/// How something must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// As it was acknowledged last; `None`: it is not there.
    pub state: Option<State>,
    /// As a request that was not acknowledged would make it, where there is one.
    pub pending: Option<Option<State>>,
}

/// What is there: by key, the id and the state.
pub type Found = BTreeMap<String, (String, State)>;

/// Most complaints in one sentence.
const MOST: usize = 5;

/// Compares. Answers the keys whose pending request was done.
///
/// # Errors
///
/// What was acknowledged and is not there, what is there and was not sent, what is half done.
pub fn compare(expected: &BTreeMap<String, Expected>, found: &Found) -> Result<Vec<String>> {
    let mut done = Vec::new();
    let mut complaints = Vec::new();
    for (key, Expected { state, pending }) in expected {
        let there = found.get(key).map(|(_, state)| state);
        if there == state.as_ref() {
            continue;
        }
        if pending.as_ref().is_some_and(|pending| there == pending.as_ref()) {
            done.push(key.clone());
            continue;
        }
        let pending = match pending {
            None => String::new(),
            Some(state) => format!(", or by what was not acknowledged {}", told(state.as_ref())),
        };
        complaints.push(format!(
            "{key} is {}, and must be {}{pending}",
            told(there),
            told(state.as_ref())
        ));
    }
    for (key, (_, state)) in found {
        if !expected.contains_key(key) {
            complaints.push(format!("nobody made {key}: {}", told(Some(state))));
        }
    }
    if !complaints.is_empty() {
        let count = complaints.len();
        complaints.truncate(MOST);
        bail!("{count} differences: {}", complaints.join("; "));
    }
    Ok(done)
}

fn told(state: Option<&State>) -> String {
    match state {
        None => "not there".to_owned(),
        Some(state) => state.to_json().to_string().chars().take(300).collect(),
    }
}

/// Reads all users and teams of an organization. `get` answers a path with the JSON of a 200.
///
/// # Errors
///
/// Those of `get`; lists that contradict themselves.
pub fn read(everybody: &str, get: &mut dyn FnMut(&str) -> Result<Value>) -> Result<Found> {
    let mut found = Found::new();
    let mut names = BTreeMap::new();
    for user in list(get, "/scim/v2/Users", "attributes=userName,title,groups")? {
        let text = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
        let groups = user["groups"].as_array().into_iter().flatten();
        let member = groups.into_iter().any(|group| group["value"] == everybody);
        let state = State::User { title: text("title"), member };
        names.insert(text("id"), text("userName"));
        if found.insert(text("userName"), (text("id"), state)).is_some() {
            bail!("twice in one list: {user}");
        }
    }
    let filter = "filter=externalId%20sw%20%22team-%22&attributes=externalId,displayName,members";
    for team in list(get, "/scim/v2/Groups", filter)? {
        let text = |name: &str| team[name].as_str().unwrap_or_default().to_owned();
        let members = team["members"].as_array().into_iter().flatten().map(|member| {
            let id = member["value"].as_str().unwrap_or_default();
            names.get(id).cloned().with_context(|| format!("a member that is not there: {team}"))
        });
        let state =
            State::Team { name: text("displayName"), members: members.collect::<Result<_>>()? };
        if found.insert(text("externalId"), (text("id"), state)).is_some() {
            bail!("twice in one list: {team}");
        }
    }
    Ok(found)
}

fn list(get: &mut dyn FnMut(&str) -> Result<Value>, path: &str, query: &str) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    loop {
        let page = get(&format!("{path}?startIndex={}&count=1000&{query}", all.len() + 1))?;
        let resources = page["Resources"].as_array().cloned().unwrap_or_default();
        let is_last = resources.is_empty();
        all.extend(resources);
        if page["totalResults"].as_u64() == Some(all.len() as u64) {
            return Ok(all);
        }
        if is_last {
            bail!("{path}: {} of {} in all pages", all.len(), page["totalResults"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Expected, Found, compare};
    use crate::State;

    fn user(title: &str) -> State {
        State::User { title: title.to_owned(), member: false }
    }

    fn found(states: &[(&str, &str)]) -> Found {
        let all = states.iter();
        all.map(|(key, title)| ((*key).to_owned(), ("1".to_owned(), user(title)))).collect()
    }

    #[test]
    fn what_was_acknowledged_must_be_there_and_what_was_not_may_be() {
        let expected = BTreeMap::from([
            ("kept".to_owned(), Expected { state: Some(user("a")), pending: None }),
            ("gone".to_owned(), Expected { state: None, pending: None }),
            (
                "doubt".to_owned(),
                Expected { state: Some(user("a")), pending: Some(Some(user("b"))) },
            ),
        ]);
        let done = |states: &[(&str, &str)]| compare(&expected, &found(states));
        assert_eq!(done(&[("kept", "a"), ("doubt", "a")]).expect("sound"), [""; 0]);
        assert_eq!(done(&[("kept", "a"), ("doubt", "b")]).expect("sound"), ["doubt"]);
        for wrong in [
            &[("doubt", "a")][..],
            &[("kept", "b"), ("doubt", "a")],
            &[("kept", "a"), ("doubt", "c")],
            &[("kept", "a"), ("doubt", "a"), ("gone", "a")],
            &[("kept", "a"), ("doubt", "a"), ("nobody", "a")],
        ] {
            assert!(done(wrong).is_err(), "{wrong:?}");
        }
    }
}
