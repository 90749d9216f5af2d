//! [`KeyRange`]: the keys of an index that a comparison asks for.
//!
//! Keys are in the order of the values they were made from ([`scim::query::sort::key`]), so a
//! comparison is a piece of the index. Only of texts that are longer than
//! [`COMPARABLE`](index::COMPARABLE) bytes it may be a piece too much.

use std::cmp::Ordering;

use scim::{
    Value,
    date_time::instant,
    filter::{Comparison, FilterValue},
    query::sort,
    schema::{Attribute, Type},
};

use crate::resource::index;

/// Keys of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyRange {
    /// This one.
    One(String),
    /// From the first of these, up to and without the second.
    Between(String, String),
}

impl KeyRange {
    /// Every key that there can be.
    pub(super) fn all() -> Self {
        Self::Between(String::new(), highest())
    }

    /// Where it begins, and the first key after it.
    pub(super) fn ends(&self) -> (String, String) {
        match self {
            Self::One(key) => (key.clone(), after(key)),
            Self::Between(from, to) => (from.clone(), to.clone()),
        }
    }

    /// Whether there can be no key in it.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Between(from, to) if from >= to)
    }
}

/// The keys of the values that satisfy a comparison, and whether they are the keys of no others.
/// `None`: the order of keys has no answer.
pub(super) fn range_of(
    attribute: &Attribute,
    op: Comparison,
    literal: &FilterValue,
) -> Option<(KeyRange, bool)> {
    match (attribute.kind, literal) {
        (Type::Boolean, literal) => {
            let key = boolean(literal)?.to_string();
            (op == Comparison::Equal).then_some((KeyRange::One(key), true))
        }
        (Type::Integer, literal) => Some((integers(op, literal)?, true)),
        (Type::Decimal, literal) => decimals(op, literal),
        (Type::DateTime, FilterValue::String(text)) => {
            Some((keys(op, &sort::instant_key(instant(text)?))?, true))
        }
        (Type::String | Type::Reference | Type::Binary, FilterValue::String(text)) => {
            texts(attribute, op, text)
        }
        _ => None,
    }
}

/// As the evaluator reads it: `"True"` is true.
pub(super) fn boolean(literal: &FilterValue) -> Option<bool> {
    match literal {
        FilterValue::Boolean(value) => Some(*value),
        FilterValue::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        FilterValue::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The range of a key that is as comparable as the value itself.
fn keys(op: Comparison, key: &str) -> Option<KeyRange> {
    Some(match op {
        Comparison::Equal => KeyRange::One(key.to_owned()),
        Comparison::Greater => KeyRange::Between(after(key), highest()),
        Comparison::GreaterOrEqual => KeyRange::Between(key.to_owned(), highest()),
        Comparison::Less => KeyRange::Between(String::new(), key.to_owned()),
        Comparison::LessOrEqual => KeyRange::Between(String::new(), after(key)),
        _ => return None,
    })
}

fn texts(attribute: &Attribute, op: Comparison, text: &str) -> Option<(KeyRange, bool)> {
    let text = sort::key(attribute, &text.into())?;
    let begins = |text: &str| KeyRange::Between(text.to_owned(), after_all_with(text));
    if text.len() <= index::COMPARABLE {
        let range = match op {
            Comparison::StartsWith => begins(&text),
            op => keys(op, &text)?,
        };
        return Some((range, true));
    }
    let known = &text[..text.floor_char_boundary(index::COMPARABLE)];
    let range = match op {
        Comparison::Equal => KeyRange::One(index::exact_key(&text)),
        Comparison::StartsWith => begins(known),
        Comparison::Greater | Comparison::GreaterOrEqual => {
            KeyRange::Between(known.to_owned(), highest())
        }
        Comparison::Less | Comparison::LessOrEqual => {
            KeyRange::Between(String::new(), after_all_with(known))
        }
        _ => return None,
    };
    Some((range, false))
}

/// One more than the largest whole number.
const END: i128 = i64::MAX as i128 + 1;

fn integers(op: Comparison, literal: &FilterValue) -> Option<KeyRange> {
    // As numbers grow they are first less than the literal, then equal, then greater.
    let (mut equal, mut greater) = (END, END);
    for (bound, is_after) in [
        (&mut equal, Ordering::is_ge as fn(Ordering) -> bool),
        (&mut greater, Ordering::is_gt as fn(Ordering) -> bool),
    ] {
        let (mut low, mut high) = (i128::from(i64::MIN), END);
        while low < high {
            let middle = low + (high - low) / 2;
            let ordering = integer_and(i64::try_from(middle).ok()?, literal)?;
            if is_after(ordering) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        *bound = low;
    }
    let key = |number: i128| i64::try_from(number).map_or_else(|_| highest(), sort::integer_key);
    let between = |from, to| KeyRange::Between(key(from), key(to));
    let start = i128::from(i64::MIN);
    Some(match op {
        Comparison::Equal => between(equal, greater),
        Comparison::Greater => between(greater, END),
        Comparison::GreaterOrEqual => between(equal, END),
        Comparison::Less => between(start, equal),
        Comparison::LessOrEqual => between(start, greater),
        _ => return None,
    })
}

/// How a stored whole number compares with a literal, as the evaluator sees it.
#[expect(clippy::cast_precision_loss, reason = "the evaluator loses the same digits")]
fn integer_and(number: i64, literal: &FilterValue) -> Option<Ordering> {
    match literal {
        FilterValue::Integer(literal) => Some(number.cmp(literal)),
        FilterValue::Decimal(literal) => (number as f64).partial_cmp(literal),
        _ => None,
    }
}

fn decimals(op: Comparison, literal: &FilterValue) -> Option<(KeyRange, bool)> {
    let (value, exact) = match literal {
        FilterValue::Decimal(number) => (Value::Decimal(*number), true),
        // Beyond 2^53 several whole numbers share a key.
        FilterValue::Integer(number) => (Value::Integer(*number), number.unsigned_abs() < 1 << 53),
        _ => return None,
    };
    let Value::Decimal(number) = as_decimal(&value) else { return None };
    let op = match op {
        Comparison::Greater if !exact => Comparison::GreaterOrEqual,
        Comparison::Less if !exact => Comparison::LessOrEqual,
        op => op,
    };
    Some((keys(op, &sort::decimal_key(number))?, exact))
}

#[expect(clippy::cast_precision_loss, reason = "the key loses the same digits")]
fn as_decimal(value: &Value) -> Value {
    match value {
        Value::Integer(number) => Value::Decimal(*number as f64),
        other => other.clone(),
    }
}

/// The first text after a text. (No text in the store has the character U+0000.)
fn after(text: &str) -> String {
    format!("{text}\u{1}")
}

/// The first text after all texts that begin with this one.
fn after_all_with(prefix: &str) -> String {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = match last {
            char::MAX => continue,
            '\u{d7ff}' => '\u{e000}',
            c => char::from_u32(u32::from(c) + 1).unwrap_or(char::MAX),
        };
        chars.push(next);
        return chars.into_iter().collect();
    }
    highest()
}

/// After every key: longer than any, of the last character.
pub(super) fn highest() -> String {
    char::MAX.to_string().repeat(index::LONGEST_KEY / char::MAX.len_utf8() + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scim::{
        AttributePath, Filter, Name, Object, Value,
        filter::{Comparison, FilterValue},
        schema::{Attribute, ResourceSchema, ResourceType, Schema},
    };

    use super::{KeyRange, range_of};
    use crate::resource::index;

    const OPS: [Comparison; 6] = [
        Comparison::Equal,
        Comparison::StartsWith,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
    ];

    fn schema(kind: &str, case_exact: bool) -> ResourceSchema {
        let attribute: Attribute = serde_json::from_str(&format!(
            r#"{{"name":"it","type":"{kind}","caseExact":{case_exact}}}"#
        ))
        .expect("an attribute");
        let core = Schema {
            id: "urn:x".to_owned(),
            name: "X".to_owned(),
            description: String::new(),
            attributes: vec![attribute],
        };
        let resource_type = ResourceType {
            id: "X".to_owned(),
            name: "X".to_owned(),
            endpoint: "/X".to_owned(),
            description: String::new(),
            schema: "urn:x".to_owned(),
            schema_extensions: vec![],
        };
        ResourceSchema::new(resource_type, core, vec![], vec![])
    }

    /// Whether the range of a comparison has the key of a value, against what the evaluator says.
    fn judge(
        schema: &ResourceSchema,
        op: Comparison,
        literal: &FilterValue,
        value: &Value,
    ) -> Result<(), TestCaseError> {
        let attribute = schema.attribute("it").expect("it is there");
        let path = AttributePath::of(Name::new("it"));
        let filter = Filter::Compare { path, op, value: literal.clone() };
        if filter.check(schema, &mut scim::Notes::default()).is_err() {
            return Ok(());
        }
        let (range, exact) = range_of(attribute, op, literal).expect("an ordered comparison");
        let key = index::key(attribute, value).expect("a value of the type");
        let found = match &range {
            KeyRange::One(one) => *one == key,
            KeyRange::Between(from, to) => *from <= key && key < *to,
        };
        let (from, to) = range.ends();
        prop_assert_eq!(found, from <= key && key < to, "its ends are the range");
        let matches = filter.matches(schema, &Object::new().with("it", value.clone()));
        if exact {
            prop_assert_eq!(found, matches, "{} on {:?}: {:?}", filter, value, range);
        } else {
            prop_assert!(found || !matches, "{} misses {:?}: {:?}", filter, value, range);
        }
        Ok(())
    }

    /// Texts that have beginnings in common, some longer than a key.
    fn text() -> impl Strategy<Value = String> {
        let long = prop_oneof![
            Just(String::new()),
            (436..450_usize).prop_map(|length| "x".repeat(length)),
            (108..115_usize).prop_map(|length| "😀".repeat(length)),
            (500..600_usize).prop_map(|length| "é".repeat(length / 2)),
        ];
        let end = proptest::collection::vec(
            proptest::sample::select(vec![
                'a',
                'B',
                'b',
                '#',
                '\u{1}',
                'É',
                'e',
                '\u{301}',
                'ς',
                '\u{d7ff}',
                '\u{e000}',
                'İ',
                '😀',
                char::MAX,
            ]),
            0..4,
        );
        (long, end).prop_map(|(long, end)| long + &end.into_iter().collect::<String>())
    }

    #[expect(clippy::cast_precision_loss, reason = "the edge of what a decimal can tell apart")]
    fn decimal(n: i64) -> FilterValue {
        FilterValue::Decimal(n as f64)
    }

    fn number() -> impl Strategy<Value = FilterValue> {
        let edge = 1_i64 << 53;
        prop_oneof![
            (-4..4_i64).prop_map(FilterValue::Integer),
            (edge - 3..edge + 3).prop_map(FilterValue::Integer),
            (i64::MAX - 600..=i64::MAX).prop_map(FilterValue::Integer),
            Just(FilterValue::Integer(i64::MIN)),
            (-8..8_i32).prop_map(|half| FilterValue::Decimal(f64::from(half) / 2.0)),
            (edge - 3..edge + 3).prop_map(decimal),
            (i64::MAX - 600..=i64::MAX).prop_map(decimal),
            Just(FilterValue::Decimal(-0.0)),
            Just(FilterValue::Decimal(1e300)),
        ]
    }

    fn time() -> impl Strategy<Value = String> {
        (0..4_i32, 0..4_i32, -1..3_i32, 0..3_i32).prop_map(|(s, ns, zone, sign)| {
            let zone = match zone {
                0 => "Z".to_owned(),
                2 => String::new(),
                zone => format!("{zone:+03}:00"),
            };
            match sign {
                0 => format!("1969-12-31T23:59:5{s}.00000000{ns}{zone}"),
                _ => format!("2026-01-01T00:00:0{s}.00000000{ns}{zone}"),
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn texts_are_in_their_ranges(value in text(), literal in text(), exact in any::<bool>()) {
            let schema = schema("string", exact);
            for op in OPS {
                judge(&schema, op, &FilterValue::String(literal.clone()), &value.as_str().into())?;
            }
        }

        #[test]
        fn numbers_are_in_their_ranges(value in number(), literal in number()) {
            for (kind, value) in [("integer", &value), ("decimal", &value)] {
                if kind == "integer" && matches!(value, FilterValue::Decimal(_)) {
                    continue;
                }
                for op in OPS {
                    judge(&schema(kind, false), op, &literal, &Value::from(value))?;
                }
            }
        }

        #[test]
        fn instants_are_in_their_ranges(value in time(), literal in time()) {
            let schema = schema("dateTime", false);
            for op in OPS {
                judge(&schema, op, &FilterValue::String(literal.clone()), &value.as_str().into())?;
            }
        }

        #[test]
        fn booleans_are_in_their_ranges(value in any::<bool>(), literal in any::<bool>()) {
            let schema = schema("boolean", false);
            for literal in [FilterValue::Boolean(literal), FilterValue::String("tRue".to_owned())] {
                judge(&schema, Comparison::Equal, &literal, &value.into())?;
            }
        }
    }

    #[test]
    fn a_text_that_looks_like_a_cut_key_is_another() {
        let schema = schema("string", true);
        let long = "x".repeat(600);
        let cut = index::exact_key(&long);
        for op in OPS {
            judge(&schema, op, &FilterValue::String(cut.clone()), &long.as_str().into())
                .expect("no difference");
        }
    }
}
