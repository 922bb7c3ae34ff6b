//! Commands that answer, hang, or never stop talking.

use camino::Utf8PathBuf;

use super::*;
use crate::process::Environment;

const LIMITS: CaptureLimits = CaptureLimits {
    time: Duration::from_mins(1),
    stdout_bytes: 1_000,
    stderr_bytes: 10,
};

fn shell(script: &str) -> Program {
    Program {
        executable: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        folder: Utf8PathBuf::from("/"),
        environment: Environment::from_iter([("PATH", "/usr/bin:/bin")]),
    }
}

#[tokio::test]
async fn an_answer_comes_with_its_exit_code() {
    let captured = capture(&shell("echo v1.2; exit 4"), &LIMITS)
        .await
        .expect("it answers");
    assert_eq!(captured.stdout, b"v1.2\n");
    assert_eq!(captured.end, ChildEnd::Code(4));
}

#[tokio::test]
async fn of_a_long_complaint_the_end_is_kept() {
    let captured = capture(&shell("printf 0123456789abcdef >&2"), &LIMITS)
        .await
        .expect("answers");
    assert_eq!(captured.stderr, b"6789abcdef");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let error = capture(&shell("while :; do echo word; done"), &LIMITS).await;
    let error = error.expect_err("it never ends by itself");
    assert_eq!(error.to_string(), "it said more than 1000 bytes");
}

#[tokio::test]
async fn a_command_that_hangs_is_given_up() {
    let limits = CaptureLimits {
        time: Duration::from_millis(100),
        ..LIMITS
    };
    let error = capture(&shell("sleep 600; echo never"), &limits).await;
    assert_eq!(
        error.expect_err("it hangs").to_string(),
        "it took longer than 0.1 s"
    );
}

#[tokio::test]
async fn what_a_command_leaves_running_does_not_hold_us() {
    let program = shell("sleep 5 & echo done");
    let captured = timeout(Duration::from_secs(4), capture(&program, &LIMITS)).await;
    let captured = captured.expect("it does not wait").expect("it answers");
    assert_eq!(captured.stdout, b"done\n");
}

#[tokio::test]
async fn it_can_be_called_from_code_that_cannot_wait() {
    let captured = capture_blocking(&shell("echo here"), &LIMITS).expect("it answers");
    assert_eq!(captured.stdout, b"here\n");
}
