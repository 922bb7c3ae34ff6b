//! terrane as people run it: an estate in a folder of its own, an empty environment, and what is
//! seen on stdout, on stderr and as exit code in one piece of text.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// An estate on disk, and the way in which terrane is started in it.
pub(crate) struct Sandbox {
    /// Real, without links, so that the program's own paths can be recognised.
    top: PathBuf,
    _folder: TempDir,
    start: String,
    variables: BTreeMap<String, String>,
}

impl Sandbox {
    /// An estate from one text: `//- dev/vpc/terragrunt.hcl` begins a file.
    pub(crate) fn new(files: &str) -> Self {
        let sandbox = Self::empty();
        let mut parts = files.split("//- ");
        assert_eq!(
            parts.next().map(str::trim),
            Some(""),
            "each file begins with `//- path`"
        );
        for part in parts {
            let (path, text) = part.split_once('\n').unwrap_or((part, ""));
            sandbox.write(path.trim(), text);
        }
        sandbox
    }

    /// A copy of a folder of the project.
    pub(crate) fn copy_of(folder: &str) -> Self {
        let sandbox = Self::empty();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut open = vec![from.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).expect("a folder of the project") {
                let path = entry.expect("its entry").path();
                let name = path.strip_prefix(&from).expect("it lies within");
                let target = sandbox.root().join(name);
                if path.is_dir() {
                    fs::create_dir(&target).expect("a new folder");
                    open.push(path);
                } else {
                    fs::copy(&path, &target).expect("a new file");
                }
            }
        }
        sandbox
    }

    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path().canonicalize().expect("it exists");
        let sandbox = Self {
            top,
            _folder: folder,
            start: ".".to_owned(),
            variables: BTreeMap::new(),
        };
        for name in ["estate", "home", "bin"] {
            fs::create_dir(sandbox.top.join(name)).expect("a new folder");
        }
        sandbox
    }

    /// Where terrane is started from now on, seen from the estate's top.
    pub(crate) fn start_in(mut self, folder: &str) -> Self {
        folder.clone_into(&mut self.start);
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        let value = value.replace("[ROOT]", self.root().to_str().expect("a UTF-8 path"));
        self.variables.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.top.join("estate")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        fs::create_dir_all(file.parent().expect("a file lies in a folder")).expect("folders");
        fs::write(file, text).expect("a new file");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).expect("the file is there")
    }

    /// Runs terrane with the words of `line`, which may be quoted with `'`, and shows all that
    /// comes of it.
    pub(crate) fn terrane(&self, line: &str) -> String {
        self.terrane_hearing("", line)
    }

    /// The same with something on stdin.
    pub(crate) fn terrane_hearing(&self, stdin: &str, line: &str) -> String {
        use std::io::Write as _;

        let mut process = self
            .terrane_program(line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("terrane is built");
        let mut pipe = process.stdin.take().expect("its stdin is a pipe");
        pipe.write_all(stdin.as_bytes()).expect("it listens");
        drop(pipe);
        let done = process.wait_with_output().expect("it ends");
        let code = done
            .status
            .code()
            .map_or("a signal".to_owned(), |code| code.to_string());
        self.plain(&format!(
            "{}{}exit {code}",
            section("stdout", &done.stdout),
            section("stderr", &done.stderr)
        ))
    }

    /// terrane with the words of `line`, not yet started.
    pub(crate) fn terrane_program(&self, line: &str) -> Command {
        let mut program = self.program(Path::new(env!("CARGO_BIN_EXE_terrane")));
        let root = self.root();
        let root = root.to_str().expect("UTF-8");
        program.args(words(line).map(|word| word.replace("[ROOT]", root)));
        program
    }

    /// Runs terrane with a stdout that nobody reads, and gives its exit code.
    pub(crate) fn terrane_into_nothing(&self, line: &str) -> Option<i32> {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut program = self.program(Path::new(env!("CARGO_BIN_EXE_terrane")));
        let done = program
            .args(words(line))
            .stdin(Stdio::null())
            .stdout(writer)
            .status();
        done.expect("terrane is built").code()
    }

    /// Runs git, as its own user and without anybody's configuration.
    pub(crate) fn git(&self, line: &str) {
        let mut git = self.program(Path::new("git"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let done = git
            .env("PATH", path)
            .envs([
                ("GIT_CONFIG_GLOBAL", "/dev/null"),
                ("GIT_CONFIG_NOSYSTEM", "1"),
                ("GIT_AUTHOR_NAME", "somebody"),
                ("GIT_AUTHOR_EMAIL", "somebody@example.org"),
                ("GIT_COMMITTER_NAME", "somebody"),
                ("GIT_COMMITTER_EMAIL", "somebody@example.org"),
            ])
            .args(words(line))
            .current_dir(self.root())
            .output()
            .expect("git is installed");
        assert!(
            done.status.success(),
            "git {line}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    /// Lets terrane find the programs that this test run finds, git among them.
    pub(crate) fn with_own_path(self) -> Self {
        let path = std::env::var("PATH").expect("tests are run with a PATH");
        self.variable("PATH", &path)
    }

    /// Makes `name` a program that the sandbox's PATH finds.
    pub(crate) fn install(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;

        let file = self.top.join("bin").join(name);
        fs::write(&file, script).expect("a new file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }

    pub(crate) fn uninstall(&self, name: &str) {
        fs::remove_file(self.top.join("bin").join(name)).expect("it is installed");
    }

    pub(crate) fn remove(&self, folder: &str) {
        fs::remove_dir_all(self.root().join(folder)).expect("the folder is there");
    }

    /// Puts a folder in a file's place, which nobody can read, whatever rights one has.
    pub(crate) fn make_folder_of(&self, path: &str) {
        let file = self.root().join(path);
        fs::remove_file(&file).expect("the file is there");
        fs::create_dir(file).expect("a new folder");
    }

    fn program(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.root().join(&self.start))
            .env_clear()
            .env("PATH", self.top.join("bin"))
            .env("HOME", self.top.join("home"))
            .env("TZ", "UTC")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(&self.variables);
        command
    }

    /// Without what differs from one run to the next.
    fn plain(&self, text: &str) -> String {
        let top = self.top.to_str().expect("a UTF-8 path");
        let text = text
            .replace(&format!("{top}/estate"), "[ROOT]")
            .replace(&format!("{top}/home"), "[HOME]")
            .replace(top, "[TOP]")
            .replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        let lines = text.lines().map(|line| line.trim_end().to_owned() + "\n");
        let text = without_cache_names(&lines.collect::<String>());
        without_times(&text)
    }
}

/// The words of a line; `'` holds words together.
fn words(line: &str) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    for (number, part) in line.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words.into_iter()
}

fn section(title: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match (text.is_empty(), text.ends_with('\n')) {
        (true, _) => String::new(),
        (false, true) => format!("{title}:\n{text}"),
        (false, false) => format!("{title}:\n{text}(no newline)\n"),
    }
}

/// The names of a unit's and its source's folders, which are made of absolute paths.
fn without_cache_names(text: &str) -> String {
    const CACHE: &str = "/.terragrunt-cache/";
    let mut parts = text.split(CACHE);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut names = part.splitn(3, '/');
        let hashed = [names.next(), names.next()].into_iter().flatten();
        let hashed: Vec<&str> = hashed.collect();
        // The second one may be the last of its path.
        let is_after = |next: char| next == '"' || next.is_whitespace();
        let end = hashed
            .last()
            .map_or(0, |name| name.find(is_after).unwrap_or(name.len()));
        let length = hashed.first().map_or(0, |name| name.len() + 1) + end;
        plain = plain + CACHE + "[UNIT]/[SOURCE]" + &part[length.min(part.len())..];
    }
    plain
}

/// `84 ms` and `1.2 s` become `[TIME]`.
fn without_times(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|next: char| next.is_ascii_digit()) {
        let digits = rest[at..].find(|next: char| !next.is_ascii_digit() && next != '.');
        let end = digits.map_or(rest.len(), |digits| at + digits);
        let unit = [" ms", " s"].into_iter().find(|unit| {
            let after = rest[end..].strip_prefix(unit);
            after.is_some_and(|after| !after.starts_with(char::is_alphanumeric))
        });
        plain.push_str(&rest[..at]);
        if let Some(unit) = unit {
            plain.push_str("[TIME]");
            rest = &rest[end + unit.len()..];
        } else {
            plain.push_str(&rest[at..end]);
            rest = &rest[end..];
        }
    }
    plain + rest
}

#[test]
fn times_are_taken_out_of_what_is_compared() {
    assert_eq!(
        without_times("2 units in 1.25 s, 84 ms; 3 steps\n"),
        "2 units in [TIME], [TIME]; 3 steps\n"
    );
}
