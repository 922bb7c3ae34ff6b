//! What `trust` and `policy` print is what the landing zone needs: with it everything is allowed,
//! and with one statement less something is refused.

use serde_json::{Value, json};
use terrane_lab::{Lab, World};

use crate::estate::{BUCKET, Estate};

const PEOPLE: &str = "--base-principal sso:AWSAdministratorAccess@123456789011";
const OPERATOR: &str = "arn:aws:iam::123456789011:role/aws-reserved/sso.amazonaws.com/us-west-2/\
    AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef";

const LOCK_TABLE: &str = "dynamodb_table = \"terraform-state-lock-${local.shared_account_id}\"";

/// The trust policies and the policies of the whole tree, as printed.
struct Printed {
    trust: Value,
    policies: Value,
}

impl Printed {
    fn of(estate: &Estate) -> Self {
        let read = |line: &str, part: &str| -> Value {
            let text = estate.succeeds(line);
            let mut all: Value = serde_json::from_str(&text).expect("it prints JSON");
            all[part].take()
        };
        let printed = Self {
            trust: read(&format!("trust {PEOPLE}"), "trust"),
            policies: read("policy", "policies"),
        };
        assert!(estate.lab.calls().is_empty(), "AWS is not asked");
        printed
    }

    /// The lab's accounts with these policies in the place of its own. What a doer may do with its
    /// account's resources is not printed: that stays the lab's.
    fn world(&self) -> World {
        let trust = self.trust.as_object().expect("policies by role");
        let roles = trust.iter().map(|(role, trust)| {
            let policies = if role.ends_with("/doer-role") {
                json!([{"Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Action": "*",
                    "NotResource": [format!("arn:aws:s3:::{BUCKET}"),
                        format!("arn:aws:s3:::{BUCKET}/*"), "arn:aws:dynamodb:*"],
                }]}])
            } else {
                json!([self.policies[role]])
            };
            json!({"arn": role, "trust": trust, "policies": policies})
        });
        let operator = json!({"arn": OPERATOR, "policies": [self.policies["base identity"]]});
        let roles: Vec<Value> = roles.chain([operator]).collect();
        World::landing_zone()
            .with(&json!({ "roles": roles }))
            .expect("what is printed can be saved")
    }

    /// Every statement by the document that it stands in.
    fn statements(&self) -> Vec<(&'static str, String, String)> {
        let mut all = Vec::new();
        for (part, documents) in [("trust", &self.trust), ("policies", &self.policies)] {
            for (role, document) in documents.as_object().expect("documents by role") {
                let statements = document["Statement"].as_array().expect("statements");
                for statement in statements {
                    let sid = statement["Sid"].as_str().expect("a name").to_owned();
                    all.push((part, role.clone(), sid));
                }
            }
        }
        all
    }

    fn without(&self, part: &str, role: &str, sid: &str) -> Self {
        let mut less = Self {
            trust: self.trust.clone(),
            policies: self.policies.clone(),
        };
        let documents = match part {
            "trust" => &mut less.trust,
            _ => &mut less.policies,
        };
        let statements = documents[role]["Statement"].as_array_mut();
        let statements = statements.expect("statements");
        statements.retain(|statement| statement["Sid"] != sid);
        less
    }
}

#[test]
fn what_is_printed_is_enough_for_the_whole_life_of_the_landing_zone() {
    let Some(mut estate) = Estate::of_the_example() else {
        return;
    };
    estate.lab = Lab::start(Printed::of(&estate).world()).expect("a lab");
    estate.succeeds("run-all plan");
    estate.nobody_strayed();
    estate.succeeds("run-all apply --non-interactive");
    estate.nobody_strayed();
    estate.succeeds("run-all plan -detailed-exitcode");
    estate.nobody_strayed();
    estate.succeeds("outputs shared/transit_gateway");
    estate.nobody_strayed();
}

#[test]
fn no_printed_statement_is_superfluous() {
    for lock in [LOCK_TABLE, "use_lockfile   = true"] {
        let Some(mut estate) = Estate::of_the_example() else {
            return;
        };
        estate.replace("root.hcl", LOCK_TABLE, lock);
        let printed = Printed::of(&estate);
        estate.lab = Lab::start(printed.world()).expect("a lab");
        estate.succeeds("plan -C 1-dev/vpc");
        for (part, role, sid) in printed.statements() {
            let is_of_another_account =
                role.ends_with("/doer-role") && !role.contains("234567890123");
            if is_of_another_account {
                continue;
            }
            let less = printed.without(part, &role, &sid);
            estate.lab = Lab::start(less.world()).expect("a lab");
            let done = estate.terrane("plan -C 1-dev/vpc");
            assert_ne!(done.code, Some(0), "{role} does without {sid} of {part}");
            let refused = estate.lab.calls().refused();
            assert!(!refused.is_empty(), "{role} without {sid}: {}", done.told);
        }
    }
}

#[test]
fn a_confined_session_opens_its_own_units_state_and_no_other() {
    let Some(estate) = Estate::of_the_example() else {
        return;
    };
    estate.succeeds("run-all apply --non-interactive --confine-state");
    estate.nobody_strayed();
    let state_sessions = estate.lab.calls().of("sts:AssumeRole");
    let state_sessions = state_sessions.that(|call| {
        let issued = call.issued.as_ref();
        issued.is_some_and(|issued| issued.role_arn.ends_with("/state-mgmt-role"))
    });
    assert_eq!(state_sessions.len(), 16, "one for each unit");

    // A unit of dev whose backend asks for a state of prod.
    estate.replace(
        "1-dev/vpc/terragrunt.hcl",
        "modules//vpc\"\n",
        r#"modules//vpc"
  extra_arguments "of_another_account" {
    commands  = ["init"]
    arguments = ["-backend-config=key=3-prod/vpc/terraform.tfstate", "-reconfigure"]
  }
"#,
    );
    let of_prod = |estate: &Estate| {
        let calls = estate.lab.calls().of("s3:*");
        calls.on("*/3-prod/vpc/terraform.tfstate")
    };
    estate.succeeds("init -C 1-dev/vpc");
    assert!(!of_prod(&estate).succeeding().is_empty(), "the role may");
    estate.lab.clear_record();
    let done = estate.terrane("init -C 1-dev/vpc --confine-state");
    assert_ne!(done.code, Some(0), "{}", done.told);
    assert!(of_prod(&estate).succeeding().is_empty());
    assert!(!of_prod(&estate).refused().is_empty(), "{}", done.told);
}
