//! How many signed calls a second the lab answers: `cargo run --release --example throughput`.
//!
//! Callers keep their connections and read objects of 50 kB, as terraform reads states. The
//! callers share the machine's cores with the lab, so the figure is a lower bound.

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/client.rs"]
mod client;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/signer.rs"]
mod signer;

use std::thread;
use std::time::{Duration, Instant};

use client::{ASSUMER, BUCKET, Program, STATE, landing_zone};

const CALLERS: usize = 64;
const RUN: Duration = Duration::from_secs(5);

fn main() {
    let lab = landing_zone();
    let state = "x".repeat(50_000);
    lab.put_object(BUCKET, "state", state.clone())
        .expect("the bucket is there");
    let assumer = Program::operator(&lab)
        .assuming(ASSUMER)
        .keys
        .expect("a session");
    let reader = Program::in_role(&lab, STATE).keys.expect("a session");

    let reads = rate(|| {
        let mut program = Program::new(&lab, Some(reader.clone()));
        let length = state.len();
        move || assert_eq!(program.get("/state").body.len(), length)
    });
    report("GetObject of 50 kB", reads);
    let writes = rate(|| {
        let mut program = Program::new(&lab, Some(reader.clone()));
        move || assert_eq!(program.put("/copy", "{}").status, 200)
    });
    report("PutObject of 2 bytes", writes);
    let sessions = rate(|| {
        let mut program = Program::new(&lab, Some(assumer.clone()));
        move || assert_eq!(program.assume(STATE, &[]).status, 200)
    });
    report("AssumeRole", sessions);
    let record = lab.record();
    let lost = record
        .iter()
        .filter(|call| call.status != Some(200))
        .count();
    report_line(&format!("{} calls, {lost} without success", record.len()));
}

/// Calls per second over all callers.
fn rate<C: FnMut() + Send>(caller: impl Fn() -> C) -> f64 {
    let began = Instant::now();
    let calls: usize = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let mut call = caller();
                scope.spawn(move || {
                    let mut calls = 0;
                    while began.elapsed() < RUN {
                        call();
                        calls += 1;
                    }
                    calls
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().expect("no caller panics"))
            .sum()
    });
    f64::from(u32::try_from(calls).unwrap_or(u32::MAX)) / began.elapsed().as_secs_f64()
}

fn report(what: &str, per_second: f64) {
    report_line(&format!(
        "{what:22} {per_second:8.0} a second, {CALLERS} callers"
    ));
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn report_line(line: &str) {
    println!("{line}");
}
