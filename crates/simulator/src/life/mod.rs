//! The life of people and groups, one function a step.

mod connection;
mod groups;
mod users;

use std::collections::BTreeSet;

use crate::{
    failure::{Failure, Outcome},
    judge::user,
    okta::{Okta, groups::Member},
    people::{Company, Person},
    report::Recorder,
};

/// What the steps share.
#[derive(Debug)]
struct Life<'a> {
    okta: &'a Okta,
    company: &'a Company,
    cast: Vec<Person>,
    /// The id of each person, once assigned.
    ids: Vec<Option<String>>,
    /// Who is inactive just now.
    archived: Option<usize>,
    /// Optional attributes that the server showed not to keep.
    not_kept: BTreeSet<String>,
    squad: Option<Group>,
    linked: Option<Group>,
}

/// A group that the life made, with the members it should have.
#[derive(Clone, Debug)]
struct Group {
    id: String,
    name: String,
    /// Positions in the cast.
    members: BTreeSet<usize>,
}

/// Plays the life. Returns the optional attributes that the server does not keep.
pub(crate) async fn run(
    okta: &Okta,
    company: &Company,
    recorder: &mut Recorder<'_>,
) -> BTreeSet<String> {
    let cast = company.cast();
    let mut life = Life {
        okta,
        company,
        ids: vec![None; cast.len()],
        cast,
        archived: None,
        not_kept: BTreeSet::new(),
        squad: None,
        linked: None,
    };
    let life = &mut life;
    recorder.step("connection", "test API credentials", life.test_credentials()).await;
    recorder.step("connection", "wrong credentials are refused", life.refused_credentials()).await;
    recorder.step("connection", "an unknown id is a 404", life.unknown_ids()).await;

    recorder.step("users", "look up somebody who is not there", life.look_up_nobody()).await;
    recorder.step("users", "create on assignment", life.create()).await;
    recorder.step("users", "look up in other letters", life.look_up_folded()).await;
    recorder.step("users", "refuse a duplicate", life.duplicate()).await;
    recorder.step("users", "link a match", life.link()).await;
    recorder.step("users", "update the profile, echoing the rest", life.update()).await;
    recorder.step("users", "clear attributes by empty values", life.clear()).await;
    recorder.step("users", "change the login", life.change_login()).await;
    recorder.step("users", "assign everybody else", life.assign_others()).await;
    recorder.step("users", "deactivate", life.deactivate()).await;

    recorder.step("groups", "create", life.create_group()).await;
    recorder.step("groups", "link an existing group", life.link_group()).await;
    recorder.step("groups", "add and remove members together", life.mixed_changes()).await;
    recorder.step("groups", "repeat a change that was made", life.repeated_changes()).await;
    recorder.step("groups", "rename, members stay", life.rename_group()).await;
    recorder.step("groups", "full push", life.full_push()).await;
    recorder.step("groups", "push an empty group", life.empty_push()).await;

    recorder.step("import", "everybody, by pages of 100", life.import_users()).await;
    recorder.step("import", "all groups, by pages of 100", life.import_groups()).await;

    recorder.step("users", "reactivate", life.reactivate()).await;
    recorder.step("users", "re-hire", life.rehire()).await;
    recorder.step("groups", "delete", life.delete_groups()).await;
    std::mem::take(&mut life.not_kept)
}

impl Life<'_> {
    fn id(&self, person: usize) -> Result<&str, Failure> {
        self.ids[person].as_deref().ok_or_else(|| {
            Failure::NotTried(format!(
                "needs {}, who could not be assigned",
                self.cast[person].user_name
            ))
        })
    }

    fn members(&self, people: &BTreeSet<usize>) -> Result<Vec<Member>, Failure> {
        people
            .iter()
            .map(|&person| {
                Ok(Member {
                    id: self.id(person)?.to_owned(),
                    user_name: self.cast[person].user_name.clone(),
                })
            })
            .collect()
    }

    /// Reads a person and compares every attribute that the server keeps.
    async fn verify(&self, person: usize, active: bool) -> Result<(), Failure> {
        let id = self.id(person)?;
        let stored = self.okta.read_user(id).await?;
        let request = format!("GET /Users/{id}");
        user::active(&stored, active, &request)?;
        let profile = self.cast[person].profile(self.okta.flavour);
        let missing = user::content(&stored, &profile, &request)?;
        user::nothing_lost(&missing, &self.not_kept, &request)
    }
}

/// A step that passed without a remark.
const PASSED: Outcome = Ok(None);
