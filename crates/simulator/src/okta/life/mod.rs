//! The life of people and groups with Okta, one function a step.

mod connection;
mod groups;
mod users;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    failure::Failure,
    okta::Okta,
    people::{Cast, Company, Group},
    player::Player as _,
    report::Recorder,
};

/// What the steps share.
#[derive(Debug)]
struct Life<'a> {
    okta: &'a Okta,
    company: &'a Company,
    cast: Cast,
    /// Who is inactive just now.
    archived: Option<usize>,
    squad: Option<Group>,
    linked: Option<Group>,
}

/// Plays the life. Returns the optional attributes that the server does not keep.
pub(super) async fn run(
    okta: &Okta,
    company: &Company,
    recorder: &mut Recorder<'_>,
) -> BTreeSet<String> {
    let mut life =
        Life { okta, company, cast: Cast::new(company), archived: None, squad: None, linked: None };
    let life = &mut life;
    recorder.step("connection", "test API credentials", life.test_credentials()).await;
    recorder
        .step("connection", "wrong credentials are refused", okta.server.refused_credentials())
        .await;
    recorder.step("connection", "an unknown id is a 404", okta.server.unknown_ids()).await;

    recorder.step("users", "look up someone who is not there", life.look_up_unknown()).await;
    recorder.step("users", "create on assignment", life.create()).await;
    recorder.step("users", "look up in other letters", life.look_up_folded()).await;
    recorder.step("users", "refuse a duplicate", life.duplicate()).await;
    recorder.step("users", "link a match", life.link()).await;
    recorder.step("users", "update the profile, echoing the rest", life.update()).await;
    recorder.step("users", "clear attributes by empty values", life.clear()).await;
    recorder.step("users", "change the login", life.change_login()).await;
    recorder.step("users", "assign everyone else", life.assign_others()).await;
    recorder.step("users", "deactivate", life.deactivate()).await;

    recorder.step("groups", "create", life.create_group()).await;
    recorder.step("groups", "link an existing group", life.link_group()).await;
    recorder.step("groups", "add and remove members together", life.mixed_changes()).await;
    recorder.step("groups", "repeat a change that was made", life.repeated_changes()).await;
    recorder.step("groups", "rename, members stay", life.rename_group()).await;
    recorder.step("groups", "full push", life.full_push()).await;
    recorder.step("groups", "push an empty group", life.empty_push()).await;

    recorder.step("import", "everyone, by pages of 100", life.import_users()).await;
    recorder.step("import", "all groups, by pages of 100", life.import_groups()).await;

    recorder.step("users", "reactivate", life.reactivate()).await;
    recorder.step("users", "re-hire", life.rehire()).await;
    recorder.step("groups", "delete", life.delete_groups()).await;
    std::mem::take(&mut life.cast.not_kept)
}

impl Life<'_> {
    fn profile(&self, person: usize) -> Map<String, Value> {
        self.okta.profile(&self.cast[person])
    }

    /// Reads a person and compares every attribute that the server keeps.
    async fn verify(&self, person: usize, active: bool) -> Result<(), Failure> {
        self.cast.verify(self.okta, person, active).await
    }
}
