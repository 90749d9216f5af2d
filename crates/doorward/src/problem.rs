//! What went wrong, in the words of the command line.

use anyhow::anyhow;
use directory::{Error, Noun, organization::Slug};

/// A failure on one line: what was tried, and why it failed.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    let mut parts = Vec::new();
    for cause in error.chain() {
        match cause.downcast_ref::<Error>() {
            None => parts.push(cause.to_string()),
            Some(Error::NotFound { what, .. }) => {
                parts.push(format!("{}{}", plain(cause), hint(*what, "SLUG")));
            }
            // It says all that its source says.
            Some(Error::Unusable(_)) => {
                parts.push(plain(cause));
                break;
            }
            Some(_) => parts.push(plain(cause)),
        }
    }
    parts.join(": ")
}

/// Makes of a refusal within an organization one that names it, and the command that lists what
/// there is.
pub(crate) fn within(slug: &Slug) -> impl Fn(Error) -> anyhow::Error + '_ {
    move |error| match &error {
        Error::NotFound { what, .. } if *what != Noun::Organization => {
            anyhow!("{} in {slug}{}", plain(&error), hint(*what, slug.as_str()))
        }
        _ => error.into(),
    }
}

/// A sentence of the domain as a part of ours: it begins small, and ends without its stop.
fn plain(said: &(impl std::fmt::Display + ?Sized)) -> String {
    let said = said.to_string();
    let said = said.strip_suffix('.').unwrap_or(&said);
    let mut rest = said.chars();
    match rest.next() {
        Some(first) if !rest.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(rest).collect()
        }
        _ => said.to_owned(),
    }
}

/// Which command shows all that could have been meant.
fn hint(missing: Noun, slug: &str) -> String {
    let command = match missing {
        Noun::Organization => "organization list".to_owned(),
        Noun::Deleted => "audit list".to_owned(),
        Noun::Connection => "connection list".to_owned(),
        Noun::Plan => "plan list".to_owned(),
        Noun::Token => "token list --connection ID".to_owned(),
        Noun::User => format!("user list --organization {slug}"),
        Noun::Group => format!("group list --organization {slug}"),
        Noun::Role => format!("role list --organization {slug}"),
        Noun::Definition | Noun::ResourceType => format!("schema list --organization {slug}"),
        Noun::Domain => format!("domain list --organization {slug}"),
        Noun::BreakGlass => format!("break-glass list --organization {slug}"),
        Noun::AddOn => format!("organization show {slug}"),
        _ => return String::new(),
    };
    format!("; `doorward {command}` shows all")
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use directory::{Error, Noun, Unusable, organization::Slug};

    use super::{sentence, within};

    #[test]
    fn what_is_missing_is_named_with_the_command_that_lists_what_there_is() {
        let missing = Error::no_such(Noun::Organization, "acme");
        assert_eq!(
            sentence(&missing.into()),
            "there is no organization \"acme\"; `doorward organization list` shows all"
        );
        let acme = Slug::parse("acme").expect("a slug");
        let missing = Error::no_such(Noun::Role, "editor");
        assert_eq!(
            sentence(&within(&acme)(missing)),
            "there is no role \"editor\" in acme; `doorward role list --organization acme` shows all"
        );
    }

    #[test]
    fn a_reason_follows_what_was_tried_and_is_said_once() {
        let old = Error::from(Unusable::OldSchema { found: 1, needed: 2 });
        let error = Err::<(), _>(old).context("cannot open the store").expect_err("it is one");
        assert_eq!(
            sentence(&error),
            "cannot open the store: the schema of the store has version 1, and this program needs \
             version 2"
        );
        let invalid = Error::invalid("name", "SAML has no name. Give it one.");
        assert_eq!(sentence(&invalid.into()), "SAML has no name. Give it one");
    }
}
