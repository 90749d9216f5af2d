//! [`Made`]: what a run created on the server, so that it can be removed at the end.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use reqwest::Method;

use crate::{client::Answer, server::id};

/// What was created and is still there. What a look-up found was there before, and is not ours.
#[derive(Debug, Default)]
pub(crate) struct Made(Mutex<Ids>);

#[derive(Debug, Default)]
struct Ids {
    users: BTreeSet<String>,
    groups: BTreeSet<String>,
    /// What was there before.
    found: HashSet<String>,
}

impl Ids {
    fn at(&mut self, endpoint: &str) -> Option<&mut BTreeSet<String>> {
        match endpoint {
            "/Users" => Some(&mut self.users),
            "/Groups" => Some(&mut self.groups),
            _ => None,
        }
    }
}

impl Made {
    /// Notes what a request did, whatever is thought of its answer later.
    pub(crate) fn note(&self, method: &Method, path: &str, answer: &Answer) {
        let mut ids = self.ids();
        if *method == Method::POST && answer.status == 201 {
            let Ok(created) = serde_json::from_slice(&answer.body) else { return };
            let id = id(&created);
            if !id.is_empty()
                && !ids.found.contains(&id)
                && let Some(made) = ids.at(path)
            {
                made.insert(id);
            }
        } else if *method == Method::DELETE
            && gone(answer)
            && let Some((endpoint, id)) = path.rsplit_once('/')
            && let Some(made) = ids.at(endpoint)
        {
            made.remove(id);
        }
    }

    /// Notes that something was found: unless this run made it, it was there before.
    pub(crate) fn found(&self, id: &str) {
        let mut ids = self.ids();
        if !ids.users.contains(id) && !ids.groups.contains(id) {
            ids.found.insert(id.to_owned());
        }
    }

    /// The ids of the users that are still there.
    pub(crate) fn users(&self) -> Vec<String> {
        self.ids().users.iter().cloned().collect()
    }

    /// The ids of the groups that are still there.
    pub(crate) fn groups(&self) -> Vec<String> {
        self.ids().groups.iter().cloned().collect()
    }

    fn ids(&self) -> MutexGuard<'_, Ids> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an answer to DELETE says that the resource is not there any more. SCIM 1.1 answers 200.
pub(crate) fn gone(answer: &Answer) -> bool {
    matches!(answer.status, 200 | 204 | 404)
}

#[cfg(test)]
mod tests {
    use reqwest::Method;

    use super::Made;
    use crate::judge::answer;

    #[test]
    fn what_was_created_is_ours_until_it_is_deleted() {
        let made = Made::default();
        made.note(&Method::POST, "/Users", &answer(201, r#"{"id":"u1"}"#));
        made.note(&Method::POST, "/Users", &answer(201, r#"{"id":"u2"}"#));
        made.note(&Method::POST, "/Groups", &answer(201, r#"{"id":"g1"}"#));
        made.note(&Method::DELETE, "/Users/u1", &answer(204, ""));
        made.note(&Method::DELETE, "/Groups/g1", &answer(500, ""));
        assert_eq!((made.users(), made.groups()), (vec!["u2".to_owned()], vec!["g1".to_owned()]));
    }

    #[test]
    fn what_was_refused_or_there_before_is_not_ours() {
        let made = Made::default();
        made.note(&Method::POST, "/Users", &answer(409, r#"{"id":"u1"}"#));
        made.note(&Method::POST, "/Users", &answer(201, "no JSON"));
        made.note(&Method::PUT, "/Users/u2", &answer(200, r#"{"id":"u2"}"#));
        // A person who was found, archived, and came back by POST.
        made.found("u3");
        made.note(&Method::POST, "/Users", &answer(201, r#"{"id":"u3"}"#));
        assert_eq!(made.users(), Vec::<String>::new());
        // What we made stays ours when it is found again.
        made.note(&Method::POST, "/Users", &answer(201, r#"{"id":"u4"}"#));
        made.found("u4");
        made.note(&Method::POST, "/Users", &answer(201, r#"{"id":"u4"}"#));
        assert_eq!(made.users(), ["u4"]);
    }
}
