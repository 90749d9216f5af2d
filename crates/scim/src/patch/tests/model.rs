//! PATCH against a model that knows three attributes by name and nothing of schemas.

use std::collections::BTreeMap;

use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::select,
};

use super::patch;
use crate::{Name, Object, Value, schema::builtin};

/// A user with `title`, `name` and `emails`.
#[derive(Clone, Debug, Default)]
struct Person {
    title: Option<String>,
    given: Option<String>,
    family: Option<String>,
    mails: Vec<Mail>,
}

#[derive(Clone, Debug, PartialEq)]
struct Mail {
    value: Option<String>,
    kind: Option<String>,
    primary: Option<bool>,
}

/// One operation. `None` is written as `null`.
#[derive(Clone, Debug)]
enum Step {
    Title(Op, Option<String>),
    /// The sub-attributes in an object.
    Name(Op, BTreeMap<&'static str, Option<String>>),
    Given(Op, Option<String>),
    RemoveName,
    Mails(Op, Vec<Mail>),
    RemoveMails,
    RemoveListed(Vec<String>),
    MailValue(Op, String, Option<String>),
    MailPrimary(Op, String, bool),
    MailWhole(Op, String, Mail),
    RemoveKind(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Add,
    Replace,
    Remove,
}

impl Person {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Title(op, value) => set(&mut self.title, *op, value.clone()),
            Step::Given(op, value) => set(&mut self.given, *op, value.clone()),
            Step::Name(Op::Replace, parts) if parts.is_empty() => {
                (self.given, self.family) = (None, None);
            }
            Step::Name(op, parts) => {
                for (name, value) in parts {
                    let slot = match *name {
                        "givenName" => &mut self.given,
                        _ => &mut self.family,
                    };
                    set(slot, *op, value.clone());
                }
            }
            Step::RemoveName => (self.given, self.family) = (None, None),
            Step::Mails(Op::Add, added) => self.add(tidy(added)),
            Step::Mails(_, all) => self.mails = tidy(all),
            Step::RemoveMails => self.mails.clear(),
            Step::RemoveListed(values) => self
                .mails
                .retain(|mail| !mail.value.as_ref().is_some_and(|value| values.contains(value))),
            Step::MailValue(Op::Remove, kind, _) | Step::MailValue(Op::Replace, kind, None) => {
                self.of_kind(kind, |mail| mail.value = None);
            }
            Step::MailValue(_, kind, Some(value)) => {
                self.each(kind, |mail| mail.value = Some(value.clone()));
            }
            Step::MailPrimary(Op::Remove, kind, _) => {
                self.of_kind(kind, |mail| mail.primary = None);
            }
            Step::MailPrimary(_, kind, primary) => {
                self.each(kind, |mail| mail.primary = Some(*primary));
            }
            Step::MailWhole(Op::Add, kind, new) => self.each(kind, |mail| {
                mail.value = new.value.clone().or(mail.value.take());
                mail.kind = new.kind.clone().or(mail.kind.take());
                mail.primary = new.primary.or(mail.primary);
            }),
            Step::MailWhole(_, kind, new) => self.each(kind, |mail| {
                let kind = new.kind.clone().or(Some(kind.clone()));
                *mail = Mail { kind, ..new.clone() };
            }),
            Step::RemoveKind(kind) => self.mails.retain(|mail| mail.kind.as_ref() != Some(kind)),
            Step::MailValue(Op::Add, _, None) => {}
        }
    }

    fn add(&mut self, added: Vec<Mail>) {
        let mut leader = None;
        for mail in added {
            let id = (mail.value.clone(), mail.kind.clone());
            if mail.primary == Some(true) {
                leader = Some(id.clone());
            }
            match self.mails.iter_mut().find(|old| (&old.value, &old.kind) == (&id.0, &id.1)) {
                Some(old) => old.primary = mail.primary.or(old.primary),
                None => self.mails.push(mail),
            }
        }
        if let Some((value, kind)) = leader {
            let found = self.mails.iter().position(|mail| mail.value == value && mail.kind == kind);
            self.lead(found.expect("it was added"));
        }
    }

    /// Changes the mails of a kind, or a new one.
    fn each(&mut self, kind: &str, change: impl Fn(&mut Mail)) {
        let is_kind = |mail: &Mail| mail.kind.as_deref() == Some(kind);
        if !self.mails.iter().any(is_kind) {
            self.mails.push(Mail { value: None, kind: Some(kind.to_owned()), primary: None });
        }
        let mut changed = Vec::new();
        for (at, mail) in self.mails.iter_mut().enumerate().filter(|(_, mail)| is_kind(mail)) {
            change(mail);
            changed.push(at);
        }
        let leader = changed.into_iter().find(|&at| self.mails[at].primary == Some(true));
        if let Some(at) = leader {
            self.lead(at);
        }
        for at in (0..self.mails.len()).rev() {
            let (before, mail) = (&self.mails[..at], &self.mails[at]);
            let twin = |other: &Mail| (&other.value, &other.kind) == (&mail.value, &mail.kind);
            if mail.value.is_some() && before.iter().any(twin) {
                self.mails.remove(at);
            }
        }
    }

    /// Takes something from the mails of a kind that are there.
    fn of_kind(&mut self, kind: &str, take: impl Fn(&mut Mail)) {
        self.mails.iter_mut().filter(|mail| mail.kind.as_deref() == Some(kind)).for_each(take);
    }

    /// Makes one mail the primary one, if it still is.
    fn lead(&mut self, at: usize) {
        if self.mails[at].primary == Some(true) {
            let leader = self.mails.remove(at);
            for mail in self.mails.iter_mut().filter(|mail| mail.primary == Some(true)) {
                mail.primary = Some(false);
            }
            self.mails.insert(0, leader);
        }
    }

    /// At the end of a request equal mails are one.
    fn settle(&mut self) {
        let mut seen: Vec<Mail> = Vec::new();
        self.mails.retain(|mail| {
            let stays = !seen.contains(mail);
            seen.push(mail.clone());
            stays
        });
    }

    fn tree(&self) -> Object {
        let mut tree = Object::new().with("userName", "ada");
        let mut name = Object::new();
        put(&mut tree, "title", self.title.clone());
        put(&mut name, "givenName", self.given.clone());
        put(&mut name, "familyName", self.family.clone());
        put(&mut tree, "name", (!name.is_empty()).then_some(name));
        let mails: Vec<Value> = self.mails.iter().map(|mail| mail.tree().into()).collect();
        put(&mut tree, "emails", (!mails.is_empty()).then_some(mails));
        tree
    }
}

impl Mail {
    fn tree(&self) -> Object {
        let mut tree = Object::new();
        put(&mut tree, "value", self.value.clone());
        put(&mut tree, "type", self.kind.clone());
        put(&mut tree, "primary", self.primary);
        tree
    }
}

fn set(slot: &mut Option<String>, op: Op, value: Option<String>) {
    match (op, value) {
        (Op::Remove, _) | (Op::Replace, None) => *slot = None,
        (Op::Add, None) => {}
        (_, value) => *slot = value,
    }
}

/// What reading a list makes of it: each mail once, and one that is primary, first.
fn tidy(mails: &[Mail]) -> Vec<Mail> {
    let mut all = Vec::<Mail>::new();
    for mail in mails {
        if !all.contains(mail) {
            all.push(mail.clone());
        }
    }
    if let Some(first) = all.iter().position(|mail| mail.primary == Some(true)) {
        let leader = all.remove(first);
        for mail in all.iter_mut().filter(|mail| mail.primary == Some(true)) {
            mail.primary = None;
        }
        all.insert(0, leader);
    }
    all
}

fn put(object: &mut Object, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name, value);
    }
}

/// The step as an operation, with a path or, where that says the same, without.
fn operation(step: &Step, bare: bool) -> Object {
    let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::from);
    let by_kind = |kind: &str, rest: &str| format!("emails[type eq \"{kind}\"]{rest}");
    let (op, path, value) = match step {
        Step::Title(op, value) => (*op, "title".to_owned(), text(value)),
        Step::Given(op, value) => (*op, "name.givenName".to_owned(), text(value)),
        Step::Name(op, parts) => {
            let name: Object = parts.iter().map(|(name, it)| (Name::new(name), text(it))).collect();
            (*op, "name".to_owned(), name.into())
        }
        Step::RemoveName => (Op::Remove, "name".to_owned(), Value::Null),
        Step::Mails(op, mails) => {
            let mails: Vec<Value> = mails.iter().map(|mail| mail.tree().into()).collect();
            (*op, "emails".to_owned(), mails.into())
        }
        Step::RemoveMails => (Op::Remove, "emails".to_owned(), Value::Null),
        Step::RemoveListed(values) => {
            let listed: Vec<Value> =
                values.iter().map(|it| Object::new().with("value", it.clone()).into()).collect();
            (Op::Remove, "emails".to_owned(), listed.into())
        }
        Step::MailValue(op, kind, value) => (*op, by_kind(kind, ".value"), text(value)),
        Step::MailPrimary(op, kind, value) => (*op, by_kind(kind, ".primary"), (*value).into()),
        Step::MailWhole(op, kind, mail) => (*op, by_kind(kind, ""), mail.tree().into()),
        Step::RemoveKind(kind) => (Op::Remove, by_kind(kind, ""), Value::Null),
    };
    let name = match op {
        Op::Add => "Add",
        Op::Replace => "replace",
        Op::Remove => "REMOVE",
    };
    let operation = Object::new().with("op", name);
    match op {
        Op::Add | Op::Replace if bare => operation.with("value", Object::new().with(path, value)),
        _ => operation.with("path", path).with("value", value),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let word = || select(vec!["p", "q", "r"]).prop_map(str::to_owned);
    let kind = || select(vec!["work", "home", "other"]).prop_map(str::to_owned);
    let parts = btree_map(select(vec!["givenName", "familyName"]), option::of(word()), 0..3);
    let writing = || select(vec![Op::Add, Op::Replace]);
    let any_op = || select(vec![Op::Add, Op::Replace, Op::Remove]);
    let mail = || {
        (word(), option::of(kind()), option::of(any::<bool>()))
            .prop_map(|(value, kind, primary)| Mail { value: Some(value), kind, primary })
    };
    prop_oneof![
        (any_op(), option::of(word())).prop_map(|(op, value)| Step::Title(op, value)),
        (any_op(), option::of(word())).prop_map(|(op, value)| Step::Given(op, value)),
        (writing(), parts).prop_map(|(op, parts)| Step::Name(op, parts)),
        Just(Step::RemoveName),
        (writing(), vec(mail(), 0..4)).prop_map(|(op, mails)| Step::Mails(op, mails)),
        Just(Step::RemoveMails),
        vec(word(), 0..3).prop_map(Step::RemoveListed),
        (any_op(), kind(), option::of(word()))
            .prop_map(|(op, kind, it)| Step::MailValue(op, kind, it)),
        (any_op(), kind(), any::<bool>())
            .prop_map(|(op, kind, it)| Step::MailPrimary(op, kind, it)),
        (writing(), kind(), mail()).prop_map(|(op, kind, mail)| Step::MailWhole(op, kind, mail)),
        kind().prop_map(Step::RemoveKind),
    ]
}

proptest! {
    #[test]
    fn the_engine_and_the_model_agree(steps in vec((step(), any::<bool>()), 0..12)) {
        let mut person = Person::default();
        let mut tree = person.tree();
        for (step, bare) in &steps {
            person.take(step);
            person.settle();
            let operations = format!("[{}]", operation(step, *bare).to_json());
            tree = patch(builtin::user(), &tree.to_json(), &operations).0?;
            prop_assert_eq!(&tree, &person.tree(), "after {}", operations);
        }

        // One request does what its operations do one after the other.
        let all: Vec<String> = steps.iter().map(|(it, bare)| operation(it, *bare).to_json()).collect();
        if !all.is_empty() {
            let mut person = Person::default();
            let before = person.tree().to_json();
            for (step, _) in &steps {
                person.take(step);
            }
            person.settle();
            let at_once = patch(builtin::user(), &before, &format!("[{}]", all.join(","))).0?;
            prop_assert_eq!(at_once, person.tree());
        }
    }
}
