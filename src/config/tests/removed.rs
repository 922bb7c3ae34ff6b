//! What older trees still say is understood.

use std::time::Duration;

use insta::assert_snapshot;

use super::for_run;
use crate::config::testing::{Twin, told};

#[test]
fn skip_leaves_a_unit_out_of_everything_and_is_told_of() {
    let world = Twin::new("//- app/terragrunt.hcl\nskip = true\n");
    let (estate, problems) = world.load_with(".", for_run("plan"));
    assert_snapshot!(told(&problems), @r#"app/terragrunt.hcl:1:1: Removed attribute. Terragrunt 1.0 removed "skip"; terrane still understands it."#);
    let rule = estate.units[estate.at("app")].exclude.clone();
    let rule = rule.expect("it is left out");
    assert_eq!(
        (rule.when, rule.actions.as_slice(), rule.no_run),
        (true, &["all".to_owned()][..], Some(true))
    );
}

#[test]
fn an_exclude_block_wins_over_skip() {
    let text = "//- app/terragrunt.hcl\nskip = true\nexclude {\n  if = false\n  actions = []\n}\n";
    let world = Twin::new(text);
    let (estate, _) = world.load_with(".", for_run("plan"));
    let rule = estate.units[estate.at("app")].exclude.clone();
    assert!(!rule.expect("the block is there").when);
}

#[test]
fn retry_attributes_are_a_rule_of_errors() {
    let world = Twin::new(
        "//- app/terragrunt.hcl\nretryable_errors = [\".*TLS.*\"]\nretry_max_attempts = 4\n",
    );
    let (estate, _) = world.load_with(".", for_run("plan"));
    let ready = estate.prepare_with("app", &[]).expect("it is understood");
    let retry = &ready.prepared.errors.retry[0];
    assert_eq!(retry.retryable_errors, [".*TLS.*"]);
    assert_eq!(
        (retry.max_attempts, retry.sleep),
        (4, Duration::from_secs(5))
    );
}
