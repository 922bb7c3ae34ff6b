//! A command line and an environment in, options out.

use std::time::SystemTime;

use insta::{assert_debug_snapshot, assert_snapshot};
use jiff::tz::TimeZone;

use std::num::NonZeroUsize;

use super::*;
use crate::identity::StateSessions;
use crate::report::ReportFormat;

/// terrane started in `/work/live` without a terminal.
fn launch(line: &str, variables: &[(&str, &str)]) -> Launch {
    Launch {
        words: line.split_whitespace().map(Into::into).collect(),
        variables: variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        folder: "/work/live".into(),
        executable: None,
        now: SystemTime::UNIX_EPOCH,
        zone: TimeZone::UTC,
        stdin_is_terminal: false,
        stdout: Stream::Other,
        stderr: Stream::Other,
    }
}

fn resolve(line: &str, variables: &[(&str, &str)]) -> Result<Invocation, CommandError> {
    Invocation::from_launch(launch(line, variables))
}

fn run(line: &str, variables: &[(&str, &str)]) -> RunOptions {
    match resolve(line, variables).expect("it is understood").command {
        Command::Run(run) => *run,
        other => panic!("{other:?}"),
    }
}

fn complaint(line: &str, variables: &[(&str, &str)]) -> String {
    let error = resolve(line, variables).expect_err("it is not understood");
    error.text(&Look::plain())
}

#[test]
fn our_variable_wins_over_terragrunts_and_the_new_one_over_the_old() {
    let parallelism = |line, variables: &[(&str, &str)]| {
        run(line, variables).queue.at_once.map(NonZeroUsize::get)
    };
    let old = ("TERRAGRUNT_PARALLELISM", "1");
    let new = ("TG_PARALLELISM", "2");
    let ours = ("TERRANE_PARALLELISM", "3");
    assert_eq!(parallelism("run-all plan", &[]), None);
    assert_eq!(parallelism("run-all plan", &[old]), Some(1));
    assert_eq!(parallelism("run-all plan", &[old, new]), Some(2));
    assert_eq!(parallelism("run-all plan", &[old, new, ours]), Some(3));
    assert_eq!(parallelism("run-all plan -j 4", &[old, new, ours]), Some(4));
}

#[test]
fn old_names_of_variables_are_known_with_their_old_meaning() {
    assert!(
        !run("plan", &[("TERRAGRUNT_AUTO_INIT", "false")])
            .automatic
            .init
    );
    assert!(
        run("plan", &[("TERRAGRUNT_AUTO_INIT", "true")])
            .automatic
            .init
    );
    assert!(!run("plan", &[("TG_NO_AUTO_INIT", "1")]).automatic.init);
    let program = run("plan", &[("TERRAGRUNT_TFPATH", "/opt/tofu")])
        .engine
        .program;
    assert_eq!(program.as_deref(), Some("/opt/tofu"));
}

#[test]
fn a_flag_that_is_switched_off_is_not_switched_on_by_a_variable() {
    let run = run("plan --no-auto-init=false", &[("TG_NO_AUTO_INIT", "true")]);
    assert!(run.automatic.init);
}

#[test]
fn of_a_flag_that_is_said_twice_the_last_word_counts() {
    let init = |line| run(line, &[]).automatic.init;
    assert!(init("plan --no-auto-init --no-auto-init=false"));
    assert!(!init("plan --no-auto-init=false --no-auto-init"));
}

#[test]
fn confined_sessions_are_left_to_the_file_unless_something_is_said_of_them() {
    let sessions =
        |line, variables: &[(&str, &str)]| run(line, variables).reading.roles.state_sessions;
    let off = ("TERRANE_CONFINE_STATE", "false");
    assert_eq!(sessions("plan", &[]), None);
    assert_eq!(
        sessions("plan --confine-state", &[off]),
        Some(StateSessions::PerUnit)
    );
    assert_eq!(
        sessions("plan --confine-state=false", &[]),
        Some(StateSessions::Shared)
    );
    assert_eq!(sessions("plan", &[off]), Some(StateSessions::Shared));
}

#[test]
fn lists_in_variables_are_separated_by_commas() {
    let run = run(
        "run-all plan",
        &[
            ("TG_FEATURE", "on=true,name=other"),
            ("TG_QUEUE_EXCLUDE_DIR", "a, b/c"),
            ("TG_FILTER", ""),
        ],
    );
    assert_debug_snapshot!((run.reading.features, run.selection.filters), @r#"
    (
        {
            "name": "other",
            "on": "true",
        },
        [
            "!{./a}",
            "!{./b/c}",
        ],
    )
    "#);
}

#[test]
fn a_variable_with_a_wrong_value_is_named() {
    assert_snapshot!(complaint("plan", &[("TG_NO_AUTO_INIT", "maybe")]), @"error: `TG_NO_AUTO_INIT` is either true or false, not `maybe`");
    assert_snapshot!(complaint("run-all plan", &[("TG_PARALLELISM", "many")]), @"
    error: invalid value 'many' for '--parallelism <N>': a number from 1 up is wanted
     |
     = help: the value comes from the variable TG_PARALLELISM
    ");
    assert_snapshot!(complaint("run-all plan -j 0", &[]), @"error: invalid value '0' for '--parallelism <N>': a number from 1 up is wanted");
}

#[test]
fn variables_that_mean_nothing_here_are_mentioned_where_they_would_matter() {
    let notes = |line| {
        let variables = [
            ("TG_PROVIDER_CACHE", "true"),
            ("TG_EXPERIMENTAL_ENGINE", "false"),
        ];
        let invocation = resolve(line, &variables).expect("it is understood");
        invocation
            .notes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(notes("find"), [""; 0]);
    assert_debug_snapshot!(notes("plan"), @r#"
    [
        "TG_PROVIDER_CACHE is passed over: terrane has no cache server for providers; TF_PLUGIN_CACHE_DIR keeps them in one folder",
    ]
    "#);
}

#[test]
fn a_filter_makes_one_unit_many() {
    assert_eq!(run("plan", &[]).units, Units::Here);
    assert_eq!(run("run plan", &[]).units, Units::Here);
    assert_eq!(run("plan --filter x", &[]).units, Units::InScope);
    assert_eq!(run("plan --all", &[]).units, Units::InScope);
    assert_eq!(run("run-all plan", &[]).units, Units::InScope);
    assert_eq!(run("stack run plan", &[]).units, Units::InScope);
    let graph = run("run --graph --graph-root .. plan", &[]).units;
    assert_eq!(
        graph,
        Units::HereAndDownstreams {
            root: Some("/work".into())
        }
    );
}

#[test]
fn older_ways_to_choose_become_filters() {
    let line = "run-all plan --queue-include-dir dev/* --queue-exclude-dir ./my/ --queue-exclude-dir /abs \
                --queue-include-units-reading a.hcl --units-that-include b.hcl --queue-include-external";
    assert_debug_snapshot!(run(line, &[]).selection.filters, @r#"
    [
        "{./dev/*}",
        "!{./my}",
        "!{/abs}",
        "reading=a.hcl",
        "reading=b.hcl",
        "{./**}...",
    ]
    "#);
}

#[test]
fn paths_are_seen_from_the_start_folder() {
    let run = run(
        "-C ../other run-all plan --out-dir plans --config x/a.hcl --report-file /r.csv",
        &[],
    );
    assert_eq!(run.plans.binary, Some("/work/other/plans".into()));
    assert_eq!(run.reading.config, Some("/work/other/x/a.hcl".into()));
    assert_eq!(run.report.file, Some(("/r.csv".into(), ReportFormat::Csv)));
}

#[test]
fn without_a_terminal_yes_has_to_be_said_beforehand() {
    let approval = |line| run(line, &[]).approval;
    assert_eq!(approval("run-all apply"), Approval::MustBeTyped);
    assert_eq!(approval("run-all apply --non-interactive"), Approval::Given);
    let by_terraform = run("run-all apply --no-auto-approve", &[]);
    assert_eq!(by_terraform.approval, Approval::ByTerraform);
    assert_eq!(by_terraform.queue.at_once, NonZeroUsize::new(1));
}

#[test]
fn role_flags_are_kept_as_they_were_spelled() {
    let run = run(
        "plan --iam-assume-role a --terragrunt-iam-assume-role-duration=900",
        &[("TG_IAM_ASSUME_ROLE", "left to identity")],
    );
    assert_debug_snapshot!(run.reading.roles.by_spelling, @r#"
    {
        "--iam-assume-role": "a",
        "--terragrunt-iam-assume-role-duration": "900",
    }
    "#);
}

#[test]
fn who_chose_an_option_is_remembered() {
    let invocation = resolve("find -C dev", &[("TG_JSON", "true")]).expect("it is understood");
    assert_debug_snapshot!(invocation.options.chosen, @r#"
    [
        Chosen {
            flag: "working-dir",
            by: Flag(
                "-C",
            ),
        },
        Chosen {
            flag: "json",
            by: Variable(
                "TG_JSON",
            ),
        },
    ]
    "#);
}

#[test]
fn values_of_variables_do_not_show_in_debug_output() {
    let launch = launch("find", &[("AWS_SECRET_ACCESS_KEY", "hunter2")]);
    assert!(!format!("{launch:?}").contains("hunter2"));
}

#[test]
fn the_queue_of_destroy_runs_backwards() {
    let order = |line| match resolve(line, &[]).expect("it is understood").command {
        Command::Find(find) => find.listing.order,
        other => panic!("{other:?}"),
    };
    assert_eq!(order("find"), Order::ByPath);
    assert_eq!(order("find --dag"), Order::UpstreamsFirst);
    assert_eq!(order("find --as plan"), Order::UpstreamsFirst);
    assert_eq!(
        order("find --queue-construct-as destroy"),
        Order::DownstreamsFirst
    );
}

#[test]
fn json_is_events_of_many_units_and_terraforms_own_of_one() {
    let told = |line: &str| {
        let run = run(line, &[]);
        (run.storytelling, run.words.join(" "))
    };
    assert_eq!(
        told("run-all plan --json"),
        (Storytelling::JsonLines, "plan".to_owned())
    );
    let words_of = |line: &str| match told(line) {
        (Storytelling::ForPeople, words) => words,
        other => panic!("{other:?}"),
    };
    assert_eq!(words_of("plan --json"), "plan -json");
    assert_eq!(words_of("run-all output --json"), "output -json");
    assert_eq!(words_of("run-all plan -json"), "plan -json");
}
