//! People: created, matched, changed, archived, back again, deleted.

use serde_json::Value;

use super::{Life, connection::MATCHING};
use crate::{
    entra::{
        profile::{self, Manager, object_id},
        syntax::Change,
        target::{EMAIL, Target},
    },
    failure::{Failure, Outcome, PASSED, ensure},
    judge::{list, problem, shown, user},
    people::Person,
    player::{Assigned, Player as _},
    server::{equals, id},
};

/// The person on whom most is tried, and whom others have as their manager.
const FIRST: usize = 0;
/// The person who is archived while groups change.
const LEAVER: usize = 1;
/// The people who have a manager from the start.
const REPORT: usize = 2;
const OTHER_REPORT: usize = 3;
/// The person who is deleted for good, and comes again.
const DELETED: usize = 7;

const MANAGER: Target = Target::Enterprise("manager");

impl Life<'_> {
    pub(super) async fn create(&mut self) -> Outcome {
        // An earlier run may have broken off while the matching attributes were changed.
        let other = matched_otherwise(&self.cast[FIRST]);
        let left = self.entra.find_user(Target::Simple("userName"), &other.user_name).await?;
        if let Some(found) = left {
            self.entra.update_user(&id(&found), &found, &self.cast[FIRST]).await?;
        }
        let (id, assigned) = self.entra.assign(&self.cast[FIRST]).await?;
        self.cast.ids[FIRST] = Some(id.clone());
        // What is missing now is what this server does not keep; from here on nothing may be lost.
        let stored = self.entra.server.read_user(&id).await?;
        let profile = profile::of(&self.cast[FIRST]);
        self.cast.not_kept = user::content(&stored, &profile, &format!("GET /Users/{id}"))?;
        self.verify(FIRST, true).await?;
        Ok((assigned != Assigned::Created).then(|| "was there from an earlier run".to_owned()))
    }

    pub(super) async fn look_up_by_each(&self) -> Outcome {
        let wanted = self.cast.id(FIRST)?;
        let values = matching(&self.cast[FIRST]);
        let upper = self.cast[FIRST].user_name.to_uppercase();
        let login = MATCHING[0];
        let asked = MATCHING.into_iter().zip(&values).chain([(login, &upper)]);
        for (target, value) in asked {
            let filter = equals(&target.path(), value);
            match self.entra.find_user(target, value).await? {
                Some(found) => ensure!(
                    found["id"] == wanted,
                    "GET /Users?filter={filter}: expected `{wanted}`, but `{}` came",
                    id(&found)
                ),
                None => {
                    return Err(Failure::new(format!(
                        "GET /Users?filter={filter}: expected \"{}\", but no one came; Entra would \
                         create a second one",
                        self.cast[FIRST].user_name
                    )));
                }
            }
        }
        PASSED
    }

    /// Both conditions must hold: with one that does not, no one is found.
    pub(super) async fn look_up_by_two(&self) -> Outcome {
        let wanted = self.cast.id(FIRST)?;
        let [login, external, email] = matching(&self.cast[FIRST]);
        let unknown = self.company.unknown();
        let cases = [
            (MATCHING[1], &external, MATCHING[0], &login, true),
            (MATCHING[0], &login, EMAIL, &email, true),
            (MATCHING[1], &external, MATCHING[0], &unknown, false),
            (MATCHING[0], &unknown, EMAIL, &email, false),
        ];
        for (one, value, two, other, there) in cases {
            let filter =
                format!("{} and {}", equals(&one.path(), value), equals(&two.path(), other));
            let answer = self.entra.server.client.get("/Users", &[("filter", &filter)]).await?;
            let found = list::at_most_one(&answer, self.entra.server.dialect)?;
            let expected = if there { "one match" } else { "no one" };
            ensure!(
                found.as_ref().map(id) == there.then(|| wanted.to_owned()),
                "{}: expected {expected}, but {} came; the filter was not understood",
                answer.request,
                found.map_or("no one".to_owned(), |found| format!("`{}`", id(&found)))
            );
        }
        PASSED
    }

    pub(super) async fn duplicate(&self) -> Outcome {
        self.cast.id(FIRST)?;
        let body = profile::creation(&self.cast[FIRST], None);
        let answer = self.entra.server.client.post("/Users", &body).await?;
        problem::check(&answer, 409, self.entra.server.dialect)?;
        PASSED
    }

    pub(super) async fn match_again(&self) -> Outcome {
        let known = self.cast.id(FIRST)?;
        let before = self.entra.server.read_user(known).await?;
        let (id, assigned) = self.entra.assign(&self.cast[FIRST]).await?;
        ensure!(
            id == known && assigned == Assigned::Linked,
            "expected the look-up to find `{known}` active, but it led to `{id}`"
        );
        let after = self.entra.server.read_user(known).await?;
        user::untouched(&before, &after, &[], &format!("GET /Users/{known}"))?;
        PASSED
    }

    /// Attributes of every kind of path in one request.
    pub(super) async fn update(&mut self) -> Outcome {
        let mut new = self.cast[FIRST].clone();
        new.family = format!("{}-Lindqvist", new.family);
        new.display_name = format!("{} {}", new.given, new.family);
        new.title = Some("Head of \"Œuvres\" & Ops".to_owned());
        new.phone = Some("+1 312 555 0199".to_owned());
        if let Some(address) = &mut new.address {
            "00501".clone_into(&mut address.postal_code);
        }
        if let Some(enterprise) = &mut new.enterprise {
            enterprise.employee_number = format!("{}-B", enterprise.employee_number);
        }
        let enterprise = self.entra.server.dialect.enterprise_schema();
        let changed = ["name", "displayName", "title", "phoneNumbers", "addresses", enterprise];
        self.change_person(FIRST, new, &changed).await?;
        PASSED
    }

    /// The element that the filter of the path asks for is created.
    pub(super) async fn replace_what_is_not_there(&mut self) -> Outcome {
        let mobile = Some("+46 70 555 0123".to_owned());
        let new = Person { mobile, ..self.cast[FIRST].clone() };
        self.change_person(FIRST, new, &["phoneNumbers"]).await?;
        PASSED
    }

    pub(super) async fn clear(&mut self) -> Outcome {
        let full = self.cast[FIRST].clone();
        let bare =
            Person { title: None, nick_name: None, mobile: None, enterprise: None, ..full.clone() };
        let enterprise = self.entra.server.dialect.enterprise_schema();
        let changed = ["title", "nickName", "phoneNumbers", enterprise];
        let after = self.change_person(FIRST, bare, &changed).await?;
        let request = format!("GET /Users/{} after PATCH", id(&after));
        for target in [
            Target::Simple("title"),
            Target::Simple("nickName"),
            Target::Typed("phoneNumbers", "mobile", "value"),
            Target::Enterprise("department"),
        ] {
            user::empty(target.read(&after), &target.path(), &request)?;
        }
        self.change_person(FIRST, full, &changed).await?;
        PASSED
    }

    /// The person stays the same under another login, address and external id.
    pub(super) async fn change_matching(&mut self) -> Outcome {
        let wanted = self.cast.id(FIRST)?.to_owned();
        let old = self.cast[FIRST].clone();
        let new = matched_otherwise(&old);
        let changed = ["userName", "emails", "externalId"];
        self.change_person(FIRST, new.clone(), &changed).await?;
        for (person, there) in [(&new, true), (&old, false)] {
            for (target, value) in MATCHING.into_iter().zip(matching(person)) {
                let found = self.entra.find_user(target, &value).await?;
                ensure!(
                    found.as_ref().map(id) == there.then(|| wanted.clone()),
                    "GET /Users?filter={}: expected {}, but {} came",
                    equals(&target.path(), &value),
                    if there { "the person whose value was changed" } else { "no one any more" },
                    found.map_or("no one".to_owned(), |found| format!("`{}`", id(&found)))
                );
            }
        }
        self.change_person(FIRST, old, &changed).await?;
        PASSED
    }

    /// A manager comes as a text or as an object.
    pub(super) async fn create_others(&mut self) -> Outcome {
        let boss = self.cast.id(FIRST)?.to_owned();
        let mut before = 0;
        for person in 1..self.cast.len() {
            let manager = match person {
                REPORT => Some(Manager::Text(&boss)),
                OTHER_REPORT => Some(Manager::Object(&boss)),
                _ => None,
            };
            let login = Target::Simple("userName");
            let found = self.entra.find_user(login, &self.cast[person].user_name).await?;
            let is_new = found.is_none();
            let id = if let Some(found) = found {
                before += 1;
                self.entra.update_user(&id(&found), &found, &self.cast[person]).await?;
                id(&found)
            } else {
                id(&self.entra.create_user(&self.cast[person], manager).await?)
            };
            ensure!(
                !self.cast.ids.contains(&Some(id.clone())),
                "expected a new id for \"{}\", but `{id}` is another person's",
                self.cast[person].user_name
            );
            self.cast.ids[person] = Some(id);
            self.verify(person, true).await?;
            if is_new && manager.is_some() {
                self.verify_manager(person, &boss).await?;
            }
        }
        Ok((before > 0).then(|| format!("{before} were there from an earlier run")))
    }

    pub(super) async fn change_manager(&mut self) -> Outcome {
        let report = self.cast.id(REPORT)?.to_owned();
        for manager in [OTHER_REPORT, FIRST] {
            let boss = self.cast.id(manager)?.to_owned();
            let change = Change::Replace(MANAGER, Manager::Text(&boss).json());
            self.entra.change_user(&report, &[change]).await?;
            self.verify_manager(REPORT, &boss).await?;
        }
        PASSED
    }

    /// Archived is not gone: GET and look-up still show the person, with everything kept.
    pub(super) async fn soft_delete(&mut self) -> Outcome {
        let id = self.cast.id(LEAVER)?.to_owned();
        let before = self.entra.server.read_user(&id).await?;
        self.entra.set_active(&id, false).await?;
        self.archived = Some(LEAVER);
        let after = self.entra.server.read_user(&id).await.map_err(|failure| {
            Failure::new(format!("{failure}; an archived person must stay readable"))
        })?;
        let request = format!("GET /Users/{id} after the soft delete");
        user::active(&after, false, &request)?;
        user::untouched(&before, &after, &["active"], &request)?;
        for (target, value) in MATCHING.into_iter().zip(matching(&self.cast[LEAVER])) {
            let request = format!("GET /Users?filter={}", equals(&target.path(), &value));
            match self.entra.find_user(target, &value).await? {
                Some(found) => user::active(&found, false, &request)?,
                None => {
                    return Err(Failure::new(format!(
                        "{request}: expected the archived person, but no one came; Entra would \
                         create a second one"
                    )));
                }
            }
        }
        PASSED
    }

    pub(super) async fn restore(&mut self) -> Outcome {
        let id = self.cast.id(LEAVER)?.to_owned();
        if self.archived != Some(LEAVER) {
            return Err(Failure::NotTried("needs a person who could be archived".to_owned()));
        }
        let (same, assigned) = self.entra.assign(&self.cast[LEAVER]).await?;
        ensure!(same == id, "expected the id `{id}` again, but `{same}` came");
        ensure!(
            assigned == Assigned::Reactivated,
            "expected \"{}\" to be inactive until now, but `active` was true",
            self.cast[LEAVER].user_name
        );
        self.archived = None;
        self.verify(LEAVER, true).await?;
        PASSED
    }

    /// Deleted is gone, and no obstacle to who comes again.
    pub(super) async fn delete(&mut self) -> Outcome {
        let gone = self.cast.id(DELETED)?.to_owned();
        self.entra.set_active(&gone, false).await?;
        self.entra.delete_user(&gone).await?;
        let path = format!("/Users/{gone}");
        let answer = self.entra.server.client.get(&path, &[]).await?;
        problem::check(&answer, 404, self.entra.server.dialect)?;
        let person = &self.cast[DELETED];
        for (target, value) in MATCHING.into_iter().zip(matching(person)) {
            ensure!(
                self.entra.find_user(target, &value).await?.is_none(),
                "GET /Users?filter={}: expected no one after DELETE, but someone came",
                equals(&target.path(), &value)
            );
        }
        let created = self.entra.create_user(person, None).await?;
        self.cast.ids[DELETED] = Some(id(&created));
        self.verify(DELETED, true).await?;
        PASSED
    }

    /// Lets Entra's record of a person change, brings the server after it, and compares: what is
    /// not named as `changed` must stay. Returns what the server has now.
    async fn change_person(
        &mut self,
        person: usize,
        new: Person,
        changed: &[&str],
    ) -> Result<Value, Failure> {
        let id = self.cast.id(person)?.to_owned();
        let before = self.entra.server.read_user(&id).await?;
        self.entra.update_user(&id, &before, &new).await?;
        self.cast[person] = new;
        self.verify(person, true).await?;
        let after = self.entra.server.read_user(&id).await?;
        user::untouched(&before, &after, changed, &format!("GET /Users/{id} after PATCH"))?;
        Ok(after)
    }

    /// Compares the manager; a server that shows none does not keep it.
    async fn verify_manager(&mut self, person: usize, boss: &str) -> Result<(), Failure> {
        let id = self.cast.id(person)?;
        let stored = self.entra.server.read_user(id).await?;
        let manager = MANAGER.read(&stored);
        if manager.is_null() && self.cast.not_kept.contains(&MANAGER.path()) {
            return Ok(());
        }
        if manager.is_null() && person == REPORT {
            self.cast.not_kept.insert(MANAGER.path());
            return Ok(());
        }
        ensure!(
            *manager == boss || manager["value"] == boss,
            "GET /Users/{id}: expected the manager `{boss}`, but {} came",
            shown(manager)
        );
        Ok(())
    }
}

/// The values of [`MATCHING`].
fn matching(person: &Person) -> [String; 3] {
    [person.user_name.clone(), object_id(&person.external_id), person.email.clone()]
}

fn matched_otherwise(person: &Person) -> Person {
    Person {
        user_name: format!("Married.{}", person.user_name),
        email: format!("married.{}", person.email),
        external_id: format!("{}-married", person.external_id),
        ..person.clone()
    }
}
