//! [`Walk`]: all users or groups of an organization that match, page by page.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use directory::{
    Access, Error, Group, Resource, Store, User,
    organization::Slug,
    schemas,
    search::{PageStart, Search, check_members, search},
};
use scim::{
    Filter, Notes,
    schema::{ResourceSchema, Schemas},
};
use serde_json::json;

use crate::{answer::Answer, listing::Listing, output::stream, table::Column};

/// So many are read at a time: the size of an organization costs no memory.
pub(crate) const PAGE: u64 = 500;

/// What can be walked through.
pub(crate) trait Walked: TryFrom<Resource, Error = Error> + Send + 'static {
    /// What one is called.
    const NOUN: &'static str;

    /// Its attributes.
    fn schema(schemas: &Schemas) -> &ResourceSchema;
}

impl Walked for User {
    const NOUN: &'static str = "user";

    fn schema(schemas: &Schemas) -> &ResourceSchema {
        schemas.user()
    }
}

impl Walked for Group {
    const NOUN: &'static str = "group";

    fn schema(schemas: &Schemas) -> &ResourceSchema {
        schemas.group()
    }
}

/// A walk in the order of creation. It meets everything once that is there all the time.
#[derive(Debug)]
pub(crate) struct Walk<'s> {
    store: &'s Store,
    access: &'s Access,
    filter: Option<Filter>,
    next: Option<PageStart>,
    /// How many match. Known after the first page.
    total: u64,
}

impl<'s> Walk<'s> {
    /// Through everything that matches; without a filter, through everything.
    pub(crate) fn new(store: &'s Store, access: &'s Access, filter: Option<Filter>) -> Self {
        Self { store, access, filter, next: Some(PageStart::Offset(0)), total: 0 }
    }

    /// The next page, which is not empty; `None` at the end.
    pub(crate) async fn page<R: Walked>(&mut self) -> Result<Option<Vec<R>>> {
        let Some(start) = self.next.take() else { return Ok(None) };
        let wanted = Search {
            filter: self.filter.clone(),
            sort: None,
            start,
            count: PAGE,
            // No one else waits for an operator's command.
            budget: usize::MAX,
            base_url: String::new(),
        };
        let page = self
            .store
            .read(self.access, move |reader| {
                let schemas = schemas::current(reader)?;
                search(reader, &[R::schema(&schemas)], &wanted)
            })
            .await?;
        self.total = page.total;
        self.next = page.next.map(|position| PageStart::After { position, total: page.total });
        let items: Vec<R> =
            page.items.into_iter().map(R::try_from).collect::<Result<_, Error>>()?;
        Ok((!items.is_empty()).then_some(items))
    }

    /// Prints everything that it meets. `show` puts a page on the list.
    pub(crate) async fn list<R: Walked, const N: usize>(
        mut self,
        slug: &Slug,
        columns: [Column; N],
        show: impl AsyncFn(Vec<R>, &mut Listing<'_, N>) -> Result<()>,
        json: bool,
    ) -> Result<Answer> {
        stream(async |output| {
            let head = json!({ "organization": slug.as_str() });
            let list = format!("{}s", R::NOUN);
            let mut listing = Listing::begin(output, json, (&head, &list), columns)?;
            while let Some(items) = self.page().await? {
                show(items, &mut listing).await?;
            }
            let remark = match (self.total, &self.filter) {
                (0, None) => format!("There is no {} in {slug} yet.\n", R::NOUN),
                (0, Some(_)) => format!("No {} matches in {slug}.\n", R::NOUN),
                _ => String::new(),
            };
            Ok(listing.end(&json!({ "total": self.total }), &remark)?)
        })
        .await
    }
}

/// Reads a filter over users or groups, as SCIM writes it.
pub(crate) async fn filter<R: Walked>(
    store: &Store,
    access: &Access,
    text: &str,
) -> Result<Filter> {
    let schemas: Arc<Schemas> = store.read(access, schemas::current).await?;
    let schema = R::schema(&schemas);
    let read = || {
        let filter = Filter::parse(text)?;
        filter.check(schema, &mut Notes::default())?;
        check_members(schema, &filter)?;
        Ok::<_, scim::Error>(filter)
    };
    read().with_context(|| format!("the filter {text} cannot be used"))
}
