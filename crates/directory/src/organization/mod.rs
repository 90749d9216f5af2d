//! Organizations: the customers of the application, and the wall between them.

pub(crate) mod slug;

use crate::{
    access::{Principal, Verb},
    audit::{self, kinds},
    checksum::Sum,
    clock::Time,
    db::{Cell, FromCell, Mismatch, Row, statements},
    error::{Error, Noun},
    event,
    id::{EventNo, OrgNo, OrganizationId},
    installation::{Found, Installation},
    name, plan,
    store::{Catalog, Reader, Store, Writer},
};

pub use self::slug::Slug;

statements! {
    CLAIM_SLUG = Sql {
        "insert into organization_slug (slug, org) values ($1, $2) on conflict (slug) do nothing \
         returning org"
    };
    FREE_SLUG = Sql { "delete from organization_slug where slug = $1 and org = $2" };
    CLAIM_HOME = Sql { "insert into organization_home (org, id) values ($1, $2)" };
    BY_ID = Sql { "select org from organization_home where id = $1" };
    BY_SLUG = Sql { "select org from organization_slug where slug = $1" };
    SLUGS = Sql { "select slug, org from organization_slug where slug > $1 order by slug limit $2" };
    INSERT = Sql {
        "insert into organization (org, id, slug, name, plan, state, created) \
         values ($1, $2, $3, $4, $5, 0, $6) on conflict (org) do nothing returning org"
    };
    INSERT_COUNTER = Sql {
        "insert into organization_counter (org, next_no, next_connection, next_token, next_role, \
         users, groups, admin_grants, last_us, schemas, event_seq, event_head, audit_seq, \
         audit_head, fed, event_pruned, event_anchor, user_sum, group_sum, member_sum) \
         values ($1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $2, 0, $2, 0, 0, $2, $3, $3, $3)"
    };
    OPEN = Sql {
        "update organization set name = $2, plan = $3, state = 1 where org = $1 and state = 0"
    };
    GET = Sql {
        "select o.id, o.slug, o.name, o.plan, o.admin_guard, o.state, o.created, c.users, \
         c.groups, c.event_seq, c.event_pruned \
         from organization o join organization_counter c on c.org = o.org \
         where o.org = $1 and c.org = $1"
    };
    STATE = Sql { "select state from organization where org = $1" };
    LOCK = Sql {
        "select c.users from organization_counter c where c.org = $1 for update of c"
    };
    SET_NAME = Sql { "update organization set name = $2 where org = $1" };
    SET_PLAN = Sql { "update organization set plan = $2 where org = $1" };
    SET_GUARD = Sql { "update organization set admin_guard = $2 where org = $1" };
    DELETE = Sql { "update organization set state = 2 where org = $1 and state = 1" };
}

/// Where an organization is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Being made: half of what makes it is there.
    Making,
    Live,
    Deleted,
}

impl FromCell for State {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        match i64::from_cell(cell)? {
            0 => Ok(Self::Making),
            1 => Ok(Self::Live),
            2 => Ok(Self::Deleted),
            _ => Err(Mismatch("the state of an organization")),
        }
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
    /// Whether the admin-lockout guard was switched on or off; `None`: it is on once roles are
    /// used.
    pub admin_guard: Option<bool>,
    /// When it was made.
    pub created: Time,
    /// How many users it has, archived ones included.
    pub users: i64,
    /// How many groups it has.
    pub groups: i64,
    /// Its newest event.
    pub last_event: EventNo,
    /// The newest event that is not kept any more.
    pub pruned: EventNo,
}

/// The longest name of an organization, in characters.
pub(crate) const LONGEST_NAME: usize = 200;

/// Makes an organization. Where an earlier try ended half-way, this one finishes it.
///
/// # Errors
///
/// [`Error::Conflict`] where the slug is taken; [`Error::Invalid`] where the name is none;
/// [`Error::Denied`].
pub async fn create(
    installation: &Installation,
    slug: &Slug,
    name: &str,
    plan: Option<&str>,
) -> Result<Found, Error> {
    installation.permit(Verb::CreateOrganization)?;
    let name = name::parse(name, "name", "An organization", LONGEST_NAME)?;
    let plan = plan.map(plan::parse_name).transpose()?;
    let store = installation.store();
    let (principal, request) = installation.by();
    // The way to it comes first: one that leads to a half-made organization is harmless, and is
    // found again. What makes it whole is its own first change.
    let org = store
        .write_catalog({
            let (slug, name, plan) = (slug.clone(), name.clone(), plan.clone());
            move |catalog| {
                if let Some(half_made) = half_made(catalog, &slug)? {
                    return Ok(half_made);
                }
                let (org, id) = insert(catalog, &slug, &name, plan.as_deref())?;
                let payload = kinds::OrganizationCreated {
                    slug: slug.to_string(),
                    name: name.clone(),
                    plan: plan.clone(),
                };
                let by = (&principal, request);
                audit::record_for_installation(catalog, by, &id.to_string(), payload)?;
                Ok(org)
            }
        })
        .await?;
    let access = installation.access(org)?;
    let slug = slug.clone();
    let organization =
        store.write(&access, move |writer| open(writer, &slug, &name, plan.as_deref())).await?;
    Ok((access, organization))
}

/// The organization with this slug that was not made whole.
fn half_made(catalog: &mut Catalog<'_>, slug: &Slug) -> Result<Option<OrgNo>, Error> {
    let Some(org) = org_of(catalog, slug)? else { return Ok(None) };
    match state(catalog, org)? {
        Some(State::Making) => Ok(Some(org)),
        _ => Err(Error::conflict(
            "slug",
            format!("There is an organization with the slug {slug} already."),
        )),
    }
}

pub(crate) fn org_of(catalog: &mut Catalog<'_>, slug: &Slug) -> Result<Option<OrgNo>, Error> {
    let row = catalog.query_one(BY_SLUG, &[slug.as_str().into()])?;
    row.map(|mut row| row.get("org")).transpose()
}

/// The state of an organization, if its row is there.
pub(crate) fn state(catalog: &mut Catalog<'_>, org: OrgNo) -> Result<Option<State>, Error> {
    let row = catalog.query_one(STATE, &[org.into()])?;
    row.map(|mut row| row.get("state")).transpose()
}

fn insert(
    catalog: &mut Catalog<'_>,
    slug: &Slug,
    name: &str,
    plan: Option<&str>,
) -> Result<(OrgNo, OrganizationId), Error> {
    // The number stands in tokens, so it must not tell how many customers there are.
    let bytes: [u8; 8] = catalog.random.bytes();
    let org = OrgNo(i64::from_be_bytes(bytes) & ((1 << 40) - 1) | 1);
    if catalog.change(CLAIM_SLUG, &[slug.as_str().into(), org.into()])?.is_empty() {
        return Err(Error::Unavailable("the slug was claimed at this moment; try again".into()));
    }
    let id = OrganizationId::random(catalog.random);
    let created = catalog.now;
    let inserted = catalog.change(
        INSERT,
        &[
            org.into(),
            (&id.to_string()).into(),
            slug.as_str().into(),
            name.into(),
            plan.into(),
            created.into(),
        ],
    )?;
    if inserted.is_empty() {
        return Err(Error::Unavailable("a random number came twice; try again".to_owned()));
    }
    let no_sum = Sum::ZERO.to_bytes();
    let counter = [org.into(), [].as_slice().into(), no_sum.as_slice().into()];
    catalog.send(INSERT_COUNTER, &counter)?;
    catalog.send(CLAIM_HOME, &[org.into(), (&id.to_string()).into()])?;
    Ok((org, id))
}

/// Makes an organization whole: it is there from now on, and tells so.
fn open(
    writer: &mut Writer<'_>,
    slug: &Slug,
    name: &str,
    plan: Option<&str>,
) -> Result<Organization, Error> {
    if writer.execute(OPEN, &[name.into(), plan.into()])? == 0 {
        return Err(Error::conflict(
            "slug",
            format!("There is an organization with the slug {slug} already."),
        ));
    }
    let organization = get(writer)?;
    let id = organization.id.to_string();
    let (slug, name) = (slug.to_string(), name.to_owned());
    let plan = organization.plan.clone();
    let told = event::kinds::OrganizationCreated {
        slug: slug.clone(),
        name: name.clone(),
        plan: plan.clone(),
    };
    audit::record(writer, &id, kinds::OrganizationCreated { slug, name, plan })?;
    event::emit(writer, &id, told)?;
    // The row is written when the transaction ends.
    Ok(Organization { last_event: writer.last_event(), ..organization })
}

/// The organization itself.
///
/// # Errors
///
/// [`Error::NotFound`] where it was deleted; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>) -> Result<Organization, Error> {
    reader.permit(Verb::ReadOrganization)?;
    read(reader)
}

/// The same, for whoever is not asked for a right.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Organization, Error> {
    let row = reader.query_one(GET, &[])?;
    let mut row = row.ok_or(Error::not_found(Noun::Organization))?;
    if row.get::<State>("state")? != State::Live {
        return Err(Error::not_found(Noun::Organization));
    }
    from_row(row)
}

fn from_row(mut row: Row) -> Result<Organization, Error> {
    Ok(Organization {
        id: row.get("id")?,
        slug: Slug(row.get("slug")?),
        name: row.get("name")?,
        plan: row.get("plan")?,
        admin_guard: row.get("admin_guard")?,
        created: row.get("created")?,
        users: row.get("users")?,
        groups: row.get("groups")?,
        last_event: row.get("event_seq")?,
        pruned: row.get("event_pruned")?,
    })
}

/// Finds an organization by its slug.
///
/// # Errors
///
/// [`Error::NotFound`].
pub async fn find(installation: &Installation, slug: &Slug) -> Result<Found, Error> {
    let (by, wanted) = (installation.clone(), slug.clone());
    installation
        .store()
        .read_catalog(move |catalog| {
            let missing = || Error::no_such(Noun::Organization, wanted.as_str());
            let org = org_of(catalog, &wanted)?.ok_or_else(missing)?;
            let access = by.access(org)?;
            match read(&mut catalog.reader(&access)) {
                Ok(organization) => Ok((access, organization)),
                Err(Error::NotFound { .. }) => Err(missing()),
                Err(error) => Err(error),
            }
        })
        .await
}

/// Finds an organization by its id or its slug, for whoever acts. One that is out of reach is
/// missing like one that does not exist. Who acts for no organization in particular reaches all.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) async fn reach(store: &Store, by: &Principal, name: &str) -> Result<Found, Error> {
    let (by, name) = (by.clone(), name.to_owned());
    store
        .read_catalog(move |catalog| {
            let found = org_named(catalog, &name)?;
            let reached = found.and_then(|org| by.clone().on(org).ok());
            let organization = reached.map(|access| {
                read(&mut catalog.reader(&access)).map(|organization| (access, organization))
            });
            match organization {
                Some(Err(Error::NotFound { .. })) | None => {
                    Err(Error::no_such(Noun::Organization, name.as_str()))
                }
                Some(found) => found,
            }
        })
        .await
}

/// The number of the organization with this id or slug, if there is one.
pub(crate) fn org_named(catalog: &mut Catalog<'_>, name: &str) -> Result<Option<OrgNo>, Error> {
    match OrganizationId::parse(name) {
        Some(id) => with_id(catalog, id),
        None => Slug::parse(name).map_or(Ok(None), |slug| org_of(catalog, &slug)),
    }
}

/// The number of the organization with this id, if there is one.
pub(crate) fn with_id(
    catalog: &mut Catalog<'_>,
    id: OrganizationId,
) -> Result<Option<OrgNo>, Error> {
    let row = catalog.query_one(BY_ID, &[(&id.to_string()).into()])?;
    row.map(|mut row| row.get("org")).transpose()
}

/// So many organizations are on one page at the most.
pub(crate) const LARGEST_PAGE: u32 = 1_000;

/// The organizations after a slug, by slug, at most `limit` of them read. One that is half-made is
/// left out: the slug of the last that was read, where there may be more, is the second answer.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub async fn after(
    installation: &Installation,
    slug: Option<&str>,
    limit: u32,
) -> Result<(Vec<Found>, Option<String>), Error> {
    installation.permit(Verb::ListOrganizations)?;
    let (by, slug) = (installation.clone(), slug.unwrap_or_default().to_owned());
    let limit = i64::from(limit.min(LARGEST_PAGE));
    installation
        .store()
        .read_catalog(move |catalog| {
            let mut page = Vec::new();
            let mut last = None;
            let rows = catalog.query(SLUGS, &[(&slug).into(), limit.into()])?;
            let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
            for mut row in rows {
                let access = by.access(row.get("org")?)?;
                last = Some(row.get("slug")?);
                match read(&mut catalog.reader(&access)) {
                    Ok(organization) => page.push((access, organization)),
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok((page, last.filter(|_| is_full)))
        })
        .await
}

/// All organizations, by slug. One that is half-made is left out.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub async fn list(installation: &Installation) -> Result<Vec<Found>, Error> {
    installation.permit(Verb::ListOrganizations)?;
    let by = installation.clone();
    installation
        .store()
        .read_catalog(move |catalog| {
            let mut all = Vec::new();
            for (_, org) in slugs(catalog)? {
                let access = by.access(org)?;
                match read(&mut catalog.reader(&access)) {
                    Ok(organization) => all.push((access, organization)),
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(all)
        })
        .await
}

/// Every slug with its organization.
pub(crate) fn slugs(catalog: &mut Catalog<'_>) -> Result<Vec<(String, OrgNo)>, Error> {
    const PIECE: i64 = 500;
    let mut all: Vec<(String, OrgNo)> = Vec::new();
    loop {
        let after = all.last().map_or(String::new(), |(slug, _)| slug.clone());
        let rows = catalog.query(SLUGS, &[(&after).into(), PIECE.into()])?;
        if rows.is_empty() {
            return Ok(all);
        }
        for mut row in rows {
            all.push((row.get("slug")?, row.get("org")?));
        }
    }
}

/// Gives an organization another name. Setting the name that it has changes nothing. Its slug and its id
/// stay.
///
/// # Errors
///
/// [`Error::NotFound`] where it was deleted; [`Error::Invalid`]; [`Error::Denied`].
pub fn rename(writer: &mut Writer<'_>, name: &str) -> Result<Organization, Error> {
    writer.permit(Verb::RenameOrganization)?;
    let name = name::parse(name, "name", "An organization", LONGEST_NAME)?;
    let mut organization = get(writer)?;
    if organization.name == name {
        return Ok(organization);
    }
    writer.send(SET_NAME, &[(&name).into()])?;
    let before = std::mem::replace(&mut organization.name, name.clone());
    let payload = kinds::OrganizationRenamed { before, after: name };
    audit::record(writer, &organization.id.to_string(), payload)?;
    plan::tell(writer, &organization)?;
    Ok(organization)
}

/// Gives an organization another plan, or none. Setting the plan that it has changes nothing.
///
/// # Errors
///
/// [`Error::NotFound`] where it was deleted; [`Error::Invalid`]; [`Error::Denied`].
pub fn set_plan(writer: &mut Writer<'_>, plan: Option<&str>) -> Result<Organization, Error> {
    writer.permit(Verb::ChangePlan)?;
    let plan = plan.map(plan::parse_name).transpose()?;
    let mut organization = get(writer)?;
    if organization.plan == plan {
        return Ok(organization);
    }
    writer.send(SET_PLAN, &[plan.as_ref().into()])?;
    let payload = kinds::PlanChanged { before: organization.plan, after: plan.clone() };
    organization.plan = plan;
    audit::record(writer, &organization.id.to_string(), payload)?;
    plan::tell(writer, &organization)?;
    Ok(organization)
}

/// Switches the admin-lockout guard on or off; `None`: it is on once roles are used.
///
/// # Errors
///
/// [`Error::NotFound`] where the organization was deleted; [`Error::Denied`].
pub fn set_admin_guard(
    writer: &mut Writer<'_>,
    guard: Option<bool>,
) -> Result<Organization, Error> {
    writer.permit(Verb::ChangeGuard)?;
    let organization = get(writer)?;
    if organization.admin_guard == guard {
        return Ok(organization);
    }
    writer.send(SET_GUARD, &[guard.into()])?;
    writer.set_admin_guard(guard);
    let payload = kinds::GuardChanged { guard };
    audit::record(writer, &organization.id.to_string(), payload)?;
    Ok(Organization { admin_guard: guard, ..organization })
}

/// Deletes an organization: it is gone at once, its slug is free, and its rows are cleared away
/// step by step by [`crate::maintenance::reap`]. Its audit stays.
///
/// # Errors
///
/// [`Error::NotFound`] where it is deleted already.
pub async fn delete(installation: &Installation, slug: &Slug) -> Result<Organization, Error> {
    let (access, organization) = find(installation, slug).await?;
    access.permit(Verb::DeleteOrganization)?;
    let (principal, request) = installation.by();
    installation
        .store()
        .write_catalog(move |catalog| {
            let org = access.org();
            // No change of the organization is under way when its state changes.
            catalog.query(LOCK, &[org.into()])?;
            let organization = read(&mut catalog.reader(&access))?;
            if catalog.execute(DELETE, &[org.into()])? == 0 {
                return Err(Error::no_such(Noun::Organization, organization.slug.as_str()));
            }
            catalog.send(FREE_SLUG, &[organization.slug.as_str().into(), org.into()])?;
            let payload = kinds::OrganizationDeleted {
                slug: organization.slug.to_string(),
                name: organization.name.clone(),
                number: org.0,
                users: organization.users,
                groups: organization.groups,
            };
            let (by, id) = ((&principal, request), organization.id.to_string());
            audit::record_for_installation(catalog, by, &id, payload)
        })
        .await?;
    Ok(organization)
}
