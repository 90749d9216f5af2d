//! Organizations: the customers of the application, and the wall between them.

use serde_json::json;

use crate::{
    clock::Time,
    db::{Catalog, Reader, Row, Store, Writer, statements},
    error::Error,
    event::{self, Actor, EventKind},
    id::{OrgNo, OrganizationId},
};

statements! {
    CLAIM_SLUG = Sql {
        "insert into organization_slug (slug, org) values ($1, $2) on conflict (slug) do nothing \
         returning org"
    };
    FREE_SLUG = Sql { "delete from organization_slug where slug = $1 and org = $2" };
    BY_SLUG = Sql { "select org from organization_slug where slug = $1" };
    INSERT = Sql {
        "insert into organization (org, id, slug, name, plan, state, created, next_no, next_key, \
         next_seq, users, groups, last_us, head) \
         values ($1, $2, $3, $4, $5, 1, $6, 0, 0, 0, 0, 0, 0, $7) \
         on conflict (org) do nothing returning org"
    };
    GET = Sql {
        "select id, slug, name, plan, created, users, groups, next_seq, state from organization \
         where org = $1"
    };
    SET_PLAN = Sql { "update organization set plan = $2 where org = $1" };
    SLUGS = Sql { "select slug, org from organization_slug where slug > $1 order by slug limit $2" };
    DELETE = Sql { "update organization set state = 2 where org = $1 and state = 1" };
}

/// `organization.state` of one that is there for everybody.
pub(crate) const LIVE: i64 = 1;

/// The key to one organization's data. Only the authenticator and operators' look-ups make one,
/// and every call of the store wants one: no request can reach an organization that it did not
/// prove to belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tenant(OrgNo);

impl Tenant {
    pub(crate) fn new(org: OrgNo) -> Self {
        Self(org)
    }

    pub(crate) fn org(self) -> OrgNo {
        self.0
    }
}

/// One customer of the application.
#[derive(Clone, Debug)]
pub struct Organization {
    /// As the application knows it.
    pub id: OrganizationId,
    /// The short name in commands and addresses.
    pub slug: Slug,
    /// The name for people.
    pub name: String,
    /// The name of its plan.
    pub plan: Option<String>,
    /// When it was made.
    pub created: Time,
    /// How many users it has, archived ones included.
    pub users: i64,
    /// How many groups it has.
    pub groups: i64,
    /// The number of its newest event.
    pub last_event: i64,
}

/// The short name of an organization: 1 to 63 lower-case letters, digits and inner hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// Reads a slug.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the rule.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=63).contains(&text.len())
            && text.chars().all(allowed)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if fits {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::refused(format!(
            "\"{}\" is not a slug: use 1 to 63 lower-case letters, digits and inner hyphens",
            text.escape_debug()
        )))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes an organization.
///
/// # Errors
///
/// [`Error::Refused`] where the slug is taken or the name is empty or over 200 characters.
pub async fn create(
    store: &Store,
    slug: &Slug,
    name: &str,
    plan: Option<&str>,
) -> Result<(Tenant, Organization), Error> {
    if name.trim().is_empty() || name.chars().count() > 200 || name.contains('\0') {
        return Err(Error::refused("an organization needs a name of 1 to 200 characters"));
    }
    let (slug, name, plan) = (slug.clone(), name.trim().to_owned(), plan.map(str::to_owned));
    let tenant = store
        .write_catalog({
            let slug = slug.clone();
            let (name, plan) = (name.clone(), plan.clone());
            move |catalog| insert(catalog, &slug, &name, plan.as_deref())
        })
        .await?;
    let organization = store
        .write(&tenant, &Actor::Operator, move |writer| {
            let organization = get(writer)?;
            let body = json!({ "slug": slug.as_str(), "name": name, "plan": plan });
            event::emit(
                writer,
                EventKind::OrganizationCreated,
                &organization.id.to_string(),
                &body,
            )?;
            Ok(organization)
        })
        .await?;
    Ok((tenant, organization))
}

fn insert(
    catalog: &mut Catalog<'_>,
    slug: &Slug,
    name: &str,
    plan: Option<&str>,
) -> Result<Tenant, Error> {
    // The number stands in tokens, so it must not tell how many customers there are.
    let bytes: [u8; 8] = catalog.chance.bytes();
    let org = i64::from_be_bytes(bytes) & ((1 << 40) - 1) | 1;
    if catalog.change(CLAIM_SLUG, &[slug.as_str().into(), org.into()])?.is_empty() {
        return Err(Error::refused(format!(
            "there is an organization with the slug {slug} already"
        )));
    }
    let id = OrganizationId::new(catalog.chance).to_string();
    let created = catalog.now.as_micros();
    let inserted = catalog.change(
        INSERT,
        &[
            org.into(),
            (&id).into(),
            slug.as_str().into(),
            name.into(),
            plan.into(),
            created.into(),
            [].as_slice().into(),
        ],
    )?;
    if inserted.is_empty() {
        return Err(Error::Unavailable("a random number came twice; try again".to_owned()));
    }
    Ok(Tenant(OrgNo(org)))
}

/// The organization itself.
///
/// # Errors
///
/// [`Error::NotFound`] where it was deleted.
pub fn get(reader: &mut Reader<'_>) -> Result<Organization, Error> {
    let row = reader.query_one(GET, &[])?.ok_or(Error::NotFound)?;
    if row.int(8)? != LIVE {
        return Err(Error::NotFound);
    }
    from_row(row)
}

fn from_row(mut row: Row) -> Result<Organization, Error> {
    Ok(Organization {
        id: OrganizationId::from_store(&row.text(0)?)?,
        slug: Slug(row.text(1)?),
        name: row.text(2)?,
        plan: row.opt_text(3)?,
        created: Time::from_micros(row.int(4)?),
        users: row.int(5)?,
        groups: row.int(6)?,
        last_event: row.int(7)?,
    })
}

/// Finds an organization by its slug.
///
/// # Errors
///
/// [`Error::Refused`] where there is none, with what to do.
pub async fn find(store: &Store, slug: &Slug) -> Result<(Tenant, Organization), Error> {
    let wanted = slug.clone();
    let found = store
        .read_catalog(move |catalog| {
            let Some(row) = catalog.query(BY_SLUG, &[wanted.as_str().into()])?.pop() else {
                return Ok(None);
            };
            let org = OrgNo(row.int(0)?);
            Ok(Some((Tenant(org), get(&mut catalog.reader(org))?)))
        })
        .await?;
    found.ok_or_else(|| {
        Error::refused(format!(
            "there is no organization \"{slug}\"; `doorward organization list` shows all"
        ))
    })
}

/// All organizations, by slug.
///
/// # Errors
///
/// Those of the store.
pub async fn list(store: &Store) -> Result<Vec<(Tenant, Organization)>, Error> {
    store
        .read_catalog(|catalog| {
            let mut all = Vec::new();
            let mut after = String::new();
            loop {
                let rows = catalog.query(SLUGS, &[(&after).into(), 500.into()])?;
                if rows.is_empty() {
                    return Ok(all);
                }
                for mut row in rows {
                    after = row.text(0)?;
                    let org = OrgNo(row.int(1)?);
                    all.push((Tenant(org), get(&mut catalog.reader(org))?));
                }
            }
        })
        .await
}

/// Gives an organization another plan, or none. Setting the plan that it has changes nothing.
///
/// # Errors
///
/// [`Error::NotFound`] where it was deleted.
pub fn set_plan(writer: &mut Writer<'_>, plan: Option<&str>) -> Result<Organization, Error> {
    let mut organization = get(writer)?;
    if organization.plan.as_deref() == plan {
        return Ok(organization);
    }
    writer.execute(SET_PLAN, &[plan.into()])?;
    let body = json!({ "plan": plan });
    event::emit(writer, EventKind::OrganizationUpdated, &organization.id.to_string(), &body)?;
    organization.plan = plan.map(str::to_owned);
    Ok(organization)
}

/// Deletes an organization: it is gone for everybody at once, its slug is free, and its rows are
/// cleared step by step by [`crate::reap`].
///
/// # Errors
///
/// [`Error::NotFound`] where it is deleted already.
pub async fn delete(store: &Store, tenant: &Tenant, slug: &Slug) -> Result<(), Error> {
    let (org, slug) = (tenant.org(), slug.clone());
    store
        .write_catalog(move |catalog| {
            if catalog.execute(DELETE, &[org.0.into()])? == 0 {
                return Err(Error::NotFound);
            }
            catalog.execute(FREE_SLUG, &[slug.as_str().into(), org.0.into()])?;
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::Slug;

    #[test]
    fn a_slug_can_stand_in_an_address() {
        for good in ["acme", "a", "acme-2", "0x"] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Acme", "a_b", "-a", "a-", "a b", "é", &"a".repeat(64)] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
    }
}
