//! Response documents. They are written as they are walked: nothing of a record is copied for it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use domain::graph::{Graph, Related};
use domain::record::{Identifier, Record};
use domain::resource::{Attribute, Computed, Partition, Relationship, Source};
use domain::{Id, Tenant};
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{Count, Include, Page, Query};

/// What room is made for a document before it is written, in bytes: most have less, and none is moved as it grows then.
const USUAL_BYTES: usize = 16 * 1024;

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

/// A document: what a request is answered with.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    data: Data<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    included: Option<Vec<Resource<'a>>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Data<'a> {
    One(Option<Box<Resource<'a>>>),
    Many(Vec<Resource<'a>>),
}

impl Document<'_> {
    /// The document as text.
    ///
    /// # Errors
    /// A value of it cannot be written as JSON: none that a record holds.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut text = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut text, self)?;
        String::from_utf8(text).map_err(Error::custom)
    }
}

impl<'a> Renderer<'a> {
    /// A document about one record.
    pub fn one(&self, record: &'a Record) -> Document<'a> {
        let (mut data, included) = self.resources(std::slice::from_ref(record));
        Document {
            data: Data::One(data.pop().map(Box::new)),
            meta: None,
            links: None,
            included,
        }
    }

    /// A document about one page: `records` of the `count` that the list at `path`
    /// (`/api/customer_payment_sources`) holds. `query` is the query as it was sent, for the links. Where
    /// not all of them were counted, `meta` says so, and no link leads to the last page.
    pub fn page(
        &self,
        records: &'a [Record],
        count: Count,
        path: &str,
        query: &str,
    ) -> Document<'a> {
        let page = self.query.page;
        let mut meta = json!({
            "record_count": count.records(),
            "page_count": page.count(count.records()),
        });
        if let Count::AtLeast(_) = count {
            meta["record_count_relation"] = "gte".into();
        }
        let links = page_links(&format!("{}{path}", self.site.url), query, page, count);
        let (data, included) = self.resources(records);
        Document {
            data: Data::Many(data),
            meta: Some(meta),
            links: Some(links),
            included,
        }
    }

    /// The records as resources, with those that the query includes around them.
    fn resources(&self, records: &'a [Record]) -> (Vec<Resource<'a>>, Option<Vec<Resource<'a>>>) {
        let include = &self.query.include;
        let mut walk = Walk {
            renderer: *self,
            seen: records.iter().map(Record::identifier).collect(),
            followed: BTreeSet::new(),
            included: Vec::new(),
        };
        let data = records.iter().map(|record| Resource {
            renderer: *self,
            linkages: walk.follow(record, include),
            record: Cow::Borrowed(record),
        });
        let data = data.collect();
        let included = walk.included.into_iter().flatten().collect();
        (data, (!include.is_empty()).then_some(included))
    }

    fn related(&self, record: &Record, relationship: &str) -> Option<Related> {
        record.kind.declaration().relationship(relationship)?;
        self.graph.related(record, relationship).ok()
    }

    fn shows(&self, record: &Record, attribute: &Attribute) -> bool {
        self.graph.shows(attribute) && self.query.fields.show(record.kind, attribute.name)
    }
}

/// The way along the query's include, on which each record is met once.
struct Walk<'a> {
    renderer: Renderer<'a>,
    seen: BTreeSet<Identifier>,
    followed: BTreeSet<(*const Include, Identifier)>,
    /// In the order that the records were met in; those whose own way is not at its end yet are empty.
    included: Vec<Option<Resource<'a>>>,
}

type Linkages<'a> = Vec<(&'a str, Linkage)>;

impl<'a> Walk<'a> {
    /// Where a record's relationships lead, as far as this part of the tree names them.
    fn follow(&mut self, record: &Record, include: &'a Include) -> Linkages<'a> {
        // Many may lead to one record, from which the same part of the tree leads on.
        if include.is_empty() || !self.followed.insert((include, record.identifier())) {
            return Linkages::new();
        }
        let mut linkages = Linkages::new();
        for (relationship, subtree) in include.iter() {
            let Some(related) = self.renderer.related(record, relationship) else {
                continue;
            };
            linkages.push((relationship, Linkage::of(&related)));
            for record in related.into_records() {
                self.meet(record, subtree);
            }
        }
        linkages
    }

    fn meet(&mut self, record: Record, include: &'a Include) {
        if !self.seen.insert(record.identifier()) {
            self.follow(&record, include);
            return;
        }
        let place = self.included.len();
        self.included.push(None);
        let resource = Resource {
            renderer: self.renderer,
            linkages: self.follow(&record, include),
            record: Cow::Owned(record),
        };
        if let Some(kept) = self.included.get_mut(place) {
            *kept = Some(resource);
        }
    }
}

/// A resource object.
#[derive(Debug)]
struct Resource<'a> {
    renderer: Renderer<'a>,
    record: Cow<'a, Record>,
    linkages: Linkages<'a>,
}

impl Serialize for Resource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Site { tenant, .. } = self.renderer.site;
        let url = self.renderer.site.record_url(self.record.identifier());
        let mut members = serializer.serialize_map(Some(6))?;
        members.serialize_entry("id", &self.record.id)?;
        members.serialize_entry("type", self.record.kind.name())?;
        members.serialize_entry("links", &SelfLink { url: &url })?;
        members.serialize_entry("attributes", &Attributes(self))?;
        let relationships = Relationships {
            resource: self,
            url: &url,
        };
        members.serialize_entry("relationships", &relationships)?;
        let meta = Meta {
            mode: tenant.mode.as_str(),
            organization_id: tenant.organization,
        };
        members.serialize_entry("meta", &meta)?;
        members.end()
    }
}

#[derive(Serialize)]
struct SelfLink<'a> {
    #[serde(rename = "self")]
    url: &'a str,
}

#[derive(Serialize)]
struct Meta {
    mode: &'static str,
    organization_id: Id,
}

struct Attributes<'a>(&'a Resource<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Resource {
            renderer, record, ..
        } = self.0;
        let shown = record.kind.declaration().all_attributes();
        let shown = shown.filter(|attribute| renderer.shows(record, attribute));
        serializer.collect_map(shown.map(|attribute| {
            let value = renderer.graph.attribute(record, &attribute);
            let value = match (attribute.source, value.as_str()) {
                (Source::Computed(Computed::EventsUrl), Some(path)) => {
                    Cow::Owned(format!("{}{path}", renderer.site.url).into())
                }
                _ => value,
            };
            (attribute.name, value)
        }))
    }
}

struct Relationships<'a> {
    resource: &'a Resource<'a>,
    url: &'a str,
}

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Resource {
            renderer,
            record,
            linkages,
        } = self.resource;
        let fields = &renderer.query.fields;
        let relationships = record.kind.declaration().relationships.iter();
        let shown = relationships.filter(|it| fields.show(record.kind, it.name));
        serializer.collect_map(shown.map(|Relationship { name, .. }| {
            let data = linkages.iter().find(|(of, _)| of == name);
            let shown = ShownRelationship {
                links: RelationshipLinks::new(self.url, name),
                data: data.map(|(_, data)| data),
            };
            (*name, shown)
        }))
    }
}

#[derive(Serialize)]
struct ShownRelationship<'a> {
    links: RelationshipLinks,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Linkage>,
}

/// The `self` and `related` links of a relationship.
#[derive(Serialize)]
struct RelationshipLinks {
    #[serde(rename = "self")]
    to_linkage: String,
    related: String,
}

impl RelationshipLinks {
    fn new(url: &str, relationship: &str) -> Self {
        Self {
            to_linkage: [url, "/relationships/", relationship].concat(),
            related: [url, "/", relationship].concat(),
        }
    }
}

/// The identifiers of those that a relationship leads to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Linkage {
    One(Option<Identifier>),
    Many(Vec<Identifier>),
}

impl Linkage {
    fn of(related: &Related) -> Self {
        match related {
            Related::One(record) => Self::One(record.as_ref().map(Record::identifier)),
            Related::Many(records) => Self::Many(records.iter().map(Record::identifier).collect()),
        }
    }
}

/// A document of resource identifiers as text: what a relationship's `self` link answers.
///
/// # Errors
/// As [`Document::to_text`].
pub fn linkage_document(
    site: Site<'_>,
    of: Identifier,
    relationship: &str,
    related: &Related,
) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Document {
        links: RelationshipLinks,
        data: Linkage,
    }

    serde_json::to_string(&Document {
        links: RelationshipLinks::new(&site.record_url(of), relationship),
        data: Linkage::of(related),
    })
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
