//! SSM's parameters: what a provider does with `aws_ssm_parameter`. Parameters belong to the
//! account of whoever calls.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json_rpc::{document, operation_name, text};
use super::{Visit, enter, not_authorised};
use crate::cloud::{Cloud, Protected};
use crate::http::answer::Answer;
use crate::http::request::Request;
use crate::policy::decision::Verdict;
use crate::service::refusal::{Protocol, Refusal};

pub(super) const PROTOCOL: Protocol = Protocol::Json {
    version: "1.1",
    namespace: |_| "",
};

/// All parameters, by account, region and name.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    by_place: BTreeMap<(String, String), BTreeMap<String, Parameter>>,
}

#[derive(Debug)]
struct Parameter {
    value: String,
    kind: String,
    version: u64,
    modified: Timestamp,
    modified_by: String,
    /// What was given besides, and is given back: description, tier and data type.
    description: Option<String>,
    tier: String,
    data_type: String,
    tags: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) arn: String,
    document: Value,
}

impl Operation {
    pub(super) fn read(request: &Request, region: &str, account: &str) -> Self {
        let name = operation_name(request).unwrap_or_else(|| "(no target)".to_owned());
        let document = document(request);
        let about = ["Name", "ResourceId"]
            .iter()
            .find_map(|field| document[field].as_str());
        let arn = match about {
            Some(parameter) => parameter_arn(region, account, parameter),
            None => format!("arn:aws:ssm:{region}:{account}:*"),
        };
        Self {
            name,
            arn,
            document,
        }
    }
}

pub(super) fn serve(
    cloud: &Mutex<Cloud>,
    operation: &Operation,
    visit: Visit<'_>,
) -> Result<Answer, Refusal> {
    let cloud = &mut *enter(cloud);
    authorise(cloud, operation, visit)?;
    let place = (visit.caller.account().to_owned(), visit.region.to_owned());
    let parameters = cloud.parameters.by_place.entry(place).or_default();
    let document = &operation.document;
    let answer = match operation.name.as_str() {
        "PutParameter" => put(parameters, document, visit)?,
        "GetParameter" => {
            let name = text(document, "Name")?;
            let parameter = parameters.get(name).ok_or_else(not_found)?;
            json!({ "Parameter": parameter.with_value(name, document, visit) })
        }
        "GetParameters" => get_several(parameters, document, visit),
        "DeleteParameter" => {
            parameters
                .remove(text(document, "Name")?)
                .ok_or_else(not_found)?;
            json!({})
        }
        "DescribeParameters" => describe(parameters, document, visit)?,
        "ListTagsForResource" => {
            let tags = &tagged(parameters, document)?.tags;
            let tags = tags
                .iter()
                .map(|(key, value)| json!({"Key": key, "Value": value}));
            json!({ "TagList": tags.collect::<Vec<_>>() })
        }
        "AddTagsToResource" => {
            tagged(parameters, document)?.tags.extend(tags(document));
            json!({})
        }
        "RemoveTagsFromResource" => {
            let keys = names(document, "TagKeys");
            tagged(parameters, document)?
                .tags
                .retain(|key, _| !keys.contains(key));
            json!({})
        }
        name => {
            let message = format!("The lab's SSM does not know the operation {name}.");
            return Err(Refusal::new(400, "UnknownOperationException", message));
        }
    };
    Ok(Answer::new(200)
        .with("content-type", "application/x-amz-json-1.1")
        .with_body(answer.to_string()))
}

fn authorise(cloud: &Cloud, operation: &Operation, visit: Visit<'_>) -> Result<(), Refusal> {
    let context = visit.caller.context(visit.region);
    let action = format!("ssm:{}", operation.name);
    let account = visit.caller.account();
    // Reading several parameters takes the permission for each of them.
    let mut arns: Vec<String> = names(&operation.document, "Names")
        .iter()
        .map(|name| parameter_arn(visit.region, account, name))
        .collect();
    if arns.is_empty() {
        arns.push(operation.arn.clone());
    }
    for arn in &arns {
        let resource = Protected {
            arn,
            owner: account,
            policy: None,
        };
        if let Verdict::Denied(denial) = cloud.judge(visit.caller, &action, resource, &context) {
            let message = not_authorised(visit.caller, &action, arn, denial);
            return Err(Refusal::new(400, "AccessDeniedException", message)
                .because(denial.because(&action)));
        }
    }
    Ok(())
}

fn put(
    parameters: &mut BTreeMap<String, Parameter>,
    document: &Value,
    visit: Visit<'_>,
) -> Result<Value, Refusal> {
    let (name, value) = (text(document, "Name")?, text(document, "Value")?);
    let optional = |field: &str| document[field].as_str().map(str::to_owned);
    let existing = parameters.get(name);
    if existing.is_some() && document["Overwrite"] != true {
        let message = "The parameter already exists. To overwrite this value, set the overwrite \
                       option in the request to true.";
        return Err(Refusal::new(400, "ParameterAlreadyExists", message));
    }
    let kept_kind = existing.map_or_else(|| "String".to_owned(), |known| known.kind.clone());
    let parameter = Parameter {
        value: value.to_owned(),
        kind: optional("Type").unwrap_or(kept_kind),
        version: existing.map_or(1, |known| known.version + 1),
        modified: visit.now,
        modified_by: visit.caller.arn.clone(),
        description: optional("Description")
            .or_else(|| existing.and_then(|known| known.description.clone())),
        tier: optional("Tier").unwrap_or_else(|| "Standard".to_owned()),
        data_type: optional("DataType").unwrap_or_else(|| "text".to_owned()),
        tags: existing.map_or_else(|| tags(document), |known| known.tags.clone()),
    };
    let answer = json!({"Version": parameter.version, "Tier": parameter.tier});
    parameters.insert(name.to_owned(), parameter);
    Ok(answer)
}

fn get_several(
    parameters: &BTreeMap<String, Parameter>,
    document: &Value,
    visit: Visit<'_>,
) -> Value {
    let (found, missing): (Vec<_>, Vec<_>) = names(document, "Names")
        .into_iter()
        .partition(|name| parameters.contains_key(name));
    let found = found
        .iter()
        .map(|name| parameters[name].with_value(name, document, visit));
    json!({"Parameters": found.collect::<Vec<_>>(), "InvalidParameters": missing})
}

/// Parameters by name: the one filter that the provider uses.
fn describe(
    parameters: &BTreeMap<String, Parameter>,
    document: &Value,
    visit: Visit<'_>,
) -> Result<Value, Refusal> {
    let filters = document["ParameterFilters"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    for filter in filters {
        if filter["Key"] != "Name" {
            let message = format!("The following filter key is not valid: {}.", filter["Key"]);
            return Err(Refusal::new(400, "InvalidFilterKey", message));
        }
    }
    let passes = |name: &str| {
        filters.iter().all(|filter| {
            let begins = filter["Option"] == "BeginsWith";
            let wanted = names(filter, "Values");
            let mut wanted = wanted.iter().map(|wanted| wanted.trim_start_matches('/'));
            let name = name.trim_start_matches('/');
            wanted.any(|wanted| name == wanted || (begins && name.starts_with(wanted)))
        })
    };
    let found = parameters.iter().filter(|(name, _)| passes(name));
    let found = found.map(|(name, parameter)| parameter.metadata(name, visit));
    Ok(json!({ "Parameters": found.collect::<Vec<_>>() }))
}

impl Parameter {
    fn with_value(&self, name: &str, document: &Value, visit: Visit<'_>) -> Value {
        let hidden = self.kind == "SecureString" && document["WithDecryption"] != true;
        let value = if hidden { "(encrypted)" } else { &self.value };
        json!({
            "Name": name,
            "Type": self.kind,
            "Value": value,
            "Version": self.version,
            "LastModifiedDate": self.modified.as_second(),
            "ARN": parameter_arn(visit.region, visit.caller.account(), name),
            "DataType": self.data_type,
        })
    }

    fn metadata(&self, name: &str, visit: Visit<'_>) -> Value {
        json!({
            "Name": name,
            "ARN": parameter_arn(visit.region, visit.caller.account(), name),
            "Type": self.kind,
            "Description": self.description,
            "LastModifiedDate": self.modified.as_second(),
            "LastModifiedUser": self.modified_by,
            "Version": self.version,
            "Tier": self.tier,
            "Policies": [],
            "DataType": self.data_type,
        })
    }
}

fn tagged<'a>(
    parameters: &'a mut BTreeMap<String, Parameter>,
    document: &Value,
) -> Result<&'a mut Parameter, Refusal> {
    let message = "The resource ID is not valid. Verify that you entered the correct ID and try \
                   again.";
    parameters
        .get_mut(text(document, "ResourceId")?)
        .ok_or_else(|| Refusal::new(400, "InvalidResourceId", message))
}

fn tags(document: &Value) -> BTreeMap<String, String> {
    let tags = document["Tags"].as_array().map_or(&[][..], Vec::as_slice);
    let pair = |tag: &Value| {
        Some((
            tag["Key"].as_str()?.to_owned(),
            tag["Value"].as_str()?.to_owned(),
        ))
    };
    tags.iter().filter_map(pair).collect()
}

fn names(document: &Value, field: &str) -> Vec<String> {
    let names = document[field].as_array().map_or(&[][..], Vec::as_slice);
    names
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn parameter_arn(region: &str, account: &str, name: &str) -> String {
    format!(
        "arn:aws:ssm:{region}:{account}:parameter/{}",
        name.trim_start_matches('/')
    )
}

fn not_found() -> Refusal {
    Refusal::new(400, "ParameterNotFound", "")
}
