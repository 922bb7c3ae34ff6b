//! Backends byte for byte, and what init is told of them.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use terrane_hcl::{Source, Span};

use super::*;
use crate::model::prepared::{BackendFile, IfExists};
use crate::terraform::init::BackendChange;
use crate::terraform::written::values;

fn remote_state(kind: &str, config: &str) -> RemoteState {
    RemoteState {
        backend: kind.to_owned(),
        config: values(config),
        generate: Some(BackendFile {
            path: "backend.tf".to_owned(),
            if_exists: IfExists::Overwrite,
        }),
        disable_init: false,
        encryption: None,
        place: Span::default().in_source(&Source::new("x", "")),
    }
}

fn without_generate(kind: &str, config: &str) -> RemoteState {
    RemoteState {
        generate: None,
        ..remote_state(kind, config)
    }
}

fn engine(version: &str) -> Engine {
    Engine::parse(version, "".into()).unwrap()
}

fn new_terraform() -> Engine {
    engine("Terraform v1.11.4")
}

const STAND_IN: StandIn<'_> = StandIn {
    state: "terrane-state",
    hub: "terrane-hub",
};

const EVERYTHING: &str = r#"{
    bucket         = "acme-state"
    key            = "live/a/terraform.tfstate"
    region         = "eu-west-1"
    encrypt        = true
    dynamodb_table = "locks"
    use_lockfile   = "true"
    profile        = "ops"
    kms_key_id     = "alias/x"
    assume_role = {
      role_arn     = "arn:aws:iam::123456789012:role/state"
      session_name = "kit"
      external_id  = "e"
      duration     = "15m"
      policy_arns  = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
      tags         = { a = "b" }
    }
    s3_bucket_tags                     = { owner = "me" }
    dynamodb_table_tags                = { owner = "me" }
    skip_bucket_versioning             = true
    skip_bucket_public_access_blocking = true
    disable_bucket_update              = true
    accesslogging_bucket_name          = "logs"
    bucket_sse_algorithm               = "AES256"
    skip_credentials_validation        = true
    skip_metadata_api_check            = "true"
    force_path_style                   = false
    endpoint                           = "http://localhost:1"
    max_retries                        = 3
    acl                                = null
}"#;

#[test]
fn an_s3_backend_is_written_sorted_and_aligned() {
    let text = generated_file(&remote_state("s3", EVERYTHING), &new_terraform(), None);
    assert_snapshot!(text.unwrap(), @r#"
    terraform {
      backend "s3" {
        assume_role = {
          duration     = "15m"
          external_id  = "e"
          policy_arns  = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
          role_arn     = "arn:aws:iam::123456789012:role/state"
          session_name = "kit"
          tags = {
            a = "b"
          }
        }
        bucket                      = "acme-state"
        dynamodb_table              = "locks"
        encrypt                     = true
        endpoint                    = "http://localhost:1"
        force_path_style            = false
        key                         = "live/a/terraform.tfstate"
        kms_key_id                  = "alias/x"
        max_retries                 = 3
        profile                     = "ops"
        region                      = "eu-west-1"
        skip_credentials_validation = true
        skip_metadata_api_check     = "true"
        use_lockfile                = true
      }
    }
    "#);
}

#[test]
fn a_profile_stands_in_for_every_other_way_to_an_identity() {
    let text = generated_file(
        &remote_state("s3", EVERYTHING),
        &new_terraform(),
        Some(STAND_IN),
    );
    let text = text.unwrap();
    assert!(
        text.contains("\n    profile                     = \"terrane-state\"\n"),
        "{text}"
    );
    assert!(!text.contains("role"), "{text}");
    let local = generated_file(
        &remote_state("local", "{ path = \"s.tfstate\" }"),
        &new_terraform(),
        Some(STAND_IN),
    );
    assert_snapshot!(local.unwrap(), @r#"
    terraform {
      backend "local" {
        path = "s.tfstate"
      }
    }
    "#);
}

const FLAT: &str = r#"{
    bucket       = "b"
    key          = "k"
    region       = "r"
    role_arn     = "arn:aws:iam::123456789012:role/state"
    session_name = "s"
    external_id  = "e"
    assume_role_duration_seconds = 900
}"#;

#[test]
fn a_flat_role_is_written_as_the_engine_takes_it() {
    let file = |version| {
        let state = remote_state("s3", FLAT);
        generated_file(&state, &engine(version), None).unwrap()
    };
    assert_snapshot!(file("Terraform v1.11.4"), @r#"
    terraform {
      backend "s3" {
        assume_role = {
          duration     = "900s"
          external_id  = "e"
          role_arn     = "arn:aws:iam::123456789012:role/state"
          session_name = "s"
        }
        bucket = "b"
        key    = "k"
        region = "r"
      }
    }
    "#);
    for old in ["Terraform v1.9.8", "OpenTofu v1.10.6"] {
        let text = file(old);
        assert!(
            text.contains("role_arn                     = "),
            "{old}: {text}"
        );
    }
}

#[test]
fn terragrunts_own_keys_of_gcs_are_left_out() {
    let config = r#"{
        bucket = "b", prefix = "p", project = "p", location = "eu"
        gcs_bucket_labels = { x = "y" }, skip_bucket_creation = true
    }"#;
    let text = generated_file(&remote_state("gcs", config), &new_terraform(), None);
    assert_snapshot!(text.unwrap(), @r#"
    terraform {
      backend "gcs" {
        bucket = "b"
        prefix = "p"
      }
    }
    "#);
}

#[test]
fn text_that_looks_like_a_template_stays_text() {
    let config = r#"{ path = "a $${b} %%{c} \"d\"\n", headers = { "x-y" = ["$${z}"] } }"#;
    let text = generated_file(&remote_state("local", config), &new_terraform(), None);
    let text = text.unwrap();
    assert!(text.contains(r#"path = "a $${b} %%{c} \"d\"\n""#), "{text}");
    assert!(text.contains(r#"x-y = ["$${z}"]"#), "{text}");
    let read = terrane_hcl::parse(
        &Source::new("backend.tf", text),
        &terrane_hcl::Limits::default(),
    );
    assert!(read.into_result().is_ok());
}

#[test]
fn numbers_are_written_with_all_their_digits() {
    let config = "{ part = 1.5, small = -0.125, large = 12345678901234567890, list = [0.1, [2]] }";
    let text = generated_file(&remote_state("http", config), &new_terraform(), None);
    assert_snapshot!(text.unwrap(), @"
    terraform {
      backend \"http\" {
        large = 12345678901234567890
        list  = [0.1, [2]]
        part  = 1.5
        small = -0.125
      }
    }
    ");
}

#[test]
fn state_can_be_encrypted() {
    let mut state = remote_state("local", "{ path = \"s.tfstate\" }");
    state.encryption = Some(values(
        "{ key_provider = \"pbkdf2\", passphrase = \"correct horse\", key_length = 32 }",
    ));
    assert_snapshot!(generated_file(&state, &new_terraform(), None).unwrap(), @r#"
    terraform {
      backend "local" {
        path = "s.tfstate"
      }
      encryption {
        key_provider "pbkdf2" "default" {
          key_length = 32
          passphrase = "correct horse"
        }
        method "aes_gcm" "default" {
          keys = key_provider.pbkdf2.default
        }
        state {
          method = method.aes_gcm.default
        }
        plan {
          method = method.aes_gcm.default
        }
      }
    }
    "#);
    let mut unknown = values("{ key_provider = \"pbkdf2\" }");
    unknown.insert("passphrase".to_owned(), Value::unknown());
    state.encryption = Some(unknown);
    let refused = generated_file(&state, &new_terraform(), None);
    assert_eq!(refused, Err(BackendError::Unknown("passphrase".to_owned())));
    state.encryption = Some(values("{ passphrase = \"x\" }"));
    let refused = generated_file(&state, &new_terraform(), None);
    assert_eq!(refused, Err(BackendError::NoKeyProvider));
}

fn code(backend: &str) -> ModuleCode {
    ModuleCode::read([("main.tf", &*format!("terraform {{\n{backend}\n}}\n"))])
}

fn init_arguments(
    state: Option<&RemoteState>,
    backend: &str,
    stand_in: Option<StandIn<'_>>,
) -> String {
    let init = for_init(state, &code(backend), &new_terraform(), stand_in).unwrap();
    init.arguments.join(" ").replace("-backend-config=", "")
}

const BARE: &str = "backend \"s3\" {}";
const OWN_ROLE: &str = "backend \"s3\" {\n  assume_role = { role_arn = \"own\" }\n}";

#[test]
fn without_generate_init_is_told() {
    let config = r#"{
        bucket = "b", key = "a/t.tfstate", region = "eu-west-1", encrypt = true
        dynamodb_table = "l", s3_bucket_tags = { x = "y" }
    }"#;
    let state = without_generate("s3", config);
    assert_eq!(
        init_arguments(Some(&state), BARE, None),
        "bucket=b dynamodb_table=l encrypt=true key=a/t.tfstate region=eu-west-1"
    );
    let generated = remote_state("s3", config);
    assert_eq!(init_arguments(Some(&generated), BARE, None), "");
}

#[test]
fn lists_and_objects_are_arguments_as_expressions() {
    let state = without_generate("s3", FLAT);
    assert_eq!(
        init_arguments(Some(&state), BARE, None),
        "assume_role={ \"duration\" = \"900s\", \"external_id\" = \"e\", \"role_arn\" = \
         \"arn:aws:iam::123456789012:role/state\", \"session_name\" = \"s\" } bucket=b key=k region=r"
    );
    let state = without_generate(
        "s3",
        "{ allowed_account_ids = [\"1\", \"2\"], lock_table = \"l\" }",
    );
    assert_eq!(
        init_arguments(Some(&state), BARE, None),
        "allowed_account_ids=[\"1\", \"2\"] dynamodb_table=l"
    );
}

#[test]
fn a_module_without_the_backend_is_refused() {
    let state = without_generate("s3", "{ bucket = \"b\" }");
    for backend in ["", "backend \"local\" {}"] {
        let refused = for_init(Some(&state), &code(backend), &new_terraform(), None);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "remote_state has no generate, and the module has no backend \"s3\" block"
        );
    }
}

#[test]
fn a_hand_written_backend_is_reached_by_the_profile_that_fits_it() {
    let state = without_generate("s3", FLAT);
    let told = |state, backend| init_arguments(state, backend, Some(STAND_IN));
    assert_eq!(told(None, BARE), "profile=terrane-state");
    assert_eq!(told(None, OWN_ROLE), "profile=terrane-hub");
    assert_eq!(told(None, "backend \"http\" {}"), "");
    assert_eq!(told(None, ""), "");
    assert_eq!(
        told(Some(&state), BARE),
        "bucket=b key=k profile=terrane-state region=r"
    );
    let with_own_role = told(Some(&state), OWN_ROLE);
    assert!(
        with_own_role.starts_with("assume_role={"),
        "{with_own_role}"
    );
    assert!(
        with_own_role.contains(" profile=terrane-hub "),
        "{with_own_role}"
    );
    assert_eq!(init_arguments(None, OWN_ROLE, None), "");
}

#[test]
fn what_is_not_known_is_refused() {
    let mut state = remote_state("s3", "{ bucket = \"b\" }");
    state.config.insert("key".to_owned(), Value::unknown());
    assert_eq!(
        Backend::of(&state),
        Err(BackendError::Unknown("key".to_owned()))
    );
}

#[test]
fn what_no_engine_could_read_as_a_name_is_refused() {
    let state = remote_state("local", "{ \"odd key\" = 1 }");
    let refused = Backend::of(&state).unwrap_err().to_string();
    assert_eq!(
        refused,
        "remote_state has \"odd key\" among its arguments, which is no name"
    );
}

/// As terraform writes it down: everything it could be told, most of it null.
fn initialised(config: &str) -> InitialisedBackend {
    let text = format!(
        "{{\"version\": 3, \"backend\": {{\"type\": \"s3\", \"hash\": 1, \"config\": {config}}}}}"
    );
    InitialisedBackend::parse(&text).unwrap()
}

const RECORDED: &str = r#"{
    "bucket": "b", "key": "k", "region": "r", "encrypt": true, "max_retries": 3, "acl": null,
    "profile": null,
    "assume_role": {"role_arn": "x", "session_name": "s", "tags": null, "policy_arns": null}
}"#;

fn change(config: &str, extent: Extent) -> BackendChange {
    let state = remote_state("s3", config);
    initialised(RECORDED).change_to(&Backend::of(&state).unwrap(), extent)
}

#[test]
fn the_same_backend_is_no_change() {
    let same = r#"{
        bucket = "b", key = "k", region = "r", encrypt = "true", max_retries = "3"
        assume_role = { role_arn = "x", session_name = "s" }
    }"#;
    assert_eq!(change(same, Extent::Whole), BackendChange::None);
    let part = "{ bucket = \"b\", key = \"k\" }";
    assert_eq!(change(part, Extent::Part), BackendChange::None);
    assert_eq!(change(part, Extent::Whole), BackendChange::Place);
}

#[test]
fn another_identity_is_a_change_of_its_own_kind() {
    let place = "bucket = \"b\", key = \"k\", region = \"r\", encrypt = true, max_retries = 3";
    let by = |identity: &str| change(&format!("{{ {place}, {identity} }}"), Extent::Whole);
    assert_eq!(
        by("profile = \"terrane-state\""),
        BackendChange::IdentityOnly
    );
    assert_eq!(by("role_arn = \"x\""), BackendChange::IdentityOnly);
    assert_eq!(
        by("assume_role = { role_arn = \"y\", session_name = \"s\" }"),
        BackendChange::IdentityOnly
    );
    let part = change("{ profile = \"terrane-hub\" }", Extent::Part);
    assert_eq!(part, BackendChange::IdentityOnly);
}

#[test]
fn another_place_is_the_users_to_decide() {
    let elsewhere = "{ bucket = \"b\", key = \"other\", profile = \"terrane-state\" }";
    assert_eq!(change(elsewhere, Extent::Part), BackendChange::Place);
    let other_kind = Backend {
        kind: "local".to_owned(),
        arguments: BTreeMap::new(),
    };
    let changed = initialised(RECORDED).change_to(&other_kind, Extent::Whole);
    assert_eq!(changed, BackendChange::Place);
}

#[test]
fn a_folder_without_a_backend_has_none_recorded() {
    assert_eq!(InitialisedBackend::parse("{\"version\": 3}"), None);
    assert_eq!(InitialisedBackend::parse("not json"), None);
}
