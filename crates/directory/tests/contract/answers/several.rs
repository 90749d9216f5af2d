//! The same questions asked of all types at once: what each type alone would answer, one type after
//! another or in one order.

use std::collections::{HashMap, HashSet};

use directory::{
    Error, ResourceId,
    search::{self, Page, PageStart, Search, check_members, check_sort},
};
use scim::{
    Filter, Notes,
    query::{Sort, sort},
    schema::ResourceSchema,
};

use super::{
    order,
    question::Question,
    world::{BASE_URL, Kind, World},
};

impl World {
    /// In the order of the creation of their resources.
    fn created(&self) -> [&Kind; 3] {
        [&self.users, &self.things, &self.groups]
    }

    async fn page_of_all(&self, search: Search) -> Result<Page<ResourceId>, Error> {
        let schemas = self.created().map(|kind| std::sync::Arc::clone(&kind.schema));
        let page = self
            .org
            .read(move |reader| {
                let schemas: Vec<&ResourceSchema> =
                    schemas.iter().map(|schema| &**schema).collect();
                search::search(reader, &schemas, &search)
            })
            .await?;
        let items = page.items.iter().map(|resource| resource.id).collect();
        Ok(Page { total: page.total, items, next: page.next })
    }
}

/// Asks a question that makes sense for one type of all types.
pub(super) async fn judge(world: &World, question: &Question) -> Result<(), String> {
    let kinds = world.created();
    let text = question
        .filter
        .as_ref()
        .map(|text| world.named(text, question.skip.index(world.users.ids.len())));
    let filter = text.as_ref().map(|text| Filter::parse(text).expect(text));
    if let Some(filter) = &filter {
        let schemas = kinds.map(|kind| &*kind.schema);
        filter
            .check_any(&schemas, &mut Notes::default())
            .map_err(|error| format!("{text:?}: {error}"))?;
        let members = |kind: &&Kind| check_members(&kind.schema, &filter.for_type(&kind.schema));
        if kinds.iter().any(|kind| members(kind).is_err()) {
            return Ok(());
        }
    }
    let order = question.sort.as_ref().map(|(by, descending)| order(by, *descending));
    if let Some(order) = &order {
        let checks = |kind: &&Kind| check_sort(&kind.schema, order).is_ok();
        if !kinds.iter().all(checks) {
            return Ok(());
        }
    }
    let matching = |kind: &Kind| {
        kind.matching(filter.as_ref().map(|filter| filter.for_type(&kind.schema)).as_ref())
    };
    let search = |start: PageStart, count: u64, budget: usize| Search {
        filter: filter.clone(),
        sort: order.clone(),
        start,
        count,
        budget,
        base_url: BASE_URL.to_owned(),
    };
    let failed = |error: Error| format!("{text:?} {order:?}: {error}");
    let whole =
        world.page_of_all(search(PageStart::Offset(0), 9_000, 9_000)).await.map_err(failed)?;
    match &order {
        None => {
            // Users, groups, registered types.
            let expected = [&world.users, &world.groups, &world.things].map(matching).concat();
            if whole.items != expected {
                return Err(format!("{text:?}: {:?}, not {expected:?}", whole.items));
            }
        }
        Some(sort) => {
            let expected: HashSet<ResourceId> =
                kinds.iter().flat_map(|kind| matching(kind)).collect();
            let found: HashSet<ResourceId> = whole.items.iter().copied().collect();
            if found != expected || whole.items.len() != expected.len() {
                return Err(format!("{text:?} by {sort}: {found:?}, not {expected:?}"));
            }
            check_order(world, sort, &whole.items)?;
        }
    }
    if whole.total != whole.items.len() as u64 || whole.next.is_some() {
        return Err(format!("{text:?}: all are not all: {} of {}", whole.items.len(), whole.total));
    }

    let skip = question.skip.index(whole.items.len() + 3);
    let at = PageStart::Offset(skip as u64);
    match world.page_of_all(search(at, question.count, question.budget)).await {
        Ok(page) => {
            let end = usize::try_from(question.count).expect("small").saturating_add(skip);
            let part = &whole.items[skip.min(whole.items.len())..end.min(whole.items.len())];
            let more = end < whole.items.len();
            if page.items != part || page.total != whole.total || page.next.is_some() != more {
                return Err(format!("{text:?} {order:?}: a page from {skip} tells {page:?}"));
            }
        }
        Err(Error::TooExpensive { .. }) if question.budget < 9_000 => {}
        Err(error) => return Err(failed(error)),
    }

    let count = question.count.max(whole.items.len() as u64 / 4);
    let mut seen = Vec::new();
    let mut start = PageStart::Offset(0);
    loop {
        let page = world.page_of_all(search(start, count, 9_000)).await.map_err(failed)?;
        if page.total != whole.total || page.items.len() as u64 > count {
            return Err(format!("{text:?} {order:?}: a page of {count} tells {page:?}"));
        }
        seen.extend(page.items);
        match page.next {
            Some(position) => start = PageStart::After { position, total: page.total },
            None => break,
        }
    }
    if seen == whole.items {
        Ok(())
    } else {
        Err(format!("{text:?} {order:?}: page by page {seen:?}, not {:?}", whole.items))
    }
}

/// What stands before what goes by the keys, and among equal ones by the time of creation.
fn check_order(world: &World, sort: &Sort, listed: &[ResourceId]) -> Result<(), String> {
    let mut places = HashMap::new();
    for (of, kind) in world.created().into_iter().enumerate() {
        let target = sort.target(&kind.schema);
        for (at, (id, document)) in kind.ids.iter().zip(&kind.documents).enumerate() {
            let key = target
                .as_ref()
                .and_then(|target| sort::key(target.leaf(), target.value(document)?));
            places.insert(*id, ((of, at), key));
        }
    }
    let path = sort.path().to_string();
    // Times are known better than they are shown, addresses are not in these documents, and of a
    // long text only its beginning counts.
    if ["meta.created", "meta.lastModified", "meta.location"].contains(&&*path) {
        return Ok(());
    }
    let cut = |key: &Option<String>| key.as_ref().is_some_and(|key| key.len() > 440);
    for pair in listed.windows(2) {
        let [(one, a), (other, b)] = [&places[&pair[0]], &places[&pair[1]]];
        if cut(a) && cut(b) {
            continue;
        }
        let ordering = sort.compare(a.as_deref(), b.as_deref());
        if ordering.is_gt() || (ordering.is_eq() && (one < other) == sort.is_descending()) {
            return Err(format!("{sort}: {a:?} at {one:?} before {b:?} at {other:?}"));
        }
    }
    Ok(())
}
