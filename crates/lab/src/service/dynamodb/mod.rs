//! DynamoDB, as far as locks go: single items with conditions, and small queries and scans.

mod expression;

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use self::expression::Expression;
use super::json_rpc::{document, operation_name};
use super::{Visit, enter, not_authorised};
use crate::cloud::{Cloud, Protected};
use crate::http::answer::Answer;
use crate::http::request::Request;
use crate::policy::decision::Verdict;
use crate::service::refusal::{Protocol, Refusal};
use crate::world::TablePlan;

pub(super) const PROTOCOL: Protocol = Protocol::Json {
    version: "1.0",
    namespace,
};

/// DynamoDB's own errors are told apart from those of the layers before it.
fn namespace(code: &str) -> &'static str {
    match code {
        "ConditionalCheckFailedException"
        | "ProvisionedThroughputExceededException"
        | "ResourceNotFoundException" => "com.amazonaws.dynamodb.v20120810#",
        "ValidationException" => "com.amazon.coral.validate#",
        _ => "com.amazon.coral.service#",
    }
}

/// Item attributes by name, each a value with its type, as the wire has them.
type Item = Map<String, Value>;

#[derive(Debug)]
pub(crate) struct Table {
    name: String,
    account: String,
    region: String,
    key: String,
    /// By the value of the partition key, so that scans have one order.
    items: BTreeMap<String, Item>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) arn: String,
    table: String,
    document: Value,
}

impl Table {
    pub(crate) fn open(plan: TablePlan, default_region: &str) -> Self {
        Self {
            name: plan.name,
            account: plan.account,
            region: plan.region.unwrap_or_else(|| default_region.to_owned()),
            key: plan.key,
            items: BTreeMap::new(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.items.values()
    }

    /// Puts an item and gives back the one that was in its place.
    pub(crate) fn put(&mut self, item: Item) -> Result<Option<Item>, Refusal> {
        let key = self.key_of(&item)?;
        Ok(self.items.insert(key, item))
    }

    /// The text under which an item is filed.
    fn key_of(&self, item: &Item) -> Result<String, Refusal> {
        item.get(&self.key).map(Value::to_string).ok_or_else(|| {
            let problem = format!("Missing the key {} in the item", self.key);
            invalid(format!(
                "One or more parameter values were invalid: {problem}"
            ))
        })
    }

    /// The same for a key by itself, which is nothing but the key.
    fn key_alone(&self, key: &Item) -> Result<String, Refusal> {
        let value = key.get(&self.key).filter(|_| key.len() == 1);
        value
            .map(Value::to_string)
            .ok_or_else(|| invalid("The provided key element does not match the schema"))
    }

    fn arn(&self) -> String {
        format!(
            "arn:aws:dynamodb:{}:{}:table/{}",
            self.region, self.account, self.name
        )
    }
}

impl Operation {
    pub(super) fn read(request: &Request, region: &str, account: &str) -> Self {
        let document = document(request);
        let table = document["TableName"].as_str().unwrap_or_default();
        // The table may come by name or by ARN.
        let arn = if table.starts_with("arn:") {
            table.to_owned()
        } else {
            format!("arn:aws:dynamodb:{region}:{account}:table/{table}")
        };
        let table = table.rsplit('/').next().unwrap_or_default().to_owned();
        let name = operation_name(request).unwrap_or_else(|| "(no target)".to_owned());
        Self {
            name,
            arn,
            table,
            document,
        }
    }

    /// The key or item that the operation is about, for the condition key of that name.
    fn leading_key(&self, table: Option<&Table>) -> Option<String> {
        let attributes = ["Key", "Item"]
            .iter()
            .find_map(|name| self.document[name].as_object())?;
        let value = attributes.get(&table?.key)?.as_object()?.values().next()?;
        value.as_str().map(str::to_owned)
    }
}

pub(super) fn serve(
    cloud: &Mutex<Cloud>,
    operation: &Operation,
    visit: Visit<'_>,
) -> Result<Answer, Refusal> {
    let cloud = &mut *enter(cloud);
    authorise(cloud, operation, visit)?;
    let found = cloud
        .tables
        .iter_mut()
        .find(|table| table.arn() == operation.arn);
    let missing = || Refusal::new(400, "ResourceNotFoundException", no_table(operation));
    let table = found.ok_or_else(missing)?;
    let document = &operation.document;
    let answer = match operation.name.as_str() {
        "GetItem" => get_item(table, document)?,
        "PutItem" => put_item(table, document)?,
        "DeleteItem" => delete_item(table, document)?,
        "Query" => select(table, document, Some("KeyConditionExpression"))?,
        "Scan" => select(table, document, None)?,
        "DescribeTable" => describe(table, visit),
        name => {
            let message = format!("The lab's DynamoDB does not know the operation {name}.");
            return Err(Refusal::new(400, "UnknownOperationException", message));
        }
    };
    Ok(Answer::new(200)
        .with("content-type", "application/x-amz-json-1.0")
        .with_body(answer.to_string()))
}

fn authorise(cloud: &Cloud, operation: &Operation, visit: Visit<'_>) -> Result<(), Refusal> {
    let mut context = visit.caller.context(visit.region);
    let table = cloud
        .tables
        .iter()
        .find(|table| table.arn() == operation.arn);
    if let Some(key) = operation.leading_key(table) {
        context.set("dynamodb:LeadingKeys", &key);
    }
    let owner = operation.arn.split(':').nth(4).unwrap_or_default();
    let action = format!("dynamodb:{}", operation.name);
    let resource = Protected {
        arn: &operation.arn,
        owner,
        policy: None,
    };
    match cloud.judge(visit.caller, &action, resource, &context) {
        Verdict::Allowed => Ok(()),
        Verdict::Denied(denial) => {
            let message = not_authorised(visit.caller, &action, &operation.arn, denial);
            Err(Refusal::new(400, "AccessDeniedException", message)
                .because(denial.because(&action)))
        }
    }
}

fn get_item(table: &Table, document: &Value) -> Result<Value, Refusal> {
    let key = table.key_alone(object(document, "Key")?)?;
    let Some(item) = table.items.get(&key) else {
        return Ok(json!({}));
    };
    Ok(json!({ "Item": projected(item, document)? }))
}

fn put_item(table: &mut Table, document: &Value) -> Result<Value, Refusal> {
    let item = object(document, "Item")?.clone();
    let key = table.key_of(&item)?;
    check_condition(table.items.get(&key), document)?;
    let previous = table.items.insert(key, item);
    Ok(with_previous(previous, document))
}

fn delete_item(table: &mut Table, document: &Value) -> Result<Value, Refusal> {
    let key = table.key_alone(object(document, "Key")?)?;
    check_condition(table.items.get(&key), document)?;
    let previous = table.items.remove(&key);
    Ok(with_previous(previous, document))
}

/// A page of the items that a query's key condition (none for a scan) and the filter let pass.
/// As on AWS the limit counts what was looked at, before the filter.
fn select(table: &Table, document: &Value, key_condition: Option<&str>) -> Result<Value, Refusal> {
    let keys = key_condition
        .map(|field| parse(document, field))
        .transpose()?
        .flatten();
    let filter = parse(document, "FilterExpression")?;
    let start = document["ExclusiveStartKey"].as_object();
    let start = start.map(|key| table.key_alone(key)).transpose()?;
    let limit = document["Limit"]
        .as_u64()
        .and_then(|limit| usize::try_from(limit).ok());

    let passes = |expression: &Option<Expression>, item: &Item| {
        expression
            .as_ref()
            .is_none_or(|expression| expression.holds(Some(item)))
    };
    let mut candidates = table
        .items
        .iter()
        .filter(|(key, _)| start.as_ref().is_none_or(|start| *key > start))
        .map(|(_, item)| item)
        .filter(|item| passes(&keys, item));
    let page: Vec<&Item> = candidates
        .by_ref()
        .take(limit.unwrap_or(usize::MAX))
        .collect();
    let items = page.iter().filter(|item| passes(&filter, item));
    let items = items
        .map(|item| projected(item, document))
        .collect::<Result<Vec<_>, _>>()?;
    let mut answer = json!({"Count": items.len(), "ScannedCount": page.len(), "Items": items});
    if let (Some(last), Some(_)) = (page.last(), candidates.next()) {
        answer["LastEvaluatedKey"] = json!({ &table.key: last[&table.key] });
    }
    Ok(answer)
}

fn describe(table: &Table, visit: Visit<'_>) -> Value {
    json!({"Table": {
        "TableName": table.name,
        "TableArn": table.arn(),
        "TableStatus": "ACTIVE",
        "CreationDateTime": visit.now.as_second(),
        "ItemCount": table.items.len(),
        "KeySchema": [{"AttributeName": table.key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": table.key, "AttributeType": "S"}],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
    }})
}

/// Only a description names the table that it does not find.
fn no_table(operation: &Operation) -> String {
    match operation.name.as_str() {
        "DescribeTable" => {
            format!(
                "Requested resource not found: Table: {} not found",
                operation.table
            )
        }
        _ => "Requested resource not found".to_owned(),
    }
}

fn check_condition(current: Option<&Item>, document: &Value) -> Result<(), Refusal> {
    let condition = parse(document, "ConditionExpression")?;
    if condition.is_none_or(|condition| condition.holds(current)) {
        return Ok(());
    }
    let refusal = Refusal::new(
        400,
        "ConditionalCheckFailedException",
        "The conditional request failed",
    );
    match current {
        Some(item) if document["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD" => {
            Err(refusal.detail("Item", Value::Object(item.clone()).to_string()))
        }
        Some(_) | None => Err(refusal),
    }
}

fn parse(document: &Value, field: &str) -> Result<Option<Expression>, Refusal> {
    let Some(text) = document[field].as_str() else {
        return Ok(None);
    };
    let names = &document["ExpressionAttributeNames"];
    let values = &document["ExpressionAttributeValues"];
    let expression = Expression::parse(text, names, values);
    expression
        .map(Some)
        .map_err(|problem| invalid(format!("Invalid {field}: {problem}")))
}

/// The attributes that a `ProjectionExpression` names, or all.
fn projected(item: &Item, document: &Value) -> Result<Value, Refusal> {
    let Some(names) = document["ProjectionExpression"].as_str() else {
        return Ok(Value::Object(item.clone()));
    };
    let mut kept = Map::new();
    for name in names.split(',').map(str::trim) {
        let name = document["ExpressionAttributeNames"][name]
            .as_str()
            .unwrap_or(name);
        if name.contains(['.', '[']) {
            return Err(invalid(
                "The lab's DynamoDB projects whole attributes only.",
            ));
        }
        if let Some(value) = item.get(name) {
            kept.insert(name.to_owned(), value.clone());
        }
    }
    Ok(Value::Object(kept))
}

fn with_previous(previous: Option<Item>, document: &Value) -> Value {
    match previous {
        Some(item) if document["ReturnValues"] == "ALL_OLD" => json!({ "Attributes": item }),
        Some(_) | None => json!({}),
    }
}

fn object<'a>(document: &'a Value, field: &str) -> Result<&'a Item, Refusal> {
    document[field].as_object().ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value null at '{field}' failed to satisfy \
                         constraint: Member must not be null"
        ))
    })
}

fn invalid(message: impl Into<Box<str>>) -> Refusal {
    Refusal::new(400, "ValidationException", message)
}
