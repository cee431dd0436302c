use serde_json::{Map, Value};

use crate::table::{Member, Request, Table};

impl Table {
    pub fn path_problems(&self, request: &Request, path: &str) -> Vec<String> {
        let mut problems = Vec::new();
        for parameter in &request.parameters {
            let part = format!("{{{}}}", parameter.name);
            let at = request.template.split('/').position(|it| it == part);
            let segment = at.and_then(|at| path.split('/').nth(at));
            let Some(segment) = segment else {
                panic!("{} has no {part}", request.template);
            };
            problems.extend(self.value_problems(parameter, &part, &segment.into()));
        }
        problems
    }

    pub fn json_problems(&self, request: &Request, body: &str) -> Vec<String> {
        match serde_json::from_str(body) {
            Ok(Value::Object(body)) => self.members_problems(request.body, "", &body),
            Ok(body) => vec![format!("the body is no object: {body}")],
            Err(error) => vec![format!("the body is no JSON: {error}")],
        }
    }

    /// A form's fields are members of one object, whatever their brackets say.
    pub fn form_problems(&self, request: &Request, body: &str) -> Vec<String> {
        let Some(object) = request.body else {
            return Vec::new();
        };
        let kind_of = |name: &str| {
            let mut members = self.object(object).iter();
            members.find(|it| it.is(name)).map(|it| it.kind)
        };
        let fields = form_urlencoded::parse(body.as_bytes()).map(|(name, text)| {
            let value = match kind_of(&name) {
                Some("integer") => text.parse::<i64>().map(Value::from).ok(),
                Some("boolean") => text.parse::<bool>().map(Value::from).ok(),
                _ => None,
            };
            (
                name.into_owned(),
                value.unwrap_or_else(|| text.as_ref().into()),
            )
        });
        self.members_problems(request.body, "", &fields.collect())
    }

    pub fn object_problems(&self, name: &str, value: &Value) -> Vec<String> {
        match value {
            Value::Object(object) => self.members_problems(Some(name), "", object),
            _ => vec![format!("{value} is no object")],
        }
    }

    fn members_problems(
        &self,
        name: Option<&str>,
        at: &str,
        object: &Map<String, Value>,
    ) -> Vec<String> {
        let members = name.map(|it| self.object(it)).unwrap_or_default();
        let mut problems = Vec::new();
        for (name, value) in object {
            let at = format!("{at}{name}");
            match members.iter().find(|it| it.is(name)) {
                Some(member) => problems.extend(self.value_problems(member, &at, value)),
                None => problems.push(format!("{at}: is unknown")),
            }
        }
        let is_missing = |it: &&Member| it.needed && !object.contains_key(it.name);
        let missing = members.iter().filter(is_missing);
        problems.extend(missing.map(|it| format!("{at}{}: is needed", it.name)));
        problems
    }

    fn value_problems(&self, member: &Member, at: &str, value: &Value) -> Vec<String> {
        let mut problems = self.kind_problems(member.kind, at, value);
        if problems.is_empty() && !member.limits.allow(value) {
            problems.push(format!("{at}: may not be {value}"));
        }
        problems
    }

    /// Of several kinds, the problems with the one that fits best.
    fn kind_problems(&self, kind: &str, at: &str, value: &Value) -> Vec<String> {
        let of_each = kind
            .split(" or ")
            .map(|it| self.one_kind_problems(it, at, value));
        of_each.min_by_key(Vec::len).unwrap_or_default()
    }

    fn one_kind_problems(&self, kind: &str, at: &str, value: &Value) -> Vec<String> {
        let fits = match kind {
            "anything" => true,
            "null" => value.is_null(),
            "text" => value.is_string(),
            "integer" => value.is_i64(),
            "boolean" => value.is_boolean(),
            _ => {
                return match (kind.strip_prefix("list of "), value) {
                    (Some(kind), Value::Array(items)) => {
                        let items = items.iter().enumerate();
                        items
                            .flat_map(|(i, it)| self.kind_problems(kind, &format!("{at}[{i}]"), it))
                            .collect()
                    }
                    (None, Value::Object(object)) => {
                        self.members_problems(Some(kind), &format!("{at}."), object)
                    }
                    _ => vec![format!("{at}: {value} is no {kind}")],
                };
            }
        };
        match fits {
            true => Vec::new(),
            false => vec![format!("{at}: {value} is no {kind}")],
        }
    }
}
