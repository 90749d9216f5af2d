//! The golden matrix: what each kind of principal may do, in its own organization and in another.
//!
//! It is printed to `matrix.txt` beside this file and reviewed as text. With `UPDATE_GOLDEN=1` the
//! test writes the file anew.

use std::fmt::Write as _;

use super::{
    Principal, Provider, Rank, Reach, Scope, Verb,
    principal::{Access, Who},
};
use crate::{
    error::Error,
    id::{ConnectionId, ConnectionNo, KeyNo, OrgNo, ResourceId, ResourceNo, SetupLinkId},
    random::Random,
};

const HOME: OrgNo = OrgNo(7);
const OTHER: OrgNo = OrgNo(8);

/// One of each kind, by the name of its column.
fn principals() -> Vec<(&'static str, Principal)> {
    let random = Random::from_seed(1);
    let provider = Provider { org: HOME, no: ConnectionNo(1), id: ConnectionId::random(&random) };
    let id = ResourceId::random(&random);
    let link = SetupLinkId::random(&random);
    let user = |rank| Who::User { org: HOME, no: ResourceNo(1), id, rank };
    let key = |home, scope| Who::ApiKey { number: KeyNo(1), reach: Reach { home, scope } };
    let machine = |home, scope| {
        let reach = Reach { home, scope };
        Who::Machine { client: "billing".to_owned(), reach }
    };
    [
        ("system", Who::System),
        ("operator", Who::Operator),
        ("key/all/manage", key(None, Scope::Manage)),
        ("key/all/write", key(None, Scope::Write)),
        ("key/all/read", key(None, Scope::Read)),
        ("key/own/manage", key(Some(HOME), Scope::Manage)),
        ("key/own/write", key(Some(HOME), Scope::Write)),
        ("key/own/read", key(Some(HOME), Scope::Read)),
        ("machine/all/manage", machine(None, Scope::Manage)),
        ("machine/all/write", machine(None, Scope::Write)),
        ("machine/all/read", machine(None, Scope::Read)),
        ("machine/own/manage", machine(Some(HOME), Scope::Manage)),
        ("machine/own/write", machine(Some(HOME), Scope::Write)),
        ("machine/own/read", machine(Some(HOME), Scope::Read)),
        ("connection", Who::Connection(provider)),
        ("grant", Who::OauthGrant { provider, client: "okta".to_owned() }),
        ("setup-link", Who::SetupLink { org: HOME, id: link, connection: None }),
        ("sign-in", Who::SignIn(provider)),
        ("break-glass", Who::BreakGlass { org: HOME }),
        ("client", Who::Client { org: HOME, id: "app".to_owned() }),
        ("superadmin", user(Rank::Superadmin)),
        ("admin", user(Rank::Admin)),
        ("member", user(Rank::Member)),
    ]
    .map(|(name, who)| (name, Principal(who)))
    .into()
}

/// What becomes of a verb: `+` it may, `-` it is denied, `.` the organization does not exist for
/// this principal.
fn outcome(principal: &Principal, org: OrgNo, verb: Verb) -> char {
    match principal.clone().on(org).and_then(|access: Access| access.permit(verb)) {
        Ok(()) => '+',
        Err(Error::Denied { .. }) => '-',
        Err(Error::NotFound { .. }) => '.',
        Err(error) => panic!("{error}"),
    }
}

fn matrix() -> String {
    let mut text = String::from(
        "What each kind of principal may do: in its own organization / in another one.\n\
         + it may   - it is denied   . the organization does not exist for it\n\n",
    );
    let principals: Vec<_> = ('a'..).zip(principals()).collect();
    for (letter, (name, _)) in &principals {
        let _ = writeln!(text, "{letter}  {name}");
    }
    let line = |text: &mut String, name: &str, cells: Vec<String>| {
        let _ = writeln!(text, "{name:<30}{}", cells.join("   ").trim_end());
    };
    text.push('\n');
    line(&mut text, "", principals.iter().map(|(letter, _)| format!("{letter:<3}")).collect());
    for verb in Verb::ALL {
        let cell = |(_, (_, principal)): &(char, (_, Principal))| {
            let own = outcome(principal, HOME, *verb);
            format!("{own}/{}", outcome(principal, OTHER, *verb))
        };
        line(&mut text, verb.name(), principals.iter().map(cell).collect());
    }
    text
}

#[test]
fn the_matrix_is_as_it_was_reviewed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/access/matrix.txt");
    let now = matrix();
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration but this variable")]
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        std::fs::write(path, &now).expect("the file can be written");
    }
    let reviewed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(now == reviewed, "the matrix changed: review it, then run with UPDATE_GOLDEN=1\n{now}");
}

#[test]
fn no_principal_of_one_organization_reaches_another() {
    for (name, principal) in principals() {
        let reaches = principal.clone().on(OTHER).is_ok();
        let is_of_all = matches!(name, "system" | "operator") || name.contains("/all/");
        assert_eq!(reaches, is_of_all, "{name}");
    }
}
