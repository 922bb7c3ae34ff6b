//! Parameters, each in the account of whoever calls.

use serde_json::json;

use crate::client::{DEV, DEV_DOER, Program, STATE, landing_zone};

#[test]
fn a_parameter_lives_in_the_account_of_its_maker() {
    let lab = landing_zone();
    let mut dev = Program::in_role(&lab, DEV_DOER);
    let mut prod = Program::in_role(&lab, "arn:aws:iam::456789012345:role/doer-role");
    let put = json!({"Name": "/baseline/owner", "Value": "platform", "Type": "String",
                     "Tags": [{"Key": "unit", "Value": "baseline"}]});
    assert_eq!(dev.ssm("PutParameter", &put).json()["Version"], 1);
    let name = json!({"Name": "/baseline/owner"});
    let parameter = dev.ssm("GetParameter", &name).json()["Parameter"].clone();
    assert_eq!(parameter["Value"], "platform");
    assert_eq!(
        parameter["ARN"],
        format!("arn:aws:ssm:us-east-1:{DEV}:parameter/baseline/owner")
    );
    assert_eq!(prod.ssm("GetParameter", &name).code(), "ParameterNotFound");
    assert_eq!(dev.ssm("DeleteParameter", &name).status, 200);
    assert_eq!(dev.ssm("GetParameter", &name).code(), "ParameterNotFound");
}

#[test]
fn a_parameter_is_overwritten_only_on_request() {
    let lab = landing_zone();
    let mut dev = Program::in_role(&lab, DEV_DOER);
    let put = |value, overwrite: bool| json!({"Name": "a", "Value": value, "Type": "String", "Overwrite": overwrite});
    assert_eq!(dev.ssm("PutParameter", &put("1", false)).status, 200);
    assert_eq!(
        dev.ssm("PutParameter", &put("2", false)).code(),
        "ParameterAlreadyExists"
    );
    assert_eq!(
        dev.ssm("PutParameter", &put("2", true)).json()["Version"],
        2
    );
    let names = json!({"Names": ["a", "b"]});
    let several = dev.ssm("GetParameters", &names).json();
    assert_eq!(several["Parameters"][0]["Value"], "2");
    assert_eq!(several["InvalidParameters"], json!(["b"]));
}

#[test]
fn parameters_are_described_and_tagged() {
    let lab = landing_zone();
    let mut dev = Program::in_role(&lab, DEV_DOER);
    dev.ssm(
        "PutParameter",
        &json!({"Name": "/a", "Value": "1", "Type": "SecureString"}),
    );
    dev.ssm(
        "PutParameter",
        &json!({"Name": "/b", "Value": "2", "Type": "String"}),
    );
    let filter = json!({"ParameterFilters": [
        {"Key": "Name", "Option": "Equals", "Values": ["/a"]},
    ]});
    let described = dev.ssm("DescribeParameters", &filter).json();
    assert_eq!(described["Parameters"].as_array().map(Vec::len), Some(1));
    assert_eq!(described["Parameters"][0]["Type"], "SecureString");

    let about = json!({"ResourceType": "Parameter", "ResourceId": "/a"});
    let mut tags = about.clone();
    tags["Tags"] = json!([{"Key": "k", "Value": "v"}]);
    assert_eq!(dev.ssm("AddTagsToResource", &tags).status, 200);
    let listed = dev.ssm("ListTagsForResource", &about).json();
    assert_eq!(listed["TagList"], json!([{"Key": "k", "Value": "v"}]));

    let hidden = dev.ssm("GetParameter", &json!({"Name": "/a"})).json();
    assert_ne!(hidden["Parameter"]["Value"], "1");
    let open = dev
        .ssm(
            "GetParameter",
            &json!({"Name": "/a", "WithDecryption": true}),
        )
        .json();
    assert_eq!(open["Parameter"]["Value"], "1");
}

#[test]
fn state_management_has_no_business_with_parameters() {
    let lab = landing_zone();
    let mut state = Program::in_role(&lab, STATE);
    let refused = state.ssm("GetParameters", &json!({"Names": ["a"]}));
    assert_eq!(refused.code(), "AccessDeniedException");
}
