//! A failure as people read it: what happened, its facts, the child's own words, and what it held up.

mod mocks_in_apply;
mod role_refused;

use std::fmt::Display;

use terrane_hcl::Diagnostic;

use self::mocks_in_apply::mocks_in_apply;
use self::role_refused::role_refused;
use super::board::{Board, Unit};
use super::diagnostics::render_diagnostics;
use super::look::Look;
use super::words::{listed, so_far, took};
use crate::model::{Line, Place, Stream, harmless};
use crate::run::outcome::{
    CommandFailed, Failure, HookFailed, OutputsNotRead, StateAtRisk, WrongAccount,
};

/// A failure put into words. Which come first and how they look is up to [`block`].
pub(super) struct Explanation {
    /// One sentence without its full stop.
    pub(super) headline: String,
    pub(super) words: Vec<Line>,
    pub(super) rows: Vec<(&'static str, String)>,
    /// The line of a file at which the trouble is best looked at.
    pub(super) place: Option<Place>,
}

/// Whether a failure's block quotes the last lines of the unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LastWords {
    Quoted,
    /// All that the unit said stands above already.
    StandAbove,
}

/// All there is to say about a failed unit, in one piece.
pub(super) fn block(
    board: &Board,
    unit: &Unit,
    failure: &Failure,
    look: &Look,
    last_words: LastWords,
) -> String {
    let explanation = explain(failure);
    let time = unit
        .time(board.now)
        .map(|time| format!(" (after {})", took(time)));
    let mut lines = vec![format!(
        "{} {}: {}{}",
        look.bad("✗"),
        look.strong(harmless(&unit.name)),
        harmless(&explanation.headline),
        look.faint(time.unwrap_or_default()),
    )];
    let words = match last_words {
        LastWords::Quoted => &*explanation.words,
        LastWords::StandAbove => &[],
    };
    for line in words {
        lines.push(
            format!("  {} {}", look.bad("│"), look.quoted(line))
                .trim_end()
                .to_owned(),
        );
    }
    let mut rows = explanation.rows;
    rows.extend(unit.who_and_where().map(|who| ("doer", who)));
    let blocked = board.blocked_because_of(&unit.path);
    if !blocked.is_empty() {
        let names: Vec<String> = blocked.iter().map(|unit| unit.name.clone()).collect();
        rows.push(("blocked", listed(&names)));
    }
    for (label, value) in rows {
        lines.push(format!(
            "  {} {}",
            look.faint(format_args!("{label:<8}")),
            harmless(&value)
        ));
    }
    lines.join("\n") + "\n"
}

/// Puts the facts into words.
pub(super) fn explain(failure: &Failure) -> Explanation {
    match failure {
        Failure::ReadOutputs(facts) => outputs_not_read(facts),
        Failure::MocksInApply(facts) => mocks_in_apply(facts),
        Failure::Evaluate { diagnostics } => evaluation_failed(diagnostics),
        Failure::FetchSource { source, reason } => {
            Explanation::of(format!("could not fetch {source}")).row("reason", reason)
        }
        Failure::WorkDir { path, reason } => {
            Explanation::of(format!("could not prepare {path}")).row("reason", reason)
        }
        Failure::NoCode { folder } => Explanation::of("there is no terraform code to run")
            .row("folder", folder)
            .row(
                "hint",
                "name a source in its terraform block, or put .tf files beside its terragrunt.hcl",
            ),
        Failure::AssumeRole(facts) => role_refused(facts),
        Failure::WrongAccount(facts) => wrong_account(facts),
        Failure::Spawn { program, reason } => {
            Explanation::of(format!("could not start {program}")).row("reason", reason)
        }
        Failure::Init(failed) | Failure::Command(failed) => command_failed(failed),
        Failure::Hook(facts) => hook_failed(facts),
        Failure::StateAtRisk(facts) => state_at_risk(facts),
        Failure::Protected { place } => {
            Explanation::of("prevent_destroy keeps it from being destroyed").place(place.as_ref())
        }
        Failure::TimedOut { step, limit } => Explanation::of(format!(
            "{} took longer than {}",
            step.doing(),
            so_far(*limit)
        )),
        Failure::Interrupted { step, killed: true } => {
            Explanation::of(format!("killed while {}", step.doing()))
        }
        Failure::Interrupted {
            step,
            killed: false,
        } => Explanation::of(format!("interrupted while {}", step.doing())),
        Failure::Bug { message } => Explanation::of(format!("BUG: {message}")).row(
            "hint",
            "this is a mistake in terrane; please report it with the lines above",
        ),
    }
}

impl Explanation {
    fn of(headline: impl Into<String>) -> Self {
        Self {
            headline: headline.into(),
            words: Vec::new(),
            rows: Vec::new(),
            place: None,
        }
    }

    fn row(mut self, label: &'static str, value: impl Display) -> Self {
        self.rows.push((label, value.to_string()));
        self
    }

    fn maybe(self, label: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.row(label, value),
            None => self,
        }
    }

    /// One row for each line of a longer text.
    fn lines(self, label: &'static str, text: &str) -> Self {
        let mut label = label;
        text.lines().fold(self, |explanation, line| {
            explanation.row(std::mem::take(&mut label), line)
        })
    }

    fn place(mut self, place: Option<&Place>) -> Self {
        self.place = place.cloned();
        self.maybe("at", place)
    }
}

fn outputs_not_read(facts: &OutputsNotRead) -> Explanation {
    let OutputsNotRead {
        upstream,
        location,
        role,
        reason,
        hint,
    } = facts;
    Explanation::of(format!("could not read the outputs of {upstream}"))
        .row("state", location)
        .maybe("as", role.as_ref())
        .row("reason", reason)
        .lines("hint", hint.as_deref().unwrap_or_default())
}

fn evaluation_failed(diagnostics: &[Diagnostic]) -> Explanation {
    let first = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    let first = first.or(diagnostics.first());
    let summary = first.map_or("nobody knows how", |first| first.summary.as_str());
    let more = match diagnostics.len() {
        0 | 1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let coloured = Look {
        colour: true,
        ..Look::plain()
    };
    let words = render_diagnostics(diagnostics, &coloured);
    let line = |line: &str| Line::new(Stream::Stderr, line.as_bytes());
    let place = first
        .and_then(|first| first.subject.as_ref())
        .map(|location| Place {
            file: location.source.name().into(),
            line: location.start().line,
        });
    Explanation {
        words: words.lines().map(line).collect(),
        place,
        ..Explanation::of(format!("its configuration is wrong: {summary}{more}"))
    }
}

fn wrong_account(facts: &WrongAccount) -> Explanation {
    let WrongAccount {
        role,
        expected,
        place,
        actual,
    } = facts;
    Explanation::of(format!(
        "its role answers as account {actual}, not {expected}"
    ))
    .row("role", role)
    .place(place.as_ref())
    .row("note", "nothing was run with this session")
    .row(
        "hint",
        format!("name a role of {expected}, or correct the account there"),
    )
}

fn command_failed(failed: &CommandFailed) -> Explanation {
    let files: Vec<&str> = failed.words.iter().map(|file| file.as_str()).collect();
    let mut explanation = Explanation::of(format!("{} ended with {}", failed.command, failed.end));
    explanation.words.clone_from(&failed.last_lines);
    if files.is_empty() {
        explanation
    } else {
        explanation.row("words", files.join(", "))
    }
}

fn hook_failed(facts: &HookFailed) -> Explanation {
    let HookFailed {
        name,
        place,
        failed,
    } = facts;
    let inner = command_failed(failed);
    let headline = format!("hook {name}: {}", inner.headline);
    Explanation { headline, ..inner }.place(place.as_ref())
}

fn state_at_risk(facts: &StateAtRisk) -> Explanation {
    let StateAtRisk {
        what,
        saved,
        lock,
        next,
        failed,
    } = facts;
    let (words, rows) = match failed {
        Some(failed) => {
            let inner = command_failed(failed);
            (inner.words, inner.rows)
        }
        None => (Vec::new(), Vec::new()),
    };
    let explanation = Explanation {
        words,
        rows,
        ..Explanation::of(format!("STATE AT RISK: {what}"))
    };
    let explanation = explanation
        .maybe("saved", saved.as_ref())
        .maybe("lock", lock.as_ref());
    next.iter().fold(explanation, |explanation, command| {
        explanation.row("next", command)
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::report::script::{
        Script, every_failure, path, plan_failed, role_refused, state_at_risk,
    };
    use crate::run::event::RunCommand;

    fn shown(failure: &Failure) -> String {
        let mut script = Script::new(
            RunCommand::Plan,
            &["2-stage/eks", "2-stage/eks_controllers"],
        );
        script
            .starts("2-stage/eks")
            .after(2)
            .fails("2-stage/eks", failure.clone());
        script.blocked("2-stage/eks_controllers", "2-stage/eks");
        let mut board = Board::default();
        script
            .events()
            .iter()
            .for_each(|event| board.observe(event));
        let unit = board
            .unit(&path("2-stage/eks"))
            .expect("it is in the script");
        block(&board, unit, failure, &Look::plain(), LastWords::Quoted)
    }

    #[test]
    fn a_failed_command_shows_its_words_and_what_it_blocked() {
        assert_snapshot!(shown(&plan_failed()), @r#"
        ✗ stage/eks: terraform plan ended with exit code 1 (after 2.0 s)
          │ Error: Invalid value for variable
          │
          │   on main.tf line 3:
          │    3: variable "size" {
          words    /runs/7f3a/plan.out, /runs/7f3a/plan.err
          doer     doer-role @ 2-stage
          blocked  stage/eks_controllers
        "#);
    }

    #[test]
    fn a_refused_role_shows_the_chain_and_who_asked() {
        let failure = Failure::AssumeRole(Box::new(role_refused()));
        assert_snapshot!(shown(&failure), @"
        ✗ stage/eks: could not assume the doer role (after 2.0 s)
          chain    base → infrastructure-assumer → doer, stopped at the last hop
          role     arn:aws:iam::222222222222:role/doer-role  (from 2-stage/account.hcl:4)
          as       arn:aws:sts::111111111111:assumed-role/infrastructure-assumer/build-42
          reason   AccessDenied: not authorized to perform sts:AssumeRole
          hint     that role's trust policy must allow the identity above
          next     terrane doctor
          doer     doer-role @ 2-stage
          blocked  stage/eks_controllers
        ");
    }

    #[test]
    fn a_state_at_risk_says_what_to_type_next() {
        let failure = Failure::StateAtRisk(Box::new(state_at_risk()));
        assert_snapshot!(shown(&failure), @"
        ✗ stage/eks: STATE AT RISK: terraform apply was killed before it could save its state (after 2.0 s)
          │ Applying...
          words    /runs/7f3a/plan.out, /runs/7f3a/plan.err
          saved    /runs/7f3a/errored.tfstate
          lock     827f3ae5, held by us since 14:02:11
          next     terraform state push errored.tfstate
          next     terraform force-unlock 827f3ae5
          doer     doer-role @ 2-stage
          blocked  stage/eks_controllers
        ");
    }

    #[test]
    fn every_other_failure_is_one_sentence_with_its_facts() {
        let told = |failure: &Failure| {
            let Explanation {
                headline,
                words,
                rows,
                place: _,
            } = explain(failure);
            let rows = rows
                .into_iter()
                .map(|(label, value)| format!("  {label} {value}"));
            let words = words
                .into_iter()
                .map(|line| format!("  │ {}", line.plain()));
            let lines: Vec<String> = std::iter::once(headline).chain(words).chain(rows).collect();
            lines.join("\n")
        };
        assert_snapshot!(every_failure().iter().map(told).collect::<Vec<_>>().join("\n"), @r#"
        could not read the outputs of 0-shared/vpc
          state s3://tfstate/0-shared/vpc
          as state-mgmt-role
          reason AccessDenied on s3:GetObject
        mocks of 2-stage/vpc would be given to apply
          values inputs.vpc_id
          at 2-stage/eks/terragrunt.hcl:3
          hint apply 2-stage/vpc first, or add "apply" to mock_outputs_allowed_terraform_commands
        its saved plan was made with mocks of 2-stage/vpc
          plan plans/2-stage/eks/tfplan.tfplan
          values inputs.vpc_id
          at 2-stage/eks/terragrunt.hcl:3
          hint apply 2-stage/vpc, then plan again
        its configuration is wrong: Invalid index, and 1 more
          │ error: Invalid index
          │  --> 2-stage/eks/terragrunt.hcl:1:26
          │   |
          │ 1 | inputs = { az = local.azs[3] }
          │   |                          ^^^
          │   |
          │   = The list has 3 elements, so its last index is 2.
          │ 
          │ warning: Old habit
        could not fetch git::https://x/y.git
          reason no route
        could not prepare /runs
          reason disk full
        there is no terraform code to run
          folder 2-stage/eks
          hint name a source in its terraform block, or put .tf files beside its terragrunt.hcl
        could not assume the doer role
          chain base → infrastructure-assumer → doer, stopped at the last hop
          role arn:aws:iam::222222222222:role/doer-role  (from 2-stage/account.hcl:4)
          as arn:aws:sts::111111111111:assumed-role/infrastructure-assumer/build-42
          reason AccessDenied: not authorized to perform sts:AssumeRole
          hint that role's trust policy must allow the identity above
          next terrane doctor
        its role answers as account 333333333333, not 222222222222
          role arn:aws:iam::333333333333:role/doer-role
          at 2-stage/account.hcl:2
          note nothing was run with this session
          hint name a role of 222222222222, or correct the account there
        could not start tofu
          reason tofu was not found in /bin
        terraform init ended with exit code 1
          │ no provider
          words /runs/7f3a/plan.out, /runs/7f3a/plan.err
        terraform plan ended with exit code 1
          │ Error: Invalid value for variable
          │ 
          │   on main.tf line 3:
          │    3: variable "size" {
          words /runs/7f3a/plan.out, /runs/7f3a/plan.err
        hook lint: tflint ended with exit code 2
          │ 1 issue
          words /runs/7f3a/plan.out, /runs/7f3a/plan.err
          at root.hcl:30
        STATE AT RISK: terraform apply was killed before it could save its state
          │ Applying...
          words /runs/7f3a/plan.out, /runs/7f3a/plan.err
          saved /runs/7f3a/errored.tfstate
          lock 827f3ae5, held by us since 14:02:11
          next terraform state push errored.tfstate
          next terraform force-unlock 827f3ae5
        prevent_destroy keeps it from being destroyed
          at 2-stage/eks/terragrunt.hcl:3
        applying took longer than 10m00s
        interrupted while planning
        killed while planning
        BUG: index out of bounds
          hint this is a mistake in terrane; please report it with the lines above
        "#);
    }

    #[test]
    fn words_of_strangers_cannot_play_tricks() {
        let reason = "\u{1b}]0;owned\u{7}gone\rok".into();
        let failure = Failure::FetchSource {
            source: "x\u{202e}y".into(),
            reason,
        };
        let text = shown(&failure);
        assert!(text.contains("could not fetch x<U+202E>y"), "{text}");
        assert!(text.contains("reason   gone␍ok"), "{text}");
    }
}
