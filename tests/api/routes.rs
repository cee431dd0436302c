//! The functions' routes, the template, the router of `cargo lambda watch` and the folders say the
//! same, and a function holds and may do no more than it needs.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use billfold::router::{FUNCTIONS, OF_NO_ROUTE, function_for, routes};
use billfold::routes::{FILES, Made};
use serde_yaml_ng::Value;
use store::table;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Those that call no gateway.
const WITHOUT_GATEWAY: [&str; 9] = [
    "get-customer-payment-source",
    "get-openapi",
    "get-order",
    "get-payment-source",
    "get-related",
    "issue-token",
    "list-customer-payment-sources",
    "manage-resources",
    "patch-customer-payment-source",
];

/// The feature that a function's binary takes.
const BINARY: &str = "lambda";

/// A function's name and a route of its: `GET /api/orders/{id}`.
type Routes = BTreeSet<(String, String)>;

#[test]
fn what_is_made_of_the_routes_is_as_they_are() {
    for Made { path, make } in FILES {
        let text = read(path);
        let made = make(&text).unwrap_or_else(|| panic!("{path} has no place for routes"));
        let differs = made.lines().zip(text.lines()).position(|(a, b)| a != b);
        assert!(
            made == text,
            "{path} says other routes than the functions, from line {} on. Make it anew:\n\
             cargo run -- routes --write",
            differs.unwrap_or_default() + 1,
        );
    }
    assert_eq!(routing::ALL, routes());
}

#[test]
fn the_template_has_the_functions_routes() {
    let mut wanted = declared_routes();
    wanted.insert((OF_NO_ROUTE.name.to_owned(), "$default".to_owned()));
    assert_eq!(routes_of_template(&template()), wanted);
}

#[test]
fn the_watch_router_has_the_functions_routes_and_the_rest() {
    let manifest: toml::Value = toml::from_str(&read("Cargo.toml")).unwrap();
    let router = &manifest["workspace"]["metadata"]["lambda"]["watch"]["router"];
    let (mut routed, mut rest) = (Routes::new(), BTreeSet::new());
    for entry in router.as_array().unwrap() {
        let text = |member: &str| entry[member].as_str().unwrap().to_owned();
        let (path, function) = (text("path"), text("function"));
        let Some(methods) = entry.get("methods") else {
            assert_eq!(function, OF_NO_ROUTE.name);
            rest.insert(path);
            continue;
        };
        for method in methods.as_array().unwrap() {
            let route = format!("{} {path}", method.as_str().unwrap());
            assert!(routed.insert((function.clone(), route)));
        }
    }
    assert!(declared_routes().is_subset(&routed));
    assert_eq!(rest, ["/", "/{*path}"].map(str::to_owned).into());
    for (function, route) in &routed {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{id}", "aaaaaaaaaa");
        let path = path.replace("{type}", "customers");
        let path = path.replace("{relationship}", "orders");
        let called = function_for(method, &routing::without_version(&path));
        assert!(called.name == function || called == OF_NO_ROUTE, "{route}");
    }
}

#[test]
fn every_folder_of_functions_is_a_crate_and_a_function_of_the_template() {
    let template = template();
    let in_template: BTreeSet<String> = functions_of(&template)
        .map(|(name, function)| {
            let folder = text(&function["Properties"]["CodeUri"]);
            let folder = folder.strip_prefix("functions/").unwrap();
            let binary = text(&function["Metadata"]["BuildProperties"]["Binary"]);
            assert_eq!(binary, folder, "{name}");
            assert_eq!(name, logical_name(folder));
            assert_eq!(
                text(&function["Metadata"]["BuildMethod"]),
                "rust-cargolambda"
            );
            folder.to_owned()
        })
        .collect();
    assert_eq!(in_template, folders());

    for folder in folders() {
        let manifest = read(&format!("functions/{folder}/Cargo.toml"));
        let manifest: toml::Value = toml::from_str(&manifest).unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some(folder.as_str()));
        let binary = &manifest["bin"][0];
        assert_eq!(binary["name"].as_str(), Some(folder.as_str()));
        // So that `cargo run` and `cargo build` leave it out.
        assert_eq!(binary["required-features"][0].as_str(), Some(BINARY));
    }

    let called: BTreeSet<String> = FUNCTIONS.iter().map(|it| it.name.to_owned()).collect();
    let uncalled: Vec<_> = in_template.difference(&called).collect();
    assert_eq!(uncalled, ["sweep"], "only sweep has no route");
}

#[test]
fn the_templates_table_is_the_stores() {
    let template = template();
    let table = &template["Resources"]["Table"]["Properties"];
    assert_eq!(keys_of(table), (table::PK, table::SK));
    let ttl = &table["TimeToLiveSpecification"];
    assert_eq!(text(&ttl["AttributeName"]), table::TTL);
    assert_eq!(ttl["Enabled"], Value::Bool(true));
    // Nothing reads one, and it costs.
    assert!(table.get("StreamSpecification").is_none());

    let indexes = table["GlobalSecondaryIndexes"].as_sequence().unwrap();
    assert_eq!(indexes.len(), table::INDEXES.len());
    for (index, wanted) in indexes.iter().zip(table::INDEXES) {
        assert_eq!(text(&index["IndexName"]), wanted.name);
        assert_eq!(keys_of(index), (wanted.pk, wanted.sk));
        assert_eq!(text(&index["Projection"]["ProjectionType"]), "KEYS_ONLY");
    }

    let defined = table["AttributeDefinitions"].as_sequence().unwrap();
    let defined: BTreeSet<&str> = defined
        .iter()
        .map(|it| {
            assert_eq!(text(&it["AttributeType"]), "S");
            text(&it["AttributeName"])
        })
        .collect();
    let of_indexes = table::INDEXES.iter().flat_map(|it| [it.pk, it.sk]);
    let wanted: BTreeSet<&str> = [table::PK, table::SK]
        .into_iter()
        .chain(of_indexes)
        .collect();
    assert_eq!(defined, wanted);
}

#[test]
fn only_functions_that_pay_or_manage_have_gateway_credentials() {
    let template = template();
    for (name, function) in functions_of(&template) {
        let folder = text(&function["Metadata"]["BuildProperties"]["Binary"]);
        let pays = !WITHOUT_GATEWAY.contains(&folder);
        if folder == "get-openapi" {
            assert!(function["Properties"].get("Policies").is_none());
            continue;
        }
        let policies = printed(&function["Properties"]["Policies"]);
        assert!(policies.contains("ReadKeys"), "{name}");
        assert_eq!(policies.contains("CallGateways"), pays, "{name}");
        let manages = folder == "manage-resources";
        for action in [
            "secretsmanager:PutSecretValue",
            "DeleteSecret",
            "gateways/*",
        ] {
            assert_eq!(policies.contains(action), manages, "{name}");
        }
        for statement in statements_of(&function["Properties"]["Policies"]) {
            let statement = printed(statement);
            // A secret that may not be there is asked for by its name.
            let is_named = statement.contains("secretsmanager:SecretId");
            assert!(
                is_named || !statement.contains("'*'"),
                "{name}: {statement}"
            );
        }
        assert_eq!(policies.contains("keys/signing"), folder == "issue-token");
        assert!(!policies.contains(":*"), "{name}");
    }
}

fn statements_of(policies: &Value) -> Vec<&Value> {
    let policies = policies.as_sequence().unwrap();
    let listed = policies.iter().filter_map(|it| it.get("Statement"));
    let statements = listed.filter_map(Value::as_sequence);
    statements.flatten().collect()
}

#[test]
fn a_deployment_trusts_no_issuer_but_its_own() {
    let template = template();
    assert!(template["Parameters"]["Issuers"].get("Default").is_none());
    let events: serde_json::Value =
        serde_json::from_str(&read("src/demo/events-issuer.json")).unwrap();
    let source = read("template.yaml");
    let issuer = events["iss"].as_str().unwrap();
    let key = events["jwks"]["keys"][0]["kid"].as_str().unwrap();
    assert!(!source.contains(issuer) && !source.contains(key));
}

/// cfn-lint does not look into policies and globals.
#[test]
fn every_reference_of_the_template_leads_somewhere() {
    let template = template();
    let mut names = BTreeSet::new();
    for section in ["Parameters", "Conditions", "Resources"] {
        let section = template[section].as_mapping().unwrap();
        names.extend(section.keys().map(text));
    }
    let mut references = Vec::new();
    collect_references(&template, &mut references);
    assert!(references.len() > FUNCTIONS.len());
    for reference in references {
        let is_pseudo = reference.starts_with("AWS::");
        assert!(
            is_pseudo || names.contains(reference.as_str()),
            "{reference}"
        );
    }
}

#[test]
fn functions_link_only_what_they_need() {
    for folder in folders() {
        let linked = linked_by(&folder, &["--features", BINARY]);
        let reads_the_table = folder != "get-openapi";
        for (sdk, linked_by) in [
            ("aws-config", reads_the_table),
            ("aws-sdk-dynamodb", reads_the_table),
            ("aws-sdk-secretsmanager", reads_the_table),
            ("lambda", folder != "sweep"),
        ] {
            assert_eq!(linked.contains(sdk), linked_by, "{folder}: {sdk}");
        }
        let pays = !WITHOUT_GATEWAY.contains(&folder.as_str());
        assert_eq!(linked.contains("reqwest"), pays, "{folder}");
        for never in ["sandbox", "dynoxide-rs", "axum", "billfold"] {
            assert!(!linked.contains(never), "{folder} links {never}");
        }
    }
}

/// Beside the functions themselves.
#[test]
fn only_what_speaks_to_aws_links_its_sdks() {
    for folder in folders_of("shared") {
        let linked = linked_by(&folder, &[]);
        let is_sdk = |name: &String| name == "aws-config" || name.starts_with("aws-sdk-");
        let speaks_to_aws = ["aws", "service", "store"].contains(&folder.as_str());
        assert_eq!(linked.iter().any(is_sdk), speaks_to_aws, "{folder}");
        let is_lambda = ["aws", "lambda"].contains(&folder.as_str());
        assert_eq!(linked.contains("lambda_runtime"), is_lambda, "{folder}");
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

pub fn template() -> Value {
    serde_yaml_ng::from_str(&read("template.yaml")).unwrap()
}

fn declared_routes() -> Routes {
    let of_function = |function: &billfold::router::Function| {
        let name = function.name.to_owned();
        let taken = |route: &routing::Route| {
            let versioned = route.path.replacen("/api/", "/api/2017-08/", 1);
            let paths = BTreeSet::from([route.path.to_owned(), versioned]);
            let methods = route.method.taken().iter();
            methods.flat_map(move |method| {
                let of_method = paths.iter().map(|path| format!("{method} {path}"));
                of_method.collect::<Vec<_>>()
            })
        };
        function
            .routes
            .iter()
            .flat_map(taken)
            .map(move |route| (name.clone(), route))
    };
    FUNCTIONS.iter().flat_map(of_function).collect()
}

fn routes_of_template(template: &Value) -> Routes {
    let mut routes = Routes::new();
    for (_, function) in functions_of(template) {
        let name = text(&function["Metadata"]["BuildProperties"]["Binary"]);
        let events = function["Properties"]["Events"].as_mapping().unwrap();
        for event in events.values().filter(|it| it["Type"] == "HttpApi") {
            let properties = &event["Properties"];
            let route = match properties.get("Path") {
                Some(path) => format!("{} {}", text(&properties["Method"]), text(path)),
                None => "$default".to_owned(),
            };
            assert!(routes.insert((name.to_owned(), route)));
        }
    }
    routes
}

fn functions_of(template: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let resources = template["Resources"].as_mapping().unwrap();
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
        .map(|(name, resource)| (text(name), resource))
}

/// `get-order` is `GetOrderFunction` in the template.
fn logical_name(folder: &str) -> String {
    let mut name = String::new();
    for word in folder.split('-') {
        name.push_str(&word[..1].to_uppercase());
        name.push_str(&word[1..]);
    }
    name + "Function"
}

fn folders() -> BTreeSet<String> {
    folders_of("functions")
}

fn folders_of(parent: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(Path::new(ROOT).join(parent)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The partition key and the sort key of a table or an index.
fn keys_of(table: &Value) -> (&str, &str) {
    let schema = &table["KeySchema"];
    assert_eq!(text(&schema[0]["KeyType"]), "HASH");
    assert_eq!(text(&schema[1]["KeyType"]), "RANGE");
    (
        text(&schema[0]["AttributeName"]),
        text(&schema[1]["AttributeName"]),
    )
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn printed(value: &Value) -> String {
    serde_yaml_ng::to_string(value).unwrap()
}

/// The names that `!Ref`, `!GetAtt`, `!Sub` and `!If` refer to.
fn collect_references(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Sequence(values) => {
            for value in values {
                collect_references(value, references);
            }
        }
        Value::Mapping(members) => {
            for value in members.values() {
                collect_references(value, references);
            }
        }
        Value::Tagged(tagged) => match (tagged.tag.to_string().as_str(), &tagged.value) {
            ("!Sub", Value::String(given)) => references.extend(substituted(given)),
            ("!Sub", Value::Sequence(given)) => {
                let own = given[1].as_mapping().unwrap();
                let named = substituted(text(&given[0]));
                references.extend(named.filter(|it| !own.contains_key(it.as_str())));
                collect_references(&given[1], references);
            }
            ("!If", Value::Sequence(given)) => {
                references.push(text(&given[0]).to_owned());
                for value in &given[1..] {
                    collect_references(value, references);
                }
            }
            ("!Ref" | "!GetAtt", given) => references.push(resource(text(given))),
            (_, given) => collect_references(given, references),
        },
        _ => {}
    }
}

fn resource(name: &str) -> String {
    name.split('.').next().unwrap_or_default().to_owned()
}

/// The names that a text of `!Sub` has in it.
fn substituted(given: &str) -> impl Iterator<Item = String> + '_ {
    let named = given.split("${").skip(1);
    named.map(|rest| resource(rest.split('}').next().unwrap_or_default()))
}

/// The crates that a function's binary, or one of ours, is made of.
fn linked_by(package: &str, features: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal"])
        .args(["--prefix", "none", "--package", package])
        .args(features)
        .current_dir(ROOT)
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{package}: {problem}");
    let tree = String::from_utf8(output.stdout).unwrap();
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}
