//! People: created, linked, changed, archived, back again; and all of it imported.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Life;
use crate::{
    failure::{Failure, Outcome, PASSED, ensure},
    judge::{list, problem, user},
    okta::profile::{self, overlay},
    people::Person,
    player::Assigned,
    server::id,
};

/// The person on whom most is tried.
const FIRST: usize = 0;
/// The person who is archived while groups and imports run.
const LEAVER: usize = 1;
/// The person who is hired again.
const RETURNER: usize = 7;

impl Life<'_> {
    /// Where none matches, the answer is a list without resources, with the status 200.
    pub(super) async fn look_up_unknown(&self) -> Outcome {
        let filter = format!("userName eq \"{}\"", self.company.unknown());
        let query = [("filter", filter.as_str()), ("startIndex", "1"), ("count", "100")];
        let answer = self.okta.server.client.get("/Users", &query).await?;
        let page = list::check(&answer, self.okta.server.dialect, 1, 100)?;
        ensure!(
            page.total == 0,
            "{}: expected no one, but {} came; the filter was not understood",
            answer.request,
            page.total
        );
        PASSED
    }

    pub(super) async fn create(&mut self) -> Outcome {
        // An earlier run may have broken off while the login was changed.
        let renamed = other_login(&self.cast[FIRST]);
        if let Some(found) = self.okta.find_user(&renamed.user_name).await? {
            self.okta.update_user(&id(&found), &self.cast[FIRST]).await?;
        }
        let (id, assigned) = self.okta.assign_user(&self.cast[FIRST]).await?;
        self.cast.ids[FIRST] = Some(id.clone());
        // What is missing now is what this server does not keep; from here on nothing may be lost.
        let stored = self.okta.server.read_user(&id).await?;
        let profile = self.profile(FIRST);
        self.cast.not_kept = user::content(&stored, &profile, &format!("GET /Users/{id}"))?;
        self.verify(FIRST, true).await?;
        Ok(match assigned {
            Assigned::Created => None,
            Assigned::Linked | Assigned::Reactivated => {
                Some("was there from an earlier run, and was linked".to_owned())
            }
        })
    }

    pub(super) async fn look_up_folded(&self) -> Outcome {
        let wanted = self.cast.id(FIRST)?;
        let upper = self.cast[FIRST].user_name.to_uppercase();
        match self.okta.find_user(&upper).await? {
            Some(found) => ensure!(
                found["id"] == wanted,
                "GET /Users?filter=userName eq \"{upper}\": expected `{wanted}`, but `{}` came",
                id(&found)
            ),
            None => {
                return Err(Failure::new(format!(
                    "GET /Users?filter=userName eq \"{upper}\": expected to find \"{}\", but \
                     no one came; logins differ by more than case",
                    self.cast[FIRST].user_name
                )));
            }
        }
        PASSED
    }

    pub(super) async fn duplicate(&self) -> Outcome {
        self.cast.id(FIRST)?;
        let mut body = profile::creation(&self.cast[FIRST], self.okta.server.dialect);
        for upper in [false, true] {
            if upper {
                body["userName"] = json!(self.cast[FIRST].user_name.to_uppercase());
            }
            let answer = self.okta.server.client.post("/Users", &body).await?;
            problem::check(&answer, 409, self.okta.server.dialect)?;
        }
        PASSED
    }

    /// A match of the look-up is linked, never doubled.
    pub(super) async fn link(&self) -> Outcome {
        let known = self.cast.id(FIRST)?;
        let (id, assigned) = self.okta.assign_user(&self.cast[FIRST]).await?;
        ensure!(
            id == known && assigned == Assigned::Linked,
            "expected the look-up to find `{known}` active, but it led to `{id}`"
        );
        self.verify(FIRST, true).await?;
        PASSED
    }

    pub(super) async fn update(&mut self) -> Outcome {
        let id = self.cast.id(FIRST)?.to_owned();
        let before = self.okta.server.read_user(&id).await?;
        let person = &mut self.cast[FIRST];
        let original = person.clone();
        person.family = format!("{}-Lindqvist", person.family);
        person.display_name = format!("{} {}", person.given, person.family);
        person.title = Some("Head of \"Œuvres\" & Ops".to_owned());
        let outcome = self.okta.update_user(&id, &self.cast[FIRST]).await;
        if outcome.is_err() {
            self.cast[FIRST] = original;
            outcome?;
        }
        self.verify(FIRST, true).await?;
        let after = self.okta.server.read_user(&id).await?;
        let changed = ["name", "displayName", "title"];
        user::untouched(&before, &after, &changed, &format!("GET /Users/{id} after PUT"))?;
        PASSED
    }

    /// Okta pushes empty attributes too: an empty text, nothing, an empty list.
    pub(super) async fn clear(&self) -> Outcome {
        let id = self.cast.id(FIRST)?;
        let stored = self.okta.server.read_user(id).await?;
        let extension = self.okta.server.dialect.enterprise_schema();
        let empty = json!({
            "title": "",
            "nickName": null,
            "phoneNumbers": [],
            extension: {"costCenter": ""},
        });
        let cleared = empty.as_object().cloned().unwrap_or_default();
        let body = overlay(&stored, &cleared, &json!([]));
        self.okta.put_user(id, &body).await?;
        let after = self.okta.server.read_user(id).await?;
        let request = format!("GET /Users/{id} after PUT");
        let paths: [&[&str]; 4] =
            [&["title"], &["nickName"], &["phoneNumbers"], &[extension, "costCenter"]];
        for path in paths {
            let value = path.iter().fold(&after, |value, name| &value[*name]);
            user::empty(value, &path.join("."), &request)?;
        }
        let changed = ["title", "nickName", "phoneNumbers", extension];
        user::untouched(&stored, &after, &changed, &request)?;
        self.okta.update_user(id, &self.cast[FIRST]).await?;
        self.verify(FIRST, true).await?;
        PASSED
    }

    pub(super) async fn change_login(&self) -> Outcome {
        let id = self.cast.id(FIRST)?;
        let old = &self.cast[FIRST];
        let new = other_login(old);
        self.okta.update_user(id, &new).await?;
        let found = self.okta.find_user(&new.user_name).await?;
        let under_old = self.okta.find_user(&old.user_name).await?;
        self.okta.update_user(id, old).await?;
        ensure!(
            found.is_some_and(|found| found["id"] == id),
            "expected to find `{id}` under its new login \"{}\", but it was not there",
            new.user_name
        );
        ensure!(
            under_old.is_none(),
            "expected no one under the old login \"{}\", but someone came",
            old.user_name
        );
        self.verify(FIRST, true).await?;
        PASSED
    }

    pub(super) async fn assign_others(&mut self) -> Outcome {
        let mut found = 0;
        for person in 1..self.cast.len() {
            let (id, assigned) = self.okta.assign_user(&self.cast[person]).await?;
            ensure!(
                !self.cast.ids.contains(&Some(id.clone())),
                "expected a new id for \"{}\", but `{id}` is another person's",
                self.cast[person].user_name
            );
            self.cast.ids[person] = Some(id);
            found += usize::from(assigned != Assigned::Created);
            self.verify(person, true).await?;
        }
        Ok((found > 0).then(|| format!("{found} were there from an earlier run")))
    }

    /// Archived is not gone: GET and look-up still show the person, with everything kept.
    pub(super) async fn deactivate(&mut self) -> Outcome {
        let id = self.cast.id(LEAVER)?.to_owned();
        self.archive(LEAVER).await?;
        self.archived = Some(LEAVER);
        self.visible_while_archived(LEAVER, &id).await?;
        PASSED
    }

    pub(super) async fn reactivate(&mut self) -> Outcome {
        let id = self.cast.id(LEAVER)?.to_owned();
        if self.archived != Some(LEAVER) {
            return Err(Failure::NotTried("needs a person who could be deactivated".to_owned()));
        }
        let (same, assigned) = self.okta.assign_user(&self.cast[LEAVER]).await?;
        let user_name = &self.cast[LEAVER].user_name;
        ensure!(same == id, "expected the id `{id}` again, but `{same}` came");
        ensure!(
            assigned != Assigned::Created,
            "expected the look-up to find \"{user_name}\" archived, but it found no one"
        );
        ensure!(
            assigned == Assigned::Reactivated,
            "expected \"{user_name}\" to be inactive until now, but `active` was true"
        );
        self.archived = None;
        self.verify(LEAVER, true).await?;
        PASSED
    }

    /// The look-up is skipped: a POST onto an archived person must bring the same one back.
    pub(super) async fn rehire(&self) -> Outcome {
        let id = self.cast.id(RETURNER)?;
        self.archive(RETURNER).await?;
        let person = &self.cast[RETURNER];
        let answer = self
            .okta
            .server
            .client
            .post("/Users", &profile::creation(person, self.okta.server.dialect))
            .await?;
        if answer.status == 409 {
            problem::check(&answer, 409, self.okta.server.dialect)?;
            // Okta only gets here when its look-up misses; then 409 is the end.
            let (same, _) = self.okta.assign_user(person).await.map_err(|failure| {
                Failure::new(format!("{}, and the look-up: {failure}", answer.request))
            })?;
            ensure!(same == id, "expected the id `{id}` again, but `{same}` came");
            self.verify(RETURNER, true).await?;
            return Ok(Some(
                "409 to a create without look-up; Okta finds the archived person before that"
                    .to_owned(),
            ));
        }
        answer.status(201)?;
        let back: Value = answer.json()?;
        let same = user::form(&back, self.okta.server.dialect, &answer.request)?;
        ensure!(
            same == id,
            "{}: expected the archived person `{id}` again, but a new one came: `{same}`",
            answer.request
        );
        user::active(&back, true, &answer.request)?;
        self.verify(RETURNER, true).await?;
        PASSED
    }

    /// Everyone is on some page, once, and who is archived is marked so.
    pub(super) async fn import_users(&self) -> Outcome {
        let mut left: HashSet<&str> = self.cast.ids.iter().flatten().map(String::as_str).collect();
        let leaver = self.archived.and_then(|person| self.cast.ids[person].as_deref());
        let total = self
            .okta
            .server
            .import("/Users", |found, _| {
                let id = user::form(found, self.okta.server.dialect, "GET /Users by pages")?;
                if left.remove(id.as_str()) {
                    let active = leaver != Some(id.as_str());
                    user::active(found, active, &format!("GET /Users by pages, `{id}`"))?;
                }
                Ok(())
            })
            .await?;
        if let Some(id) = left.into_iter().next() {
            let archived = if leaver == Some(id) { ", who is archived," } else { "" };
            return Err(Failure::new(format!(
                "GET /Users by pages: expected to meet `{id}`{archived} but it was on no page of \
                 {total}"
            )));
        }
        Ok(Some(format!("{total} users")))
    }

    async fn archive(&self, person: usize) -> Result<(), Failure> {
        let id = self.cast.id(person)?;
        let before = self.okta.server.read_user(id).await?;
        self.okta.set_active(id, false).await?;
        let after = self.okta.server.read_user(id).await.map_err(|failure| {
            Failure::new(format!("{failure}; an archived person must stay readable"))
        })?;
        let request = format!("GET /Users/{id} after deactivation");
        user::active(&after, false, &request)?;
        user::untouched(&before, &after, &["active"], &request)
    }

    async fn visible_while_archived(&self, person: usize, id: &str) -> Result<(), Failure> {
        let user_name = &self.cast[person].user_name;
        let request = format!("GET /Users?filter=userName eq \"{user_name}\"");
        match self.okta.find_user(user_name).await? {
            Some(found) => {
                ensure!(found["id"] == id, "{request}: expected `{id}`, but {} came", found["id"]);
                user::active(&found, false, &request)
            }
            None => Err(Failure::new(format!(
                "{request}: expected the archived person, but no one came; Okta would create a \
                 second one"
            ))),
        }
    }
}

fn other_login(person: &Person) -> Person {
    Person { user_name: format!("Married.{}", person.user_name), ..person.clone() }
}
