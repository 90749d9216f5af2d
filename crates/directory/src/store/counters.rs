//! [`Counters`]: what is counted for an organization, and the heads of its two chains.

use std::collections::BTreeMap;

use crate::{
    checksum::{Sum, Sums},
    db::{Session, statements},
    error::Error,
    id::{AuditNo, ConnectionNo, EventNo, OrgNo},
    organization::State,
    record::Head,
};

statements! {
    LOAD = Sql {
        "select c.next_no, c.next_connection, c.next_token, c.next_role, c.users, c.groups, \
         c.admin_grants, c.last_us, c.schemas, c.event_seq, c.event_head, c.audit_seq, \
         c.audit_head, c.user_sum, c.group_sum, c.member_sum, o.state, o.admin_guard \
         from organization_counter c join organization o on o.org = c.org \
         where c.org = $1 and o.org = $1 for update of c"
    };
    SAVE = Sql {
        "update organization_counter set next_no = $2, next_connection = $3, next_token = $4, \
         next_role = $5, users = $6, groups = $7, admin_grants = $8, last_us = $9, schemas = $10, \
         event_seq = $11, event_head = $12, audit_seq = $13, audit_head = $14, user_sum = $15, \
         group_sum = $16, member_sum = $17 where org = $1"
    };
    MANAGED = Sql {
        "update removal_guard set managed = managed + $3 where org = $1 and connection = $2"
    };
}

/// What is counted for one organization. Its row is locked when it is loaded and written once,
/// before the batch commits: it is the point at which the changes of an organization queue up.
#[derive(Clone, Debug)]
pub(super) struct Counters {
    pub(super) next_no: i64,
    pub(super) next_connection: i64,
    pub(super) next_token: i64,
    pub(super) next_role: i64,
    pub(super) users: i64,
    pub(super) groups: i64,
    /// How many assignments and mappings give an administrator's role.
    pub(super) admin_grants: i64,
    pub(super) last_us: i64,
    /// The version of the resource types. It is no count: see [`super::Writer::renew_schemas`].
    pub(super) schemas: i64,
    pub(super) event: Head<EventNo>,
    pub(super) audit: Head<AuditNo>,
    /// Whether the admin-lockout guard was decided; a setting, read along with the counters.
    pub(super) admin_guard: Option<bool>,
    /// What proves that a copy equals the organization.
    pub(super) sums: Sums,
    /// By how many the active people whom a connection manages are more, or fewer, than is stored.
    pub(super) managed: BTreeMap<ConnectionNo, i64>,
}

impl Counters {
    /// Loads and locks. `None`: there is no such organization, or it is deleted. One that is being
    /// made can be written to by whoever makes it.
    pub(super) fn load(session: &mut Session, org: OrgNo) -> Result<Option<Self>, Error> {
        let Some(mut row) = session.query(LOAD, &[org.into()])?.pop() else { return Ok(None) };
        if row.get::<State>("state")? == State::Deleted {
            return Ok(None);
        }
        let newest: EventNo = row.get("event_seq")?;
        Ok(Some(Self {
            next_no: row.get("next_no")?,
            next_connection: row.get("next_connection")?,
            next_token: row.get("next_token")?,
            next_role: row.get("next_role")?,
            users: row.get("users")?,
            groups: row.get("groups")?,
            admin_grants: row.get("admin_grants")?,
            last_us: row.get("last_us")?,
            schemas: row.get("schemas")?,
            event: Head { no: newest, hash: row.get("event_head")? },
            audit: Head { no: row.get("audit_seq")?, hash: row.get("audit_head")? },
            admin_guard: row.get("admin_guard")?,
            sums: Sums::of_row(&mut row)?,
            managed: BTreeMap::new(),
        }))
    }

    /// Stores them in the row that [`Counters::load`] has locked, and which cannot have gone away.
    pub(super) fn save(&self, session: &mut Session, org: OrgNo) -> Result<(), Error> {
        for (connection, by) in self.managed.iter().filter(|(_, by)| **by != 0) {
            session.send(MANAGED, &[org.into(), (*connection).into(), (*by).into()])?;
        }
        let Sums { users, groups, memberships } = self.sums;
        let [users, groups, memberships] = [users, groups, memberships].map(Sum::to_bytes);
        session.send(
            SAVE,
            &[
                org.into(),
                self.next_no.into(),
                self.next_connection.into(),
                self.next_token.into(),
                self.next_role.into(),
                self.users.into(),
                self.groups.into(),
                self.admin_grants.into(),
                self.last_us.into(),
                self.schemas.into(),
                self.event.no.into(),
                self.event.hash.as_slice().into(),
                self.audit.no.into(),
                self.audit.hash.as_slice().into(),
                users.as_slice().into(),
                groups.as_slice().into(),
                memberships.as_slice().into(),
            ],
        )
    }
}
