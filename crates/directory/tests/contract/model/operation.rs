//! What is done, at random: few names, so that they meet.

use proptest::{collection::vec, option, prelude::*};
use scim::Object;

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// 0 is the operator, the others are connections.
    pub(super) actor: usize,
    pub(super) change: Change,
}

/// Users and groups are chosen by a number among those that are there.
#[derive(Clone, Debug)]
pub(super) enum Change {
    CreateUser(Person),
    ReplaceUser(usize, Person),
    SetActive(usize, bool),
    DeleteUser(usize),
    CreateGroup(Team, Vec<Name>),
    ReplaceGroup(usize, Team, Option<Vec<Name>>),
    Members(usize, How, Vec<Name>),
    DeleteGroup(usize),
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
            | Self::ReplaceGroup(_, _, Some(names))
            | Self::Members(_, _, names) => Some(names),
            _ => None,
        }
    }
}

impl Person {
    pub(super) fn resource(self) -> Object {
        // The same person in two spellings.
        let name = if self.name.is_multiple_of(2) {
            format!("User{}", self.name / 2)
        } else {
            format!("uSER{}", self.name / 2)
        };
        let mut resource = testkit::user(&name);
        if let Some(external) = self.external {
            resource.insert("externalId", format!("ext{external}"));
        }
        if let Some(title) = self.title {
            // An indexed attribute: `verify` looks at its rows.
            resource.insert("displayName", format!("Name{title}"));
        }
        if let Some(active) = self.active {
            resource.insert("active", active);
        }
        resource
    }
}

impl Team {
    pub(super) fn resource(self) -> Object {
        let mut resource = testkit::group(&format!("Team{}", self.name));
        if let Some(external) = self.external {
            resource.insert("externalId", format!("ext{external}"));
        }
        resource
    }
}

impl How {
    pub(super) fn operations(self, names: &[&str]) -> String {
        let op = match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::Clear => return r#"[{"op":"remove","path":"members"}]"#.to_owned(),
        };
        let values: Vec<String> =
            names.iter().map(|name| format!(r#"{{"value":"{name}"}}"#)).collect();
        format!(r#"[{{"op":"{op}","path":"members","value":[{}]}}]"#, values.join(","))
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
        2 => (one.clone(), person()).prop_map(|(user, person)| Change::ReplaceUser(user, person)),
        2 => (one.clone(), any::<bool>()).prop_map(|(user, on)| Change::SetActive(user, on)),
        2 => one.clone().prop_map(Change::DeleteUser),
        3 => (team(), names()).prop_map(|(team, names)| Change::CreateGroup(team, names)),
        2 => (one.clone(), team(), option::of(names()))
            .prop_map(|(group, team, names)| Change::ReplaceGroup(group, team, names)),
        6 => (one.clone(), how(), names())
            .prop_map(|(group, how, names)| Change::Members(group, how, names)),
        1 => one.prop_map(Change::DeleteGroup),
    ]
}

fn person() -> impl Strategy<Value = Person> {
    (0_u8..12, option::of(0_u8..5), option::of(0_u8..2), option::of(any::<bool>()))
        .prop_map(|(name, external, title, active)| Person { name, external, title, active })
}

fn team() -> impl Strategy<Value = Team> {
    (0_u8..6, option::weighted(0.3, 0_u8..7)).prop_map(|(name, external)| Team { name, external })
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
