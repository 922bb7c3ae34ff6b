//! The words are those of terraform 1.11.4, as it printed them.

use super::*;
use crate::model::{Changes, ChildEnd, ResourceCounts};

fn changes(code: i32, stdout: &str) -> Changes {
    let mut seen = ChangesSeen::default();
    stdout.lines().for_each(|line| seen.see(line));
    seen.changes(ChildEnd::Code(code))
}

fn counted(import: u64, add: u64, change: u64, destroy: u64) -> Changes {
    Changes::Counted(ResourceCounts {
        import,
        add,
        change,
        destroy,
    })
}

#[test]
fn the_summary_line_counts() {
    assert_eq!(
        changes(
            0,
            "  # terraform_data.x will be created\n\nPlan: 1 to add, 2 to change, 3 to destroy.\n\nChanges to Outputs:\n"
        ),
        counted(0, 1, 2, 3)
    );
    assert_eq!(
        changes(0, "Plan: 4 to import, 1 to add, 0 to change, 0 to destroy."),
        counted(4, 1, 0, 0)
    );
    assert_eq!(
        changes(
            0,
            "\u{1b}[1mPlan:\u{1b}[0m 1 to add, 0 to change, 0 to destroy."
        ),
        counted(0, 1, 0, 0)
    );
    assert_eq!(
        changes(
            0,
            "Apply complete! Resources: 12 added, 0 changed, 1 destroyed.\n\nOutputs:\n\no = \"1\""
        ),
        counted(0, 12, 0, 1)
    );
    assert_eq!(
        changes(0, "Destroy complete! Resources: 7 destroyed."),
        counted(0, 0, 0, 7)
    );
}

#[test]
fn an_apply_counts_what_it_did_not_what_it_planned() {
    let said = "Plan: 2 to add, 0 to change, 0 to destroy.\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.";
    assert_eq!(changes(0, said), counted(0, 1, 0, 0));
}

#[test]
fn no_changes_is_none() {
    let said = "No changes. Your infrastructure matches the configuration.\n";
    assert_eq!(changes(0, said), Changes::None);
    let applied = format!("{said}\nApply complete! Resources: 0 added, 0 changed, 0 destroyed.");
    assert_eq!(changes(0, &applied), Changes::None);
}

#[test]
fn outputs_alone_are_changes_that_are_not_counted() {
    let plan = "Changes to Outputs:\n  + p = 1\n\nYou can apply this plan to save these new output values to the Terraform\nstate, without changing any real infrastructure.";
    assert_eq!(changes(0, plan), Changes::Uncounted);
    let apply = format!("{plan}\n\nApply complete! Resources: 0 added, 0 changed, 0 destroyed.");
    assert_eq!(changes(0, &apply), Changes::Uncounted);
}

#[test]
fn what_is_only_forgotten_is_not_counted() {
    let said = "Plan: 0 to add, 0 to change, 0 to destroy, 1 to forget.";
    assert_eq!(changes(0, said), Changes::Uncounted);
}

#[test]
fn the_exit_code_speaks_where_the_words_do_not() {
    assert_eq!(changes(2, "something new"), Changes::Uncounted);
    assert_eq!(
        changes(0, "Success! The configuration is valid."),
        Changes::Unknown
    );
    assert_eq!(changes(0, "Plan: soon"), Changes::Unknown);
}

#[test]
fn json_lines_say_the_same() {
    let summary = r#"{"@level":"info","@message":"Plan: 1 to add, 0 to change, 0 to destroy.","type":"change_summary"}"#;
    assert_eq!(changes(0, summary), counted(0, 1, 0, 0));
    let nothing = r#"{"@level":"info","@message":"Plan: 0 to add, 0 to change, 0 to destroy.","type":"change_summary"}"#;
    assert_eq!(changes(0, nothing), Changes::None);
    let outputs = r#"{"@level":"info","@message":"Outputs: 1","outputs":{"o":{"sensitive":false,"action":"create"}},"type":"outputs"}"#;
    assert_eq!(
        changes(0, &format!("{nothing}\n{outputs}")),
        Changes::Uncounted
    );
    let values = r#"{"@level":"info","@message":"Outputs: 1","outputs":{"o":{"sensitive":false,"type":"string","value":"1"}},"type":"outputs"}"#;
    assert_eq!(changes(0, &format!("{nothing}\n{values}")), Changes::None);
}

const LOCKED: &str = "
Error: Error acquiring the state lock

Error message: resource temporarily unavailable
Lock Info:
  ID:        bd19741b-2a4e-54f9-f1c0-f36d1be25398
  Path:      bucket/vpc/terraform.tfstate
  Operation: OperationTypeApply
  Who:       root@vm
  Version:   1.11.4
  Created:   2026-11-21 15:59:46.765359545 +0000 UTC
  Info:      


Terraform acquires a state lock to protect the state from being written
by multiple users at the same time. Please resolve the issue above and try
again.
";

#[test]
fn a_lock_tells_who_holds_it() {
    let info = LockInfo {
        id: "bd19741b-2a4e-54f9-f1c0-f36d1be25398".into(),
        path: "bucket/vpc/terraform.tfstate".into(),
        operation: "OperationTypeApply".into(),
        who: "root@vm".into(),
        version: "1.11.4".into(),
        created: "2026-11-21 15:59:46.765359545 +0000 UTC".into(),
        info: String::new(),
    };
    let held = Trouble::LockHeld(Box::new(info));
    assert_eq!(troubles("", LOCKED), [held]);

    let boxed = LOCKED.replace('\n', "\n\u{1b}[31m│\u{1b}[0m ");
    assert_eq!(troubles("", &boxed), troubles("", LOCKED));
}

#[test]
fn a_lock_in_json_tells_who_holds_it() {
    let line = r#"{"@level":"error","@message":"Error: Error acquiring the state lock","diagnostic":{"severity":"error","summary":"Error acquiring the state lock","detail":"Error message: x\nLock Info:\n  ID:        7\n  Who:       ci@runner\n"},"type":"diagnostic"}"#;
    let [Trouble::LockHeld(info)] = &troubles(line, "")[..] else {
        panic!("{:?}", troubles(line, ""))
    };
    assert_eq!((&*info.id, &*info.who), ("7", "ci@runner"));
}

#[test]
fn a_state_that_was_not_saved_comes_first() {
    let said = "
Error: Failed to save state

Error saving state: failed to upload state: operation error S3: PutObject,
https response error StatusCode: 400, api error ExpiredToken: The provided
token has expired.

Error: Failed to persist state to backend

The error shown above has prevented Terraform from writing the updated state
to the configured backend. To allow for recovery, the state has been written
to the file \"errored.tfstate\" in the current working directory.
";
    assert_eq!(
        troubles("", said),
        [
            Trouble::StateNotSaved { kept: true },
            Trouble::SessionExpired
        ]
    );
    let lost = "Error: Failed to save state\n\nError saving state: disk full";
    assert_eq!(troubles("", lost), [Trouble::StateNotSaved { kept: false }]);
}

#[test]
fn what_init_would_mend_is_told_apart() {
    let needs = |said| troubles("", said);
    assert_eq!(
        needs(
            "Error: Backend initialization required, please run \"terraform init\"\n\nReason: Initial configuration of the requested backend \"s3\""
        ),
        [Trouble::NeedsInit(NeedsInit::Backend)]
    );
    assert_eq!(
        needs(
            "Error: Backend initialization required: please run \"tofu init\"\n\nReason: Backend configuration block has changed"
        ),
        [Trouble::NeedsInit(NeedsInit::BackendChanged)]
    );
    assert_eq!(
        needs("Error: Module not installed\n\n  on main.tf line 2:"),
        [Trouble::NeedsInit(NeedsInit::Modules)]
    );
    for said in [
        "Error: Inconsistent dependency lock file",
        "Error: Required plugins are not installed",
    ] {
        assert_eq!(needs(said), [Trouble::NeedsInit(NeedsInit::Providers)]);
    }
}

#[test]
fn phrases_are_found_across_line_ends() {
    let said = "api error: The security\ntoken included in the request is\nexpired";
    assert_eq!(troubles("", said), [Trouble::SessionExpired]);
}

#[test]
fn a_provider_that_breaks_down_is_named() {
    let said = "Error: Plugin did not respond\n\nThe plugin encountered an error\n\nStack trace from the terraform-provider-aws_v5.100.0_x5 plugin:\n\npanic: runtime error";
    let provider = Some("terraform-provider-aws_v5.100.0_x5".to_owned());
    assert_eq!(troubles("", said), [Trouble::ProviderCrashed { provider }]);
    assert_eq!(
        troubles("", "Error: Plugin did not respond"),
        [Trouble::ProviderCrashed { provider: None }]
    );
    assert_eq!(
        troubles("", "!!!!!!!!!!! TERRAFORM CRASH !!!!!!!!!!!"),
        [Trouble::EngineCrashed]
    );
}

#[test]
fn variables_without_a_value_are_named() {
    let said = "Error: No value for required variable\n\nThe root module input variable \"need\" is not set, and has no default value.\n\nThe root module input variable \"also\" is not set, and has no\ndefault value.";
    let variables = vec!["also".to_owned(), "need".to_owned()];
    assert_eq!(troubles("", said), [Trouble::NoValue { variables }]);
}

#[test]
fn other_known_words() {
    assert_eq!(
        troubles(
            "Interrupt received.\nPlease wait for Terraform to exit",
            "Error: execution halted"
        ),
        [Trouble::Interrupted]
    );
    assert_eq!(
        troubles("", "Error: Saved plan is stale"),
        [Trouble::PlanOutdated]
    );
    assert_eq!(
        troubles("", "Error: Error releasing the state lock"),
        [Trouble::LockNotReleased { id: None }]
    );
    assert_eq!(troubles("", "Error: Unsupported argument"), []);
}

#[test]
fn a_lock_that_was_left_behind_is_known_by_its_id() {
    let id = "a7042a2d-fcf0-75fa-80ad-dd6e3872b8cf";
    for told in [
        format!("failed to retrieve lock info for lock ID\n\"{id}\": Unable to retrieve item"),
        format!("operation error S3: DeleteObject\nLock Info:\n  ID:        {id}\n  Path: x"),
    ] {
        let said = format!("Error: Error releasing the state lock\n\nError message: {told}");
        let id = Some(id.to_owned());
        assert_eq!(troubles("", &said), [Trouble::LockNotReleased { id }]);
    }
}
