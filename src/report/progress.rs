//! The screen of somebody who watches: what runs now, at the bottom; what has ended, above it.
//!
//! Drawn again on ticks and when a unit ends, never by a thread of its own. A finished unit is one
//! line that scrolls away like any other; failures are told whole when the run is over, where
//! nothing can push them off the screen.

use std::io;

use console::{measure_text_width, truncate_str};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::board::{Board, Counts, Unit};
use super::look::Look;
use super::reporter::Reporter;
use super::stopping;
use super::terminal::Size;
use super::words;
use crate::model::{UnitPath, harmless};
use crate::run::event::{Event, EventKind, RunCommand};
use crate::run::outcome::{Failure, Outcome};

/// A name longer than this is cut.
const WIDEST_NAME: usize = 40;

/// Wide enough for `upstream not applied`.
const WORD_WIDTH: usize = 20;

const BAR_WIDTH: usize = 28;

/// Rows that are left for what stands above the bars.
const ROWS_LEFT_FREE: usize = 4;

const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Draws bars on a terminal.
#[derive(Debug)]
pub struct Progress<T> {
    terminal: T,
    /// All the bars, in one text: they change together, and are drawn once.
    bars: ProgressBar,
    size: Size,
    look: Look,
    board: Board,
    name_width: usize,
    who_width: usize,
    frame: usize,
}

impl<T: TermLike + Clone + 'static> Progress<T> {
    pub fn new(terminal: T, size: Size, look: Look) -> Self {
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bars = ProgressBar::with_draw_target(None, target);
        let only_text = ProgressStyle::with_template("{msg}").expect("the template is well-formed");
        bars.set_style(only_text);
        Self {
            terminal,
            bars,
            size,
            look,
            board: Board::default(),
            name_width: 0,
            who_width: 0,
            frame: 0,
        }
    }
}

impl<T: TermLike> Reporter for Progress<T> {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        self.board.observe(event);
        match &event.kind {
            EventKind::RunStarted(_) => self.open(),
            EventKind::UnitEnded { unit, outcome } => self.tell_end(unit, outcome),
            EventKind::Stopping { .. } => self.tell_stop(),
            EventKind::Tick => {
                self.frame += 1;
                self.draw();
                Ok(())
            }
            EventKind::RunEnded => {
                self.bars.finish_and_clear();
                Ok(())
            }
            EventKind::UnitStarted { .. }
            | EventKind::UnitStep { .. }
            | EventKind::UnitLine { .. } => Ok(()),
        }
    }

    fn redraws(&self) -> bool {
        true
    }
}

impl<T: TermLike> Progress<T> {
    fn open(&mut self) -> io::Result<()> {
        let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
        let units = self.board.units();
        self.name_width =
            widest(&mut units.iter().map(|unit| measure_text_width(&unit.name))).min(WIDEST_NAME);
        self.who_width = widest(&mut units.iter().map(|unit| {
            unit.who_and_where()
                .map_or(0, |who| measure_text_width(&who))
        }));
        let opening = self.board.run.as_ref().map(|run| words::opening(run));
        let fit = |line: &String| self.cut(line);
        let mut lines: Vec<String> = opening.iter().flatten().map(fit).collect();
        lines.push(String::new());
        self.print(&lines)
    }

    fn tell_end(&self, path: &UnitPath, outcome: &Outcome) -> io::Result<()> {
        let Some(unit) = self.board.unit(path) else {
            return Ok(());
        };
        let look = &self.look;
        let (mark, word, note) = match outcome {
            Outcome::Succeeded(success) => {
                let word = words::changes(success.changes);
                let word = word.unwrap_or_else(|| words::outcome(outcome, &self.command()));
                (
                    look.good("✓"),
                    word,
                    success.remark.as_ref().map(words::remark),
                )
            }
            Outcome::Failed(failure) => {
                let word = words::failure(failure, &self.command());
                // Of an interruption there is nothing to explain.
                let explained = !matches!(failure, Failure::Interrupted { .. });
                let note = explained.then(|| "→ below".to_owned());
                (look.bad("✗"), look.bad(word), note)
            }
            Outcome::Excluded { reason } => (
                look.faint("·"),
                "excluded".to_owned(),
                Some(words::exclusion(reason)),
            ),
            // Counted at the bottom, and named with their cause at the end.
            Outcome::Blocked { .. } | Outcome::Cancelled => return Ok(()),
        };
        let time = unit
            .time(self.board.now)
            .map(words::took)
            .unwrap_or_default();
        let note = note.map(|note| format!("   {note}")).unwrap_or_default();
        let row = self.row(&mark, unit, &word, &format!("{time:>7}{note}"));
        self.print(&[self.cut(&row)])
    }

    /// Whole, however long it is: the next key may depend on it.
    fn tell_stop(&self) -> io::Result<()> {
        let Some(stop) = &self.board.stop else {
            return Ok(());
        };
        let mut lines: Vec<String> = stopping::lines(&self.board, stop)
            .iter()
            .map(|line| harmless(line))
            .collect();
        lines[0] = self.look.notable(&lines[0]);
        self.print(&lines)
    }

    /// Puts lines above the bars, for good.
    fn print(&self, lines: &[String]) -> io::Result<()> {
        self.draw();
        self.bars.suspend(|| {
            lines
                .iter()
                .try_for_each(|line| self.terminal.write_line(line.trim_end()))?;
            self.terminal.flush()
        })
    }

    fn cut(&self, line: &str) -> String {
        let (columns, _) = (self.size)();
        truncate_str(line, columns.into(), "…").into_owned()
    }

    fn draw(&self) {
        let (_, rows) = (self.size)();
        let room = usize::from(rows).saturating_sub(ROWS_LEFT_FREE).max(1);
        let running = self.board.running();
        let shown = if running.len() > room {
            room - 1
        } else {
            running.len()
        };
        let mut lines: Vec<String> = running[..shown].iter().map(|unit| self.bar(unit)).collect();
        if shown < running.len() {
            let more = words::counted(running.len() - shown, "more unit");
            lines.push(self.look.faint(format!("  and {more}")));
        }
        lines.push(self.total());
        let text: Vec<String> = lines.iter().map(|line| self.cut(line)).collect();
        self.bars.set_message(text.join("\n"));
    }

    /// `⠹ dev/eks    planning                12 s`
    fn bar(&self, unit: &Unit) -> String {
        let spinner = self.look.good(SPINNER[self.frame % SPINNER.len()]);
        let doing = unit
            .step()
            .map(|step| step.doing().into_owned())
            .unwrap_or_default();
        let time = words::so_far(unit.time(self.board.now).unwrap_or_default());
        self.row(&spinner, unit, &doing, &format!("{time:>7}"))
    }

    /// The columns that bars and finished units share. Where they do not fit, who did it goes.
    fn row(&self, mark: &str, unit: &Unit, word: &str, rest: &str) -> String {
        let name = harmless(&unit.name);
        let name = truncate_str(&name, self.name_width, "…");
        let word = padded(word, WORD_WIDTH);
        let name = padded(&name, self.name_width);
        let who = unit
            .who_and_where()
            .map(|who| harmless(&who))
            .unwrap_or_default();
        let who = self.look.faint(padded(&who, self.who_width));
        let whole = format!("{mark} {}  {word}  {who}  {rest}", self.look.strong(&name));
        let (columns, _) = (self.size)();
        if self.who_width > 0 && measure_text_width(&whole) <= usize::from(columns) {
            whole
        } else {
            format!("{mark} {}  {word}  {rest}", self.look.strong(&name))
        }
    }

    /// `━━━━━━━━╸─────────   9 of 16 · 2 running · 4 waiting · 1 failed`
    fn total(&self) -> String {
        let Counts {
            waiting,
            running,
            succeeded,
            failed,
            interrupted,
            blocked,
            cancelled,
            excluded,
        } = self.board.counts();
        let ended = succeeded + failed + interrupted + blocked + cancelled + excluded;
        let all = ended + waiting + running;
        let mut parts = vec![format!("{ended} of {all}")];
        let others = [
            (running, "running"),
            (waiting, "waiting"),
            (interrupted, "interrupted"),
            (blocked, "blocked"),
            (cancelled, "cancelled"),
        ];
        parts.extend(
            others
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, word)| format!("{count} {word}")),
        );
        if failed > 0 {
            parts.push(self.look.bad(format!("{failed} failed")));
        }
        if self.board.stop.is_some() {
            parts.push(self.look.notable("stopping"));
        }
        format!("{}   {}", bar_text(ended, all), parts.join(" · "))
    }

    fn command(&self) -> RunCommand {
        let run = self.board.run.as_ref();
        run.map_or(RunCommand::Other("command".to_owned()), |run| {
            run.command.clone()
        })
    }
}

fn bar_text(ended: usize, all: usize) -> String {
    let full = BAR_WIDTH * ended / all.max(1);
    let head = if full < BAR_WIDTH { "╸" } else { "" };
    let rest = BAR_WIDTH - full - head.chars().count();
    format!("{}{head}{}", "━".repeat(full), "─".repeat(rest))
}

fn padded(text: &str, width: usize) -> String {
    format!(
        "{text}{}",
        " ".repeat(width.saturating_sub(measure_text_width(text)))
    )
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;
    use insta::assert_snapshot;

    use super::*;
    use crate::model::Changes;
    use crate::report::script::{Script, plan_failed};
    use crate::run::event::{Interrupt, Stage, Step, StopCause};
    use crate::run::outcome::{Remark, Success};

    fn screen(script: &Script, size: Size) -> String {
        let (columns, rows) = size();
        let terminal = InMemoryTerm::new(rows, columns);
        let mut progress = Progress::new(terminal.clone(), size, Look::plain());
        for event in script.events() {
            progress
                .observe(event)
                .expect("a terminal in memory takes everything");
        }
        terminal.contents()
    }

    fn wide() -> (u16, u16) {
        (100, 24)
    }

    fn half_way() -> Script {
        let mut script = Script::new(
            RunCommand::Plan,
            &[
                "0-shared/transit_gateway",
                "0-shared/vpc",
                "1-dev/eks",
                "2-stage/eks",
                "2-stage/eks_controllers",
                "3-prod/vpc",
            ],
        );
        script
            .starts("0-shared/vpc")
            .starts("2-stage/eks")
            .starts("0-shared/transit_gateway");
        script
            .after_millis(900)
            .changes("0-shared/transit_gateway", 0, 0, 0);
        script.after_millis(300).changes("0-shared/vpc", 3, 0, 0);
        script.starts("1-dev/eks").step("1-dev/eks", Step::Planning);
        script.after_millis(800).fails("2-stage/eks", plan_failed());
        script.blocked("2-stage/eks_controllers", "2-stage/eks");
        script
            .after(9)
            .starts("3-prod/vpc")
            .step("3-prod/vpc", Step::Initialising)
            .after(2)
            .tick();
        script
    }

    #[test]
    fn what_runs_is_at_the_bottom_and_what_ended_above() {
        assert_snapshot!(screen(&half_way(), wide), @"
        terrane 0.1.0 · 6 units in 4 accounts, 9 edges across accounts · terraform 1.11.4 · run 7f3a
        identity  jane (SSO) → infrastructure-assumer-role → 4 doers

        ✓ shared/transit_gateway  no changes            doer-role @ 0-shared    0.9 s
        ✓ shared/vpc              +3 ~0 -0              doer-role @ 0-shared    1.2 s
        ✗ stage/eks               plan failed           doer-role @ 2-stage     2.0 s   → below
        ⠙ dev/eks                 planning              doer-role @ 1-dev        11 s
        ⠙ prod/vpc                initialising          doer-role @ 3-prod        2 s
        ━━━━━━━━━━━━━━━━━━╸─────────   4 of 6 · 2 running · 1 blocked · 1 failed
        ");
    }

    #[test]
    fn the_bars_go_when_the_run_ends() {
        let mut script = half_way();
        script
            .changes("1-dev/eks", 1, 0, 0)
            .changes("3-prod/vpc", 0, 0, 0)
            .run_ends();
        assert_snapshot!(screen(&script, wide), @"
        terrane 0.1.0 · 6 units in 4 accounts, 9 edges across accounts · terraform 1.11.4 · run 7f3a
        identity  jane (SSO) → infrastructure-assumer-role → 4 doers

        ✓ shared/transit_gateway  no changes            doer-role @ 0-shared    0.9 s
        ✓ shared/vpc              +3 ~0 -0              doer-role @ 0-shared    1.2 s
        ✗ stage/eks               plan failed           doer-role @ 2-stage     2.0 s   → below
        ✓ dev/eks                 +1 ~0 -0              doer-role @ 1-dev      11.8 s
        ✓ prod/vpc                no changes            doer-role @ 3-prod      2.0 s
        ");
    }

    #[test]
    fn a_narrow_terminal_leaves_out_who_did_it() {
        assert_snapshot!(screen(&half_way(), || (60, 24)), @"
        terrane 0.1.0 · 6 units in 4 accounts, 9 edges across accou…
        identity  jane (SSO) → infrastructure-assumer-role → 4 doers

        ✓ shared/transit_gateway  no changes              0.9 s
        ✓ shared/vpc              +3 ~0 -0                1.2 s
        ✗ stage/eks               plan failed             2.0 s   →…
        ⠙ dev/eks                 planning                 11 s
        ⠙ prod/vpc                initialising              2 s
        ━━━━━━━━━━━━━━━━━━╸─────────   4 of 6 · 2 running · 1 block…
        ");
    }

    #[test]
    fn a_very_narrow_terminal_cuts_lines_and_never_wraps_them() {
        for line in screen(&half_way(), || (24, 30)).lines() {
            assert!(measure_text_width(line) <= 24, "{line}");
        }
    }

    #[test]
    fn more_units_than_rows_are_counted() {
        let names: Vec<String> = (0..30).map(|number| format!("unit{number:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut script = Script::new(RunCommand::Apply, &names);
        for name in &names {
            script.starts(name).step(name, Step::Applying);
        }
        script.after(75).tick();
        assert_snapshot!(screen(&script, || (80, 10)), @"
        terrane 0.1.0 · 30 units, 9 edges across accounts · terraform 1.11.4 · run 7f3a
        identity  jane (SSO) → infrastructure-assumer-role → 4 doers

        ⠙ unit00  applying              doer-role    1m15s
        ⠙ unit01  applying              doer-role    1m15s
        ⠙ unit02  applying              doer-role    1m15s
        ⠙ unit03  applying              doer-role    1m15s
        ⠙ unit04  applying              doer-role    1m15s
          and 25 more units
        ╸───────────────────────────   0 of 30 · 30 running
        ");
    }

    #[test]
    fn a_stop_is_said_above_the_bars() {
        let mut script = Script::new(
            RunCommand::Apply,
            &["1-dev/eks", "1-dev/vpc", "2-stage/vpc"],
        );
        script
            .starts("1-dev/eks")
            .step("1-dev/eks", Step::Applying)
            .after(40)
            .tick();
        let cause = StopCause::Interrupted {
            by: Interrupt::CtrlC,
            count: 1,
        };
        script.stops(cause, Stage::Draining);
        script
            .ends("1-dev/vpc", Outcome::Cancelled)
            .ends("2-stage/vpc", Outcome::Cancelled)
            .tick();
        assert_snapshot!(screen(&script, wide), @"
        terrane 0.1.0 · 3 units in 2 accounts, 9 edges across accounts · terraform 1.11.4 · run 7f3a
        identity  jane (SSO) → infrastructure-assumer-role → 4 doers

        Stopping: nothing new starts. 1 unit is applying and will finish: dev/eks (40 s).
            Ctrl-C again asks terraform to stop (resources in flight may be lost to the state).
        ⠹ dev/eks    applying              doer-role @ 1-dev       40 s
        ━━━━━━━━━━━━━━━━━━╸─────────   2 of 3 · 1 running · 2 cancelled · stopping
        ");
    }

    #[test]
    fn remarks_and_long_names_have_their_place() {
        let long = "live/eu-central-1/production/platform/a-very-long-unit-name";
        let mut script = Script::new(RunCommand::Validate, &["a", long]);
        script.starts("a").starts(long).after(2);
        let remark = Some(Remark::Retried {
            rule: "again".into(),
            attempts: 2,
        });
        script.ends(
            "a",
            Outcome::Succeeded(Success {
                changes: Changes::Unknown,
                remark,
            }),
        );
        script.tick();
        assert_snapshot!(screen(&script, wide), @r#"
        terrane 0.1.0 · 2 units, 9 edges across accounts · terraform 1.11.4 · run 7f3a
        identity  jane (SSO) → infrastructure-assumer-role → 4 doers

        ✓ a                                         valid                   2.0 s   at attempt 2 (retry "ag…
        ⠙ live/eu-central-1/production/platform/a…                        doer-role      2 s
        ━━━━━━━━━━━━━━╸─────────────   1 of 2 · 1 running
        "#);
    }

    #[test]
    fn a_bar_is_full_only_at_the_end() {
        assert_eq!(bar_text(0, 0).chars().count(), BAR_WIDTH);
        assert_eq!(bar_text(15, 16), "━━━━━━━━━━━━━━━━━━━━━━━━━━╸─");
        assert_eq!(bar_text(16, 16), "━".repeat(BAR_WIDTH));
    }
}
