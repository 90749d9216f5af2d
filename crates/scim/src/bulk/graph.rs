//! [`order()`]: in which order the operations of a bulk request are done.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
};

use super::operation::{Method, Operation, Path};

/// Operations that are done together: one, or those that refer to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Their places in the request, ascending.
    pub operations: Vec<usize>,
    /// Whether they refer to each other, or one to itself (RFC 7644 §3.7.1).
    pub is_circular: bool,
}

/// The order in which the operations of a request are done.
///
/// It is the order of the request, but that an operation waits for those that it refers to, and
/// for an earlier one on the same resource. (RFC 7644 §3.7 leaves the order to the server.)
///
/// Cost: O((operations + references) log operations).
#[must_use]
pub fn order(operations: &[Operation]) -> Vec<Step> {
    let needs = needs(operations);
    let components = components(&needs);
    let mut component_of = vec![0; operations.len()];
    for (number, component) in components.iter().enumerate() {
        for &at in component {
            component_of[at] = number;
        }
    }
    // Kahn's algorithm over the components; the one that stands first in the request goes first.
    let mut waiting = vec![0_usize; components.len()];
    let mut waited_for: Vec<Vec<usize>> = vec![Vec::new(); components.len()];
    for (number, component) in components.iter().enumerate() {
        let others: BTreeSet<usize> = component
            .iter()
            .flat_map(|&at| needs[at].iter().map(|&needed| component_of[needed]))
            .filter(|&other| other != number)
            .collect();
        waiting[number] = others.len();
        for other in others {
            waited_for[other].push(number);
        }
    }
    let first = |number: usize| Reverse((components[number][0], number));
    let mut ready: BinaryHeap<_> =
        (0..components.len()).filter(|&number| waiting[number] == 0).map(first).collect();
    let mut steps = Vec::with_capacity(components.len());
    while let Some(Reverse((_, number))) = ready.pop() {
        let operations = components[number].clone();
        let is_circular = operations.len() > 1 || needs[operations[0]].contains(&operations[0]);
        steps.push(Step { operations, is_circular });
        for &next in &waited_for[number] {
            waiting[next] -= 1;
            if waiting[next] == 0 {
                ready.push(first(next));
            }
        }
    }
    steps
}

/// For each operation those that must be done before it.
fn needs(operations: &[Operation]) -> Vec<BTreeSet<usize>> {
    let mut created: HashMap<&str, usize> = HashMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let (Some(name), "POST") = (&operation.bulk_id, operation.method.as_str()) {
            created.insert(name, at);
        }
    }
    let mut last_on: HashMap<&Path, usize> = HashMap::new();
    let mut needs = vec![BTreeSet::new(); operations.len()];
    for (at, operation) in operations.iter().enumerate() {
        let Ok(call) = &operation.call else { continue };
        needs[at].extend(call.references.iter().filter_map(|name| created.get(name.as_str())));
        if call.method != Method::Post {
            needs[at].extend(last_on.insert(&call.path, at));
        }
    }
    needs
}

/// The strongly connected components, each in ascending order: Tarjan's algorithm, with a stack of
/// its own, because a chain of references may be as long as the request.
fn components(needs: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        needs,
        found: vec![None; needs.len()],
        lowest: vec![0; needs.len()],
        open: vec![false; needs.len()],
        path: Vec::new(),
        next: 0,
        components: Vec::new(),
    };
    for root in 0..needs.len() {
        search.from(root);
    }
    search.components
}

struct Search<'n> {
    needs: &'n [BTreeSet<usize>],
    /// When each was found.
    found: Vec<Option<usize>>,
    /// The earliest found that can be reached from each.
    lowest: Vec<usize>,
    /// Whether each is on the path.
    open: Vec<bool>,
    /// Found, and not yet in a component.
    path: Vec<usize>,
    next: usize,
    components: Vec<Vec<usize>>,
}

impl<'n> Search<'n> {
    fn from(&mut self, root: usize) {
        if self.found[root].is_some() {
            return;
        }
        let mut calls = vec![self.enter(root)];
        while let Some((at, rest)) = calls.last_mut() {
            let at = *at;
            let Some(&needed) = rest.next() else {
                calls.pop();
                if let Some((above, _)) = calls.last() {
                    self.lowest[*above] = self.lowest[*above].min(self.lowest[at]);
                }
                self.leave(at);
                continue;
            };
            match self.found[needed] {
                None => {
                    let call = self.enter(needed);
                    calls.push(call);
                }
                Some(found) if self.open[needed] => {
                    self.lowest[at] = self.lowest[at].min(found);
                }
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, at: usize) -> (usize, std::collections::btree_set::Iter<'n, usize>) {
        self.found[at] = Some(self.next);
        self.lowest[at] = self.next;
        self.next += 1;
        self.open[at] = true;
        self.path.push(at);
        (at, self.needs[at].iter())
    }

    /// Nothing more can be reached. What was found first of a component closes it.
    fn leave(&mut self, at: usize) {
        if self.found[at] != Some(self.lowest[at]) {
            return;
        }
        let start = self.path.iter().rposition(|&other| other == at).unwrap_or(0);
        let mut component = self.path.split_off(start);
        for &member in &component {
            self.open[member] = false;
        }
        component.sort_unstable();
        self.components.push(component);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Step, order};
    use crate::{
        Dialect, Notes, Object, Value,
        bulk::{Operation, Request},
        json,
    };

    /// `a>bc`: a POST named a that refers to b and c. `=x>b`: a PUT of x that refers to b.
    fn operations(text: &str) -> Vec<Operation> {
        let one = |word: &str| {
            let (name, references) = word.split_once('>').unwrap_or((word, ""));
            let references: Vec<String> =
                references.chars().map(|name| format!("\"bulkId:{name}\"")).collect();
            let data = format!(r#""data":{{"members":[{}]}}"#, references.join(","));
            match name.strip_prefix('=') {
                Some(id) => format!(r#"{{"method":"PUT","path":"/Groups/{id}",{data}}}"#),
                None => format!(r#"{{"method":"POST","path":"/Groups","bulkId":"{name}",{data}}}"#),
            }
        };
        let list: Vec<String> = text.split(' ').map(one).collect();
        let body = format!(r#"{{"Operations":[{}]}}"#, list.join(","));
        let body = json::from_slice(body.as_bytes(), json::Limits::default()).expect("JSON");
        Request::parse(Dialect::V2, body, 100_000, &mut Notes::default())
            .expect("a request")
            .operations
    }

    /// The steps, with brackets around those that are circular.
    fn shown(text: &str) -> String {
        let step = |step: Step| {
            let places: Vec<String> = step.operations.iter().map(usize::to_string).collect();
            let places = places.join("+");
            if step.is_circular { format!("[{places}]") } else { places }
        };
        order(&operations(text)).into_iter().map(step).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_order_is_kept_where_nothing_speaks_against_it() {
        for (text, expected) in [
            ("a b c", "0 1 2"),
            ("a b>a c>ab", "0 1 2"),
            ("a>b b c", "1 0 2"),
            ("a>c b c", "1 2 0"),
            ("a>b b>c c", "2 1 0"),
            ("=x>b a b", "1 2 0"),
            // What refers to none waits for none.
            ("a>z b", "0 1"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn operations_on_one_resource_keep_their_order() {
        assert_eq!(shown("=x>b =x b =y"), "2 0 1 3");
        assert_eq!(shown("=x>b =y b =x"), "1 2 0 3");
    }

    #[test]
    fn those_that_refer_to_each_other_are_one_step() {
        for (text, expected) in [
            ("a>a", "[0]"),
            ("a>b b>a", "[0+1]"),
            ("x>b a>b b>a c", "[1+2] 0 3"),
            ("a>b b>c c>a d>e e>d", "[0+1+2] [3+4]"),
            ("a>bd b>a c>d d>c", "[2+3] [0+1]"),
            ("=x>a a>b b>a =x", "[1+2] 0 3"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_chain_may_be_as_long_as_the_request() {
        let post = |at: usize, end: usize| {
            let next = Value::from(format!("bulkId:{}", (at + 1) % end));
            Object::new()
                .with("method", "POST")
                .with("path", "/Groups")
                .with("bulkId", at.to_string())
                .with("data", Object::new().with("members", vec![next]))
        };
        for (end, circular) in [(100_000, true), (100_001, false)] {
            let all: Vec<Value> = (0..100_000).map(|at| post(at, end).into()).collect();
            let body = Object::new().with("Operations", all);
            let request = Request::parse(Dialect::V2, body, 100_000, &mut Notes::default())
                .expect("a request");
            let steps = order(&request.operations);
            assert_eq!(steps.len() == 1, circular);
            // The last one refers to none: it alone makes no sense, and all wait for it.
            assert!(circular || steps[0].operations == [99_999]);
        }
    }

    proptest! {
        /// Against the rule itself: what comes before what can be reached by following needs.
        #[test]
        fn everything_comes_after_what_it_needs(
            words in prop::collection::vec(
                (any::<bool>(), 0_usize..8, prop::collection::vec(0_usize..14, 0..3)),
                1..14,
            )
        ) {
            let name = |at: usize| char::from(b'a' + u8::try_from(at).expect("few"));
            let words: Vec<String> = words
                .iter()
                .enumerate()
                .map(|(at, (post, target, references))| {
                    let head = if *post { name(at).to_string() } else { format!("={target}") };
                    let references: String = references.iter().map(|at| name(*at)).collect();
                    format!("{head}>{references}")
                })
                .collect();
            let operations = operations(&words.join(" "));
            let needs = super::needs(&operations);
            let reach = |from: usize| {
                let mut seen = std::collections::BTreeSet::new();
                let mut open: Vec<usize> = needs[from].iter().copied().collect();
                while let Some(at) = open.pop() {
                    if seen.insert(at) {
                        open.extend(&needs[at]);
                    }
                }
                seen
            };
            let steps = order(&operations);
            let mut place = vec![usize::MAX; operations.len()];
            for (at, step) in steps.iter().enumerate() {
                for &operation in &step.operations {
                    prop_assert_eq!(place[operation], usize::MAX);
                    place[operation] = at;
                }
            }
            for at in 0..operations.len() {
                prop_assert_ne!(place[at], usize::MAX);
                for needed in reach(at) {
                    let together = place[at] == place[needed];
                    prop_assert!(place[needed] < place[at] || together);
                    prop_assert_eq!(together, reach(needed).contains(&at));
                }
                prop_assert_eq!(steps[place[at]].is_circular, reach(at).contains(&at));
            }
            // And no step could have gone before the one in front of it, had it stood earlier.
            for pair in steps.windows(2) {
                let swapped = pair[1].operations[0] < pair[0].operations[0];
                let needed = pair[1].operations.iter().any(|&at| {
                    needs[at].iter().any(|needed| pair[0].operations.contains(needed))
                });
                prop_assert!(!swapped || needed);
            }
        }
    }
}
