//! [`restore()`]: what was lost comes back, by ordinary changes.

use super::{
    Counts, PEOPLE, Past, Plan, TEAMS, Wanted,
    plan::{Lost, plan},
    state::state,
};
use crate::{
    access::{Access, Verb},
    audit::{self, kinds},
    error::Error,
    id::{ConnectionId, EventNo, ResourceId},
    organization,
    resource::{
        Group, Kind, User, find,
        group::{self, MemberName},
        membership, user,
    },
    store::{Store, Writer},
};

/// Users and groups that are changed in one transaction.
const PIECE: usize = 50;
/// Memberships that are made in one transaction, by one event.
const MEMBERS: usize = 500;
/// So many refusals are told.
pub(crate) const REFUSED: usize = 100;

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Users, groups and memberships that were gone through,
    pub done: u64,
    /// of so many.
    pub of: u64,
}

/// What does not come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The user or group.
    pub id: ResourceId,
    /// Why, in a sentence.
    pub reason: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What was found to be lost.
    pub plan: Plan,
    /// What came back of it. Fewer than planned: some was back by itself meanwhile, or was refused.
    pub done: Counts,
    /// What was refused, 100 at the most.
    pub refused: Vec<Refused>,
    /// How much was refused: users, groups, and changes of members.
    pub refused_count: u64,
    /// Whether nothing is left to do. Otherwise it was ended before, and can be begun again.
    pub whole: bool,
}

/// Brings back what was lost since a moment: archived users are active again, deleted users and groups are
/// there again with their ids, and memberships are made again. It is done in pieces of ordinary changes with events
/// of their own, each in a turn of its own; before each `go_on` is told how far it has come, and answers whether
/// to go on. Doing it twice changes nothing more, and doing it again goes on where it was cut off.
///
/// What an identity provider manages comes back, too, and stays managed by it. Roles that were given to someone who
/// was deleted, and mapped to a group that was, do not come back; nor do sessions.
///
/// # Errors
///
/// As [`plan`]. What the rules refuse is told in the answer, and the rest goes on.
pub async fn restore(
    store: &Store,
    access: &Access,
    wanted: Wanted,
    go_on: impl FnMut(Progress) -> bool,
) -> Result<Restored, Error> {
    access.permit(Verb::Restore)?;
    let asked = wanted.clone();
    let plan = store.read_long(access, move |reader| plan(reader, &asked)).await?;
    let of = plan.counts().all();
    let restored = Restored {
        plan,
        done: Counts::default(),
        refused: Vec::new(),
        refused_count: 0,
        whole: true,
    };
    if of == 0 {
        return Ok(restored);
    }
    let mut work = Work { store, access, go_on, progress: Progress { done: 0, of }, restored };
    work.begin(&wanted).await?;
    work.users().await?;
    work.groups().await?;
    work.members().await?;
    work.end().await
}

/// What is being brought back.
struct Work<'w, G> {
    store: &'w Store,
    access: &'w Access,
    go_on: G,
    progress: Progress,
    restored: Restored,
}

impl<G: FnMut(Progress) -> bool> Work<'_, G> {
    async fn begin(&self, wanted: &Wanted) -> Result<(), Error> {
        let payload = kinds::RestoreBegun {
            to: self.restored.plan.past.after.0,
            until: self.restored.plan.until.0,
            by: wanted.by.as_str().map(str::to_owned),
            of: wanted.of.id().map(|id| id.to_string()),
        };
        self.record(payload.into()).await
    }

    async fn users(&mut self) -> Result<(), Error> {
        let plan = &self.restored.plan;
        let (past, archived) = (plan.past, plan.reactivated.clone());
        let archived: Vec<_> = archived.into_iter().map(|id| (id, ())).collect();
        let deleted = plan.recreated.clone();
        for piece in archived.chunks(PIECE) {
            self.restored.done.reactivated +=
                self.piece(piece, PIECE, |writer, id, ()| reactivate(writer, id)).await?;
        }
        for piece in deleted.chunks(PIECE) {
            let again = move |writer: &mut Writer<'_>, id: ResourceId, after: &EventNo| {
                recreate(writer, past.moved(*after), id)
            };
            self.restored.done.recreated += self.piece(piece, PIECE, again).await?;
        }
        Ok(())
    }

    async fn groups(&mut self) -> Result<(), Error> {
        let past = self.restored.plan.past;
        let deleted: Vec<(ResourceId, Lost)> =
            self.restored.plan.groups.iter().map(|lost| (lost.id, *lost)).collect();
        for piece in deleted.chunks(PIECE) {
            let again = move |writer: &mut Writer<'_>, id: ResourceId, lost: &Lost| {
                recreate_group(writer, past.moved(lost.after), id, lost.by)
            };
            self.restored.done.groups += self.piece(piece, PIECE, again).await?;
        }
        Ok(())
    }

    async fn members(&mut self) -> Result<(), Error> {
        for at in 0..self.restored.plan.members.len() {
            let (group, members) = self.restored.plan.members[at].clone();
            for piece in members.chunks(MEMBERS) {
                let piece = [(group, piece.to_vec())];
                let back = |writer: &mut Writer<'_>, id, members: &Vec<ResourceId>| {
                    put_back(writer, id, members)
                };
                self.restored.done.memberships += self.piece(&piece, MEMBERS, back).await?;
            }
        }
        Ok(())
    }

    async fn end(self) -> Result<Restored, Error> {
        let Restored { done, refused_count, whole, .. } = self.restored;
        let Counts { reactivated, recreated, groups, memberships } = done;
        let refused = refused_count;
        let payload =
            kinds::RestoreEnded { reactivated, recreated, groups, memberships, refused, whole };
        self.record(payload.into()).await?;
        Ok(self.restored)
    }

    /// Makes a piece of the changes in one transaction, each of which can be refused alone. Answers how much came
    /// back.
    async fn piece<T, F>(
        &mut self,
        piece: &[(ResourceId, T)],
        size: usize,
        act: F,
    ) -> Result<u64, Error>
    where
        T: Clone + Send + 'static,
        F: Fn(&mut Writer<'_>, ResourceId, &T) -> Result<u64, Error> + Send + 'static,
    {
        self.restored.whole = self.restored.whole && (self.go_on)(self.progress);
        if !self.restored.whole {
            return Ok(0);
        }
        let piece = piece.to_vec();
        let work = move |writer: &mut Writer<'_>| {
            writer.permit(Verb::Restore)?;
            let (mut back, mut refused) = (0, Vec::new());
            for (id, of) in &piece {
                let tried =
                    writer.bring_back(|writer| writer.attempt(|writer| act(writer, *id, of)))?;
                match tried {
                    Ok(count) => back += count,
                    Err(refusal) => {
                        refused.push(Refused { id: *id, reason: refusal.to_string() });
                    }
                }
            }
            Ok::<_, Error>((back, refused))
        };
        let (back, refused) = self.store.write(self.access, work).await?;
        self.progress.done = (self.progress.done + size as u64).min(self.progress.of);
        let restored = &mut self.restored;
        restored.refused_count += refused.len() as u64;
        restored.refused.extend(refused);
        restored.refused.truncate(REFUSED);
        Ok(back)
    }

    async fn record(&self, payload: audit::Payload) -> Result<(), Error> {
        let write = move |writer: &mut Writer<'_>| {
            writer.permit(Verb::Restore)?;
            let id = organization::read(writer)?.id.to_string();
            audit::record(writer, &id, payload.clone())
        };
        self.store.write(self.access, write).await
    }
}

fn reactivate(writer: &mut Writer<'_>, id: ResourceId) -> Result<u64, Error> {
    match find(writer, Kind::USER, id)?.map(User) {
        Some(user) if !user.is_active() => user::reactivate(writer, &user).map(|_| 1),
        // Someone was quicker.
        Some(_) | None => Ok(0),
    }
}

fn recreate(writer: &mut Writer<'_>, past: Past, id: ResourceId) -> Result<u64, Error> {
    if find(writer, Kind::USER, id)?.is_some() {
        return Ok(0);
    }
    let Some(was) = state(writer, PEOPLE, past, id)? else { return Ok(0) };
    user::recreate(writer, id, &was.attributes).map(|_| 1)
}

fn recreate_group(
    writer: &mut Writer<'_>,
    past: Past,
    id: ResourceId,
    managed_by: Option<ConnectionId>,
) -> Result<u64, Error> {
    if find(writer, Kind::GROUP, id)?.is_some() {
        return Ok(0);
    }
    let Some(was) = state(writer, TEAMS, past, id)? else { return Ok(0) };
    group::recreate(writer, id, &was.attributes, managed_by).map(|_| 1)
}

/// Puts those back into a group who are here.
fn put_back(writer: &mut Writer<'_>, id: ResourceId, members: &[ResourceId]) -> Result<u64, Error> {
    let Some(group) = find(writer, Kind::GROUP, id)?.map(Group) else { return Ok(0) };
    let names: Vec<MemberName> = members.iter().copied().map(MemberName::from).collect();
    let (found, _) = membership::resolve(writer, &names)?;
    let names: Vec<MemberName> = found.iter().map(|one| MemberName::from(one.id)).collect();
    let after = group::add_members(writer, &group, &names)?;
    Ok((after.member_count() - group.member_count()).unsigned_abs())
}
