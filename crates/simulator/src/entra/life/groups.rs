//! Groups: created empty, filled, changed, renamed, deleted. Members are read back each time.

use std::collections::BTreeSet;

use super::Life;
use crate::{
    entra::{profile::object_id, target::Target},
    failure::{Failure, Outcome, PASSED, ensure},
    judge::problem,
    people::Group,
    server::id,
};

/// Characters that a query must carry unharmed.
const SQUAD: &str = "R&D + Design";
const RENAMED: &str = "R&D + Design (100%)";

const NAME: Target = Target::Simple("displayName");
const EXTERNAL_ID: Target = Target::Simple("externalId");

impl Life<'_> {
    pub(super) async fn create_group(&mut self) -> Outcome {
        let mut remark = None;
        for name in [SQUAD, RENAMED] {
            if let Some(found) = self.entra.find_group(NAME, &self.company.group(name)).await? {
                self.entra.server.delete_group(&id(&found)).await?;
                remark = Some("groups of an earlier run were deleted first".to_owned());
            }
        }
        let name = self.company.group(SQUAD);
        let id = self.entra.create_group(&name).await?;
        self.squad = Some(Group { id, name, members: BTreeSet::new() });
        self.check_squad().await?;
        Ok(remark)
    }

    pub(super) async fn add_members(&mut self) -> Outcome {
        self.change_squad(&[], &[0, 2, 3, 4]).await?;
        self.change_squad(&[], &[5]).await?;
        PASSED
    }

    /// By its name and by its external id, and always without members.
    pub(super) async fn read_bare(&self) -> Outcome {
        let squad = self.squad()?;
        let values = [(NAME, squad.name.clone()), (EXTERNAL_ID, object_id(&squad.name))];
        for (target, value) in values {
            match self.entra.find_group(target, &value).await? {
                Some(found) => ensure!(
                    found["id"] == squad.id.as_str(),
                    "expected the look-up by `{}` to find `{}`, but {} came",
                    target.path(),
                    squad.id,
                    found["id"]
                ),
                None => {
                    return Err(Failure::new(format!(
                        "expected to find the group \"{}\" by `{}`, but nothing came",
                        squad.name,
                        target.path()
                    )));
                }
            }
        }
        self.entra.read_bare_group(&squad.id).await?;
        PASSED
    }

    pub(super) async fn remove_members(&mut self) -> Outcome {
        self.change_squad(&[3], &[]).await?;
        self.change_squad(&[0, 5], &[6]).await?;
        PASSED
    }

    /// Adding who is there and removing who is not are both successes.
    pub(super) async fn repeat_changes(&mut self) -> Outcome {
        self.change_squad(&[0, 5], &[6]).await?;
        PASSED
    }

    pub(super) async fn rename_group(&mut self) -> Outcome {
        let squad = self.squad()?.clone();
        let name = self.company.group(RENAMED);
        self.entra.rename_group(&squad.id, &name).await?;
        self.squad = Some(Group { name: name.clone(), ..squad.clone() });
        self.check_squad().await?;
        let found = self.entra.find_group(NAME, &name).await?;
        ensure!(
            found.is_some_and(|found| found["id"] == squad.id.as_str()),
            "expected to find `{}` under its new name \"{name}\", but it was not there",
            squad.id
        );
        ensure!(
            self.entra.find_group(NAME, &squad.name).await?.is_none(),
            "expected nothing under the old name \"{}\", but a group came",
            squad.name
        );
        PASSED
    }

    /// The group goes, its members stay.
    pub(super) async fn delete_group(&mut self) -> Outcome {
        let group = self.squad()?.clone();
        self.squad = None;
        self.entra.server.delete_group(&group.id).await?;
        let answer = self.entra.server.client.get(&format!("/Groups/{}", group.id), &[]).await?;
        problem::check(&answer, 404, self.entra.server.dialect)?;
        ensure!(
            self.entra.find_group(NAME, &group.name).await?.is_none(),
            "expected nothing under the name \"{}\" after DELETE, but a group came",
            group.name
        );
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
        self.entra.server.verify_members(&squad.id, &squad.name, &members).await
    }

    async fn change_squad(&mut self, removed: &[usize], added: &[usize]) -> Result<(), Failure> {
        let mut squad = self.squad()?.clone();
        let removed: BTreeSet<usize> = removed.iter().copied().collect();
        let added: BTreeSet<usize> = added.iter().copied().collect();
        let (leavers, joiners) = (self.cast.members(&removed)?, self.cast.members(&added)?);
        self.entra.add_members(&squad.id, &joiners).await?;
        self.entra.remove_members(&squad.id, &leavers).await?;
        squad.members.extend(&added);
        squad.members.retain(|member| !removed.contains(member));
        self.squad = Some(squad);
        self.check_squad().await
    }
}
