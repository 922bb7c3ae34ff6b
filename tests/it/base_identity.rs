//! Who terrane is before it assumes anything: each source of credentials, end to end, against
//! servers that give them to nobody else. What is looked at is the record of who called what.

mod auth_provider;
mod logins;
mod machines;
mod mfa;
mod profiles;
mod trouble;

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use terrane_lab::{Lab, World};

use crate::sandbox::Sandbox;

const SHARED: &str = "123456789011";
const BUCKET: &str = "terraform-state-123456789011";
const HUB: &str = "arn:aws:iam::123456789011:role/infrastructure-assumer-role";
const STATE: &str = r#"{
  "version": 4, "terraform_version": "1.11.4", "serial": 41, "lineage": "b1946ac9",
  "outputs": {"id": {"value": "tgw-0a1b", "type": "string"}}, "resources": []
}"#;
/// A user's keys, and root's, as a profile holds them.
const ALICE: &str =
    "aws_access_key_id = AKIAALICE00000000001\naws_secret_access_key = canary-alice\n";
const ROOT: &str =
    "aws_access_key_id = AKIAROOT000000000001\naws_secret_access_key = canary-root\n";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// Whoever became the hub, this follows.
const FROM_THE_HUB: [&str; 4] = [
    "1 infrastructure-assumer-role@shared sts:AssumeRole 123456789011/state-mgmt-role 200",
    "1 infrastructure-assumer-role@shared sts:GetCallerIdentity 200",
    "1 state-mgmt-role@shared s3:GetObject 206",
    "1 state-mgmt-role@shared sts:GetCallerIdentity 200",
];

/// The landing zone of the examples, one of whose units has a state, and an organisation around it
/// in which every kind of source may become the hub.
struct Scene {
    lab: Lab,
    sandbox: Sandbox,
}

impl Scene {
    fn new() -> Self {
        let lab = Lab::start(world()).expect("a lab");
        lab.put_object(BUCKET, "0-shared/transit_gateway/terraform.tfstate", STATE)
            .expect("the world has the bucket");
        let mut sandbox = Sandbox::copy_of("examples/landing-zone");
        for (name, value) in lab.environment() {
            // Where a profile names a region, nothing else does.
            if !name.ends_with("REGION") {
                sandbox = sandbox.variable(&name, &value);
            }
        }
        // The SDK takes the common address for its own services only.
        for name in ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"] {
            sandbox = sandbox.variable(name, &lab.endpoint());
        }
        Self { lab, sandbox }
    }

    fn variable(self, name: &str, value: &str) -> Self {
        let sandbox = self.sandbox.variable(name, value);
        Self { sandbox, ..self }
    }

    fn config(self, text: &str) -> Self {
        self.write_at_home(".aws/config", text);
        self
    }

    fn home(&self) -> PathBuf {
        let root = self.sandbox.root();
        root.parent().expect("it lies beside the home").join("home")
    }

    /// Gives the file's path.
    fn write_at_home(&self, name: &str, text: &str) -> String {
        let file = self.home().join(name);
        fs::create_dir_all(file.parent().expect("a file lies in a folder")).expect("folders");
        fs::write(&file, text).expect("a new file");
        file.to_str().expect("UTF-8").to_owned()
    }

    /// Reads an output, which takes the hub and the state role, and gives who called what on the way
    /// to the hub.
    fn reads(&self) -> String {
        self.reads_with("")
    }

    fn reads_with(&self, flags: &str) -> String {
        let told = self.sandbox.terrane(&line(flags));
        assert!(
            told.contains("tgw-0a1b"),
            "{told}\n{}",
            self.lab.calls().tally()
        );
        assert!(!told.contains("warning"), "{told}");
        self.before_the_hub()
    }

    /// Who called what on the way to the hub. What follows it must be there, and is not shown.
    fn before_the_hub(&self) -> String {
        let tally = self.lab.calls().tally();
        let (from_the_hub, before): (Vec<&str>, Vec<&str>) = tally
            .lines()
            .map(str::trim)
            .partition(|line| FROM_THE_HUB.contains(line));
        assert_eq!(from_the_hub, FROM_THE_HUB, "{tally}");
        before.join("\n")
    }

    /// What is told where the base identity cannot be had.
    fn fails(&self) -> String {
        let told = self.sandbox.terrane(&line(""));
        assert!(told.contains("exit 1"), "{told}");
        told
    }
}

fn line(flags: &str) -> String {
    format!("outputs shared/transit_gateway --raw id {flags}")
}

fn world() -> World {
    let role = |name: &str| format!("arn:aws:iam::{SHARED}:role/{name}");
    let assuming = |resource: String| json!([{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}}]);
    let trusting = |principal: String, condition: serde_json::Value| {
        json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": principal}, "Condition": condition}})
    };
    let by_github = json!({"Statement": {
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated":
            format!("arn:aws:iam::{SHARED}:oidc-provider/token.actions.githubusercontent.com")},
        "Condition": {
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/live:*"},
        },
    }});
    let alice = format!("arn:aws:iam::{SHARED}:user/alice");
    let admin = format!(
        "arn:aws:iam::{SHARED}:role/aws-reserved/sso.amazonaws.com/us-west-2/\
         AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef"
    );
    World::landing_zone()
        .with(&json!({
            "users": [
                {
                    "arn": alice, "policies": assuming("*".into()),
                    "keys": [{"access_key_id": "AKIAALICE00000000001",
                        "secret_access_key": "canary-alice"}],
                },
                {
                    "arn": format!("arn:aws:iam::{SHARED}:root"),
                    "keys": [{"access_key_id": "AKIAROOT000000000001",
                        "secret_access_key": "canary-root"}],
                },
            ],
            "roles": [
                {"arn": role("runner"), "policies": assuming(HUB.into()), "trust": by_github},
                {"arn": role("outer"), "policies": assuming(role("inner")),
                    "max_session_seconds": 7200,
                    "trust": trusting(alice.clone(),
                        json!({"StringEquals": {"sts:ExternalId": "acme-landing-zone"}}))},
                {"arn": role("inner"), "policies": assuming(HUB.into()),
                    "trust": trusting(role("outer"), json!({}))},
                {"arn": role("careful"), "policies": assuming(HUB.into()),
                    "trust": trusting(alice.clone(),
                        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}))},
            ],
            "oidc_providers": [{
                "account": SHARED, "issuer": ISSUER, "audiences": ["sts.amazonaws.com"],
            }],
            "sources": {
                "portal": [{"user": "alice@example.com", "account": SHARED,
                    "role_name": "AWSAdministratorAccess", "role": admin}],
                "instance": {"id": "i-0123456789abcdef0", "role": role("runner")},
                "containers": [{"path": "runner", "role": role("runner"), "task": "task-1",
                    "authorization": "canary-container"}],
                "github": {"issuer": ISSUER, "request_token": "canary-job",
                    "claims": {"sub": "repo:acme/live:ref:refs/heads/main"}},
                "devices": [{"serial": format!("arn:aws:iam::{SHARED}:mfa/alice"), "user": alice,
                    "codes": ["123456"]}],
            },
        }))
        .and_then(|world| {
            world.with(&hub_trusting(&[
                "user/alice",
                "role/runner",
                "role/inner",
                "role/careful",
            ]))
        })
        .expect("the world is well formed")
}

/// The hub, which lets these in beside the people of the portal.
fn hub_trusting(names: &[&str]) -> serde_json::Value {
    let named: Vec<String> = names
        .iter()
        .map(|name| format!("arn:aws:iam::{SHARED}:{name}"))
        .collect();
    let people = "arn:aws:iam::123456789011:role/aws-reserved/sso.amazonaws.com/*";
    let action = json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
    json!({"roles": [{
        "arn": HUB,
        "trust": {"Statement": [
            {"Effect": "Allow", "Action": action, "Principal": {"AWS": named}},
            {"Effect": "Allow", "Action": action,
                "Principal": {"AWS": format!("arn:aws:iam::{SHARED}:root")},
                "Condition": {"ArnLike": {"aws:PrincipalArn": people}}},
            {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal":
                {"Federated": format!(
                    "arn:aws:iam::{SHARED}:oidc-provider/token.actions.githubusercontent.com")},
                "Condition": {"StringLike":
                    {"token.actions.githubusercontent.com:sub": "repo:acme/live:*"}}},
        ]},
        "policies": [{"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}],
    }]})
}
