//! The life of people and groups with Entra, one function a step.

mod connection;
mod groups;
mod users;

use std::collections::BTreeSet;

use super::Entra;
use crate::{
    failure::Failure,
    people::{Cast, Company, Group},
    report::Recorder,
};

/// What the steps share.
#[derive(Debug)]
struct Life<'a> {
    entra: &'a Entra,
    company: &'a Company,
    cast: Cast,
    /// Who is inactive just now.
    archived: Option<usize>,
    squad: Option<Group>,
}

/// Plays the life. Returns the optional attributes that the server does not keep.
pub(super) async fn run(
    entra: &Entra,
    company: &Company,
    recorder: &mut Recorder<'_>,
) -> BTreeSet<String> {
    let mut life = Life { entra, company, cast: Cast::new(company), archived: None, squad: None };
    let life = &mut life;
    let server = &entra.server;
    recorder.step("connection", "test connection", life.test_connection()).await;
    recorder
        .step("connection", "wrong credentials are refused", server.refused_credentials())
        .await;
    recorder.step("connection", "an unknown id is a 404", server.unknown_ids()).await;
    recorder.step("connection", "schemas, without nulls", life.schemas()).await;
    recorder.step("connection", "what the server can do", life.configuration()).await;

    recorder.step("users", "look up someone who is not there", life.look_up_unknown()).await;
    recorder.step("users", "create", life.create()).await;
    recorder.step("users", "look up by each matching attribute", life.look_up_by_each()).await;
    recorder.step("users", "look up by two attributes at once", life.look_up_by_two()).await;
    recorder.step("users", "refuse a duplicate", life.duplicate()).await;
    recorder.step("users", "find a match, with nothing to change", life.match_again()).await;
    recorder.step("users", "change many attributes at once", life.update()).await;
    recorder
        .step("users", "replace a value that is not there", life.replace_what_is_not_there())
        .await;
    recorder.step("users", "clear attributes", life.clear()).await;
    recorder.step("users", "change the matching attributes", life.change_matching()).await;
    recorder.step("users", "create everyone else, with managers", life.create_others()).await;
    recorder.step("users", "change a manager", life.change_manager()).await;
    recorder.step("users", "soft delete", life.soft_delete()).await;

    recorder.step("groups", "create empty", life.create_group()).await;
    recorder.step("groups", "add members", life.add_members()).await;
    recorder.step("groups", "read and look up without members", life.read_bare()).await;
    recorder.step("groups", "remove a member, the others stay", life.remove_members()).await;
    recorder.step("groups", "repeat a change that was made", life.repeat_changes()).await;
    recorder.step("groups", "rename, members stay", life.rename_group()).await;

    recorder.step("users", "restore", life.restore()).await;
    recorder.step("users", "delete, and create again", life.delete()).await;
    recorder.step("groups", "delete", life.delete_group()).await;
    std::mem::take(&mut life.cast.not_kept)
}

impl Life<'_> {
    /// Reads a person and compares every attribute that the server keeps.
    async fn verify(&self, person: usize, active: bool) -> Result<(), Failure> {
        self.cast.verify(self.entra, person, active).await
    }
}
