//! Lists of all records of a type, for integrations: in order of creation, from an index. A page of an
//! unfiltered list reads that page alone; a filter by what records are found by reads those that have
//! it; other filters, and sorting, read all, within limits.

use domain::refusal::Code;
use domain::{Id, Refusal, ResourceType, Role};
use json_api::{Query, Renderer};
use serde_json::Value;
use store::{Key, LONGEST_WALK};

use crate::{Call, Failure, load};

/// The most records that a list of all is sorted by attributes, and that is filtered for others than
/// integrations: shoppers are many.
const MOST_READ: usize = 1_000;

impl Call<'_> {
    /// The document of the page that the query asks for, of all records of this type.
    ///
    /// # Errors
    /// There are too many to be counted, filtered or sorted (422); a filter by what the caller may not
    /// read (400); the table does not answer.
    pub async fn render_tenant_list(
        &self,
        kind: ResourceType,
        query: &Query,
    ) -> Result<Value, Failure> {
        let (store, tenant) = (&self.context.store, self.caller.tenant);
        let keys = self.keys_of_list(kind, query).await?;
        let is_filtered = !query.filter.is_empty() && self.caller.role != Role::Integration;
        for (reads_all, parameter, done) in [
            (!query.sort.is_empty(), "sort", "sorted"),
            (is_filtered, "filter", "filtered"),
        ] {
            if reads_all && keys.len() > MOST_READ {
                return Err(too_many(kind, MOST_READ, parameter, done).into());
            }
        }
        let graph = load::around_catalog(self).await?;
        if !query.filter.is_empty() || !query.sort.is_empty() {
            let mut records = store.records(tenant, keys).await?;
            records.sort_by_key(|it| (it.created_at, it.id));
            return self.render_list(records, graph, query).await;
        }
        let count = keys.len();
        let records = store.records(tenant, query.page.of(keys)).await?;
        let graph = load::expand(self, graph, &records, &query.include).await?;
        let renderer = Renderer {
            site: self.site(),
            graph: &graph,
            query,
        };
        Ok(renderer.page(&records, count, &self.path, &self.query))
    }

    async fn keys_of_list(&self, kind: ResourceType, query: &Query) -> Result<Vec<Key>, Failure> {
        let (store, tenant) = (&self.context.store, self.caller.tenant);
        match query.filter.found_by() {
            Some(("id", ids)) => {
                let ids: Vec<Id> = ids.iter().filter_map(|id| id.parse().ok()).collect();
                Ok(store.keys_of_ids(tenant, kind, &ids).await?)
            }
            Some((attribute, values)) => {
                Ok(store.found_by(tenant, kind, attribute, &values).await?)
            }
            None => match store.walk(tenant, kind).await? {
                (keys, false) => Ok(keys),
                (_, true) => {
                    Err(too_many(kind, LONGEST_WALK, "filter", "counted and filtered").into())
                }
            },
        }
    }
}

fn too_many(kind: ResourceType, limit: usize, parameter: &str, done: &str) -> Refusal {
    let detail = format!(
        "There are more than {limit} {kind}, too many to be {done}. Filter by what they are found by: id_eq, reference_eq, or the key of their type."
    );
    Refusal::new(Code::ValidationError, detail).at_parameter(parameter)
}
