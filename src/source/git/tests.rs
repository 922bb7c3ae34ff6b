//! Repositories made here, fetched by the git program.

use std::fs;
use std::process::Command;

use camino_tempfile::Utf8TempDir;

use super::*;
use crate::model::{ModuleAddress, ModuleSource};

/// A repository with two commits on `main`, the first of them tagged `v1`.
struct Origin {
    scratch: Utf8TempDir,
}

impl Origin {
    fn new() -> Self {
        let origin = Self {
            scratch: Utf8TempDir::new().unwrap(),
        };
        fs::create_dir(origin.folder()).unwrap();
        origin.git(&["init", "--quiet", "--initial-branch=main"]);
        origin.commit("one");
        origin.git(&["tag", "v1"]);
        origin.commit("two");
        origin.git(&["branch", "release/x"]);
        origin
    }

    fn folder(&self) -> Utf8PathBuf {
        self.scratch.path().join("origin")
    }

    fn commit(&self, text: &str) {
        fs::write(self.folder().join("main.tf"), text).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", text]);
    }

    fn git(&self, args: &[&str]) -> String {
        let done = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(["-c", "protocol.file.allow=always"])
            .args(args)
            .env_clear()
            .envs(environment().iter())
            .current_dir(self.folder())
            .output()
            .unwrap();
        assert!(done.status.success(), "{args:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    async fn fetch_with(
        &self,
        environment: Environment,
        query: &str,
    ) -> Result<Utf8PathBuf, GitError> {
        let folder = camino_tempfile::tempdir_in(self.scratch.path())
            .unwrap()
            .keep();
        let text = format!("git::file://{}{query}", self.folder());
        let ModuleSource::Git(source) = ModuleAddress::parse(&text, "/".into()).unwrap().source
        else {
            panic!("{text} is git");
        };
        Git::new(&environment).fetch(&source, &folder).await?;
        Ok(folder)
    }

    async fn fetch(&self, query: &str) -> Result<Utf8PathBuf, GitError> {
        self.fetch_with(environment(), query).await
    }
}

/// Without what the developer has told git.
fn environment() -> Environment {
    let path = std::env::var_os("PATH").unwrap();
    let mut environment = Environment::from_iter([("PATH", path)]);
    environment.set("GIT_CONFIG_GLOBAL", "/dev/null");
    environment.set("GIT_CONFIG_NOSYSTEM", "1");
    environment
}

fn text(folder: &Utf8Path) -> String {
    fs::read_to_string(folder.join("main.tf")).unwrap()
}

#[tokio::test]
async fn branches_tags_and_commits_are_found() {
    let origin = Origin::new();
    assert_eq!(text(&origin.fetch("").await.unwrap()), "two");
    assert_eq!(text(&origin.fetch("?ref=v1").await.unwrap()), "one");
    assert_eq!(text(&origin.fetch("?ref=main").await.unwrap()), "two");
    assert_eq!(text(&origin.fetch("?ref=release/x").await.unwrap()), "two");
    let commit = origin.git(&["rev-parse", "v1"]);
    let whole = origin.fetch(&format!("?ref={commit}")).await.unwrap();
    assert_eq!(text(&whole), "one");
    let short = origin
        .fetch(&format!("?ref={}", &commit[..7]))
        .await
        .unwrap();
    assert_eq!(text(&short), "one");
}

#[tokio::test]
async fn one_commit_is_fetched_unless_more_are_wished_for() {
    let origin = Origin::new();
    let commits = |folder: &Utf8Path| {
        let log = Command::new("git")
            .args(["log", "--format=%s"])
            .current_dir(folder)
            .output();
        String::from_utf8(log.unwrap().stdout)
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(commits(&origin.fetch("?ref=main").await.unwrap()), 1);
    assert_eq!(
        commits(&origin.fetch("?ref=main&depth=5").await.unwrap()),
        2
    );
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let origin = Origin::new();
    let missing = origin.fetch("?ref=v9").await.unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the repository has no branch, tag or commit v9"
    );
    fs::rename(origin.folder(), origin.scratch.path().join("moved")).unwrap();
    let gone = origin.fetch("?ref=v1").await.unwrap_err().to_string();
    assert!(gone.starts_with("git fetch failed: fatal: "), "{gone}");
}

#[tokio::test]
async fn a_calling_gits_repository_is_left_alone() {
    let origin = Origin::new();
    let mut environment = environment();
    environment.set("GIT_DIR", origin.folder().join(".git").as_str());
    environment.set(
        "GIT_INDEX_FILE",
        origin.folder().join(".git/index").as_str(),
    );
    let before = origin.git(&["rev-parse", "HEAD"]);
    let copy = origin.fetch_with(environment, "?ref=v1").await.unwrap();
    assert_eq!(text(&copy), "one");
    assert_eq!(origin.git(&["rev-parse", "HEAD"]), before);
}

#[tokio::test]
async fn hooks_do_not_run() {
    use std::os::unix::fs::PermissionsExt as _;

    let origin = Origin::new();
    let template = origin.scratch.path().join("template/hooks");
    fs::create_dir_all(&template).unwrap();
    let trace = origin.scratch.path().join("trace");
    let hook = template.join("post-checkout");
    fs::write(&hook, format!("#!/bin/sh\ntouch {trace}\n")).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let mut environment = environment();
    environment.set("GIT_TEMPLATE_DIR", template.parent().unwrap().as_str());
    origin.fetch_with(environment, "?ref=v1").await.unwrap();
    assert!(!trace.exists());
}

#[tokio::test]
async fn a_submodule_may_not_reach_into_this_machine() {
    let origin = Origin::new();
    let inner = Origin::new();
    let url = format!("file://{}", inner.folder());
    origin.git(&["submodule", "--quiet", "add", &url, "inner"]);
    origin.commit("with submodule");
    let refused = origin.fetch("?ref=main").await.unwrap_err().to_string();
    assert!(refused.starts_with("git submodule failed"), "{refused}");
    assert!(
        refused.contains("transport 'file' not allowed"),
        "{refused}"
    );
}
