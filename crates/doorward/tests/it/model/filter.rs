//! Filters: a tree, its text, whether it makes sense, and whom it means (RFC 7644 §3.4.2.2).

use std::{cmp::Ordering, sync::Arc};

use serde_json::{Value as Json, json};

use super::{
    document::{Document, INVALID_FILTER, Refusal, folded, home, instant, is_nothing},
    schema::{Attribute, Kind, Place, Type},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Compare {
    pub(super) const ALL: [(Self, &str); 9] = [
        (Self::Eq, "eq"),
        (Self::Ne, "ne"),
        (Self::Co, "co"),
        (Self::Sw, "sw"),
        (Self::Ew, "ew"),
        (Self::Gt, "gt"),
        (Self::Ge, "ge"),
        (Self::Lt, "lt"),
        (Self::Le, "le"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find_map(|(op, name)| (op == self).then_some(name)).expect("all")
    }

    fn fits(self, ordering: Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Ne | Self::Co | Self::Sw | Self::Ew => false,
        }
    }
}

/// What a filter names.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// An attribute of a resource, or a part of one.
    Of(Place),
    /// A whole extension, by its URN.
    Extension(String),
    /// In brackets: a part of the value.
    Part(Arc<Attribute>),
    /// In brackets: the value itself, which has no parts.
    Itself(Arc<Attribute>),
    /// Nothing that is known.
    Unknown,
}

#[derive(Clone, Debug)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    /// A name as it is written, and what it means.
    Present(String, Subject),
    Compare(String, Subject, Compare, Json),
    Brackets(String, Place, Box<Filter>),
}

impl Filter {
    /// The filter as a client writes it.
    pub(super) fn text(&self) -> String {
        let joined = |terms: &[Self], word: &str| {
            // RFC 7644 §3.4.2.2: `and` binds closer than `or`.
            let one = |term: &Self| match (term, word) {
                (Self::Or(_), " and " | " or ") | (Self::And(_), " and ") => {
                    format!("({})", term.text())
                }
                _ => term.text(),
            };
            terms.iter().map(one).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::And(terms) => joined(terms, " and "),
            Self::Or(terms) => joined(terms, " or "),
            Self::Not(term) => format!("not ({})", term.text()),
            Self::Present(name, _) => format!("{name} pr"),
            Self::Compare(name, _, op, literal) => format!("{name} {} {literal}", op.name()),
            Self::Brackets(name, _, inner) => format!("{name}[{}]", inner.text()),
        }
    }

    /// Whether every name is known and is compared as its type allows.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().try_for_each(Self::check),
            Self::Not(term) => term.check(),
            Self::Present(_, Subject::Unknown) | Self::Compare(_, Subject::Unknown, _, _) => {
                Err(INVALID_FILTER)
            }
            Self::Present(_, _) => Ok(()),
            Self::Compare(_, subject, op, literal) => {
                let attribute = subject.leaf().ok_or(INVALID_FILTER)?;
                if comparable(attribute, *op, literal) { Ok(()) } else { Err(INVALID_FILTER) }
            }
            Self::Brackets(_, place, inner) => {
                let attribute = place.leaf();
                if attribute.kind != Kind::Complex && !attribute.multi {
                    return Err(INVALID_FILTER);
                }
                inner.check()
            }
        }
    }

    /// The filter as one type understands it: an attribute that it does not have is one without a
    /// value.
    pub(super) fn for_type(&self, kind: &Type) -> Self {
        let all = |terms: &[Self]| terms.iter().map(|term| term.for_type(kind)).collect();
        let subject = |name: &str| match (kind.extension(name), kind.named(name)) {
            (Some(extension), _) => Subject::Extension(extension.urn.clone()),
            (None, place) => place.map_or(Subject::Unknown, Subject::Of),
        };
        match self {
            Self::And(terms) => Self::And(all(terms)),
            Self::Or(terms) => Self::Or(all(terms)),
            Self::Not(term) => Self::Not(Box::new(term.for_type(kind))),
            Self::Present(name, _) => Self::Present(name.clone(), subject(name)),
            Self::Compare(name, _, op, literal) => {
                Self::Compare(name.clone(), subject(name), *op, literal.clone())
            }
            Self::Brackets(name, _, inner) => match kind.named(name) {
                Some(place) => Self::Brackets(name.clone(), place, inner.clone()),
                None => Self::Present(name.clone(), Subject::Unknown),
            },
        }
    }

    /// Whether a whole document satisfies it.
    pub(super) fn holds(&self, document: &Document) -> bool {
        self.on(&|subject| match subject {
            Subject::Of(place) => values_at(document, place),
            Subject::Extension(urn) => listed(document.get(urn)),
            _ => Vec::new(),
        })
    }

    /// Whether one value satisfies it, where it stands in brackets.
    pub(super) fn holds_for_value(&self, value: &Json) -> bool {
        self.on(&|subject| match subject {
            Subject::Part(part) => listed(value.get(&part.name)),
            Subject::Itself(_) => vec![value.clone()],
            _ => Vec::new(),
        })
    }

    fn on(&self, values: &dyn Fn(&Subject) -> Vec<Json>) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.on(values)),
            Self::Or(terms) => terms.iter().any(|term| term.on(values)),
            Self::Not(term) => !term.on(values),
            Self::Present(_, subject) => values(subject).iter().any(is_there),
            Self::Compare(_, subject, Compare::Eq, Json::Null) => {
                !values(subject).iter().any(is_there)
            }
            Self::Compare(_, subject, Compare::Ne, Json::Null) => {
                values(subject).iter().any(is_there)
            }
            Self::Compare(_, subject, op, literal) => {
                let Some(attribute) = subject.leaf() else { return *op == Compare::Ne };
                let any =
                    |op| values(subject).iter().any(|it| compares(attribute, it, op, literal));
                if *op == Compare::Ne { !any(Compare::Eq) } else { any(*op) }
            }
            Self::Brackets(_, place, inner) => {
                values(&Subject::Of(place.clone())).iter().any(|value| inner.holds_for_value(value))
            }
        }
    }

    /// The parts that it says are equal to something, if it says nothing else.
    pub(super) fn equalities(&self) -> Option<Vec<(String, Json)>> {
        match self {
            Self::And(terms) => {
                let terms: Option<Vec<_>> = terms.iter().map(Self::equalities).collect();
                terms.map(|terms| terms.into_iter().flatten().collect())
            }
            // To have no value is no value that could be created.
            Self::Compare(_, _, Compare::Eq, Json::Null) => None,
            Self::Compare(_, Subject::Part(part), Compare::Eq, literal) => {
                Some(vec![(part.name.clone(), literal.clone())])
            }
            Self::Compare(_, Subject::Itself(_), Compare::Eq, literal) => {
                Some(vec![("value".to_owned(), literal.clone())])
            }
            _ => None,
        }
    }
}

impl Subject {
    fn leaf(&self) -> Option<&Arc<Attribute>> {
        match self {
            Self::Of(place) => Some(place.leaf()),
            Self::Part(attribute) | Self::Itself(attribute) => Some(attribute),
            // Only its presence can be asked.
            Self::Extension(_) | Self::Unknown => None,
        }
    }
}

fn listed(value: Option<&Json>) -> Vec<Json> {
    match value {
        None => Vec::new(),
        Some(Json::Array(values)) => values.clone(),
        Some(one) => vec![one.clone()],
    }
}

fn values_at(document: &Document, place: &Place) -> Vec<Json> {
    let home = home(document, place.extension.as_deref());
    let values = listed(home.and_then(|home| home.get(&place.attribute.name)));
    match &place.sub {
        None => values,
        Some(sub) => values.iter().flat_map(|value| listed(value.get(&sub.name))).collect(),
    }
}

/// `pr`: a value that is not empty, or a complex one with such a part.
fn is_there(value: &Json) -> bool {
    match value {
        Json::Object(parts) => parts.values().any(is_there),
        value => !is_nothing(value),
    }
}

/// Whether the type of an attribute allows this (RFC 7644 §3.4.2.2).
fn comparable(attribute: &Attribute, op: Compare, literal: &Json) -> bool {
    if attribute.kind == Kind::Complex {
        // It stands for its `value`.
        return attribute.sub("value").is_some_and(|sub| comparable(sub, op, literal));
    }
    if literal.is_null() {
        return matches!(op, Compare::Eq | Compare::Ne);
    }
    let partial = matches!(op, Compare::Co | Compare::Sw | Compare::Ew);
    let order = matches!(op, Compare::Gt | Compare::Ge | Compare::Lt | Compare::Le);
    match attribute.kind {
        Kind::Boolean => {
            let text = literal.as_str().map(str::to_ascii_lowercase);
            let is_text = matches!(text.as_deref(), Some("true" | "false"));
            (literal.is_boolean() || is_text) && !partial && !order
        }
        Kind::Integer | Kind::Decimal => literal.is_number() && !partial,
        Kind::DateTime => literal.as_str().is_some_and(|it| instant(it).is_some()) && !partial,
        Kind::Text | Kind::Complex => literal.is_string(),
    }
}

fn compares(attribute: &Attribute, value: &Json, op: Compare, literal: &Json) -> bool {
    match (attribute.kind, value, literal) {
        (Kind::Complex, Json::Object(parts), _) => {
            match (attribute.sub("value"), parts.get("value")) {
                (Some(sub), Some(value)) => compares(sub, value, op, literal),
                _ => false,
            }
        }
        (Kind::Boolean, Json::Bool(value), literal) => {
            let meant = match literal {
                Json::String(text) => json!(text.eq_ignore_ascii_case("true")),
                literal => literal.clone(),
            };
            op == Compare::Eq && meant == json!(value)
        }
        (Kind::Integer | Kind::Decimal, Json::Number(value), Json::Number(literal)) => {
            let ordering = match (value.as_i64(), literal.as_i64()) {
                (Some(value), Some(literal)) => Some(value.cmp(&literal)),
                _ => value.as_f64().partial_cmp(&literal.as_f64()),
            };
            ordering.is_some_and(|ordering| op.fits(ordering))
        }
        (Kind::DateTime, Json::String(value), Json::String(literal)) => {
            op.fits(instant(value).cmp(&instant(literal)))
        }
        (Kind::Text, Json::String(value), Json::String(literal)) if attribute.exact => {
            text_compares(value, op, literal)
        }
        (Kind::Text, Json::String(value), Json::String(literal)) => {
            text_compares(&folded(value), op, &folded(literal))
        }
        _ => false,
    }
}

fn text_compares(value: &str, op: Compare, literal: &str) -> bool {
    match op {
        Compare::Co => value.contains(literal),
        Compare::Sw => value.starts_with(literal),
        Compare::Ew => value.ends_with(literal),
        _ => op.fits(value.cmp(literal)),
    }
}
