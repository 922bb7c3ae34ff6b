//! A program of the user's own that says who acts.

use insta::assert_snapshot;

use super::{Scene, line};

impl Scene {
    /// With a program that prints this; gives the flag that names it.
    fn with_auth_provider(self, script: &str) -> (Self, String) {
        let program = self.write_at_home("auth.sh", script);
        let sandbox = self.sandbox.with_own_path();
        let flag = format!("--auth-provider-cmd 'sh {program}'");
        (Self { sandbox, ..self }, flag)
    }
}

const KEYS: &str = r#"printf '%s' '{"awsCredentials": {"ACCESS_KEY_ID": "AKIAALICE00000000001",
  "SECRET_ACCESS_KEY": "canary-alice"}, "envs": {"TEAM": "web"}}'
"#;

#[test]
fn keys_that_it_gives_are_what_the_hub_is_assumed_from() {
    let (scene, flag) = Scene::new().with_auth_provider(KEYS);
    assert_snapshot!(scene.reads_with(&flag), @"
    1 alice@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 alice@shared sts:GetCallerIdentity 200
    ");
}

#[test]
fn a_role_that_it_names_comes_before_the_hub() {
    let scene = Scene::new();
    let file = scene.token_file();
    let (scene, flag) = scene.with_auth_provider(&format!(
        r#"printf '%s' '{{"awsRole": {{"roleARN": "arn:aws:iam::123456789011:role/runner",
  "roleSessionName": "job-42", "webIdentityToken": "{file}"}}}}'
"#
    ));
    assert_snapshot!(scene.reads_with(&flag), @"
    1 nobody@- sts:AssumeRoleWithWebIdentity 123456789011/runner 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
    let bought = scene.lab.calls().of("sts:AssumeRoleWithWebIdentity");
    let bought = bought[0].issued.as_ref().expect("a session");
    assert_eq!(bought.session_name, "job-42");
}

#[test]
fn variables_that_it_gives_are_there_while_files_are_read() {
    let (scene, flag) = Scene::new().with_auth_provider(KEYS);
    scene.sandbox.write(
        "team/terragrunt.hcl",
        "inputs = { team = get_env(\"TEAM\", \"nobody\") }\n",
    );
    let told = |more: &str| {
        let line = format!("render --json -C team {flag} {more}");
        let told = scene.sandbox.terrane(&line);
        ["web", "nobody"]
            .into_iter()
            .find(|team| told.contains(&format!("\"{team}\"")))
    };
    assert_eq!(told(""), Some("web"));
    assert_eq!(told("--no-discovery-auth-provider-cmd"), Some("nobody"));
}

#[test]
fn one_that_fails_is_told_in_its_own_words() {
    let (scene, flag) = Scene::new().with_auth_provider("echo the vault is sealed >&2; exit 3\n");
    let told = scene.sandbox.terrane(&line(&flag));
    assert_snapshot!(told.replace(scene.home().to_str().expect("UTF-8"), "[HOME]"), @"
    stderr:
    the vault is sealed
    error: the auth provider command gives no credentials
     |
     = sh [HOME]/auth.sh (auth provider) ended with exit code 3
    exit 1
    ");
    let (scene, flag) = Scene::new().with_auth_provider("echo canary\n");
    let told = scene.sandbox.terrane(&line(&flag));
    assert!(
        told.contains("not the JSON") && !told.contains("canary"),
        "{told}"
    );
}
