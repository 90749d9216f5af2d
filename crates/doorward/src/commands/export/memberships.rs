//! `doorward export memberships`

use anyhow::Result;
use directory::{Group, group};
use serde_json::json;

use super::{super::walk::Walk, Sink, Source};

const COLUMNS: [&str; 5] = ["groupId", "groupName", "memberId", "memberName", "memberType"];

/// So many members are read at a time.
const PIECE: usize = 1_000;

pub(super) async fn write(source: &Source<'_>, mut sink: Sink<'_>) -> Result<()> {
    let mut walk = Walk::new(source.store, source.access, None);
    sink.begin("memberships", COLUMNS)?;
    while let Some(groups) = walk.page::<Group>().await? {
        for group in groups {
            of(source, group, &mut sink).await?;
        }
    }
    sink.end()
}

async fn of(source: &Source<'_>, group: Group, sink: &mut Sink<'_>) -> Result<()> {
    let id = group.id.to_string();
    let name = group.name().to_owned();
    let mut last = None;
    loop {
        let (group, after) = (group.clone(), last.clone());
        let members = source
            .store
            .read(source.access, move |reader| {
                group::members(reader, &group, after.as_ref(), PIECE)
            })
            .await?;
        for member in &members {
            let kind = member.kind.as_str();
            let member_id = member.id.to_string();
            sink.record(
                || {
                    let cells = [&id, &name, &member_id, &member.display];
                    let cells = cells.into_iter().cloned();
                    cells.chain([kind.to_owned()]).collect()
                },
                || {
                    json!({
                        "groupId": id,
                        "groupName": name,
                        "memberId": member_id,
                        "memberName": member.display,
                        "memberType": kind,
                    })
                    .to_string()
                },
            )?;
        }
        match members.into_iter().next_back() {
            Some(member) => last = Some(member),
            None => return Ok(()),
        }
    }
}
