//! Children, played by a shell.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::process::Environment;

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).expect("a UTF-8 path")
    }

    fn shell(&self, script: &str) -> Program {
        Program {
            executable: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            folder: self.path().to_owned(),
            environment: Environment::from_iter([("PATH", "/usr/bin:/bin"), ("WORD", "hello")]),
        }
    }

    async fn run(&self, program: &Program) -> (ChildEnd, String, String) {
        let words = WordFiles::in_folder(self.path(), "words");
        let mut child = Child::start(program, &words).expect("a shell can be started");
        let end = child.wait().await.expect("it can be waited for");
        (end, contents(&words.stdout), contents(&words.stderr))
    }
}

fn contents(path: &Utf8Path) -> String {
    let mut text = String::new();
    let mut file = OpenOptions::new()
        .read(true)
        .open(path)
        .expect("the file is there");
    file.read_to_string(&mut text).expect("the file is text");
    text
}

#[tokio::test]
async fn its_words_go_to_two_files_of_our_own() {
    let scene = Scene::new();
    let program = scene.shell("echo out; echo err >&2; exit 3");
    let (end, stdout, stderr) = scene.run(&program).await;
    assert_eq!(
        (end, stdout.as_str(), stderr.as_str()),
        (ChildEnd::Code(3), "out\n", "err\n")
    );
    let words = WordFiles::in_folder(scene.path(), "words");
    for file in words.paths() {
        let mode = file
            .metadata()
            .expect("the file is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn it_gets_the_given_environment_and_nothing_else() {
    let scene = Scene::new();
    let (_, stdout, _) = scene.run(&scene.shell("env | sort")).await;
    let names: Vec<&str> = stdout
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    let own = |name: &&str| !matches!(*name, "_" | "PWD" | "SHLVL" | "OLDPWD");
    assert_eq!(
        names.into_iter().filter(own).collect::<Vec<_>>(),
        ["PATH", "WORD"]
    );
}

#[tokio::test]
async fn it_leads_a_session_and_has_nothing_to_read() {
    let scene = Scene::new();
    let words = WordFiles::in_folder(scene.path(), "words");
    let program = scene.shell("read line || echo nothing; until [ -e go ]; do sleep 0.01; done");
    let mut child = Child::start(&program, &words).expect("a shell can be started");
    let id = nix::unistd::Pid::from_raw(child.id().cast_signed());
    assert_eq!(
        nix::unistd::getsid(Some(id)),
        Ok(id),
        "its session has its own number"
    );
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(scene.path().join("go"))
        .expect("the folder can be written");
    assert_eq!(child.wait().await.expect("it ends"), ChildEnd::Code(0));
    assert_eq!(contents(&words.stdout), "nothing\n");
}

#[tokio::test]
async fn a_signal_that_ends_it_is_named() {
    let scene = Scene::new();
    let (end, _, _) = scene.run(&scene.shell("kill -SEGV $$")).await;
    assert_eq!(end.to_string(), "signal SIGSEGV");
}

#[tokio::test]
async fn its_end_can_be_asked_for_again() {
    let scene = Scene::new();
    let words = WordFiles::in_folder(scene.path(), "words");
    let mut child = Child::start(&scene.shell("exit 7"), &words).expect("a shell can be started");
    assert_eq!(child.wait().await.expect("it ends"), ChildEnd::Code(7));
    assert_eq!(child.wait().await.expect("it has ended"), ChildEnd::Code(7));
    child
        .interrupt()
        .expect("a signal after its end goes nowhere");
    child.kill().expect("a signal after its end goes nowhere");
}

fn not_started(program: &Program, words: &WordFiles) -> String {
    Child::start(program, words)
        .expect_err("it cannot be started")
        .to_string()
}

#[tokio::test]
async fn what_is_wrong_with_a_start_is_said() {
    let scene = Scene::new();
    let words = |name| WordFiles::in_folder(scene.path(), name);
    let shell = scene.shell("exit 0");

    let missing = Program {
        executable: "tofu-that-is-not-there".into(),
        ..shell.clone()
    };
    assert_eq!(
        not_started(&missing, &words("a")),
        "tofu-that-is-not-there was not found in /usr/bin:/bin"
    );

    let folder = Program {
        executable: scene.path().as_str().into(),
        ..shell.clone()
    };
    assert_eq!(
        not_started(&folder, &words("b")),
        format!("{} may not be executed", scene.path())
    );

    let nowhere = Program {
        folder: "/nowhere".into(),
        ..shell.clone()
    };
    assert_eq!(
        not_started(&nowhere, &words("c")),
        "the folder /nowhere is not there"
    );

    let again = not_started(&shell, &words("a"));
    assert!(
        again.contains("a.out") && again.contains("exists"),
        "{again}"
    );
}
