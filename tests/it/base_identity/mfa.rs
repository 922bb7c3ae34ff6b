//! Profiles that ask for a code.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use insta::assert_snapshot;
use nix::pty::openpty;

use super::{ALICE, SHARED, Scene, line};

impl Scene {
    fn careful() -> Self {
        Self::new()
            .variable("AWS_PROFILE", "careful")
            .config(&format!(
                "
[profile careful]
role_arn = arn:aws:iam::{SHARED}:role/careful
source_profile = alice
mfa_serial = arn:aws:iam::{SHARED}:mfa/alice

[profile alice]
{ALICE}"
            ))
    }

    /// Runs terrane on a terminal where somebody types `code` when asked. Gives what the terminal
    /// showed, and the exit code.
    fn on_a_terminal(&self, code: &str) -> (String, Option<i32>) {
        let terminal = openpty(None, None).expect("a terminal");
        let stdin = terminal.slave.try_clone().expect("another handle of it");
        let mut terrane = self
            .sandbox
            .terrane_program(&line(""))
            .stdin(Stdio::from(stdin))
            .stderr(Stdio::from(terminal.slave))
            .stdout(Stdio::null())
            .spawn()
            .expect("terrane is built");
        let mut screen = File::from(terminal.master);
        let mut shown = Vec::new();
        while !shown.ends_with(b"mfa/alice: ") {
            let mut byte = [0];
            screen.read_exact(&mut byte).expect("it asks");
            shown.push(byte[0]);
        }
        writeln!(screen, "{code}").expect("it listens");
        let status = terrane.wait().expect("it ends");
        let shown = String::from_utf8(shown).expect("text");
        (shown.replace("\r\n", "\n"), status.code())
    }
}

#[test]
fn a_code_is_asked_for_once_and_is_good_for_every_role() {
    let scene = Scene::careful();
    let (shown, code) = scene.on_a_terminal("123456");
    assert_eq!(code, Some(0), "{}", scene.lab.calls().tally());
    assert_snapshot!(shown.trim_end(), @"
    profile careful ← alice (keys, MFA)
    Code of the device arn:aws:iam::123456789011:mfa/alice:
    ");
    assert_snapshot!(scene.before_the_hub(), @"
    1 alice@shared sts:AssumeRole 123456789011/careful 200
    1 alice@shared sts:GetCallerIdentity 200
    1 alice@shared sts:GetSessionToken 200
    1 careful@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 careful@shared sts:GetCallerIdentity 200
    ");
}

#[test]
fn a_wrong_code_is_told_and_no_role_is_tried() {
    let scene = Scene::careful();
    let (_, code) = scene.on_a_terminal("654321");
    assert_eq!(code, Some(1));
    assert!(scene.lab.calls().of("sts:AssumeRole").is_empty());
}

#[test]
fn without_a_terminal_it_says_so_and_what_to_do() {
    let scene = Scene::careful();
    assert_snapshot!(scene.fails(), @r#"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: profile "alice" cannot be used: no credentials were found: profile "alice" asks for a code of the device arn:aws:iam::123456789011:mfa/alice, and nobody can be asked
     = help: run terrane on a terminal, where it can ask; or give it keys that have passed: by aws sts get-session-token, by aws-vault exec, or by a credential_process
     = help: run: terrane doctor
    exit 1
    "#);
    assert!(scene.lab.calls().is_empty());
}

#[test]
fn keys_that_have_passed_already_are_asked_for_no_code() {
    let scene = Scene::new()
        .config(&format!(
            "[profile careful]\nrole_arn = arn:aws:iam::{SHARED}:role/runner\ncredential_source = \
             Environment\nmfa_serial = arn:aws:iam::{SHARED}:mfa/alice\n"
        ))
        .by_operator();
    let told = scene.sandbox.terrane(&line("--aws-profile careful"));
    // The runner does not trust the operator; but it was tried, and nobody was asked.
    assert!(
        told.contains("role/runner") && !told.contains("code"),
        "{told}"
    );
}

impl Scene {
    fn by_operator(mut self) -> Self {
        for (name, value) in self.lab.operator().environment() {
            self = self.variable(&name, &value);
        }
        self
    }
}
