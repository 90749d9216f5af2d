//! [`Question`]: a filter, an order and pages, drawn at random.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
};

use super::world::{BASE_URL, ENTERPRISE, EXTRA};

/// Of which type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Of {
    Users,
    Groups,
    Things,
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) of: Of,
    /// With `{u}`, `{g}` and `{t}` in the place of ids.
    pub(crate) filter: Option<String>,
    pub(crate) sort: Option<(String, bool)>,
    pub(crate) count: u64,
    pub(crate) skip: Index,
    pub(crate) budget: usize,
}

const TEXTS: [&str; 20] = [
    "",
    "a",
    "A",
    "ad",
    "ada",
    "ADAX",
    "alan",
    "é",
    "É",
    "e\u{301}",
    "οδος",
    "i̇",
    "#",
    "~",
    "~z",
    "\u{10ffff}",
    "work",
    "C1",
    "t2",
    "7",
];

fn text_literal() -> BoxedStrategy<String> {
    let long = (436..452_usize, select(vec!["", "x", "😀"]))
        .prop_map(|(length, end)| format!("{}{end}", "k".repeat(length)));
    let accents = (140..310_usize, select(vec!["", "0", "2x"]))
        .prop_map(|(length, end)| format!("{}{end}", "É".repeat(length)));
    prop_oneof![12 => select(TEXTS.to_vec()).prop_map(str::to_owned), 1 => long, 1 => accents]
        .prop_map(|text| serde_json::to_string(&text).expect("JSON"))
        .boxed()
}

fn time_literal() -> BoxedStrategy<String> {
    let made = (0..30_000_u32).prop_map(|micros| format!("\"2026-01-01T00:00:00.{micros:06}Z\""));
    let since = (0..5_u32, select(vec!["Z", "+01:00", ".5Z", ".500000001Z", ".499Z"]))
        .prop_map(|(second, zone)| format!("\"2026-01-01T00:00:0{second}{zone}\""));
    prop_oneof![made, since].boxed()
}

fn number_literal() -> BoxedStrategy<String> {
    let edge = 1_i64 << 53;
    prop_oneof![
        (-6..6_i64).prop_map(|number| number.to_string()),
        (-12..12_i32).prop_map(|half| format!("{:.1}", f64::from(half) / 2.0)),
        (edge - 2..edge + 3).prop_map(|number| number.to_string()),
        select(vec!["9223372036854775807", "-9223372036854775808", "9.3e18", "4503599627370496.5"])
            .prop_map(str::to_owned),
    ]
    .boxed()
}

/// `op literal` for a kind of attribute.
fn comparison(kind: Kind) -> BoxedStrategy<String> {
    let with = |ops: &'static [&'static str], literal: BoxedStrategy<String>| {
        (select(ops), literal).prop_map(|(op, literal)| format!("{op} {literal}")).boxed()
    };
    match kind {
        Kind::Text => with(
            &["eq", "eq", "ne", "co", "sw", "sw", "ew", "gt", "ge", "lt", "le"],
            text_literal(),
        ),
        Kind::Time => with(ORDER, time_literal()),
        Kind::Number => with(ORDER, number_literal()),
        Kind::Flag => {
            with(&["eq", "ne"], select(vec!["true", "false"]).prop_map(str::to_owned).boxed())
        }
        Kind::Id(mark) => {
            let id = select(vec![mark, mark, "{u}", "unknown"]);
            with(&["eq"], id.prop_map(|mark| format!("\"{mark}\"")).boxed())
        }
        Kind::Address(endpoint, mark) => {
            let address = select(vec![
                format!("{BASE_URL}{endpoint}/{mark}"),
                format!("{BASE_URL}{endpoint}/"),
                format!("{BASE_URL}/{mark}"),
                format!("{endpoint}/{mark}"),
            ]);
            with(
                &["eq", "eq", "ne", "sw", "gt", "co"],
                address.prop_map(|text| format!("\"{text}\"")).boxed(),
            )
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Time,
    Number,
    Flag,
    Id(&'static str),
    /// An address that ends in the id of one of them.
    Address(&'static str, &'static str),
}

fn fields(of: Of) -> Vec<(String, Kind)> {
    let mut fields = vec![
        ("meta.created", Kind::Time),
        ("meta.lastModified", Kind::Time),
        ("externalId", Kind::Text),
        ("id", Kind::Text),
    ];
    fields.extend(match of {
        Of::Users => vec![
            ("userName", Kind::Text),
            ("userName", Kind::Text),
            ("displayName", Kind::Text),
            ("emails.value", Kind::Text),
            ("emails", Kind::Text),
            ("emails.type", Kind::Text),
            ("title", Kind::Text),
            ("name.familyName", Kind::Text),
            ("active", Kind::Flag),
            ("id", Kind::Id("{u}")),
            ("groups.value", Kind::Id("{g}")),
            ("groups", Kind::Id("{g}")),
            ("groups.$ref", Kind::Address("/Groups", "{g}")),
            ("meta.location", Kind::Address("/Users", "{u}")),
            ("urn:ietf:params:scim:schemas:core:2.0:User:userName", Kind::Text),
        ],
        Of::Groups => vec![
            ("displayName", Kind::Text),
            ("id", Kind::Id("{g}")),
            ("members.value", Kind::Id("{u}")),
            ("members", Kind::Id("{g}")),
            ("meta.location", Kind::Address("/Groups", "{g}")),
        ],
        Of::Things => vec![
            ("label", Kind::Text),
            ("code", Kind::Text),
            ("size", Kind::Number),
            ("weight", Kind::Number),
            ("since", Kind::Time),
            ("on", Kind::Flag),
            ("id", Kind::Id("{t}")),
            ("meta.location", Kind::Address("/Things", "{t}")),
        ],
    });
    let mut fields: Vec<(String, Kind)> =
        fields.into_iter().map(|(path, kind)| (path.to_owned(), kind)).collect();
    if of == Of::Users {
        fields.extend([
            (format!("{ENTERPRISE}:employeeNumber"), Kind::Text),
            (format!("{EXTRA}:floor"), Kind::Number),
            (format!("{EXTRA}:skills"), Kind::Text),
        ]);
    }
    fields
}

fn condition(of: Of) -> BoxedStrategy<String> {
    let plain = select(fields(of)).prop_flat_map(|(path, kind)| {
        comparison(kind).prop_map(move |comparison| format!("{path} {comparison}"))
    });
    let (present, whole) = match of {
        Of::Users => {
            (vec!["userName", "displayName", "emails", "groups", "id", "name"], vec!["emails"])
        }
        Of::Groups => (vec!["displayName", "externalId", "meta.created"], vec![]),
        Of::Things => (vec!["label", "size", "externalId"], vec![]),
    };
    let present = select(present).prop_map(|path| format!("{path} pr"));
    let name = select(vec!["User", "Group", "Thing"])
        .prop_map(|name| format!("meta.resourceType eq \"{name}\""));
    if whole.is_empty() {
        return prop_oneof![12 => plain, 1 => present, 1 => name].boxed();
    }
    let one = || {
        prop_oneof![
            4 => comparison(Kind::Text).prop_map(|comparison| format!("value {comparison}")),
            2 => comparison(Kind::Text).prop_map(|comparison| format!("type {comparison}")),
            1 => Just("type eq \"home\"".to_owned()),
            1 => Just("not (primary eq true)".to_owned()),
        ]
    };
    let selected = (vec(one(), 1..3), select(vec![" and ", " or "]))
        .prop_map(|(terms, word)| format!("emails[{}]", terms.join(word)));
    let direct = Just("groups[value eq \"{g}\" and type eq \"direct\"]".to_owned());
    let skills = comparison(Kind::Text).prop_map(|it| format!("{EXTRA}:skills[value {it}]"));
    prop_oneof![14 => plain, 1 => present, 1 => name, 3 => selected, 1 => direct, 1 => skills]
        .boxed()
}

fn filter(of: Of) -> BoxedStrategy<String> {
    let joined = condition(of).prop_recursive(2, 6, 3, |inner| {
        let some = vec(inner.clone(), 2..4);
        prop_oneof![
            3 => (some, select(vec![" and ", " or "])).prop_map(|(terms, word)| {
                let terms: Vec<String> = terms.iter().map(|term| format!("({term})")).collect();
                terms.join(word)
            }),
            1 => inner.prop_map(|term| format!("not ({term})")),
        ]
    });
    prop_oneof![condition(of), joined].boxed()
}

/// Every comparison of every attribute with some values, and pairs of them for one value.
pub(crate) fn every_comparison(of: Of) -> Vec<String> {
    let mut filters = Vec::new();
    for (path, kind) in fields(of) {
        let (ops, literals) = compared(kind);
        for op in ops {
            filters.extend(literals.iter().map(|literal| format!("{path} {op} {literal}")));
        }
    }
    if of == Of::Users {
        for (from, to) in [("é", "ad"), ("b", "é"), ("ada", "ada"), ("ς", "a"), ("~", "#")] {
            for (low, high) in [("gt", "lt"), ("ge", "le"), ("sw", "le"), ("eq", "eq")] {
                for word in ["and", "or"] {
                    filters.push(format!(
                        "emails[value {low} \"{from}\" {word} value {high} \"{to}\"]"
                    ));
                    filters.push(format!(
                        "emails.value {low} \"{from}\" {word} emails.value {high} \"{to}\""
                    ));
                }
            }
        }
    }
    filters
}

fn compared(kind: Kind) -> (&'static [&'static str], Vec<String>) {
    let quoted = |texts: &[&str]| -> Vec<String> {
        texts.iter().map(|text| serde_json::to_string(text).expect("JSON")).collect()
    };
    let plain = |texts: &[&str]| texts.iter().copied().map(str::to_owned).collect();
    match kind {
        Kind::Text => {
            let long = "k".repeat(445);
            let texts = ["", "ad", "ADA", "É", "οδος", "#", "~", &long, "\u{10ffff}", "8"];
            (&["eq", "sw", "gt", "ge", "lt", "le"], quoted(&texts))
        }
        Kind::Time => {
            let second = |rest: &str| format!("\"2026-01-01T00:00:0{rest}Z\"");
            let times = ["0.009", "0.009620", "0.009001", "0.010", "0.0365", "0.04975", "3.5", "3"];
            (ORDER, times.map(second).into())
        }
        Kind::Number => {
            let numbers = ["-2", "0", "1.5", "3.0", "9007199254740992", "9007199254740993"];
            let mut numbers: Vec<String> = plain(&numbers);
            numbers.extend(plain(&["9223372036854775806", "9223372036854775807", "9.3e18"]));
            (ORDER, numbers)
        }
        Kind::Flag => (&["eq", "ne"], plain(&["true", "false", "\"True\""])),
        Kind::Address(endpoint, mark) => {
            let own = format!("{BASE_URL}{endpoint}/{mark}");
            (&["eq", "ne", "sw", "ew", "gt"], quoted(&[&own, "https://other.example", mark]))
        }
        Kind::Id(mark) => (&["eq"], quoted(&[mark, "{u}", "unknown"])),
    }
}

const ORDER: &[&str] = &["eq", "ne", "gt", "ge", "lt", "le"];

/// What lists of a type are sorted by.
pub(crate) fn orders(of: Of) -> Vec<String> {
    let mut orders = vec!["id", "externalId", "meta.created", "meta.lastModified", "meta.version"];
    orders.extend(match of {
        Of::Users => vec![
            "userName",
            "displayName",
            "emails",
            "emails.type",
            "name.familyName",
            "active",
            "groups.display",
        ],
        Of::Groups => vec!["displayName", "meta.resourceType"],
        Of::Things => vec!["label", "code", "size", "weight", "since", "on", "meta.location"],
    });
    let mut orders: Vec<String> = orders.into_iter().map(str::to_owned).collect();
    if of == Of::Users {
        orders.extend(["employeeNumber"].map(|name| format!("{ENTERPRISE}:{name}")));
        orders.extend(["floor", "skills"].map(|name| format!("{EXTRA}:{name}")));
    }
    orders
}

pub(crate) fn question() -> impl Strategy<Value = Question> {
    prop_oneof![3 => Just(Of::Users), 1 => Just(Of::Groups), 2 => Just(Of::Things)]
        .prop_flat_map(|of| {
            (
                Just(of),
                option::weighted(0.9, filter(of)),
                option::of((select(orders(of)), any::<bool>())),
                select(vec![1, 2, 7, 40, 333, 2_000]),
                any::<Index>(),
                select(vec![3, 60, 400, 799, 5_000]),
            )
        })
        .prop_map(|(of, filter, sort, count, skip, budget)| Question {
            of,
            filter,
            sort,
            count,
            skip,
            budget,
        })
}
