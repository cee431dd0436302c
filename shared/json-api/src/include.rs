//! Which related records a document includes, and which fields it shows.

use std::collections::{BTreeMap, BTreeSet};

use domain::graph::{Graph, Part};
use domain::record::{Identifier, Record};
use domain::refusal::Code;
use domain::{Refusal, ResourceType};

/// The most paths that `include` may name.
pub const MOST_PATHS: usize = 20;
/// The most relationships that one path may follow.
pub const DEEPEST_PATH: usize = 4;

/// A tree of relationships to include.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Include(BTreeMap<String, Include>);

impl Include {
    /// Reads `include=line_items.item,customer` for documents about records of these types.
    ///
    /// # Errors
    /// A relationship that is not there, too many paths, or a path too deep: 400.
    pub fn parse(value: &str, kinds: &[ResourceType]) -> Result<Self, Refusal> {
        let paths: Vec<_> = value
            .split(',')
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .collect();
        if paths.len() > MOST_PATHS {
            return Err(refuse(format!("include takes at most {MOST_PATHS} paths.")));
        }
        let mut root = Self::default();
        for path in paths {
            root.add(path, kinds)?;
        }
        Ok(root)
    }

    fn add(&mut self, path: &str, kinds: &[ResourceType]) -> Result<(), Refusal> {
        let names: Vec<_> = path.split('.').collect();
        if names.len() > DEEPEST_PATH {
            let detail = format!("include follows at most {DEEPEST_PATH} relationships: {path}.");
            return Err(refuse(detail));
        }
        let mut kinds = kinds.to_vec();
        let mut node = self;
        for name in names {
            let next = kinds
                .iter()
                .filter_map(|it| it.declaration().relationship(name));
            let next: Vec<_> = next.flat_map(|it| it.to).copied().collect();
            if next.is_empty()
                && kinds
                    .iter()
                    .any(|it| it.declaration().unsupported.contains(&name))
            {
                return Ok(());
            }
            if next.is_empty() {
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
                let detail = format!(
                    "{} has no relationship {name} to include.",
                    kinds.join(", ")
                );
                return Err(refuse(detail));
            }
            kinds = next;
            node = node.0.entry(name.to_owned()).or_default();
        }
        Ok(())
    }

    /// The subtree under a relationship, if it is to be included.
    pub fn get(&self, relationship: &str) -> Option<&Self> {
        self.0.get(relationship)
    }

    /// Whether nothing is to be included.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of these relationships is to be included.
    pub fn has_any(&self, relationships: &[&str]) -> bool {
        relationships.iter().any(|name| self.0.contains_key(*name))
    }

    /// Each relationship with its subtree.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.0
            .iter()
            .map(|(name, subtree)| (name.as_str(), subtree))
    }

    /// How far the graph reaches around `records`: each record is followed once for each part of the tree
    /// that it stands in, however many lead to it.
    pub fn reach(&self, graph: &Graph, records: &[Record]) -> Reach {
        let mut reach = Reach::default();
        self.follow(graph, records, &mut reach);
        for record in records {
            reach.included.remove(&record.identifier());
        }
        reach
    }

    fn follow(&self, graph: &Graph, records: &[Record], reach: &mut Reach) {
        for (relationship, subtree) in self.iter() {
            let mut next = BTreeMap::new();
            for record in records {
                let declared = record.kind.declaration().relationship(relationship);
                if declared.is_none() {
                    continue;
                }
                match graph.related(record, relationship) {
                    Err(part) => {
                        reach.missing.insert(part);
                    }
                    Ok(related) => next.extend(
                        related
                            .into_records()
                            .into_iter()
                            .map(|it| (it.identifier(), it)),
                    ),
                }
            }
            reach.included.extend(next.keys());
            let next: Vec<_> = next.into_values().collect();
            subtree.follow(graph, &next, reach);
        }
    }

    /// Whether it names this relationship anywhere.
    pub fn names(&self, relationship: &str) -> bool {
        self.iter()
            .any(|(name, subtree)| name == relationship || subtree.names(relationship))
    }
}

/// What of a document's included records has been read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// The records to include that have been read.
    pub included: BTreeSet<Identifier>,
    /// The parts of the table that have to be read before the document can be shown.
    pub missing: BTreeSet<Part>,
}

fn refuse(detail: String) -> Refusal {
    Refusal::new(Code::InvalidInclude, detail).at_parameter("include")
}

/// Sparse fieldsets: which attributes and relationships are shown, by type. All, for a type that is
/// not among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields(BTreeMap<ResourceType, BTreeSet<String>>);

impl Fields {
    /// Adds `fields[orders]=number,customer`.
    ///
    /// # Errors
    /// A type or a field that is not there: 400.
    pub fn add(&mut self, type_name: &str, value: &str) -> Result<(), Refusal> {
        let parameter = format!("fields[{type_name}]");
        let refuse = |code, detail| Refusal::new(code, detail).at_parameter(&parameter);
        let kind = ResourceType::named(type_name).ok_or_else(|| {
            let detail = format!("There is no resource type {type_name}.");
            refuse(Code::InvalidResource, detail)
        })?;
        let declaration = kind.declaration();
        let mut named = BTreeSet::new();
        for name in value.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let attribute = declaration.attribute(name);
            let readable = attribute.is_some_and(|it| it.is_readable());
            let related = declaration.relationship(name).is_some();
            let known =
                readable || related || declaration.unsupported.contains(&name) || name == "id";
            if !known {
                let detail = format!("{kind} has no field {name}.");
                return Err(refuse(Code::InvalidField, detail));
            }
            named.insert(name.to_owned());
        }
        for kind in kind.kinds() {
            self.0.entry(*kind).or_default().extend(named.clone());
        }
        Ok(())
    }

    /// Whether documents show this field of this type.
    pub fn show(&self, kind: ResourceType, field: &str) -> bool {
        self.0
            .get(&kind)
            .is_none_or(|fields| fields.contains(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<Include, Refusal> {
        Include::parse(value, &[ResourceType::Orders])
    }

    #[test]
    fn dotted_paths_make_a_tree() {
        let include = parse("payment_method.payment_gateway,payment_source").unwrap();
        let method = include.get("payment_method").unwrap();
        assert!(method.get("payment_gateway").is_some());
        assert!(include.get("payment_source").unwrap().is_empty());
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn what_is_not_held_may_be_asked_for_and_leads_nowhere() {
        let options = "line_items.line_item_options";
        let asked = parse(&format!(
            "{options}.sku_option,shipments.stock_line_items.line_item"
        ));
        assert_eq!(
            asked.unwrap(),
            parse(&format!("{options},shipments")).unwrap()
        );
        assert!(parse("stock_unicorns").is_err());
    }

    #[test]
    fn unknown_deep_and_many_paths_are_refused() {
        assert!(parse("payment_wallet").is_err());
        assert!(parse("payment_method.order").is_err());
        assert!(parse("line_items.order.line_items.order").is_ok());
        assert!(parse("line_items.order.line_items.order.market").is_err());
        assert!(parse(&vec!["market"; 21].join(",")).is_err());
    }

    #[test]
    fn fields_are_those_named() {
        let mut fields = Fields::default();
        fields.add("orders", "number,customer").unwrap();
        assert!(fields.show(ResourceType::Orders, "customer"));
        assert!(!fields.show(ResourceType::Orders, "status"));
        assert!(fields.show(ResourceType::Customers, "email"));
        assert!(fields.add("orders", "_place").is_err());
        assert!(fields.add("unicorns", "horn").is_err());
    }
}
