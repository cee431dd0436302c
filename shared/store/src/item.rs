//! Records as items of the table, and back.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::record::{Corrupt, Identifier, Record};
use domain::resource::{Source, ValueType};
use domain::{Id, ResourceType, SECRET, Tenant, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::keys::Key;
use crate::operations::OPERATION;
use crate::requests::text;
use crate::sealing::{Binding, CannotOpen, Sealer, Sealing, is_sealed};
use crate::{Store, StoreError};

/// An item as the SDK has it.
pub type RawItem = HashMap<String, AttributeValue>;

/// The largest record, in bytes: below DynamoDB's 400 KB, with room for keys and indexes.
const LARGEST_RECORD: usize = 350 * 1024;

/// The attribute of an item that holds a record's own.
pub const ATTRIBUTES: &str = "attributes";

/// The common attribute that records are found by.
pub const REFERENCE: &str = "reference";

/// Members of a state that were sealed by their name before a token's type said that it is one: they
/// are still opened.
const SEALED_BY_NAME: &[&str] = &["superseded_tokens", "instrument"];

/// Attributes that were kept in clear before they were sealed: what stands there in clear is still read.
const ONCE_CLEAR: &[(ResourceType, &str)] = &[
    (ResourceType::StripePayments, "stripe_id"),
    (ResourceType::StripePayments, "options"),
];

/// A record as it is stored. What the API shows sits under `attributes`, so that an attribute never
/// meets one of the table's own; what the rules remember is JSON text.
#[derive(Serialize, Deserialize)]
struct Item {
    pk: String,
    sk: String,
    #[serde(rename = "type")]
    kind: String,
    id: Id,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default)]
    relationships: BTreeMap<String, Identifier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_type_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_with: Option<String>,
}

impl Store {
    /// The item that stores a record under `key`, one version on.
    pub(crate) fn to_item(
        &self,
        tenant: Tenant,
        key: Key,
        record: &Record,
    ) -> Result<RawItem, StoreError> {
        self.to_item_of(tenant, key, record, record.version.saturating_add(1))
    }

    /// The item that stores a record under `key`, of this version.
    pub(crate) fn to_item_of(
        &self,
        tenant: Tenant,
        key: Key,
        record: &Record,
        version: u64,
    ) -> Result<RawItem, StoreError> {
        let sealing = self.sealer.sealing(binding(tenant, &key, record));
        let sealing = sealing.map_err(|problem| record.corrupt(problem.to_string()))?;
        let mut attributes = BTreeMap::new();
        for (name, value) in &record.attributes {
            let stored = write_value(record, name, value, &sealing)?;
            attributes.insert(name.clone(), stored);
        }
        let mut state = record.state.clone();
        let seal = |text: &str, path: &str| sealing.seal(text, path);
        map_tokens(&mut state, &mut STATE.to_owned(), &seal)
            .map_err(|problem| record.corrupt(problem))?;
        let keys = crate::keys::Keys::of(tenant);
        let (by_type, by_type_at) = keys.by_type(record.kind, record.created_at, record.id);
        let found_by = |is_reference: bool| {
            let mut attributes = record.kind.declaration().all_attributes();
            let attribute =
                attributes.find(|it| it.is_key && (it.name == REFERENCE) == is_reference)?;
            let value = record.text(attribute.name)?;
            Some(self.keyed(&keys, record.kind, attribute.name, value))
        };
        let item = Item {
            pk: key.pk,
            sk: key.sk,
            kind: record.kind.name().to_owned(),
            id: record.id,
            version,
            created_at: record.created_at,
            updated_at: record.updated_at,
            attributes,
            relationships: record.relationships.clone(),
            state: (!state.is_null()).then(|| state.to_string()),
            by_type: Some(by_type),
            by_type_at: Some(by_type_at),
            by_reference: found_by(true),
            by_key: found_by(false),
            sealed_with: sealing.used_key(),
        };
        refuse_oversize(&item)?;
        to_raw(&item)
    }

    /// The record that an item stores.
    pub(crate) fn to_record(&self, tenant: Tenant, mut raw: RawItem) -> Result<Record, StoreError> {
        if text(&raw, "type") == OPERATION {
            return Ok(self.read_owed(raw)?.to_record());
        }
        let stored = raw.remove(ATTRIBUTES);
        let item: Item = from_raw(raw)?;
        let kind = ResourceType::named(&item.kind).ok_or_else(|| StoreError::CorruptItem {
            pk: item.pk.clone(),
            sk: item.sk.clone(),
            problem: format!("no resource type {}", item.kind),
        })?;
        let mut record = Record::new(kind, item.id, item.created_at);
        record.version = item.version;
        record.updated_at = item.updated_at;
        record.relationships = item.relationships;
        if let Some(state) = &item.state {
            record.state =
                serde_json::from_str(state).map_err(|error| record.corrupt(error.to_string()))?;
        }
        let key = Key {
            pk: item.pk,
            sk: item.sk,
        };
        let binding = binding(tenant, &key, &record);
        let open = |text: &str, path: &str| self.sealer.open(text, &binding, path);
        map_tokens(&mut record.state, &mut STATE.to_owned(), &open)
            .and_then(|()| open_by_name(&mut record.state, &open))
            .map_err(|problem| item_corrupt(kind, item.id, problem))?;
        let stored = match stored {
            Some(AttributeValue::M(stored)) => stored,
            Some(_) => return Err(record.corrupt("its attributes are no map").into()),
            None => RawItem::new(),
        };
        for (name, value) in stored {
            let value = plain(value).map_err(|problem| record.corrupt(problem))?;
            let value = read_value(&record, &name, value, &self.sealer, &binding)?;
            record.attributes.insert(name, value);
        }
        Ok(record)
    }
}

fn plain(value: AttributeValue) -> Result<Value, String> {
    match value {
        AttributeValue::S(text) => Ok(Value::String(text)),
        value => serde_dynamo::aws_sdk_dynamodb_1::from_attribute_value(value)
            .map_err(|error| error.to_string()),
    }
}

/// Whose a record's tokens are, and where they stand.
fn binding(tenant: Tenant, key: &Key, record: &Record) -> Binding {
    let remembered = |name: &str| record.state.get(name).and_then(Value::as_str);
    let customer = record.related("customer").map(|it| it.to_string());
    Binding {
        tenant,
        gateway: remembered("gateway").unwrap_or_default().to_owned(),
        customer: customer
            .or_else(|| remembered("customer").map(str::to_owned))
            .unwrap_or_default(),
        item: key.clone(),
        record: format!("{}#{}", record.kind, record.id),
    }
}

fn value_type(record: &Record, name: &str) -> Option<ValueType> {
    let attribute = record.kind.declaration().attribute(name)?;
    matches!(attribute.source, Source::Stored).then_some(attribute.value)
}

fn write_value(
    record: &Record,
    name: &str,
    value: &Value,
    sealing: &Sealing,
) -> Result<Value, Corrupt> {
    match (value_type(record, name), value) {
        (Some(ValueType::Token), Value::String(text)) => sealing
            .seal(text, name)
            .map(Value::from)
            .map_err(|problem| record.corrupt(format!("{name}: {problem}"))),
        (Some(ValueType::TokenObject), value) => sealing
            .seal(&value.to_string(), name)
            .map(Value::from)
            .map_err(|problem| record.corrupt(format!("{name}: {problem}"))),
        // As JSON text: DynamoDB's own numbers end at 10¹²⁶, and have no 1.0.
        (Some(ValueType::Float | ValueType::Object | ValueType::Array), value) => {
            Ok(value.to_string().into())
        }
        (_, value) => Ok(value.clone()),
    }
}

fn read_value(
    record: &Record,
    name: &str,
    value: Value,
    sealer: &Sealer,
    binding: &Binding,
) -> Result<Value, Corrupt> {
    let corrupt = |problem: String| record.corrupt(format!("{name}: {problem}"));
    let was_clear = ONCE_CLEAR.contains(&(record.kind, name));
    let open = |text: &str| match was_clear && !is_sealed(text) {
        true => Ok(text.to_owned()),
        false => sealer.open(text, binding, name),
    };
    match (value_type(record, name), value) {
        (Some(ValueType::Token), Value::String(text)) => open(&text)
            .map(Value::from)
            .map_err(|it| corrupt(it.to_string())),
        (Some(ValueType::TokenObject), Value::String(text)) => {
            let opened = open(&text).map_err(|problem| corrupt(problem.to_string()))?;
            serde_json::from_str(&opened).map_err(|error| corrupt(error.to_string()))
        }
        (Some(ValueType::Float | ValueType::Object | ValueType::Array), Value::String(text)) => {
            serde_json::from_str(&text).map_err(|error| corrupt(error.to_string()))
        }
        (_, value) => Ok(value),
    }
}

/// How the paths of a state's members begin, which their tokens are bound to: attributes are one name.
const STATE: &str = "state";

/// Maps the text of each token in a state, however deep it stands, by its path.
fn map_tokens<E: ToString>(
    state: &mut Value,
    path: &mut String,
    map: &impl Fn(&str, &str) -> Result<String, E>,
) -> Result<(), String> {
    let mut map_member = |name: &str, member: &mut Value| {
        let parent = path.len();
        path.extend(["/", name]);
        map_tokens(member, path, map)?;
        path.truncate(parent);
        Ok(())
    };
    match state {
        Value::Object(members) => match members.get_mut(SECRET) {
            Some(Value::String(text)) => {
                *text = map(text, path).map_err(|problem| problem.to_string())?;
                Ok(())
            }
            _ => members
                .iter_mut()
                .try_for_each(|(name, it)| map_member(name, it)),
        },
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, it)| map_member(&index.to_string(), it)),
        _ => Ok(()),
    }
}

/// Opens what was sealed by its name, and makes tokens of it.
fn open_by_name(
    state: &mut Value,
    open: &impl Fn(&str, &str) -> Result<String, CannotOpen>,
) -> Result<(), String> {
    for name in SEALED_BY_NAME {
        let open = |text: &mut Value| match text {
            Value::String(sealed) => {
                let opened = open(sealed, name).map_err(|problem| problem.to_string())?;
                *text = json!({ SECRET: opened });
                Ok(())
            }
            Value::Object(_) | Value::Null => Ok(()),
            _ => Err("a sealed member is no text".to_owned()),
        };
        match state.get_mut(*name) {
            Some(Value::Array(texts)) => texts.iter_mut().try_for_each(open)?,
            Some(text) => open(text)?,
            None => {}
        }
    }
    Ok(())
}

fn refuse_oversize(item: &Item) -> Result<(), StoreError> {
    let bytes = serde_json::to_string(item).map_or(usize::MAX, |text| text.len());
    match bytes <= LARGEST_RECORD {
        true => Ok(()),
        false => Err(StoreError::TooLarge {
            kind: item.kind.clone(),
            bytes,
        }),
    }
}

fn item_corrupt(kind: ResourceType, id: Id, problem: String) -> StoreError {
    StoreError::Corrupt(Corrupt { kind, id, problem })
}

/// Any serialisable value as an item.
pub fn to_raw(value: &impl Serialize) -> Result<RawItem, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::to_item(value)
        .map_err(|error| StoreError::Unavailable(format!("an item cannot be written: {error}")))
}

/// An item as the value that it stores.
pub fn from_raw<'de, T: Deserialize<'de>>(raw: RawItem) -> Result<T, StoreError> {
    let text = |name: &str| match raw.get(name) {
        Some(AttributeValue::S(text)) => text.clone(),
        _ => String::new(),
    };
    let (pk, sk) = (text(crate::table::PK), text(crate::table::SK));
    serde_dynamo::aws_sdk_dynamodb_1::from_item(raw).map_err(|error| StoreError::CorruptItem {
        pk,
        sk,
        problem: error.to_string(),
    })
}
