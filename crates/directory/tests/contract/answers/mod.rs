//! The answer to a search never depends on the engine, nor on how it was found: random filters,
//! orders and pages against plain evaluation of every document.

mod question;
mod several;
mod world;

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use directory::{
    Error, ResourceId,
    search::{self, Page, PageStart, Search, check_members},
};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use scim::{
    Filter, Object,
    query::{Sort, sort},
};
use testkit::{Engine, TestStore};

use self::{
    question::{Of, Question, every_comparison, orders, question},
    world::{BASE_URL, Kind, World},
};

#[test]
fn sqlite() {
    compare(Engine::Sqlite, 100);
}

#[test]
fn postgres() {
    compare(Engine::Postgres, 30);
}

fn compare(engine: Engine, cases: u32) {
    if !engine.takes_part() {
        return;
    }
    let cases = if testkit::long() { cases * 20 } else { cases };
    let store = TestStore::open(engine);
    let world = store.block_on(World::make(&store));
    let sorted = store.block_on(all_orders(&world));
    store.block_on(all_comparisons(&world));
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 300,
        max_global_rejects: cases * 4,
        ..Config::default()
    };
    let met = RefCell::new(HashSet::new());
    let result = TestRunner::new(config).run(&question(), |question| {
        met.borrow_mut().insert(question.of);
        store.block_on(judge(&world, &sorted, &question)).map_err(TestCaseError::fail)?;
        store.block_on(several::judge(&world, &question)).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert_eq!(met.borrow().len(), 3, "every type was asked for");
    store.block_on(store.assert_clean());
}

/// All resources of a type in an order.
type Orders = HashMap<(Of, String, bool), Vec<ResourceId>>;

impl World {
    fn kind(&self, of: Of) -> &Kind {
        match of {
            Of::Users => &self.users,
            Of::Groups => &self.groups,
            Of::Things => &self.things,
        }
    }

    /// A filter with ids in it.
    fn named(&self, filter: &str, number: usize) -> String {
        let id = |kind: &Kind| kind.ids[number % kind.ids.len()].to_string();
        filter
            .replace("{u}", &id(&self.users))
            .replace("{g}", &id(&self.groups))
            .replace("{t}", &id(&self.things))
    }

    /// One page as ids.
    async fn page(&self, of: Of, search: Search) -> Result<Page<ResourceId>, Error> {
        let schema = Arc::clone(&self.kind(of).schema);
        let page = self.org.read(move |reader| search::search(reader, &[&schema], &search)).await?;
        let items = page.items.iter().map(|resource| resource.id).collect();
        Ok(Page { total: page.total, items, next: page.next })
    }
}

impl Kind {
    /// What matches by plain evaluation.
    fn matching(&self, filter: Option<&Filter>) -> Vec<ResourceId> {
        let matches =
            |document: &Object| filter.is_none_or(|filter| filter.matches(&self.schema, document));
        let both = self.ids.iter().zip(&self.documents);
        both.filter(|(_, document)| matches(document)).map(|(id, _)| *id).collect()
    }
}

fn order(by: &str, descending: bool) -> Sort {
    let order = if descending { "descending" } else { "ascending" };
    Sort::parse(Some(by), Some(order)).expect(by).expect("an order")
}

/// Walks through every order of every type, and sees that it is one.
async fn all_orders(world: &World) -> Orders {
    let mut all = Orders::new();
    for of in [Of::Users, Of::Groups, Of::Things] {
        for by in orders(of) {
            for descending in [false, true] {
                let sort = order(&by, descending);
                let search = Search {
                    sort: Some(sort.clone()),
                    budget: 5_000,
                    base_url: BASE_URL.to_owned(),
                    ..Search::all(0, 5_000)
                };
                let page = world.page(of, search).await.expect(&by);
                check_order(world.kind(of), &sort, &page.items);
                all.insert((of, by.clone(), descending), page.items);
            }
            // Descending is ascending read backwards.
            let mut up = all[&(of, by.clone(), false)].clone();
            up.reverse();
            assert_eq!(up, all[&(of, by.clone(), true)], "{by}");
        }
    }
    all
}

/// Each is there once, and stands where the value is.
fn check_order(kind: &Kind, sort: &Sort, listed: &[ResourceId]) {
    let all: HashSet<&ResourceId> = kind.ids.iter().collect();
    assert_eq!(listed.len(), kind.ids.len(), "{sort}");
    assert_eq!(listed.iter().collect::<HashSet<_>>(), all, "{sort}");
    let target = sort.target(&kind.schema).expect("a known attribute");
    let place: HashMap<&ResourceId, usize> =
        kind.ids.iter().enumerate().map(|(at, id)| (id, at)).collect();
    let key = |document: &Object| sort::key(target.leaf(), target.value(document)?);
    // The order goes by so much of a text, and knows times better than they are shown.
    let begins_alike = |one: &str, other: &str| {
        one.len().min(other.len()) > 440 && one.bytes().take(440).eq(other.bytes().take(440))
    };
    let vague = target.is_meta("created") || target.is_meta("lastModified");
    let is_address = target.is_meta("location");
    for pair in listed.windows(2) {
        let [one, other] = [place[&pair[0]], place[&pair[1]]];
        let keys = [one, other].map(|at| key(&kind.documents[at]));
        let [a, b] = keys.each_ref().map(Option::as_deref);
        if is_address || a.zip(b).is_some_and(|(a, b)| begins_alike(a, b)) {
            continue;
        }
        let ordering = sort.compare(a, b);
        assert!(ordering.is_le(), "{sort}: {a:?} before {b:?}");
        if ordering.is_eq() && !vague {
            assert_eq!(one < other, !sort.is_descending(), "{sort}: equal ones by number");
        }
    }
}

/// Asks every comparison by itself.
async fn all_comparisons(world: &World) {
    for of in [Of::Users, Of::Groups, Of::Things] {
        let kind = world.kind(of);
        for text in every_comparison(of) {
            let text = world.named(&text, 3);
            let filter = Filter::parse(&text).expect(&text);
            filter.check(&kind.schema, &mut scim::Notes::default()).expect(&text);
            let expected: Vec<ResourceId> = kind.matching(Some(&filter));
            let filter = Some(filter);
            let search = Search {
                filter,
                budget: 5_000,
                base_url: BASE_URL.to_owned(),
                ..Search::all(0, 5_000)
            };
            let found = world.page(of, search).await.expect(&text);
            assert_eq!(found.items, expected, "{text}");
        }
    }
}

async fn judge(world: &World, sorted: &Orders, question: &Question) -> Result<(), String> {
    let kind = world.kind(question.of);
    let text = question
        .filter
        .as_ref()
        .map(|text| world.named(text, question.skip.index(world.users.ids.len())));
    let filter = match &text {
        Some(text) => {
            let filter = Filter::parse(text).map_err(|error| format!("{text}: {error}"))?;
            filter
                .check(&kind.schema, &mut scim::Notes::default())
                .map_err(|error| format!("{text}: {error}"))?;
            if question.of == Of::Groups && check_members(&kind.schema, &filter).is_err() {
                return Ok(());
            }
            Some(filter)
        }
        None => None,
    };
    let matches: HashSet<ResourceId> = kind.matching(filter.as_ref()).into_iter().collect();
    let all = match &question.sort {
        Some((by, descending)) => &sorted[&(question.of, by.clone(), *descending)],
        None => &kind.ids,
    };
    let expected: Vec<ResourceId> = all.iter().filter(|id| matches.contains(id)).copied().collect();
    let search = |start: PageStart, count: u64, budget: usize| Search {
        filter: filter.clone(),
        sort: question.sort.as_ref().map(|(by, descending)| order(by, *descending)),
        start,
        count,
        budget,
        base_url: BASE_URL.to_owned(),
    };
    let failed = |error: Error| format!("{text:?}: {error}");
    let same = |what: &str, found: &[ResourceId], expected: &[ResourceId]| {
        if found == expected {
            return Ok(());
        }
        Err(format!("{text:?}: {what}: {found:?}, not {expected:?}"))
    };

    let whole = world
        .page(question.of, search(PageStart::Offset(0), 5_000, 5_000))
        .await
        .map_err(failed)?;
    same("all", &whole.items, &expected)?;
    if whole.total != expected.len() as u64 || whole.next.is_some() {
        return Err(format!("{text:?}: all are not all: {} of {}", whole.items.len(), whole.total));
    }

    // One page somewhere, under a budget that may be too small.
    let skip = question.skip.index(expected.len() + 3);
    let at = PageStart::Offset(skip as u64);
    match world.page(question.of, search(at, question.count, question.budget)).await {
        Ok(page) => {
            let end = usize::try_from(question.count).expect("small").saturating_add(skip);
            let part = &expected[skip.min(expected.len())..end.min(expected.len())];
            same("a page", &page.items, part)?;
            if page.total != whole.total || page.next.is_some() != (end < expected.len()) {
                return Err(format!("{text:?}: a page from {skip} tells {page:?}"));
            }
        }
        Err(Error::TooExpensive { .. }) if question.budget < 5_000 => {}
        Err(error) => return Err(failed(error)),
    }

    // All pages, each after the one before.
    let count = question.count.max(expected.len() as u64 / 4);
    let mut seen = Vec::new();
    let mut start = PageStart::Offset(0);
    loop {
        let page = world.page(question.of, search(start, count, 5_000)).await.map_err(failed)?;
        if page.total != whole.total {
            return Err(format!("{text:?}: {} became {}", whole.total, page.total));
        }
        if page.items.len() as u64 > count {
            return Err(format!("{text:?}: {} on a page of {count}", page.items.len()));
        }
        seen.extend(page.items);
        match page.next {
            Some(position) => start = PageStart::After { position, total: page.total },
            None => break,
        }
    }
    same("page by page", &seen, &expected)
}
