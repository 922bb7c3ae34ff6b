//! Whether the process that asks is the engine that was started, told by its ancestors.
//!
//! Pure: it is handed the processes from the asker upward and says yes or no. What it cannot tell
//! apart is written in SECURITY.md.
//!
//! An engine asks through a shell: `helper < sh < terraform`. dash forks before it runs the
//! helper, bash becomes it, so any number of shells is passed over. A provider plugin asks by
//! `helper < sh < plugin < terraform` and is refused, since the nearest program is not the one
//! that was started. A `local-exec` that runs the helper itself looks exactly like the engine;
//! against it stands the rule that credentials are handed out once (see `grants`).

use std::fmt;
use std::path::{Path, PathBuf};

/// A process on the way from the asker up to the child that was started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Process {
    pub(super) mark: ProcessMark,
    /// The file that runs; `None` where the system does not tell.
    pub(super) program: Option<PathBuf>,
}

/// A process number together with its start, so that a number used again is another process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ProcessMark {
    pub(super) pid: u32,
    pub(super) started: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotTheEngine {
    /// The asker is not terrane's own helper.
    NotTheHelper,
    /// The child that was started is not among the ancestors.
    NotOurChild,
    /// Nothing but shells up to the child: a wrapper script asks, not an engine.
    OnlyShells,
    /// A program stands between the shells and the engine, such as a provider plugin.
    AnotherProgram,
}

/// What Linux writes behind the path of a file that is gone.
const DELETED: &str = " (deleted)";

/// The engine on whose behalf the helper asks.
///
/// `ancestry` begins with the asker and goes up, through its parents. Usually the engine is the
/// child itself, or what the child has become by `exec`. A version manager's wrapper may start the
/// engine as its own child; that is taken for the engine when it is named like one, when nothing
/// but shells stands between, and when the wrapper is another program: an engine that runs an
/// engine is somebody's provisioner.
pub(super) fn engine(
    ancestry: &[Process],
    helper: &Path,
    child: ProcessMark,
) -> Result<ProcessMark, NotTheEngine> {
    let Some((asker, above)) = ancestry.split_first() else {
        return Err(NotTheEngine::NotTheHelper);
    };
    if !asker.runs(helper) {
        return Err(NotTheEngine::NotTheHelper);
    }
    let Some(up_to_child) = above.iter().position(|process| process.mark == child) else {
        return Err(NotTheEngine::NotOurChild);
    };
    let above = &above[..=up_to_child];
    let Some(nearest) = above.iter().position(|process| !process.is_shell()) else {
        return Err(NotTheEngine::OnlyShells);
    };
    let candidate = &above[nearest];
    if candidate.mark == child {
        return Ok(child);
    }
    let wrapper = &above[up_to_child];
    let between = &above[nearest + 1..up_to_child];
    if candidate.is_named_like_an_engine()
        && between.iter().all(Process::is_shell)
        && wrapper.program != candidate.program
    {
        return Ok(candidate.mark);
    }
    Err(NotTheEngine::AnotherProgram)
}

impl Process {
    fn is_shell(&self) -> bool {
        const SHELLS: [&str; 9] = [
            "sh", "dash", "bash", "busybox", "ash", "zsh", "ksh", "mksh", "yash",
        ];
        SHELLS.contains(&self.name())
    }

    /// `terraform`, `tofu`, or such a name with a version: `terraform_1.11.4`, `tofu-1.10`.
    fn is_named_like_an_engine(&self) -> bool {
        let rest = ["terraform", "tofu"]
            .iter()
            .find_map(|name| self.name().strip_prefix(name));
        rest.is_some_and(|rest| {
            let version = rest.trim_start_matches(['-', '_', 'v']);
            version.chars().all(|c| c.is_ascii_digit() || c == '.')
        })
    }

    /// Whether it runs that file. Linux marks a file that was replaced while it ran.
    fn runs(&self, program: &Path) -> bool {
        let path = self
            .program
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned());
        path.is_some_and(|path| Path::new(path.trim_end_matches(DELETED)) == program)
    }

    /// The program's file name.
    pub(super) fn name(&self) -> &str {
        let name = self
            .program
            .as_deref()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        name.map_or("", |name| name.trim_end_matches(DELETED))
    }
}

impl fmt::Display for NotTheEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotTheHelper => "it is not terrane's helper that asks",
            Self::NotOurChild => "it was not started by the engine that terrane started",
            Self::OnlyShells => "a script asks, not an engine",
            Self::AnotherProgram => "another program than the engine asks",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELPER: &str = "/usr/bin/terrane";

    /// From the asker up; each process is the child of the one after it. The last was started.
    fn judged(programs: &[&str]) -> Result<u32, NotTheEngine> {
        let ancestry: Vec<Process> = programs
            .iter()
            .zip(100..)
            .map(|(program, pid)| Process {
                mark: ProcessMark { pid, started: 7 },
                program: Some(program.into()),
            })
            .collect();
        let child = ancestry.last().expect("at least one process").mark;
        engine(&ancestry, Path::new(HELPER), child).map(|mark| mark.pid - 100)
    }

    #[test]
    fn the_engine_is_known_behind_any_shell() {
        for shells in [
            &[][..],
            &["/bin/dash"],
            &["/usr/bin/bash"],
            &["/bin/busybox", "/bin/sh"],
        ] {
            let chain: Vec<&str> = [HELPER]
                .iter()
                .chain(shells)
                .chain(&["/usr/bin/terraform"])
                .copied()
                .collect();
            assert_eq!(
                judged(&chain),
                Ok(u32::try_from(chain.len()).expect("few") - 1)
            );
        }
    }

    #[test]
    fn the_child_may_be_called_anything() {
        assert_eq!(judged(&[HELPER, "/bin/dash", "/opt/acme/tf"]), Ok(2));
        assert_eq!(
            judged(&[HELPER, "/bin/dash", "/opt/terraform (deleted)"]),
            Ok(2)
        );
        assert_eq!(
            judged(&["/usr/bin/terrane (deleted)", "/opt/terraform"]),
            Ok(1)
        );
    }

    #[test]
    fn a_provider_plugin_is_refused() {
        let plugin = "/w/.terraform/providers/terraform-provider-aws_v5.100.0_x5";
        assert_eq!(
            judged(&[HELPER, "/bin/dash", plugin, "/usr/bin/terraform"]),
            Err(NotTheEngine::AnotherProgram)
        );
        assert_eq!(
            judged(&[
                HELPER,
                "/bin/dash",
                "/usr/bin/python3",
                "/bin/dash",
                "/usr/bin/terraform"
            ]),
            Err(NotTheEngine::AnotherProgram)
        );
    }

    #[test]
    fn a_wrapper_that_forks_its_engine_is_passed_over() {
        let engine = "/home/x/.tenv/Terraform/1.11.4/terraform";
        assert_eq!(
            judged(&[HELPER, "/bin/dash", engine, "/usr/bin/tenv"]),
            Ok(2)
        );
        assert_eq!(judged(&[HELPER, "/bin/dash", engine, "/bin/bash"]), Ok(2));
        assert_eq!(
            judged(&[HELPER, engine, "/bin/dash", "/usr/local/bin/terraform"]),
            Ok(1)
        );
        assert_eq!(judged(&[HELPER, "/opt/tofu_v1.10.6", "/bin/bash"]), Ok(1));
    }

    #[test]
    fn a_wrapper_of_several_programs_is_refused() {
        let engine = "/home/x/.tenv/Terraform/1.11.4/terraform";
        assert_eq!(
            judged(&[
                HELPER,
                "/bin/dash",
                engine,
                "/usr/bin/python3",
                "/usr/bin/tenv"
            ]),
            Err(NotTheEngine::AnotherProgram)
        );
    }

    #[test]
    fn an_engine_run_by_an_engine_is_refused() {
        let engine = "/usr/bin/terraform";
        assert_eq!(
            judged(&[HELPER, "/bin/dash", engine, "/bin/dash", engine]),
            Err(NotTheEngine::AnotherProgram)
        );
    }

    #[test]
    fn who_is_no_child_of_ours_or_no_helper_is_refused() {
        let stranger = [Process {
            mark: ProcessMark { pid: 1, started: 1 },
            program: Some(HELPER.into()),
        }];
        let child = ProcessMark { pid: 1, started: 2 };
        assert_eq!(
            engine(&stranger, Path::new(HELPER), child),
            Err(NotTheEngine::NotOurChild)
        );
        assert_eq!(
            judged(&["/usr/bin/python3", "/usr/bin/terraform"]),
            Err(NotTheEngine::NotTheHelper)
        );
        assert_eq!(
            judged(&[HELPER, "/bin/dash", "/bin/bash"]),
            Err(NotTheEngine::OnlyShells)
        );
        assert_eq!(
            engine(&[], Path::new(HELPER), child),
            Err(NotTheEngine::NotTheHelper)
        );
    }
}
