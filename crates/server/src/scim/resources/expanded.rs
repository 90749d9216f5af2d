//! [`Expanded`]: a resource, with what belongs to others and is shown along with it.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use ::scim::{EntityTag, query::Projection, schema::ResourceSchema};
use directory::{
    Error, EventNo, Group, Member, Membership, Noun, Reader, Resource, group, organization, search,
};

/// Up to so many members are read along with their groups, in one transaction, and sent in one
/// piece. More are streamed, in pieces of this size.
pub(super) const PIECE: usize = 1_000;

/// Resources of one type, as a client wants to see them.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) schema: Arc<ResourceSchema>,
    pub(crate) projection: Projection,
}

impl Wanted {
    /// A resource of the type, with what is to be shown along with it; see [`expand`].
    pub(super) fn expand(
        &self,
        reader: &mut Reader<'_>,
        resource: Resource,
        newest: Option<EventNo>,
    ) -> Result<Expanded, Error> {
        let mut found = expand(reader, vec![resource], std::slice::from_ref(self), newest)?;
        found.pop().ok_or(Error::not_found(Noun::Resource))
    }

    /// Whether what is shown along with a resource may change without its version: the groups of a
    /// user, and the names of members.
    pub(super) fn shows_related(&self) -> bool {
        self.shows_groups() || self.shows_names()
    }

    fn shows_groups(&self) -> bool {
        self.has("groups") && self.projection.wants("groups")
    }

    fn shows_members(&self) -> bool {
        self.has("members") && self.projection.wants("members")
    }

    fn shows_names(&self) -> bool {
        self.has("members") && self.projection.wants_sub("members", "display")
    }

    /// Whether the type is the one with this attribute, which belongs to others: users have groups,
    /// groups have members.
    fn has(&self, name: &str) -> bool {
        let type_name = self.schema.resource_type().name.as_str();
        matches!((type_name, name), ("User", "groups") | ("Group", "members"))
    }

    /// What is wanted of this resource, among several types.
    pub(super) fn of<'w>(all: &'w [Self], resource: &Resource) -> &'w Self {
        let wanted = all.iter().find(|wanted| resource.is_of(&wanted.schema));
        wanted.expect("only resources of these types were asked for")
    }
}

/// A resource with what belongs to others and is shown along with it.
#[derive(Debug)]
pub(crate) struct Expanded {
    pub(super) resource: Resource,
    pub(super) related: Related,
    /// Of what is shown of others and changes without the version of the resource.
    digest: Option<u64>,
}

impl Expanded {
    /// A resource with nothing beside it.
    pub(super) fn alone(resource: Resource) -> Self {
        Self { resource, related: Related::Nothing, digest: None }
    }

    /// What the resource is known by as it is shown.
    pub(super) fn tag(&self) -> EntityTag {
        let tag = EntityTag::of(self.resource.version.number());
        self.digest.map_or(tag, |digest| tag.with_related(digest))
    }
}

#[derive(Debug)]
pub(super) enum Related {
    /// None, or they are not wanted.
    Nothing,
    Groups(Vec<Membership>),
    Members(Vec<Member>),
    /// Members, so many that they must be streamed.
    ManyMembers(Group),
}

impl Related {
    /// A digest of what of them may change without the version of the resource; `None` where there
    /// are none.
    ///
    /// It may be another one after an update of the program: then a client reads once more than it
    /// must.
    fn digest(
        &self,
        reader: &mut Reader<'_>,
        newest: Option<EventNo>,
    ) -> Result<Option<u64>, Error> {
        let mut hasher = DefaultHasher::new();
        match self {
            Self::Nothing => return Ok(None),
            Self::Groups(groups) if groups.is_empty() => return Ok(None),
            Self::Members(members) if members.is_empty() => return Ok(None),
            Self::Groups(groups) => {
                for Membership { id, display, direct, .. } in groups {
                    (id, display, direct).hash(&mut hasher);
                }
            }
            Self::Members(members) => {
                for member in members {
                    member.display.hash(&mut hasher);
                }
            }
            // Reading them all for their names would cost as much as sending them: no name has
            // changed where nothing at all has.
            Self::ManyMembers(_) => match newest {
                Some(newest) => newest,
                None => organization::get(reader)?.last_event,
            }
            .hash(&mut hasher),
        }
        Ok(Some(hasher.finish()))
    }
}

/// Reads the groups of users and the members of groups, where they are wanted. `newest` is the
/// newest event where a change has made it, which is not stored yet.
pub(crate) fn expand(
    reader: &mut Reader<'_>,
    resources: Vec<Resource>,
    wanted: &[Wanted],
    newest: Option<EventNo>,
) -> Result<Vec<Expanded>, Error> {
    let wants_groups = |resource: &&Resource| Wanted::of(wanted, resource).shows_groups();
    let mut groups = search::groups(reader, resources.iter().filter(wants_groups))?.into_iter();
    let wants_members = |resource: &&Resource| Wanted::of(wanted, resource).shows_members();
    let members: i64 = resources.iter().filter(wants_members).map(Resource::member_count).sum();
    let few = members <= PIECE.cast_signed() as i64;
    resources
        .into_iter()
        .map(|resource| {
            let of_type = Wanted::of(wanted, &resource);
            let related = if of_type.shows_groups() {
                Related::Groups(groups.next().unwrap_or_default())
            } else if !of_type.shows_members() {
                Related::Nothing
            } else if resource.member_count() == 0 {
                Related::Members(Vec::new())
            } else {
                let group = Group::try_from(resource.clone())?;
                if few {
                    Related::Members(group::members(reader, &group, None, PIECE)?)
                } else {
                    Related::ManyMembers(group)
                }
            };
            let digest =
                if of_type.shows_related() { related.digest(reader, newest)? } else { None };
            Ok(Expanded { resource, related, digest })
        })
        .collect()
}
