//! A whole run with children that follow scripts: everything of terrane from the loop to the
//! reporters, without terraform.
//!
//! ```text
//! run_scripts COMMAND FOLDER UNIT[:UPSTREAM[,UPSTREAM]]=SCRIPT …
//! ```
//!
//! COMMAND decides how interrupts are taken (`plan`, `apply`), FOLDER gets the children's words and
//! the report. Events go to stdout as JSON lines, a plain log to stderr. The scripts are those of
//! the example `witness_child`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use terrane::graph::{Edge, Graph, Purpose, Reason};
use terrane::model::{Place, UnitIx, UnitMap, UnitPath};
use terrane::process::{Environment, Program, WordFiles};
use terrane::report::{Again, Failures, JsonLines, Look, Plain, ReportFormat, Reporters, Words};
use terrane::run::attend::{Errand, StdoutLines, attend};
use terrane::run::dispatcher::{Run, dispatch};
use terrane::run::event::{Engine, RunCommand, RunStarted, RunUnit};
use terrane::run::outcome::{Failure, Success};
use terrane::run::queue::{Limits, OnFailure, Order, Policy};
use terrane::run::signals::every_signal;
use terrane::run::unit_handle::UnitHandle;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let command = RunCommand::named(&args.next().ok_or("which command?")?);
    let folder = Utf8PathBuf::from(args.next().ok_or("which folder?")?);
    let scripts = Scripts::parse(args)?;
    // The tests wait for what a signal does, not for a moment in which it would count as an echo.
    let interrupts = every_signal()?;
    let graph = scripts.graph()?;

    let mut reporters = Reporters::new(vec![
        Box::new(JsonLines::new(io::stdout())),
        Box::new(Plain::new(io::stderr(), Look::plain(), Words::Streamed)),
    ]);
    dispatch(
        run(&graph, command),
        async |handle: &UnitHandle<'_>| run_unit(handle, &scripts, &folder).await,
        interrupts,
        |event| reporters.observe(event),
    )
    .await;

    let (summary, trouble) = reporters.finish();
    // Whoever reads may have gone; the exit status still counts.
    let words = summary.closing_words(&Look::plain(), Failures::InOneLine, &Again::Unknown);
    let _ = write!(io::stderr(), "{words}");
    let _ = trouble
        .iter()
        .try_for_each(|error| writeln!(io::stderr(), "{error}"));
    summary.write_report(&folder.join("report.json"), ReportFormat::Json)?;
    Ok(summary.exit_status().into())
}

async fn run_unit(
    handle: &UnitHandle<'_>,
    scripts: &Scripts,
    folder: &Utf8Path,
) -> Result<Success, Failure> {
    let command = if handle.may_change_things() {
        RunCommand::Apply
    } else {
        RunCommand::Plan
    };
    handle.step(command.step());
    let own_path = std::env::current_exe().expect("a running program has a path");
    let program = Program {
        executable: own_path.with_file_name("witness_child").into(),
        args: vec![scripts.of(handle.unit()).into()],
        folder: folder.to_owned(),
        environment: Environment::default(),
    };
    let errand = Errand {
        program: &program,
        words: WordFiles::in_folder(folder, handle.path().name()),
        time_limit: None,
        grant: None,
        stdout: StdoutLines::Told,
    };
    let attended = attend(handle, errand, |_| {}).await?;
    attended.checked(handle, "witness_child", Failure::Command)?;
    Ok(Success::default())
}

/// By unit: its script and its upstreams.
struct Scripts(BTreeMap<String, (String, Vec<String>)>);

impl Scripts {
    fn parse(args: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut units = BTreeMap::new();
        for arg in args {
            let (unit, script) = arg.split_once('=').ok_or("a unit needs a script")?;
            let (unit, upstreams) = unit.split_once(':').unwrap_or((unit, ""));
            let upstreams = upstreams.split(',').filter(|name| !name.is_empty());
            let upstreams = upstreams.map(str::to_owned).collect();
            units.insert(unit.to_owned(), (script.to_owned(), upstreams));
        }
        Ok(Self(units))
    }

    fn of(&self, unit: UnitIx) -> &str {
        let (script, _) = self
            .0
            .values()
            .nth(unit.index())
            .expect("units are numbered by name");
        script
    }

    fn graph(&self) -> Result<Graph, Box<dyn Error>> {
        let number = |name: &str| {
            self.0
                .keys()
                .position(|known| known == name)
                .map(UnitIx::new)
        };
        let mut edges = Vec::new();
        for (unit, (_, upstreams)) in &self.0 {
            for upstream in upstreams {
                edges.push(Edge {
                    upstream: number(upstream).ok_or("an upstream must be a unit")?,
                    downstream: number(unit).ok_or("a unit is a unit")?,
                    reason: Reason {
                        purpose: Purpose::OrderOnly,
                        place: Place {
                            file: "the command line".into(),
                            line: 1,
                        },
                    },
                });
            }
        }
        let paths: UnitMap<UnitPath> = self
            .0
            .keys()
            .map(|name| UnitPath::new(Utf8Path::new(name)))
            .collect();
        Ok(Graph::build(paths, edges)?)
    }
}

fn run(graph: &Graph, command: RunCommand) -> Run<'_> {
    let unit = |path: &UnitPath| RunUnit {
        path: path.clone(),
        account: None,
        doer_role: None,
    };
    Run {
        graph,
        policy: Policy {
            limits: Limits {
                parallelism: NonZeroUsize::MIN.saturating_add(7),
            },
            on_failure: OnFailure::KeepGoing,
            order: Order::ByGraph,
            usual: None,
        },
        excluded: Vec::new(),
        facts: RunStarted {
            run_id: "scripts".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            started_at: jiff::Timestamp::UNIX_EPOCH,
            command,
            args: Vec::new(),
            detailed_exitcode: false,
            engine: Engine {
                name: "witness_child".into(),
                version: "1".into(),
            },
            identity: None,
            scope: Utf8PathBuf::new(),
            units: graph.paths().values().map(unit).collect(),
            edges: graph.edge_count(),
            cross_account_edges: 0,
        },
        redraws: false,
    }
}
