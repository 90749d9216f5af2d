//! [`Cast`]: the people of a life, and where each is on the server.

use std::{
    collections::BTreeSet,
    ops::{Index, IndexMut},
};

use super::{Company, Person};
use crate::{failure::Failure, judge::user, player::Player, server::Member};

/// The people of a life, by their position.
#[derive(Debug)]
pub(crate) struct Cast {
    people: Vec<Person>,
    /// The id of each person, once assigned.
    pub(crate) ids: Vec<Option<String>>,
    /// Optional attributes that the server showed not to keep.
    pub(crate) not_kept: BTreeSet<String>,
}

/// A group that a life made, with the members it should have.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Positions in the cast.
    pub(crate) members: BTreeSet<usize>,
}

impl Cast {
    pub(crate) fn new(company: &Company) -> Self {
        let people = company.cast();
        Self { ids: vec![None; people.len()], people, not_kept: BTreeSet::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    /// The server's id of a person who was assigned.
    pub(crate) fn id(&self, person: usize) -> Result<&str, Failure> {
        self.ids[person].as_deref().ok_or_else(|| {
            Failure::NotTried(format!(
                "needs {}, who could not be assigned",
                self.people[person].user_name
            ))
        })
    }

    /// These people as members of a group.
    pub(crate) fn members(&self, people: &BTreeSet<usize>) -> Result<Vec<Member>, Failure> {
        people
            .iter()
            .map(|&person| {
                Ok(Member {
                    id: self.id(person)?.to_owned(),
                    user_name: self.people[person].user_name.clone(),
                })
            })
            .collect()
    }

    /// Reads a person and compares every attribute that the server keeps.
    pub(crate) async fn verify(
        &self,
        player: &impl Player,
        person: usize,
        active: bool,
    ) -> Result<(), Failure> {
        let id = self.id(person)?;
        let stored = player.server().read_user(id).await?;
        let request = format!("GET /Users/{id}");
        user::active(&stored, active, &request)?;
        let missing = user::content(&stored, &player.profile(&self.people[person]), &request)?;
        user::nothing_lost(&missing, &self.not_kept, &request)
    }
}

impl Index<usize> for Cast {
    type Output = Person;

    fn index(&self, person: usize) -> &Person {
        &self.people[person]
    }
}

impl IndexMut<usize> for Cast {
    fn index_mut(&mut self, person: usize) -> &mut Person {
        &mut self.people[person]
    }
}
