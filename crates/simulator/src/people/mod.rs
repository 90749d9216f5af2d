//! [`Company`]: people and groups that look real, the same for the same seed.

mod cast;
mod names;

use std::collections::HashSet;

pub(crate) use cast::{Cast, Group};
use names::{COMPANIES, CULTURES, Culture, DEPARTMENTS, PROJECTS};
use rand::{
    RngExt as _, SeedableRng as _,
    rngs::ChaCha8Rng,
    seq::{IndexedRandom as _, index},
};

/// One person as the provider's directory holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) external_id: String,
    pub(crate) user_name: String,
    pub(crate) email: String,
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) display_name: String,
    pub(crate) nick_name: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) user_type: Option<String>,
    pub(crate) language: &'static str,
    pub(crate) country: &'static str,
    pub(crate) timezone: &'static str,
    pub(crate) phone: Option<String>,
    /// A second phone, which no one has at first.
    pub(crate) mobile: Option<String>,
    pub(crate) address: Option<Address>,
    pub(crate) enterprise: Option<Enterprise>,
}

/// The one address that providers map by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) street: String,
    pub(crate) city: &'static str,
    pub(crate) postal_code: String,
}

/// What the enterprise extension carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enterprise {
    pub(crate) department: &'static str,
    pub(crate) division: &'static str,
    pub(crate) organization: String,
    pub(crate) cost_center: String,
    pub(crate) employee_number: String,
}

/// A group to push; members are positions in the list of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Team {
    pub(crate) name: String,
    pub(crate) members: Vec<usize>,
}

/// The customer whose directory is pushed.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    name: String,
    domain: String,
    seed: u64,
}

/// How many people play in the life: enough for mixed changes, few enough to read.
const CAST: usize = 8;

impl Company {
    pub(crate) fn new(seed: u64) -> Self {
        let count = COMPANIES.len() as u64;
        let index = usize::try_from(seed % count).unwrap_or_default();
        let (name, slug) = COMPANIES[index];
        match seed / count {
            0 => Self { name: name.to_owned(), domain: format!("{slug}.example"), seed },
            round => Self {
                name: format!("{name} {round}"),
                domain: format!("{slug}-{round}.example"),
                seed,
            },
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A login that no one has.
    pub(crate) fn unknown(&self) -> String {
        format!("no-one.{:x}@check.{}", self.seed, self.domain)
    }

    /// The people of the life: every attribute filled, logins in mixed case, apart from the crowd.
    pub(crate) fn cast(&self) -> Vec<Person> {
        let domain = format!("Check.{}", self.domain);
        let mut draw = Draw::new(self.seed, 1);
        let mut taken = HashSet::new();
        (0..CAST).map(|index| draw.person(index, &domain, self, &mut taken, true)).collect()
    }

    /// The crowd, for volume.
    pub(crate) fn people(&self, count: usize) -> Vec<Person> {
        let mut draw = Draw::new(self.seed, 2);
        let mut taken = HashSet::new();
        (0..count).map(|index| draw.person(index, &self.domain, self, &mut taken, false)).collect()
    }

    /// Groups over `people` persons. The first holds everyone; the others have very different
    /// sizes, as departments, offices and projects do.
    pub(crate) fn teams(&self, count: usize, people: usize) -> Vec<Team> {
        let mut draw = Draw::new(self.seed, 3);
        let mut taken = HashSet::new();
        (0..count).map(|index| draw.team(index, people, self, &mut taken)).collect()
    }

    /// The name of a group of the life.
    pub(crate) fn group(&self, name: &str) -> String {
        format!("{} check: {name}", self.name)
    }
}

/// The placeholder that Okta sends when it does not sync passwords.
pub(crate) fn placeholder_password() -> String {
    // A server may take it for a real password, so it must not follow from the seed.
    let mut random: ChaCha8Rng = rand::make_rng();
    letters(&mut random, b"abcdefghijkmnopqrstuvwxyz23456789", 8)
}

fn letters(random: &mut ChaCha8Rng, alphabet: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(alphabet[random.random_range(0..alphabet.len())])).collect()
}

/// One stream of chance.
struct Draw(ChaCha8Rng);

impl Draw {
    fn new(seed: u64, stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Self(random)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        // The tables are not empty.
        from.choose(&mut self.0).unwrap_or(&from[0])
    }

    fn sometimes<T>(&mut self, share: f64, always: bool, value: T) -> Option<T> {
        // The draw comes first, so that `always` does not shift what follows.
        (self.0.random_bool(share) || always).then_some(value)
    }

    fn person(
        &mut self,
        index: usize,
        domain: &str,
        company: &Company,
        taken: &mut HashSet<String>,
        complete: bool,
    ) -> Person {
        let culture: &Culture = self.pick(CULTURES);
        let &(given, given_login) = self.pick(culture.given);
        let &(family, family_login) = self.pick(culture.family);
        let login = free(taken, &format!("{given_login}.{family_login}"), "");
        let user_name = if complete || self.0.random_bool(0.1) {
            format!("{}@{domain}", capitals(&login))
        } else {
            format!("{login}@{domain}")
        };
        let email = format!("{login}@{}", domain.to_lowercase());
        let display_name = match culture.language {
            "ja" | "vi" => format!("{family} {given}"),
            _ => format!("{given} {family}"),
        };
        let &(department, titles) = self.pick(DEPARTMENTS);
        let title = self.pick(titles).to_string();
        let number = self.0.random_range(1_u32..400);
        let phone = format!("{}{:04}", culture.dial, self.0.random_range(0_u32..10_000));
        let postal_code = format!("{:05}", self.0.random_range(1_000_u32..99_999));
        let cost_center = format!("CC-{}", self.0.random_range(100_u32..999));
        let enterprise = Enterprise {
            department,
            division: if self.0.random_bool(0.5) { "Americas & EMEA" } else { "APAC" },
            organization: company.name.clone(),
            cost_center,
            employee_number: format!("{:06}", index + 1),
        };
        let external_id = format!(
            "00u{}",
            letters(
                &mut self.0,
                b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                17
            )
        );
        Person {
            external_id,
            user_name,
            email,
            given: given.to_owned(),
            family: family.to_owned(),
            display_name,
            nick_name: self.sometimes(0.15, complete, capitals(given_login)),
            title: self.sometimes(0.9, complete, title),
            user_type: self.sometimes(0.4, complete, "Employee".to_owned()),
            language: culture.language,
            country: culture.country,
            timezone: culture.timezone,
            phone: self.sometimes(0.6, complete, phone),
            mobile: None,
            address: self.sometimes(
                0.5,
                complete,
                Address {
                    street: format!("{} {number}", culture.street),
                    city: culture.city,
                    postal_code,
                },
            ),
            enterprise: self.sometimes(0.85, complete, enterprise),
        }
    }

    fn team(
        &mut self,
        index: usize,
        people: usize,
        company: &Company,
        taken: &mut HashSet<String>,
    ) -> Team {
        if index == 0 {
            let name = free(taken, &format!("{}: Everyone", company.name), " ");
            return Team { name, members: (0..people).collect() };
        }
        let subject = match self.0.random_range(0..3) {
            0 => self.pick(DEPARTMENTS).0.to_owned(),
            1 => format!("{}, {}", self.pick(DEPARTMENTS).0, self.pick(CULTURES).city),
            _ => format!("Project {}", self.pick(PROJECTS)),
        };
        let name = free(taken, &format!("{}: {subject}", company.name), " ");
        // Sizes fall off by halves: a few large groups, many small ones, now and then an empty one.
        let halvings = self.0.random_range(3_u32..12);
        let largest = people.checked_shr(halvings).unwrap_or_default().max(people.min(12));
        let size = self.0.random_range(0..=largest);
        let mut members = index::sample(&mut self.0, people, size).into_vec();
        members.sort_unstable();
        Team { name, members }
    }
}

/// The name itself, or with the first number that makes it free. Case does not tell names apart.
fn free(taken: &mut HashSet<String>, name: &str, separator: &str) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2;
    while !taken.insert(candidate.to_lowercase()) {
        candidate = format!("{name}{separator}{number}");
        number += 1;
    }
    candidate
}

/// Each word's first letter in upper case: `jean.okafor` becomes `Jean.Okafor`.
fn capitals(text: &str) -> String {
    let mut start = true;
    text.chars()
        .map(|letter| {
            let shown = if start { letter.to_ascii_uppercase() } else { letter };
            start = !letter.is_alphanumeric();
            shown
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_company() {
        let (one, two) = (Company::new(7), Company::new(7));
        assert_eq!(one.people(300), two.people(300));
        assert_eq!(one.cast(), two.cast());
        assert_eq!(one.teams(40, 300), two.teams(40, 300));
        assert_ne!(one.people(300), Company::new(8).people(300));
    }

    #[test]
    fn more_people_begin_with_the_same_people() {
        let company = Company::new(7);
        assert_eq!(company.people(50), company.people(80)[..50]);
    }

    #[test]
    fn logins_external_ids_and_group_names_are_unique() {
        let mut logins = HashSet::new();
        let mut external_ids = HashSet::new();
        for seed in [1, 2, 1 + COMPANIES.len() as u64] {
            let company = Company::new(seed);
            for person in company.people(10_000).into_iter().chain(company.cast()) {
                assert!(logins.insert(person.user_name.to_lowercase()), "{person:?}");
                assert!(external_ids.insert(person.external_id.clone()), "{person:?}");
                assert!(person.user_name.is_ascii(), "{person:?}");
            }
            let teams = company.teams(200, 10_000);
            let names: HashSet<_> = teams.iter().map(|team| team.name.to_lowercase()).collect();
            assert_eq!(names.len(), 200);
        }
    }

    #[test]
    fn groups_hold_known_people_once() {
        let teams = Company::new(3).teams(200, 1_000);
        assert_eq!(teams[0].members.len(), 1_000);
        for team in &teams {
            assert!(team.members.is_sorted() && team.members.iter().all(|&member| member < 1_000));
            let once: HashSet<_> = team.members.iter().collect();
            assert_eq!(once.len(), team.members.len());
        }
        assert!(teams.iter().any(|team| (1..12).contains(&team.members.len())));
    }

    #[test]
    fn a_company_without_people_has_empty_groups() {
        assert!(Company::new(0).teams(5, 0).iter().all(|team| team.members.is_empty()));
    }

    #[test]
    fn placeholder_passwords_do_not_follow_from_a_seed() {
        assert_ne!(placeholder_password(), placeholder_password());
        assert_eq!(placeholder_password().len(), 8);
    }
}
