//! The processes from one upward, as the system tells them.

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use super::guard::{Process, ProcessMark};

/// How far up is looked. Deeper than any engine asks from.
const FARTHEST: usize = 64;

/// The process of that number, while it runs.
pub(super) fn mark_of(pid: u32) -> Option<ProcessMark> {
    look_up(&mut System::new(), pid).map(|(process, _)| process.mark)
}

/// The process and its ancestors, up to the one that is looked for or as far as there are any.
pub(super) fn ancestry(pid: u32, up_to: ProcessMark) -> Vec<Process> {
    let mut system = System::new();
    let mut found = Vec::new();
    let mut next = Some(pid);
    while let Some(pid) = next.filter(|_| found.len() < FARTHEST) {
        let Some((process, parent)) = look_up(&mut system, pid) else {
            break;
        };
        next = parent.filter(|_| process.mark != up_to);
        found.push(process);
    }
    found
}

fn look_up(system: &mut System, pid: u32) -> Option<(Process, Option<u32>)> {
    let pid = Pid::from_u32(pid);
    let wanted = ProcessRefreshKind::nothing()
        .with_exe(UpdateKind::Always)
        .without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, wanted);
    let found = system.process(pid)?;
    let mark = ProcessMark {
        pid: pid.as_u32(),
        started: found.start_time(),
    };
    let program = found.exe().map(ToOwned::to_owned);
    Some((Process { mark, program }, found.parent().map(Pid::as_u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_ancestors_are_found() {
        let us = std::process::id();
        let nobody = ProcessMark { pid: 0, started: 0 };
        let ancestry = ancestry(us, nobody);
        assert_eq!(ancestry[0].mark.pid, us);
        assert_eq!(
            ancestry[0].program.as_deref(),
            std::env::current_exe().ok().as_deref()
        );
        assert_eq!(ancestry[1].mark.pid, std::os::unix::process::parent_id());
    }

    #[test]
    fn the_way_up_ends_at_the_process_that_is_looked_for() {
        let us = mark_of(std::process::id()).expect("we run");
        assert_eq!(ancestry(us.pid, us).len(), 1);
    }

    #[test]
    fn a_process_that_is_not_there_has_no_mark() {
        assert_eq!(mark_of(u32::MAX / 2), None);
    }
}
