//! Logs of runs written by hand.

use insta::assert_snapshot;

use super::*;
use crate::model::Changes;
use crate::report::look::Ci;
use crate::report::script::{Script, path, plan_failed, wrong_index};
use crate::run::event::{Interrupt, Stage, StopCause};
use crate::run::outcome::{Exclusion, Remark};

fn log(script: &Script, words: Words, ci: Option<Ci>) -> String {
    let mut plain = Plain::new(
        Vec::new(),
        Look {
            ci,
            ..Look::plain()
        },
        words,
    );
    for event in script.events() {
        plain.observe(event).expect("a vector takes everything");
    }
    String::from_utf8(plain.out).expect("a log is text")
}

fn failing_run() -> Script {
    let mut script = Script::new(
        RunCommand::Plan,
        &[
            "0-shared/vpc",
            "2-stage/dns",
            "2-stage/eks",
            "2-stage/eks_controllers",
        ],
    );
    script
        .starts("0-shared/vpc")
        .step("0-shared/vpc", Step::ReadingOutputs);
    script
        .starts("2-stage/eks")
        .step("2-stage/eks", Step::AssumingRole);
    script
        .after_millis(300)
        .step("0-shared/vpc", Step::Planning);
    script
        .step("2-stage/eks", Step::Planning)
        .says("2-stage/eks", "Refreshing state...");
    script
        .after(1)
        .says("0-shared/vpc", "Plan: 3 to add")
        .changes("0-shared/vpc", 3, 0, 0);
    script
        .starts("2-stage/dns")
        .after(1)
        .fails("2-stage/eks", plan_failed());
    script.blocked("2-stage/eks_controllers", "2-stage/eks");
    script.after(1).changes("2-stage/dns", 0, 0, 0).run_ends();
    script
}

#[test]
fn each_step_is_a_line_and_a_failure_is_one_piece() {
    assert_snapshot!(log(&failing_run(), Words::OfFailed, None), @r#"
    terrane 0.1.0 · 4 units in 2 accounts, 9 edges across accounts · terraform 1.11.4 · run 7f3a
    identity  jane (SSO) → infrastructure-assumer-role → 4 doers
    14:02:11  shared/vpc             planning        doer-role @ 0-shared
    14:02:11  stage/eks              planning        doer-role @ 2-stage
    14:02:12  shared/vpc             planned         +3 ~0 -0   1.3 s
    14:02:14  stage/eks              plan failed     2.3 s
    ✗ stage/eks: terraform plan ended with exit code 1 (after 2.3 s)
      │ Error: Invalid value for variable
      │
      │   on main.tf line 3:
      │    3: variable "size" {
      words    /runs/7f3a/plan.out, /runs/7f3a/plan.err
      doer     doer-role @ 2-stage
      blocked  stage/eks_controllers
    14:02:14  stage/dns              planned         no changes   2.0 s
    "#);
}

#[test]
fn on_github_the_failure_is_a_group_with_an_annotation() {
    let mut script = Script::new(RunCommand::Plan, &["1-dev/eks"]);
    let diagnostics = vec![wrong_index()];
    script
        .starts("1-dev/eks")
        .fails("1-dev/eks", Failure::Evaluate { diagnostics });
    script.run_ends();
    assert_snapshot!(log(&script, Words::OfFailed, Some(Ci::GitHub)), @"
    terrane 0.1.0 · 1 unit in 1 account, 9 edges across accounts · terraform 1.11.4 · run 7f3a
    identity  jane (SSO) → infrastructure-assumer-role → 4 doers
    14:02:11  dev/eks  configuration wrong  0.0 s
    ::error file=2-stage/eks/terragrunt.hcl,line=1,title=dev/eks::its configuration is wrong: Invalid index
    ::group::dev/eks: configuration wrong
    ✗ dev/eks: its configuration is wrong: Invalid index (after 0.0 s)
      │ error: Invalid index
      │  --> 2-stage/eks/terragrunt.hcl:1:26
      │   |
      │ 1 | inputs = { az = local.azs[3] }
      │   |                          ^^^
      │   |
      │   = The list has 3 elements, so its last index is 2.
      doer     doer-role @ 1-dev
    ::endgroup::
    ");
}

#[test]
fn words_can_be_shown_in_one_piece_for_each_unit() {
    assert_snapshot!(log(&failing_run(), Words::Grouped, Some(Ci::GitHub)), @"
    terrane 0.1.0 · 4 units in 2 accounts, 9 edges across accounts · terraform 1.11.4 · run 7f3a
    identity  jane (SSO) → infrastructure-assumer-role → 4 doers
    14:02:11  shared/vpc             planning        doer-role @ 0-shared
    14:02:11  stage/eks              planning        doer-role @ 2-stage
    14:02:12  shared/vpc             planned         +3 ~0 -0   1.3 s
    ::group::shared/vpc: what it said
      │ Plan: 3 to add
    ::endgroup::
    14:02:14  stage/eks              plan failed     2.3 s
    ::group::stage/eks: what it said
      │ Refreshing state...
    ::endgroup::
    ::error title=stage/eks::terraform plan ended with exit code 1
    ::group::stage/eks: plan failed
    ✗ stage/eks: terraform plan ended with exit code 1 (after 2.3 s)
      words    /runs/7f3a/plan.out, /runs/7f3a/plan.err
      doer     doer-role @ 2-stage
      blocked  stage/eks_controllers
    ::endgroup::
    14:02:14  stage/dns              planned         no changes   2.0 s
    ");
}

#[test]
fn words_can_be_shown_as_they_come() {
    let mut script = Script::new(RunCommand::Apply, &["a", "long/name"]);
    script
        .starts("a")
        .says("a", "one")
        .starts("long/name")
        .says("long/name", "two")
        .says("a", "three");
    assert_snapshot!(log(&script, Words::Streamed, None), @"
    terrane 0.1.0 · 2 units, 9 edges across accounts · terraform 1.11.4 · run 7f3a
    identity  jane (SSO) → infrastructure-assumer-role → 4 doers
    14:02:11  a          │ one
    14:02:11  long/name  │ two
    14:02:11  a          │ three
    ");
}

#[test]
fn a_stop_says_what_goes_on_and_folds_what_was_cancelled() {
    let mut script = Script::new(RunCommand::Apply, &["a", "b", "c"]);
    script.starts("a").step("a", Step::Applying).after(12);
    let cause = StopCause::Interrupted {
        by: Interrupt::Terminate,
        count: 1,
    };
    script
        .stops(cause, Stage::Draining)
        .ends("b", Outcome::Cancelled)
        .ends("c", Outcome::Cancelled);
    script.after(3).changes("a", 1, 0, 0).run_ends();
    assert_snapshot!(log(&script, Words::OfFailed, None), @"
    terrane 0.1.0 · 3 units, 9 edges across accounts · terraform 1.11.4 · run 7f3a
    identity  jane (SSO) → infrastructure-assumer-role → 4 doers
    14:02:11  a  applying        doer-role
    14:02:23  Stopping (SIGTERM): nothing new starts. 1 unit is applying and will finish: a (12 s).
    14:02:23      Another signal asks terraform to stop (resources in flight may be lost to the state).
    14:02:26  cancelled: b, c
    14:02:26  a  applied         +1 ~0 -0   15.0 s
    ");
}

#[test]
fn a_long_silence_is_broken() {
    let mut script = Script::new(RunCommand::Apply, &["a", "b"]);
    script
        .starts("a")
        .step("a", Step::Applying)
        .starts("b")
        .after(29)
        .tick()
        .after(1)
        .tick();
    script.after(1).tick().after(40).tick();
    assert_snapshot!(log(&script, Words::OfFailed, None), @"
    terrane 0.1.0 · 2 units, 9 edges across accounts · terraform 1.11.4 · run 7f3a
    identity  jane (SSO) → infrastructure-assumer-role → 4 doers
    14:02:11  a  applying        doer-role
    14:02:41  still running: a (applying, 30 s), b (30 s)
    14:03:22  still running: a (applying, 1m11s), b (1m11s)
    ");
}

#[test]
fn what_is_unusual_about_a_success_is_said() {
    let mut script = Script::new(RunCommand::Apply, &["a", "b", "c"]);
    let excluded = Outcome::Excluded {
        reason: Exclusion::NeededBy {
            protected: path("db"),
        },
    };
    script.ends("c", excluded).starts("a").starts("b").after(65);
    let with = |remark| {
        Outcome::Succeeded(Success {
            changes: Changes::None,
            remark: Some(remark),
        })
    };
    script.ends(
        "a",
        with(Remark::Retried {
            rule: "again".into(),
            attempts: 3,
        }),
    );
    script.ends(
        "b",
        with(Remark::ErrorIgnored {
            rule: "known".into(),
        }),
    );
    assert_snapshot!(log(&script, Words::OfFailed, None), @r#"
    terrane 0.1.0 · 3 units, 9 edges across accounts · terraform 1.11.4 · run 7f3a
    identity  jane (SSO) → infrastructure-assumer-role → 4 doers
    14:02:11  c  excluded        db needs it and has prevent_destroy
    14:03:16  a  applied         no changes   1m05s   at attempt 3 (retry "again")
    14:03:16  b  error ignored   no changes   1m05s   ignore "known"
    "#);
}

#[test]
fn of_a_flood_of_words_the_last_are_kept() {
    let mut script = Script::new(RunCommand::Plan, &["a"]);
    script.starts("a");
    for number in 0..MOST_LINES + 2 {
        script.says("a", &number.to_string());
    }
    script.changes("a", 0, 0, 0);
    let text = log(&script, Words::Grouped, None);
    let words: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("  │"))
        .collect();
    assert_eq!(words[..2], ["  │ … 2 lines before these", "  │ 2"]);
    assert_eq!(words.len(), MOST_LINES + 1);
}

#[test]
fn no_line_of_a_log_begins_with_words_of_others() {
    let mut script = Script::new(RunCommand::Plan, &["::set-output name=x::y"]);
    let unit = "::set-output name=x::y";
    script
        .starts(unit)
        .says(unit, "::stop-commands::x")
        .says(unit, "a ##[add-path]/evil");
    let reason = "\n::error::forged ##[warning]x".into();
    script
        .fails(
            unit,
            Failure::WorkDir {
                path: "##[x]".into(),
                reason,
            },
        )
        .run_ends();
    for words in [Words::Grouped, Words::Streamed] {
        for line in log(&script, words, Some(Ci::GitHub)).lines() {
            let ours = ["::group::", "::endgroup::", "::error "];
            let is_ours = ours.iter().any(|command| line.starts_with(command));
            assert!(is_ours || !line.trim_start().starts_with("::"), "{line}");
            assert!(!line.contains("##["), "{line}");
        }
    }
}
