//! What `template.yaml` lets each function ask of DynamoDB, decided as IAM decides it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value as Json;
use serde_yaml_ng::{Mapping, Value};
use store::table::{INDEXES, PK};

use crate::routes::template;

/// The table's name, in the template's ARNs and here.
const TABLE: &str = "billfold";

pub const TABLE_ARN: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/billfold";

/// The functions' roles, by the functions' names.
pub static ROLES: LazyLock<BTreeMap<String, Role>> = LazyLock::new(|| roles(false));

/// What one function may ask of DynamoDB.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Role(Vec<Statement>);

/// A statement of a policy: what it allows, each action on each resource.
#[derive(Debug, PartialEq, Eq)]
struct Statement {
    /// The policy that it is shared in; none where it is the function's own.
    shared: Option<String>,
    actions: Vec<String>,
    resources: Vec<String>,
    /// What the partition keys of a request are to be like; none where any is allowed, and a request without.
    partitions: Option<Vec<String>>,
}

/// What a statement grants: one action on one resource, in partitions like this one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The policy that several functions share; none where it is one function's.
    pub shared: Option<String>,
    pub action: String,
    pub resource: String,
    /// None in any.
    pub partitions: Option<String>,
}

/// One thing that a request to DynamoDB asks leave for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub action: String,
    pub resource: String,
    /// What the policies' key `dynamodb:LeadingKeys` has: the request's partition keys, of an index those of the
    /// index. A scan has none, and so has what is asked of the table itself.
    pub partitions: BTreeSet<String>,
}

impl Role {
    /// Whether this is allowed, by one statement that allows all of its partitions.
    pub fn allows(&self, asked: &Asked) -> bool {
        self.0.iter().any(|it| it.allows(asked))
    }

    /// The grants by which this is allowed.
    pub fn used_by(&self, asked: &Asked) -> impl Iterator<Item = Grant> {
        let statements = self.0.iter().filter(|it| it.allows(asked));
        statements.flat_map(|it| it.used_by(asked))
    }

    /// Everything that is granted.
    pub fn grants(&self) -> Vec<Grant> {
        self.0.iter().flat_map(Statement::grants).collect()
    }
}

impl Statement {
    fn allows(&self, asked: &Asked) -> bool {
        let listed = |patterns: &[String], it: &str| patterns.iter().any(|like| is_like(like, it));
        let in_partitions = |patterns: &Vec<String>| {
            let is_granted = |it: &String| listed(patterns, it);
            // `ForAllValues` holds where there is no value at all, which `Null` then keeps out.
            asked.partitions.iter().all(is_granted) && !asked.partitions.is_empty()
        };
        listed(&self.actions, &asked.action)
            && listed(&self.resources, &asked.resource)
            && self.partitions.as_ref().is_none_or(in_partitions)
    }

    fn grants(&self) -> Vec<Grant> {
        let partitions: Vec<_> = match &self.partitions {
            None => vec![None],
            Some(patterns) => patterns.iter().cloned().map(Some).collect(),
        };
        let mut grants = Vec::new();
        for action in &self.actions {
            for resource in &self.resources {
                grants.extend(partitions.iter().map(|it| Grant {
                    shared: self.shared.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                    partitions: it.clone(),
                }));
            }
        }
        grants
    }

    /// The grants that a request which is allowed makes use of.
    fn used_by(&self, asked: &Asked) -> Vec<Grant> {
        let is_used = |grant: &Grant| {
            let partitions = grant.partitions.as_deref();
            let is_asked = |like| asked.partitions.iter().any(|it| is_like(like, it));
            is_like(&grant.action, &asked.action)
                && is_like(&grant.resource, &asked.resource)
                && partitions.is_none_or(is_asked)
        };
        let grants = self.grants();
        grants.into_iter().filter(is_used).collect()
    }
}

/// IAM's `StringLike`: `*` is any text, `?` any one character.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let ends = text.char_indices().map(|(end, _)| end).chain([text.len()]);
            let mut rests = ends.map(|end| &text[end..]);
            rests.any(|rest| is_like(&pattern[1..], rest))
        }
        Some(wanted) => {
            let mut rest = text.chars();
            let is_first = rest.next().is_some_and(|it| wanted == '?' || wanted == it);
            is_first && is_like(&pattern[wanted.len_utf8()..], rest.as_str())
        }
    }
}

/// What a request to DynamoDB asks leave for, by its operation and its body. A transaction asks for each action that
/// is in it, of all partitions together: whether IAM takes them together or apart is not published, and what is
/// allowed together is allowed apart as well.
pub fn asked(operation: &str, body: &Json) -> Vec<Asked> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let key = |item: &Json| text(&item[PK]["S"]);
    let mut parts: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut ask = |action: &str, resource: String, partitions: Vec<String>| {
        let action = format!("dynamodb:{action}");
        parts
            .entry((action, resource))
            .or_default()
            .extend(partitions);
    };
    match operation {
        "TransactWriteItems" | "TransactGetItems" => {
            let parts = body["TransactItems"].as_array().unwrap();
            for (kind, part) in parts.iter().flat_map(|it| it.as_object().unwrap()) {
                let action = match kind.as_str() {
                    "ConditionCheck" => "ConditionCheckItem".to_owned(),
                    kind => format!("{kind}Item"),
                };
                let item = part.get("Item").unwrap_or(&part["Key"]);
                ask(&action, arn(&text(&part["TableName"])), vec![key(item)]);
            }
        }
        "BatchGetItem" => {
            for (table, wanted) in body["RequestItems"].as_object().unwrap() {
                let keys = wanted["Keys"].as_array().unwrap();
                ask(operation, arn(table), keys.iter().map(key).collect());
            }
        }
        "Query" => {
            let table = arn(&text(&body["TableName"]));
            let index = body["IndexName"].as_str();
            let resource = index.map_or_else(|| table.clone(), |it| format!("{table}/index/{it}"));
            let name = match index {
                None => PK,
                Some(index) => INDEXES.iter().find(|it| it.name == index).unwrap().pk,
            };
            ask(operation, resource, vec![queried(body, name)]);
        }
        _ => {
            let item = body.get("Item").or_else(|| body.get("Key"));
            let partitions = item.map(key).into_iter().collect();
            ask(operation, arn(&text(&body["TableName"])), partitions);
        }
    }
    let asked = parts.into_iter();
    asked
        .map(|((action, resource), partitions)| Asked {
            action,
            resource,
            partitions,
        })
        .collect()
}

/// The value that a query asks this key to have.
fn queried(body: &Json, name: &str) -> String {
    let condition = body["KeyConditionExpression"].as_str().unwrap();
    let value = condition.split(" AND ").find_map(|it| {
        let (key, value) = it.split_once(" = ")?;
        (body["ExpressionAttributeNames"][key] == name).then_some(value)
    });
    let value = &body["ExpressionAttributeValues"][value.unwrap()]["S"];
    value.as_str().unwrap().to_owned()
}

fn arn(table: &str) -> String {
    assert_eq!(table, TABLE, "the functions have one table");
    TABLE_ARN.to_owned()
}

/// The roles as the template has them, where the table is the stack's own and where it is a restored one.
pub fn roles(is_restored: bool) -> BTreeMap<String, Role> {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    let functions = resources
        .values()
        .filter(|it| it["Type"] == "AWS::Serverless::Function");
    let deployment = Deployment {
        resources,
        is_restored,
    };
    functions
        .map(|function| {
            let name = text(&function["Metadata"]["BuildProperties"]["Binary"]);
            let policies = function["Properties"].get("Policies");
            let policies = policies.map_or(&[][..], |it| it.as_sequence().unwrap());
            let statements = policies.iter().flat_map(|it| deployment.statements(it));
            (name.to_owned(), Role(statements.collect()))
        })
        .collect()
}

struct Deployment<'a> {
    resources: &'a Mapping,
    is_restored: bool,
}

impl Deployment<'_> {
    /// The statements of a function's own policy, or of one that it shares.
    fn statements(&self, policy: &Value) -> Vec<Statement> {
        let (shared, policy) = match policy {
            Value::Tagged(it) if it.tag == "Ref" => {
                let shared = &self.resources[text(&it.value)];
                assert_eq!(shared["Type"], "AWS::IAM::ManagedPolicy");
                let document = &shared["Properties"]["PolicyDocument"];
                (Some(text(&it.value)), document)
            }
            own => (None, own),
        };
        let statements = policy["Statement"].as_sequence().unwrap();
        let of_dynamodb = statements.iter().filter(|it| self.is_of_dynamodb(it));
        of_dynamodb.map(|it| self.statement(shared, it)).collect()
    }

    /// Whether a statement is about DynamoDB; one is about no other service beside it.
    fn is_of_dynamodb(&self, statement: &Value) -> bool {
        let actions = self.texts(&statement["Action"]);
        let is_its = |it: &String| it.starts_with("dynamodb:");
        let is_of_dynamodb = actions.iter().any(is_its);
        assert_eq!(is_of_dynamodb, actions.iter().all(is_its), "{actions:?}");
        assert!(!actions.iter().any(|it| it == "*"));
        is_of_dynamodb
    }

    /// What is not read here would be left out of what is decided: there is to be none of it.
    fn statement(&self, shared: Option<&str>, statement: &Value) -> Statement {
        let known = ["Effect", "Action", "Resource", "Condition"];
        let members = statement.as_mapping().unwrap().keys();
        assert!(members.into_iter().all(|it| known.contains(&text(it))));
        assert_eq!(statement["Effect"], "Allow");
        Statement {
            shared: shared.map(str::to_owned),
            actions: self.texts(&statement["Action"]),
            resources: self.texts(&statement["Resource"]),
            partitions: statement.get("Condition").map(|it| self.partitions(it)),
        }
    }

    fn partitions(&self, condition: &Value) -> Vec<String> {
        let keys = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
        assert_eq!(condition["Null"]["dynamodb:LeadingKeys"], "false");
        for (members, known) in [
            (condition, 2),
            (&condition["ForAllValues:StringLike"], 1),
            (&condition["Null"], 1),
        ] {
            let members = members.as_mapping().unwrap();
            assert_eq!(members.len(), known, "no other condition is known here");
        }
        self.texts(keys)
    }

    fn texts(&self, value: &Value) -> Vec<String> {
        match value {
            Value::Sequence(values) => values.iter().map(|it| self.text(it)).collect(),
            value => vec![self.text(value)],
        }
    }

    /// A text as CloudFormation comes to it.
    fn text(&self, value: &Value) -> String {
        let Value::Tagged(tagged) = value else {
            return text(value).to_owned();
        };
        let (tag, given) = (tagged.tag.to_string(), &tagged.value);
        match tag.as_str() {
            "!If" => {
                assert_eq!(given[0], "IsRestored");
                self.text(&given[if self.is_restored { 1 } else { 2 }])
            }
            "!GetAtt" if given == "Table.Arn" => arn(TABLE),
            "!Sub" => {
                let pieces = text(given).split("${");
                let pieces = pieces.map(|piece| match piece.split_once('}') {
                    None => piece.to_owned(),
                    Some((name, rest)) => value_of(name) + rest,
                });
                pieces.collect()
            }
            _ => panic!("{tag} is not known here"),
        }
    }
}

fn value_of(name: &str) -> String {
    match name {
        "AWS::Partition" => "aws".to_owned(),
        "AWS::Region" => "eu-west-1".to_owned(),
        "AWS::AccountId" => "123456789012".to_owned(),
        "RestoredTable" => TABLE.to_owned(),
        "Table.Arn" => arn(TABLE),
        _ => panic!("${{{name}}} is not known here"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn a_star_is_any_text_and_a_question_mark_one_character() {
    for (pattern, text, is_alike) in [
        ("client#*", "client#shop", true),
        ("client#*", "client#", true),
        ("client#*", "client", false),
        ("??#????#order#*", "OO#test#order#RR", true),
        ("??#????#order#*", "OO#live#orders#RR", false),
        ("??#????#order#*", "OOO#test#order#RR", false),
        ("??#????#*s#*", "OO#test#skus#RR", true),
        ("??#????#*s#*", "OO#test#token#ff", false),
        ("Table", "table", false),
    ] {
        assert_eq!(is_like(pattern, text), is_alike, "{pattern} {text}");
    }
}
