//! Holding a body against its declaration.

use serde_json::Value;

use super::finding::{Finding, Path, Problem};
use super::kind::{Encoding, Field, Kind, Members};
use crate::form;

/// All that is not as the tables declare, in the order of the tables; after the fields of an object
/// come the members that it should not have.
pub(crate) fn findings<'a>(
    members: &'a Members,
    tables: &[&[Field]],
    encoding: Encoding,
) -> Vec<Finding<'a>> {
    let mut walk = Walk {
        encoding,
        found: Vec::new(),
    };
    walk.object(members, tables, &Path::default());
    walk.found
}

struct Walk<'a> {
    encoding: Encoding,
    found: Vec<Finding<'a>>,
}

impl<'a> Walk<'a> {
    fn note(&mut self, path: Path, problem: Problem<'a>) {
        self.found.push(Finding { path, problem });
    }

    fn object(&mut self, members: &'a Members, tables: &[&[Field]], path: &Path) {
        let fields = || tables.iter().copied().flatten();
        for field in fields() {
            let path = path.member(field.name);
            match members.get(field.name) {
                Some(value) if !self.is_absent(value) => self.field(value, field, path),
                _ if field.is_required => self.note(path, Problem::Missing),
                _ => {}
            }
        }
        for name in members.keys() {
            if !fields().any(|field| field.name == name) {
                self.note(path.member(name), Problem::Unknown);
            }
        }
    }

    fn is_absent(&self, value: &Value) -> bool {
        self.encoding == Encoding::Json && value.is_null()
    }

    fn field(&mut self, value: &'a Value, field: &Field, path: Path) {
        let is_empty = self.encoding == Encoding::Form && value == "";
        match field.kind {
            Kind::Such(_) => self.value(value, field.kind, path),
            _ if is_empty && field.is_unsettable => {}
            _ if is_empty => self.note(path, Problem::Empty),
            kind => self.value(value, kind, path),
        }
    }

    fn value(&mut self, value: &'a Value, kind: Kind, path: Path) {
        let is_right = match (kind, value) {
            (Kind::Object(fields), Value::Object(members)) => {
                self.object(members, &[fields], &path);
                true
            }
            (Kind::Map(longest, kind), Value::Object(members)) => {
                self.map(members, longest, *kind, &path);
                true
            }
            (Kind::List(least, most, kind), _) => self.items(value).is_some_and(|items| {
                let count = items.len();
                for (place, item) in items.into_iter().enumerate() {
                    self.value(item, *kind, path.item(place));
                }
                (least..=most).contains(&count)
            }),
            _ => self.takes(kind, value),
        };
        if !is_right {
            self.note(path, Problem::Wrong { kind, value });
        }
    }

    fn map(&mut self, members: &'a Members, longest: usize, kind: Kind, path: &Path) {
        for (name, value) in members {
            let path = path.member(name);
            if name.chars().count() > longest {
                self.note(path, Problem::LongName);
            } else {
                self.value(value, kind, path);
            }
        }
    }

    fn items(&self, value: &'a Value) -> Option<Vec<&'a Value>> {
        match self.encoding {
            Encoding::Json => value.as_array().map(|items| items.iter().collect()),
            Encoding::Form => form::items(value),
        }
    }

    fn takes(&self, kind: Kind, value: &Value) -> bool {
        let text = value.as_str();
        match kind {
            Kind::Text(least, most) => {
                text.is_some_and(|text| (least..=most).contains(&text.chars().count()))
            }
            Kind::Like(passes) => text.is_some_and(passes),
            Kind::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
            Kind::Whole(least, most) => self
                .whole(value)
                .is_some_and(|number| (least..=most).contains(&number)),
            Kind::Flag => match self.encoding {
                Encoding::Json => value.is_boolean(),
                Encoding::Form => matches!(text, Some("true" | "false")),
            },
            Kind::Such(passes) => passes(value),
            Kind::Object(_) | Kind::Map(..) | Kind::List(..) => false,
        }
    }

    fn whole(&self, value: &Value) -> Option<i64> {
        match self.encoding {
            Encoding::Json => value.as_i64(),
            Encoding::Form => value.as_str()?.parse().ok(),
        }
    }
}
