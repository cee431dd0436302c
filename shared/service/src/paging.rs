//! Lists that may be long, in order of creation: all records of a type, and a customer's orders. A page
//! costs what stands on it and, of what stands before it, the keys. What has to be looked at record by
//! record, for a filter or an order that no index knows, is looked at within limits, beyond which the list is
//! refused: conditions about `created_at`, which every index knows, narrow it. Only the first page of a list is
//! begun before it is known whether the caller is let in; whatever reads more waits for that.

use std::time::Duration;

use domain::graph::Graph;
use domain::order::Order;
use domain::record::Record;
use domain::refusal::Code;
use domain::{CustomerId, Id, Refusal, ResourceType, Role};
use futures_util::future;
use json_api::{Count, Direction, Query};
use store::{Bookmark, Key, Listing};

use crate::{Call, Failure, load};

/// How far into a list its pages go, in records.
const DEEPEST: usize = 10_000;

/// How many records of a list are counted; of more it is said that there are more.
const COUNTED: usize = 1_000;

/// The most records that are looked through for a filter.
const LONGEST_WALK: usize = 10_000;

/// The same for others than integrations: shoppers are many.
const LONGEST_WALK_OF_SHOPPERS: usize = 1_000;

/// The most records that are sorted by other attributes than `created_at`.
const MOST_SORTED: usize = 1_000;

/// How many records are looked at before it is seen whether that is enough.
const STEP: usize = 250;

/// How much of a request's time is left when looking through a list ends, for the answer.
const KEPT: Duration = Duration::from_secs(6);

/// What stands on a page, and how many records the list has.
struct Found {
    records: Vec<Record>,
    count: Count,
}

/// A list, and what of it is shown.
struct List {
    kind: ResourceType,
    listing: Listing,
    /// The customer whose orders alone are shown.
    customer: Option<CustomerId>,
}

impl Call<'_> {
    /// The document of the page that the query asks for, of all records of this type.
    ///
    /// # Errors
    /// The page is too far into the list, or too many records would have to be filtered or sorted (422); a
    /// filter by what the caller may not read (400); the caller makes too many requests (429); the table
    /// does not answer.
    pub async fn render_tenant_list(
        &self,
        kind: ResourceType,
        query: &Query,
    ) -> Result<String, Failure> {
        let graph = load::around_catalog(self).await?;
        if let Some(keys) = self.keys_by_filter(kind, query).await? {
            let records = self.read_all(kind, keys, query).await?;
            return self.render_list(records, graph, query).await;
        }
        let list = List {
            kind,
            listing: Listing::of_type(
                self.caller.tenant,
                kind,
                query.filter.created(),
                direction(query),
            ),
            customer: None,
        };
        self.render_long_list(&list, graph, query).await
    }

    /// The document of the page that the query asks for, of a customer's orders that the caller sees.
    ///
    /// # Errors
    /// As [`Self::render_tenant_list`].
    pub async fn render_orders_of(
        &self,
        customer: CustomerId,
        query: &Query,
    ) -> Result<String, Failure> {
        let graph = load::around_catalog(self).await?;
        let (tenant, created) = (self.caller.tenant, query.filter.created());
        let list = List {
            kind: ResourceType::Orders,
            listing: Listing::of_orders(tenant, customer, created, direction(query)),
            customer: Some(customer),
        };
        self.render_long_list(&list, graph, query).await
    }

    async fn render_long_list(
        &self,
        list: &List,
        graph: Graph,
        query: &Query,
    ) -> Result<String, Failure> {
        if query.page.before().saturating_add(query.page.size) > DEEPEST {
            return Err(too_deep().into());
        }
        if query.sort.by_creation().is_none() {
            let records = self.read_to_sort(list, query).await?;
            return self.render_list(records, graph, query).await;
        }
        // A token that is held to markets does not see every order of its customer's.
        let hides = list.customer.is_some() && !self.caller.markets.is_empty();
        let found = match query.filter.asks_for_more() || hides {
            true => self.look_through(list, &graph, query).await?,
            false => self.turn_to(list, query).await?,
        };
        let graph = load::expand(self, graph, &found.records, &query.include).await?;
        self.page(&found.records, found.count, &graph, query)
    }

    /// The records of a page of a list that shows all that there are. Two round trips; one more for a page
    /// that is not the first.
    async fn turn_to(&self, list: &List, query: &Query) -> Result<Found, Failure> {
        let (store, page) = (&self.context.store, query.page);
        let mut bookmark = None;
        if page.before() > 0 {
            self.permit().await?;
            let passed;
            (passed, bookmark) = store.pass(&list.listing, None, page.before()).await?;
            if bookmark.is_none() {
                return Ok(Found {
                    records: Vec::new(),
                    count: Count::Exactly(passed),
                });
            }
        }
        let stretch = store.stretch(&list.listing, bookmark, page.size).await?;
        self.permit().await?;
        let counted = page.before() + stretch.keys.len();
        let (records, count) = future::try_join(
            async { Ok(store.records(self.caller.tenant, stretch.keys).await?) },
            self.count(list, counted, stretch.next),
        )
        .await?;
        let records = records.into_iter().filter(|it| list.shows(self, it));
        Ok(Found {
            records: records.collect(),
            count,
        })
    }

    /// Counts on: past a page, whether there is another, and as many records as are counted at all.
    async fn count(
        &self,
        list: &List,
        counted: usize,
        next: Option<Bookmark>,
    ) -> Result<Count, Failure> {
        let Some(next) = next else {
            return Ok(Count::Exactly(counted));
        };
        let most = COUNTED.saturating_sub(counted).max(1);
        let store = &self.context.store;
        let (more, rest) = store.pass(&list.listing, Some(next), most).await?;
        Ok(match rest {
            None => Count::Exactly(counted + more),
            Some(_) => Count::AtLeast(counted + more),
        })
    }

    /// The records of a page of those that pass the filter: looks at records from the beginning of the list
    /// on until the page is full and as many are looked at as are counted.
    async fn look_through(
        &self,
        list: &List,
        graph: &Graph,
        query: &Query,
    ) -> Result<Found, Failure> {
        let (store, page) = (&self.context.store, query.page);
        let (mut looked_at, mut passed) = (0, 0);
        let mut records = Vec::new();
        let mut bookmark = None;
        query.filter.apply(&mut Vec::new(), graph)?;
        self.permit().await?;
        loop {
            let stretch = store.stretch(&list.listing, bookmark, STEP).await?;
            looked_at += stretch.keys.len();
            let mut some = store.records(self.caller.tenant, stretch.keys).await?;
            some.retain(|it| list.shows(self, it));
            query.filter.apply(&mut some, graph)?;
            for record in some {
                if (page.before()..page.before() + page.size).contains(&passed) {
                    records.push(record);
                }
                passed += 1;
            }
            let Some(next) = stretch.next else {
                let count = Count::Exactly(passed);
                return Ok(Found { records, count });
            };
            if passed > page.before() + page.size && looked_at >= COUNTED {
                let count = Count::AtLeast(passed);
                return Ok(Found { records, count });
            }
            if looked_at >= self.longest_walk() || self.is_late() {
                return Err(too_many(list.kind, looked_at, "filter", "looked through").into());
            }
            bookmark = Some(next);
        }
    }

    /// All records of a list, where they are few enough to be sorted.
    async fn read_to_sort(&self, list: &List, query: &Query) -> Result<Vec<Record>, Failure> {
        self.permit().await?;
        let store = &self.context.store;
        let stretch = store.stretch(&list.listing, None, MOST_SORTED + 1).await?;
        if stretch.keys.len() > MOST_SORTED {
            return Err(too_many(list.kind, MOST_SORTED, "sort", "sorted").into());
        }
        let mut records = self.read_all(list.kind, stretch.keys, query).await?;
        records.retain(|it| list.shows(self, it));
        Ok(records)
    }

    /// The keys of the records that pass the filter, and of others too, where it is one by what records are
    /// found by.
    async fn keys_by_filter(
        &self,
        kind: ResourceType,
        query: &Query,
    ) -> Result<Option<Vec<Key>>, Failure> {
        let (store, tenant) = (&self.context.store, self.caller.tenant);
        let Some((attribute, values)) = query.filter.found_by() else {
            return Ok(None);
        };
        self.permit().await?;
        let keys = match attribute {
            "id" => {
                let ids: Vec<Id> = values.iter().filter_map(|id| id.parse().ok()).collect();
                store.keys_of_ids(tenant, kind, &ids).await?
            }
            _ => {
                let (created, most) = (query.filter.created(), self.longest_walk() + 1);
                store
                    .found_by(tenant, kind, attribute, &values, created, most)
                    .await?
            }
        };
        Ok(Some(keys))
    }

    /// The records under these keys, as they were created.
    async fn read_all(
        &self,
        kind: ResourceType,
        keys: Vec<Key>,
        query: &Query,
    ) -> Result<Vec<Record>, Failure> {
        let (most, parameter, done) = match query.sort.is_empty() {
            true => (self.longest_walk(), "filter", "looked through"),
            false => (MOST_SORTED, "sort", "sorted"),
        };
        if keys.len() > most {
            return Err(too_many(kind, most, parameter, done).into());
        }
        let mut records = Vec::new();
        for some in keys.chunks(STEP) {
            let (store, tenant) = (&self.context.store, self.caller.tenant);
            records.append(&mut store.records(tenant, some.to_vec()).await?);
            if records.len() < keys.len() && self.is_late() {
                return Err(too_many(kind, records.len(), parameter, done).into());
            }
        }
        records.sort_by_key(|it| (it.created_at, it.id));
        Ok(records)
    }

    fn longest_walk(&self) -> usize {
        match self.caller.role {
            Role::Integration => LONGEST_WALK,
            Role::Customer(_) | Role::Guest => LONGEST_WALK_OF_SHOPPERS,
        }
    }

    /// Whether so much time has passed that the answer has to be made.
    fn is_late(&self) -> bool {
        self.deadline.remaining(self.context.now()) < KEPT
    }
}

impl List {
    /// Whether a record belongs to the list as the caller sees it.
    fn shows(&self, call: &Call<'_>, record: &Record) -> bool {
        let Some(customer) = self.customer else {
            return true;
        };
        let is_seen = |it: Order| it.customer() == Some(customer) && call.caller.sees(&it);
        Order::parse(record.clone()).is_ok_and(is_seen)
    }
}

/// In which order the listing is read; whatever has to be sorted is read as it was created.
fn direction(query: &Query) -> store::Direction {
    match query.sort.by_creation() {
        Some(Direction::Down) => store::Direction::NewestFirst,
        Some(Direction::Up) | None => store::Direction::OldestFirst,
    }
}

fn too_deep() -> Refusal {
    let detail = format!(
        "A list is paged through up to its {DEEPEST}th record. Begin further on, with filter[q][created_at_gteq] (or created_at_lteq and sort=-created_at)."
    );
    Refusal::new(Code::ValidationError, detail).at_parameter("page[number]")
}

fn too_many(kind: ResourceType, limit: usize, parameter: &str, done: &str) -> Refusal {
    let detail = format!(
        "There are more than {limit} {kind}, too many to be {done}. Narrow the list with filter[q][created_at_gteq] and created_at_lt, or filter by what they are found by: id_eq, reference_eq, or the key of their type."
    );
    Refusal::new(Code::ValidationError, detail).at_parameter(parameter)
}
