//! What is done, at random: few names, so that they meet.

use directory::{group::MemberChange, role::RoleName};
use proptest::{collection::vec, option, prelude::*};
use scim::Object;

/// One act.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// 0 is the operator, 1 a connection in use, 2 one that is being set up.
    pub(super) actor: usize,
    pub(super) change: Change,
}

/// Users and groups are chosen by a number among those that are there.
#[derive(Clone, Debug)]
pub(super) enum Change {
    CreateUser(Person),
    UpdateUser(usize, Person),
    SetActive(usize, bool),
    DeleteUser(usize),
    CreateGroup(Team, Vec<Name>),
    UpdateGroup(usize, Team, Option<Vec<Name>>),
    Members(usize, How, Vec<Name>),
    DeleteGroup(usize),
    Give(usize, Role),
    Take(usize, Role),
    Map(usize, Role),
    Unmap(usize, Role),
    SetGuard(Option<bool>),
}

/// One that makes an administrator, and one that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Admin,
    Member,
}

impl Role {
    pub(super) fn name(self) -> RoleName {
        let name = match self {
            Self::Admin => "admin",
            Self::Member => "member",
        };
        RoleName::parse(name).expect("a name")
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    name: u8,
    external: Option<u8>,
    title: Option<u8>,
    active: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Team {
    name: u8,
    external: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Add,
    Remove,
    Replace,
    Clear,
}

/// How a member is named: by an id that was given once, or by an externalId.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    Id(usize),
    External(u8),
}

impl Change {
    pub(super) fn members(&self) -> Option<&[Name]> {
        match self {
            Self::CreateGroup(_, names)
            | Self::UpdateGroup(_, _, Some(names))
            | Self::Members(_, _, names) => Some(names),
            _ => None,
        }
    }
}

impl Person {
    pub(super) fn attributes(self) -> Object {
        // The same person in two spellings.
        let name = if self.name.is_multiple_of(2) {
            format!("User{}", self.name / 2)
        } else {
            format!("uSER{}", self.name / 2)
        };
        let mut attributes = testkit::user(&name);
        if let Some(external) = self.external {
            attributes.insert("externalId", format!("ext{external}"));
        }
        if let Some(title) = self.title {
            // An indexed attribute: `verify` looks at its rows.
            attributes.insert("displayName", format!("Name{title}"));
        }
        if let Some(active) = self.active {
            attributes.insert("active", active);
        }
        attributes
    }
}

impl Team {
    pub(super) fn attributes(self) -> Object {
        let mut attributes = testkit::group(&format!("Team{}", self.name));
        if let Some(external) = self.external {
            attributes.insert("externalId", format!("ext{external}"));
        }
        attributes
    }
}

impl How {
    pub(super) fn change(self, names: &[&str]) -> MemberChange {
        let names = testkit::members(names);
        match self {
            Self::Add => MemberChange::Add(names),
            Self::Remove => MemberChange::Remove(names),
            Self::Replace => MemberChange::Replace(names),
            Self::Clear => MemberChange::Clear,
        }
    }
}

pub(super) fn script() -> impl Strategy<Value = Vec<Operation>> {
    let operation = (0_usize..3, change()).prop_map(|(actor, change)| Operation { actor, change });
    vec(operation, 1..60)
}

fn change() -> impl Strategy<Value = Change> {
    let one = 0_usize..64;
    prop_oneof![
        5 => person().prop_map(Change::CreateUser),
        2 => (one.clone(), person()).prop_map(|(user, person)| Change::UpdateUser(user, person)),
        2 => (one.clone(), any::<bool>()).prop_map(|(user, on)| Change::SetActive(user, on)),
        2 => one.clone().prop_map(Change::DeleteUser),
        3 => (team(), names()).prop_map(|(team, names)| Change::CreateGroup(team, names)),
        2 => (one.clone(), team(), option::of(names()))
            .prop_map(|(group, team, names)| Change::UpdateGroup(group, team, names)),
        6 => (one.clone(), how(), names())
            .prop_map(|(group, how, names)| Change::Members(group, how, names)),
        1 => one.clone().prop_map(Change::DeleteGroup),
        2 => (one.clone(), role()).prop_map(|(user, role)| Change::Give(user, role)),
        1 => (one.clone(), role()).prop_map(|(user, role)| Change::Take(user, role)),
        2 => (one.clone(), role()).prop_map(|(group, role)| Change::Map(group, role)),
        1 => (one, role()).prop_map(|(group, role)| Change::Unmap(group, role)),
        1 => option::of(any::<bool>()).prop_map(Change::SetGuard),
    ]
}

fn person() -> impl Strategy<Value = Person> {
    (0_u8..12, option::of(0_u8..5), option::of(0_u8..2), option::of(any::<bool>()))
        .prop_map(|(name, external, title, active)| Person { name, external, title, active })
}

fn team() -> impl Strategy<Value = Team> {
    (0_u8..6, option::weighted(0.3, 0_u8..7)).prop_map(|(name, external)| Team { name, external })
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![3 => Just(Role::Admin), 1 => Just(Role::Member)]
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        4 => Just(How::Add),
        2 => Just(How::Remove),
        2 => Just(How::Replace),
        1 => Just(How::Clear),
    ]
}

fn names() -> impl Strategy<Value = Vec<Name>> {
    let name = prop_oneof![
        3 => (0_usize..64).prop_map(Name::Id),
        1 => (0_u8..7).prop_map(Name::External),
    ];
    vec(name, 0..5)
}
