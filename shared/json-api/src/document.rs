//! Response documents.

use std::collections::BTreeSet;

use domain::graph::{Graph, Related};
use domain::record::{Identifier, Record};
use domain::resource::{Computed, Partition, Relationship, Source};
use domain::{ResourceType, Tenant};
use serde_json::{Map, Value, json};

use crate::{Count, Fields, Include, Page, Query};

/// Where the API is reached, and whose records a document shows: what its links and `meta` say.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The API's public URL without a slash at its end: `https://demo.example.com`.
    pub url: &'a str,
    /// The organization and mode.
    pub tenant: Tenant,
}

impl Site<'_> {
    /// The URL of a record: its `self` link.
    pub fn record_url(&self, identifier: Identifier) -> String {
        let (url, Identifier { kind, id }) = (self.url, identifier);
        match kind.declaration().partition {
            Partition::Token => format!("{url}/api/{}", kind.path()),
            _ => format!("{url}/api/{kind}/{id}"),
        }
    }
}

/// Renders documents from records and the graph around them.
#[derive(Debug, Clone, Copy)]
pub struct Renderer<'a> {
    /// Where the API is reached.
    pub site: Site<'a>,
    /// The records around those that are shown: whatever the query includes has been read.
    pub graph: &'a Graph,
    /// What to include and show.
    pub query: &'a Query,
}

impl Renderer<'_> {
    /// A document about one record.
    pub fn one(&self, record: &Record) -> Value {
        let mut document = json!({ "data": self.resource(record, &self.query.include) });
        self.add_included(&mut document, std::slice::from_ref(record));
        document
    }

    /// A document about a record that may not be there: `data: null`.
    pub fn one_or_null(&self, record: Option<&Record>) -> Value {
        match record {
            Some(record) => self.one(record),
            None => json!({ "data": null }),
        }
    }

    /// A document about one page: `records` of the `count` that the list at `path`
    /// (`/api/customer_payment_sources`) holds. `query` is the query as it was sent, for the links. Where
    /// not all of them were counted, `meta` says so, and no link leads to the last page.
    pub fn page(&self, records: &[Record], count: Count, path: &str, query: &str) -> Value {
        let page = self.query.page;
        let data: Vec<_> = records
            .iter()
            .map(|record| self.resource(record, &self.query.include))
            .collect();
        let mut document = json!({
            "data": data,
            "meta": {
                "record_count": count.records(),
                "page_count": page.count(count.records()),
            },
            "links": page_links(&format!("{}{path}", self.site.url), query, page, count),
        });
        if let Count::AtLeast(_) = count {
            document["meta"]["record_count_relation"] = "gte".into();
        }
        self.add_included(&mut document, records);
        document
    }

    fn add_included(&self, document: &mut Value, records: &[Record]) {
        if self.query.include.is_empty() {
            return;
        }
        let mut seen: BTreeSet<_> = records.iter().map(Record::identifier).collect();
        let mut followed = BTreeSet::new();
        let mut included = Vec::new();
        for record in records {
            let include = &self.query.include;
            self.collect(record, include, &mut seen, &mut followed, &mut included);
        }
        document["included"] = included.into();
    }

    fn collect(
        &self,
        record: &Record,
        include: &Include,
        seen: &mut BTreeSet<Identifier>,
        followed: &mut BTreeSet<(*const Include, Identifier)>,
        included: &mut Vec<Value>,
    ) {
        // Many may lead to one record, from which the same part of the tree leads on.
        if include.is_empty() || !followed.insert((include, record.identifier())) {
            return;
        }
        for (relationship, subtree) in include.iter() {
            let Some(related) = self.related(record, relationship) else {
                continue;
            };
            for record in related.into_records() {
                if seen.insert(record.identifier()) {
                    included.push(self.resource(&record, subtree));
                }
                self.collect(&record, subtree, seen, followed, included);
            }
        }
    }

    fn related(&self, record: &Record, relationship: &str) -> Option<Related> {
        record.kind.declaration().relationship(relationship)?;
        self.graph.related(record, relationship).ok()
    }

    fn resource(&self, record: &Record, include: &Include) -> Value {
        let tenant = self.site.tenant;
        json!({
            "id": record.id,
            "type": record.kind.name(),
            "links": { "self": self.site.record_url(record.identifier()) },
            "attributes": self.attributes(record),
            "relationships": self.relationships(record, include),
            "meta": { "mode": tenant.mode.as_str(), "organization_id": tenant.organization },
        })
    }

    fn attributes(&self, record: &Record) -> Map<String, Value> {
        let fields: &Fields = &self.query.fields;
        let shown = |name: &str| fields.show(record.kind, name);
        record
            .kind
            .declaration()
            .all_attributes()
            .filter(|attribute| self.graph.shows(attribute) && shown(attribute.name))
            .map(|attribute| {
                let value = self.graph.attribute(record, &attribute);
                let value = match (attribute.source, value.as_str()) {
                    (Source::Computed(Computed::EventsUrl), Some(path)) => {
                        format!("{}{path}", self.site.url).into()
                    }
                    _ => value,
                };
                (attribute.name.to_owned(), value)
            })
            .collect()
    }

    fn relationships(&self, record: &Record, include: &Include) -> Map<String, Value> {
        let fields: &Fields = &self.query.fields;
        record
            .kind
            .declaration()
            .relationships
            .iter()
            .filter(|relationship| fields.show(record.kind, relationship.name))
            .map(|relationship| {
                let value = self.relationship(record, relationship, include);
                (relationship.name.to_owned(), value)
            })
            .collect()
    }

    fn relationship(
        &self,
        record: &Record,
        relationship: &Relationship,
        include: &Include,
    ) -> Value {
        let links = relationship_links(self.site, record.identifier(), relationship.name);
        let mut value = json!({ "links": links });
        if include.get(relationship.name).is_some()
            && let Some(related) = self.related(record, relationship.name)
        {
            value["data"] = linkage(&related);
        }
        value
    }
}

/// A document of resource identifiers: what a relationship's `self` link answers.
pub fn linkage_document(
    site: Site<'_>,
    of: Identifier,
    relationship: &str,
    related: &Related,
) -> Value {
    json!({ "links": relationship_links(site, of, relationship), "data": linkage(related) })
}

/// The `self` and `related` links of a relationship.
fn relationship_links(site: Site<'_>, of: Identifier, relationship: &str) -> Value {
    let url = site.record_url(of);
    json!({
        "self": format!("{url}/relationships/{relationship}"),
        "related": format!("{url}/{relationship}"),
    })
}

fn linkage(related: &Related) -> Value {
    let identifier = |record: &Record| {
        let kind: ResourceType = record.kind;
        json!({ "type": kind.name(), "id": record.id })
    };
    match related {
        Related::One(record) => record.as_ref().map_or(Value::Null, identifier),
        Related::Many(records) => records.iter().map(identifier).collect(),
    }
}

fn page_links(url: &str, query: &str, page: Page, count: Count) -> Value {
    let pages = page.count(count.records());
    let link = |number: usize| page_url(url, query, Page { number, ..page });
    let mut links = json!({ "first": link(1) });
    if page.number > 1 {
        links["prev"] = link((page.number - 1).min(pages)).into();
    }
    if page.number < pages {
        links["next"] = link(page.number + 1).into();
    }
    if let Count::Exactly(_) = count {
        links["last"] = link(pages).into();
    }
    links
}

/// The list's URL with this page in place of the one that was asked for.
fn page_url(url: &str, query: &str, page: Page) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    let kept = form_urlencoded::parse(query.as_bytes());
    for (name, value) in kept.filter(|(name, _)| !name.starts_with("page[")) {
        pairs.append_pair(&name, &value);
    }
    pairs.append_pair("page[number]", &page.number.to_string());
    pairs.append_pair("page[size]", &page.size.to_string());
    format!("{url}?{}", pairs.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_links_keep_the_rest_of_the_query() {
        let page = Page {
            number: 2,
            size: 10,
        };
        let links = page_links(
            "https://x/api/y",
            "include=customer&page[number]=2",
            page,
            Count::Exactly(25),
        );
        let expected = |number: usize| {
            format!("https://x/api/y?include=customer&page%5Bnumber%5D={number}&page%5Bsize%5D=10")
        };
        assert_eq!(links["first"], expected(1));
        assert_eq!(links["prev"], expected(1));
        assert_eq!(links["next"], expected(3));
        assert_eq!(links["last"], expected(3));
    }

    #[test]
    fn where_the_last_page_is_not_known_no_link_leads_to_it() {
        let page = Page::default();
        let links = page_links("https://x/api/y", "", page, Count::AtLeast(25));
        assert!(links["next"].is_string());
        assert!(links.get("last").is_none());
    }
}
