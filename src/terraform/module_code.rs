//! What a module's own code says that matters before the engine reads it: which variables it
//! declares, which backend it has, which providers assume roles, whether it uses other modules.
//!
//! Code that cannot be parsed is left to the engine, whose complaint is the one that counts.

mod providers;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use camino::Utf8Path;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use terrane_hcl::ast::{Block, Body, Expression};
use terrane_hcl::{Limits, Source, parse};

use super::engine::EngineKind;

pub use providers::{AssumingProvider, StartsAs};

/// The code in a module's folder.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ModuleCode {
    pub variables: BTreeMap<String, VariableKind>,
    pub backend: Option<BackendBlock>,
    /// AWS providers that choose by themselves who they act as.
    pub assuming_providers: Vec<AssumingProvider>,
    pub uses_modules: bool,
}

/// What files were found to say. Units share modules, and what many of them have in their working
/// folders is the same; a file is known again by its name and its text.
#[derive(Debug, Default)]
pub struct KnownFiles(RefCell<HashMap<[u8; 32], Rc<FileCode>>>);

/// The code in one file.
#[derive(Debug, Default)]
struct FileCode {
    /// Those without a kind have no type here; another file may give them one.
    variables: Vec<(String, Option<VariableKind>)>,
    backend: Option<BackendBlock>,
    assuming_providers: Vec<AssumingProvider>,
    uses_modules: bool,
}

/// How the engine reads a variable's value from its environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VariableKind {
    /// As it is: a string, a number, a boolean, or of no declared type.
    Literal,
    /// As an expression.
    Expression,
}

/// A `backend` block as the module has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackendBlock {
    pub kind: String,
    /// Whether it assumes a role by itself.
    pub assumes_role: bool,
}

/// The files of a folder that an engine reads, of all its file names: in order, and those that
/// override others last.
pub fn files_read<'a>(engine: EngineKind, names: &[&'a str]) -> Vec<&'a str> {
    let is_read = |name: &&&str| match (engine, stem_of_tofu(name)) {
        (EngineKind::Terraform, stem) => stem.is_none() && is_terraform(name),
        (EngineKind::Tofu, Some(_)) => true,
        (EngineKind::Tofu, None) => is_terraform(name) && !has_tofu_twin(name, names),
    };
    let mut files: Vec<&str> = names.iter().filter(is_read).copied().collect();
    files.sort_unstable_by_key(|name| (overrides(name), *name));
    files
}

/// A shorter file is read as fast as it is looked up, and many of those are a single unit's own.
const WORTH_KNOWING: usize = 1024;

impl ModuleCode {
    /// Reads files by their names and texts, in the order of [`files_read`].
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut code = Self::default();
        for (name, text) in files {
            code.add(&FileCode::read(name, text));
        }
        code
    }

    /// The same, reading only what is not known yet.
    pub fn read_knowing<'a>(
        known: &KnownFiles,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut code = Self::default();
        for (name, text) in files {
            code.add(&known.file(name, text));
        }
        code
    }

    fn add(&mut self, file: &FileCode) {
        for (name, kind) in &file.variables {
            // A file that overrides may leave the type out.
            let before = self.variables.get(name).copied();
            let kind = kind.or(before).unwrap_or(VariableKind::Literal);
            self.variables.insert(name.clone(), kind);
        }
        if let Some(backend) = &file.backend {
            self.backend = Some(backend.clone());
        }
        let providers = file.assuming_providers.iter().cloned();
        self.assuming_providers.extend(providers);
        self.uses_modules |= file.uses_modules;
    }
}

impl KnownFiles {
    fn file(&self, name: &str, text: &str) -> Rc<FileCode> {
        if text.len() < WORTH_KNOWING {
            return Rc::new(FileCode::read(name, text));
        }
        // Who acts for a unit is told by it, so that no other file may be taken for this one.
        let mut hash = Sha256::new();
        hash.update(name);
        hash.update([0]);
        hash.update(text);
        let key: [u8; 32] = hash.finalize().into();
        let mut known = self.0.borrow_mut();
        let file = known.entry(key);
        Rc::clone(file.or_insert_with(|| Rc::new(FileCode::read(name, text))))
    }
}

impl FileCode {
    fn read(name: &str, text: &str) -> Self {
        let mut code = Self::default();
        if Utf8Path::new(name).extension() == Some("json") {
            code.add_json(name, text);
        } else {
            let source = Source::new(name, text);
            code.add(&source, &parse(&source, &Limits::default()).body);
        }
        code
    }

    fn add(&mut self, source: &Source, body: &Body) {
        for block in &body.blocks {
            match (block.kind.as_str(), &*block.labels) {
                ("variable", [name]) => {
                    let kind = block
                        .body
                        .attribute("type")
                        .map(|ty| kind_of(&ty.expression));
                    self.variables.push((name.text.to_string(), kind));
                }
                ("module", _) => self.uses_modules = true,
                ("provider", [name]) if name.text == "aws" => {
                    let line = source.position(block.span.start).line;
                    self.assuming_providers.extend(providers::in_block(
                        &block.body,
                        source.name(),
                        line,
                    ));
                }
                ("terraform", _) => {
                    let backends = block.body.blocks_of("backend");
                    self.backend = backends.filter_map(backend).last().or(self.backend.take());
                }
                _ => {}
            }
        }
    }

    fn add_json(&mut self, file: &str, text: &str) {
        let json: Json = serde_json::from_str(text).unwrap_or_default();
        for variables in objects(json.get("variable")) {
            for (name, body) in variables.as_object().into_iter().flatten() {
                let ty = body.get("type").and_then(Json::as_str);
                self.variables.push((name.clone(), ty.map(kind_of_text)));
            }
        }
        self.uses_modules |= json.get("module").is_some();
        let providers = objects(json.get("provider")).into_iter();
        for provider in providers.flat_map(|providers| objects(providers.get("aws"))) {
            self.assuming_providers
                .extend(providers::in_json(provider, file));
        }
        for terraform in objects(json.get("terraform")) {
            for backends in objects(terraform.get("backend")) {
                let Some((kind, body)) = backends.as_object().and_then(|map| map.iter().next())
                else {
                    continue;
                };
                let body = objects(Some(body)).into_iter().next();
                let has = |name| body.is_some_and(|body| body.get(name).is_some());
                self.backend = Some(BackendBlock {
                    kind: kind.clone(),
                    assumes_role: has("assume_role") || has("role_arn"),
                });
            }
        }
    }
}

fn backend(block: &Block) -> Option<BackendBlock> {
    let [kind] = &*block.labels else {
        return None;
    };
    let body = &block.body;
    let assumes_role = ["assume_role", "role_arn"]
        .iter()
        .any(|name| body.attribute(name).is_some() || body.blocks_of(name).next().is_some());
    Some(BackendBlock {
        kind: kind.text.to_string(),
        assumes_role,
    })
}

fn kind_of(ty: &Expression) -> VariableKind {
    let word = ty.as_keyword().or_else(|| ty.as_string());
    word.map_or(VariableKind::Expression, kind_of_text)
}

fn kind_of_text(ty: &str) -> VariableKind {
    if ["string", "number", "bool"].contains(&ty) {
        VariableKind::Literal
    } else {
        VariableKind::Expression
    }
}

/// In JSON a block may be an object or a list of them.
fn objects(json: Option<&Json>) -> Vec<&Json> {
    match json {
        Some(Json::Array(items)) => items.iter().collect(),
        Some(object @ Json::Object(_)) => vec![object],
        _ => Vec::new(),
    }
}

fn is_terraform(name: &str) -> bool {
    let bare = name.strip_suffix(".json").unwrap_or(name);
    !name.starts_with('.') && Utf8Path::new(bare).extension() == Some("tf")
}

/// `main` of `main.tofu` and `main.tofu.json`.
fn stem_of_tofu(name: &str) -> Option<&str> {
    let bare = name.strip_suffix(".json").unwrap_or(name);
    bare.strip_suffix(".tofu")
        .filter(|stem| !stem.starts_with('.'))
}

/// Tofu reads `main.tofu` instead of `main.tf`.
fn has_tofu_twin(name: &str, names: &[&str]) -> bool {
    let twin = match name.strip_suffix(".tf.json") {
        Some(stem) => format!("{stem}.tofu.json"),
        None => format!("{}.tofu", name.trim_end_matches(".tf")),
    };
    names.contains(&twin.as_str())
}

fn overrides(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    stem == "override" || stem.ends_with("_override")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ModuleCode {
        ModuleCode::read([("main.tf", text)])
    }

    fn s3(assumes_role: bool) -> BackendBlock {
        BackendBlock {
            kind: "s3".to_owned(),
            assumes_role,
        }
    }

    #[test]
    fn variables_are_known_by_their_type() {
        let code = read(
            r#"
            variable "string" { type = string }
            variable "legacy" { type = "string" }
            variable "number" { type = number }
            variable "untyped" {}
            variable "any" { type = any }
            variable "list" { type = list(string) }
            variable "object" {
              type = object({ a = string })
            }
            "#,
        );
        let of_kind = |wanted| -> Vec<&str> {
            let variables = code.variables.iter().filter(|(_, kind)| **kind == wanted);
            variables.map(|(name, _)| name.as_str()).collect()
        };
        assert_eq!(
            of_kind(VariableKind::Literal),
            ["legacy", "number", "string", "untyped"]
        );
        assert_eq!(of_kind(VariableKind::Expression), ["any", "list", "object"]);
    }

    #[test]
    fn backends_are_known_by_kind_and_role() {
        let with = |body: &str| read(&format!("terraform {{\n{body}\n}}")).backend;
        assert_eq!(with("backend \"s3\" {}"), Some(s3(false)));
        assert_eq!(
            with("backend \"s3\" {\nassume_role = { role_arn = \"x\" }\n}"),
            Some(s3(true))
        );
        assert_eq!(
            with("backend \"s3\" {\nassume_role {\nrole_arn = \"x\"\n}\n}"),
            Some(s3(true))
        );
        assert_eq!(
            with("backend \"s3\" {\nrole_arn = \"x\"\n}"),
            Some(s3(true))
        );
        assert_eq!(with("required_version = \">= 1.0\""), None);
    }

    #[test]
    fn modules_are_noticed() {
        assert!(read("module \"m\" {\n  source = \"./m\"\n}").uses_modules);
        assert!(!read("# module \"m\" {}\nlocals {\n  module = 1\n}").uses_modules);
    }

    #[test]
    fn json_says_the_same() {
        let text = r#"{
            "variable": {"a": {"type": "list(string)"}, "b": [{}]},
            "module": {"m": {"source": "./m"}},
            "terraform": [{"backend": {"s3": {"role_arn": "x"}}}],
            "provider": {"aws": [{}, {"assume_role": {"role_arn": "y"}}]}
        }"#;
        let code = ModuleCode::read([("main.tf.json", text)]);
        assert_eq!(code.variables["a"], VariableKind::Expression);
        assert_eq!(code.variables["b"], VariableKind::Literal);
        assert_eq!(code.backend, Some(s3(true)));
        assert!(code.uses_modules);
        let providers = &code.assuming_providers;
        assert_eq!(providers.len(), 1);
        assert_eq!(providers[0].roles, [Some("y".to_owned())]);
    }

    #[test]
    fn overriding_files_come_last_and_may_leave_things_out() {
        let names = [
            "override.tf",
            "z.tf",
            "a_override.tf",
            "b.tf",
            "notes.md",
            ".hidden.tf",
        ];
        let files = files_read(EngineKind::Terraform, &names);
        assert_eq!(files, ["b.tf", "z.tf", "a_override.tf", "override.tf"]);
        let code = ModuleCode::read([
            ("b.tf", "variable \"a\" {\n  type = list(string)\n}"),
            ("override.tf", "variable \"a\" {\n  default = []\n}"),
        ]);
        assert_eq!(code.variables["a"], VariableKind::Expression);
    }

    #[test]
    fn each_engine_reads_its_own_files() {
        let names = [
            "a.tf",
            "a.tofu",
            "b.tf",
            "b.tf.json",
            "b.tofu.json",
            "c.tofu",
        ];
        assert_eq!(
            files_read(EngineKind::Terraform, &names),
            ["a.tf", "b.tf", "b.tf.json"]
        );
        assert_eq!(
            files_read(EngineKind::Tofu, &names),
            ["a.tofu", "b.tf", "b.tofu.json", "c.tofu"]
        );
    }

    #[test]
    fn broken_code_is_left_to_the_engine() {
        let code = read("variable \"a\" {\n  type = [\n}\nvariable \"b\" {\n  type = any\n}\n");
        assert_eq!(code.variables.get("b"), Some(&VariableKind::Expression));
        assert_eq!(
            ModuleCode::read([("x.tf.json", "{")]),
            ModuleCode::default()
        );
    }

    #[test]
    fn a_file_that_is_known_says_what_it_said() {
        let long = format!(
            "variable \"a\" {{ type = number }}\n\
             provider \"aws\" {{\n  assume_role {{ role_arn = \"r\" }}\n}}\n#{}",
            "x".repeat(WORTH_KNOWING)
        );
        let changed = long.replace("number", "any").replace("aws", "other");
        let known = KnownFiles::default();
        for files in [
            vec![("a.tf", &*long), ("b.tf", &*long)],
            vec![("b.tf", &*long), ("a.tf", &*changed)],
        ] {
            for _ in 0..2 {
                let code = ModuleCode::read_knowing(&known, files.clone());
                assert_eq!(code, ModuleCode::read(files.clone()));
            }
        }
        assert_eq!(known.0.borrow().len(), 3, "two of one name, one of another");
    }

    #[test]
    fn short_files_are_not_kept() {
        let known = KnownFiles::default();
        let files = [("a.tf", "variable \"a\" {}\n")];
        assert_eq!(
            ModuleCode::read_knowing(&known, files),
            ModuleCode::read(files)
        );
        assert_eq!(known.0.borrow().len(), 0);
    }
}
