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
        started: start_of(found)?,
    };
    let program = found.exe().map(ToOwned::to_owned);
    Some((Process { mark, program }, found.parent().map(Pid::as_u32)))
}

/// When a process started, by a clock that nobody sets. The time of day would not do: it is counted
/// from the time at which the system was started, and that time is another one once the clock is put
/// right, so that a child that outlives this would be taken for another.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the kernel tells it by a file")]
fn start_of(process: &sysinfo::Process) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{}/stat", process.pid())).ok()?;
    ticks_at_start(&stat)
}

/// When a process started; other systems note the time of day with the process and leave it so.
#[cfg(not(target_os = "linux"))]
fn start_of(process: &sysinfo::Process) -> Option<u64> {
    Some(process.start_time())
}

/// Field 22 of a process's `stat`, see proc(5): clock ticks since the system was started. The name in
/// field 2 may have anything in it, but is in parentheses, and no field behind it has any.
#[cfg(target_os = "linux")]
fn ticks_at_start(stat: &[u8]) -> Option<u64> {
    let name_end = stat.iter().rposition(|byte| *byte == b')')?;
    let fields = std::str::from_utf8(&stat[name_end + 1..]).ok()?;
    let behind_name = 22 - 2;
    let field = fields.split_ascii_whitespace().nth(behind_name - 1)?;
    field.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_start_is_told_by_a_clock_that_nobody_sets() {
        let stat = b"4711 (a \xff) S 1 (b) S 1 4711 4711 0 -1 4194560 3 0 0 0 1 2 0 0 20 0 1 0 \
                     987654 8192000 700 18446744073709551615 1 1 0\n";
        assert_eq!(ticks_at_start(stat), Some(987_654));
        for broken in ["", "4711 (a) S 1", "4711 a S 1 2 3"] {
            assert_eq!(ticks_at_start(broken.as_bytes()), None);
        }
    }

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
