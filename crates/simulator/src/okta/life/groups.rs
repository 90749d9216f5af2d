//! Groups: pushed, linked, changed, renamed, emptied, deleted. Members are read back each time.

use std::collections::{BTreeSet, HashMap};

use super::Life;
use crate::{
    failure::{Failure, Outcome, PASSED, ensure},
    judge::{group, problem},
    okta::groups::Spelling,
    people::Group,
    server::id,
};

/// Characters that a query must carry unharmed.
const SQUAD: &str = "R&D + Design";
const RENAMED: &str = "R&D + Design (100%)";
const LINKED: &str = "Équipe d'accueil";

impl Life<'_> {
    /// Created empty, as Okta does, and filled by the next request.
    pub(super) async fn create_group(&mut self) -> Outcome {
        let mut remark = None;
        for name in [SQUAD, RENAMED, LINKED] {
            if let Some(found) = self.okta.find_group(&self.company.group(name)).await? {
                self.okta.server.delete_group(&id(&found)).await?;
                remark = Some("groups of an earlier run were deleted first".to_owned());
            }
        }
        let name = self.company.group(SQUAD);
        let members = BTreeSet::from([0, 2, 3]);
        let listed = self.cast.members(&members)?;
        let id = self.okta.create_group(&name, &[]).await?;
        self.squad = Some(Group { id: id.clone(), name: name.clone(), members });
        self.okta.change_members(&id, &name, &[], &listed).await?;
        self.check_squad().await?;
        match self.okta.find_group(&name).await? {
            Some(found) => ensure!(
                found["id"] == id.as_str(),
                "expected the look-up of \"{name}\" to find `{id}`, but {} came",
                found["id"]
            ),
            None => {
                return Err(Failure::new(format!(
                    "expected to find the group \"{name}\" by its name, but nothing came"
                )));
            }
        }
        Ok(remark)
    }

    /// A group that was there before keeps its members when Okta links it.
    pub(super) async fn link_group(&mut self) -> Outcome {
        let name = self.company.group(LINKED);
        let before = self.cast.members(&BTreeSet::from([0, 2]))?;
        let id = self.okta.create_group(&name, &before).await?;
        let members = BTreeSet::from([0, 2, 4]);
        self.linked = Some(Group { id: id.clone(), name: name.clone(), members });
        self.okta
            .server
            .verify_members(&id, &name, &before)
            .await
            .map_err(|failure| Failure::new(format!("members given at creation: {failure}")))?;
        let found = self.okta.find_group(&name).await?;
        ensure!(
            found.is_some_and(|found| found["id"] == id.as_str()),
            "expected the look-up of \"{name}\" to find `{id}`, but it did not"
        );
        let added = self.cast.members(&BTreeSet::from([4]))?;
        self.okta.change_members(&id, &name, &[], &added).await?;
        let expected = self.cast.members(&BTreeSet::from([0, 2, 4]))?;
        self.okta.server.verify_members(&id, &name, &expected).await?;
        PASSED
    }

    pub(super) async fn mixed_changes(&mut self) -> Outcome {
        self.change_squad(&[2, 3], &[4, 5, 6]).await?;
        PASSED
    }

    /// Adding who is there and removing who is not are both successes.
    pub(super) async fn repeated_changes(&mut self) -> Outcome {
        self.change_squad(&[2, 3], &[4, 5, 6]).await?;
        PASSED
    }

    pub(super) async fn rename_group(&mut self) -> Outcome {
        let squad = self.squad()?.clone();
        let name = self.company.group(RENAMED);
        self.okta.rename_group(&squad.id, &name).await?;
        self.squad = Some(Group { name: name.clone(), ..squad.clone() });
        self.check_squad().await?;
        let found = self.okta.find_group(&name).await?;
        ensure!(
            found.is_some_and(|found| found["id"] == squad.id.as_str()),
            "expected to find `{}` under its new name \"{name}\", but it was not there",
            squad.id
        );
        ensure!(
            self.okta.find_group(&squad.name).await?.is_none(),
            "expected nothing under the old name \"{}\", but a group came",
            squad.name
        );
        PASSED
    }

    /// "Push Now" overwrites, in both spellings.
    pub(super) async fn full_push(&mut self) -> Outcome {
        self.push_squad(&[0, 2, 5], Spelling::WithPath).await?;
        self.push_squad(&[3, 4, 5, 6], Spelling::WithoutPath).await?;
        PASSED
    }

    /// An empty list removes everyone; a list that is not there removes no one.
    pub(super) async fn empty_push(&mut self) -> Outcome {
        self.push_squad(&[], Spelling::WithPath).await?;
        self.push_squad(&[0, 2], Spelling::WithPath).await?;
        self.push_squad(&[], Spelling::WithoutPath).await?;
        self.change_squad(&[], &[0, 3]).await?;
        PASSED
    }

    pub(super) async fn import_groups(&self) -> Outcome {
        let mut left: HashMap<&str, &Group> =
            self.squad.iter().chain(&self.linked).map(|group| (group.id.as_str(), group)).collect();
        let total = self
            .okta
            .server
            .import("/Groups", |found, _| {
                let request = "GET /Groups by pages";
                let id = group::form(found, self.okta.server.dialect, request)?;
                if let Some(known) = left.remove(id.as_str()) {
                    let request = format!("{request}, \"{}\"", known.name);
                    group::name(found, &known.name, &request)?;
                    let members = self.cast.members(&known.members)?;
                    let expected = members.into_iter().map(|member| member.id).collect();
                    let actual = group::members(found, &request)?;
                    group::exactly(&actual, &expected, &request, ToOwned::to_owned)?;
                }
                Ok(())
            })
            .await?;
        if let Some(group) = left.into_values().next() {
            return Err(Failure::new(format!(
                "GET /Groups by pages: expected to meet \"{}\", but it was on no page of {total}",
                group.name
            )));
        }
        Ok(Some(format!("{total} groups")))
    }

    /// The groups go, their members stay.
    pub(super) async fn delete_groups(&mut self) -> Outcome {
        self.squad()?;
        for group in [self.squad.take(), self.linked.take()].into_iter().flatten() {
            self.okta.server.delete_group(&group.id).await?;
            let answer = self.okta.server.client.get(&format!("/Groups/{}", group.id), &[]).await?;
            problem::check(&answer, 404, self.okta.server.dialect)?;
            ensure!(
                self.okta.find_group(&group.name).await?.is_none(),
                "expected nothing under the name \"{}\" after DELETE, but a group came",
                group.name
            );
        }
        self.verify(0, true).await?;
        PASSED
    }

    fn squad(&self) -> Result<&Group, Failure> {
        let missing = || Failure::NotTried("needs a group, and none could be created".to_owned());
        self.squad.as_ref().ok_or_else(missing)
    }

    async fn check_squad(&self) -> Result<(), Failure> {
        let squad = self.squad()?;
        let members = self.cast.members(&squad.members)?;
        self.okta.server.verify_members(&squad.id, &squad.name, &members).await
    }

    async fn change_squad(&mut self, removed: &[usize], added: &[usize]) -> Result<(), Failure> {
        let mut squad = self.squad()?.clone();
        let removed: BTreeSet<usize> = removed.iter().copied().collect();
        let added: BTreeSet<usize> = added.iter().copied().collect();
        let (leavers, joiners) = (self.cast.members(&removed)?, self.cast.members(&added)?);
        self.okta.change_members(&squad.id, &squad.name, &leavers, &joiners).await?;
        squad.members.retain(|member| !removed.contains(member));
        squad.members.extend(&added);
        self.squad = Some(squad);
        self.check_squad().await
    }

    async fn push_squad(&mut self, members: &[usize], spelling: Spelling) -> Result<(), Failure> {
        let mut squad = self.squad()?.clone();
        squad.members = members.iter().copied().collect();
        let listed = self.cast.members(&squad.members)?;
        self.okta.replace_members(&squad.id, &squad.name, &listed, spelling).await?;
        self.squad = Some(squad);
        self.check_squad().await
    }
}
