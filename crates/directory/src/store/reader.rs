//! [`Reader`]: reads one organization.

use std::sync::Arc;

use scim::schema::Schemas;

use super::{gate::Pass, services::Services};
use crate::{
    access::{Access, Verb},
    db::{ListSql, Param, Row, Session, Sql},
    error::Error,
    id::OrgNo,
};

/// Reads one organization, in one state of the store.
///
/// It binds `$1` of every statement to the organization: a verb of the domain takes a reader and
/// cannot name another organization.
pub struct Reader<'s> {
    pub(super) session: &'s mut Session,
    pub(super) access: &'s Access,
    pub(super) services: &'s Services,
    /// Of a read that may take long.
    pass: Option<&'s Pass<'s>>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(
        session: &'s mut Session,
        access: &'s Access,
        services: &'s Services,
        pass: Option<&'s Pass<'s>>,
    ) -> Self {
        Self { session, access, services, pass }
    }

    /// Lets other long reads go first whose turn it is: between the pieces of whatever may have
    /// many. Nothing happens in a short read, or in a change.
    ///
    /// # Errors
    ///
    /// Where no one waits for the answer any more.
    pub(crate) fn give_way(&self) -> Result<(), Error> {
        self.pass.map_or(Ok(()), Pass::give_way)
    }

    /// Who reads.
    pub(crate) fn access(&self) -> &'s Access {
        self.access
    }

    /// Makes sure that whoever reads or writes may do this.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`].
    pub(crate) fn permit(&self, verb: Verb) -> Result<(), Error> {
        self.access.permit(verb)
    }

    /// The resource types of the organization, in a version that was read from its row.
    pub(crate) fn schemas_of(&mut self, version: i64) -> Result<Arc<Schemas>, Error> {
        self.services.schemas.get(self, version)
    }

    pub(crate) fn services(&self) -> &'s Services {
        self.services
    }

    pub(crate) fn org(&self) -> OrgNo {
        self.access.org()
    }

    /// The rows of a statement. `params` begin at `$2`.
    pub(crate) fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.session.query(sql, &with_org(self.org(), params))
    }

    /// The rows of several statements, none of which depends on the answer to another. `params` begin
    /// at `$2`.
    pub(crate) fn query_each<const N: usize>(
        &mut self,
        questions: [(Sql, &[Param<'_>]); N],
    ) -> Result<[Vec<Row>; N], Error> {
        let org = self.org();
        let questions = questions.map(|(sql, params)| (sql, with_org(org, params)));
        let answers = self.session.query_each(&questions)?;
        Ok(answers.try_into().expect("each statement has an answer"))
    }

    /// The only row of a statement, or none.
    pub(crate) fn query_one(
        &mut self,
        sql: Sql,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, params)?.pop())
    }

    /// The rows of a small table of the installation, which are the same for every organization.
    pub(crate) fn query_shared(
        &mut self,
        sql: Sql,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, Error> {
        self.session.query(sql, params)
    }

    /// The rows of a list statement. `fixed` begin at `$2`.
    pub(crate) fn query_list<const N: usize>(
        &mut self,
        sql: &ListSql,
        fixed: &[Param<'_>],
        items: &[[Param<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        self.session.query_list(sql, &with_org(self.org(), fixed), items)
    }
}

pub(super) fn with_org<'p>(org: OrgNo, params: &[Param<'p>]) -> Vec<Param<'p>> {
    std::iter::once(org.into()).chain(params.iter().copied()).collect()
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("access", &self.access).finish_non_exhaustive()
    }
}
