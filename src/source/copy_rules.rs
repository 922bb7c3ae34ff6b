//! Which files of a folder of this machine come along into a working folder.
//!
//! Hidden files stay behind, but for those that `include_in_copy` names and the lock file;
//! `exclude_from_copy` wins over everything. A pattern that matches a folder matches all within.

use camino::{Utf8Component, Utf8Path};
use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use thiserror::Error;

use crate::model::file_names::DOWNLOAD_FOLDER;

/// The rules for one folder.
#[derive(Clone, Debug)]
pub struct CopyRules {
    include: Patterns,
    exclude: Patterns,
    /// Hidden files that come along anyway, from the folder's top.
    also: &'static [&'static str],
}

/// A pattern that cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("\"{pattern}\" is not a pattern of paths: {reason}")]
pub struct BadPattern {
    pub pattern: String,
    pub reason: String,
}

const LOCK_FILE: &str = ".terraform.lock.hcl";

/// A unit's own hidden files that its module may need.
const OF_UNITS: [&str; 1] = [".tflint.hcl"];

#[derive(Clone, Debug)]
struct Patterns {
    whole: GlobSet,
    /// Each pattern cut at its slashes, to tell whether it may match below a folder.
    by_segment: Vec<Vec<Segment>>,
}

#[derive(Clone, Debug)]
enum Segment {
    /// `**`
    AnyDepth,
    One(GlobMatcher),
}

impl CopyRules {
    /// For a module's folder, by the two lists of the unit's `terraform` block.
    pub fn for_module(include: &[String], exclude: &[String]) -> Result<Self, BadPattern> {
        Ok(Self {
            include: Patterns::new(include)?,
            exclude: Patterns::new(exclude)?,
            also: &[],
        })
    }

    /// For the unit's own folder.
    pub fn for_unit(include: &[String], exclude: &[String]) -> Result<Self, BadPattern> {
        Ok(Self {
            also: &OF_UNITS,
            ..Self::for_module(include, exclude)?
        })
    }

    /// Whether a file comes along, by its path from the folder's top.
    pub fn takes(&self, file: &Utf8Path) -> bool {
        if is_in_download_folder(file) || self.exclude.match_path(file) {
            return false;
        }
        let folder = file.parent().unwrap_or(Utf8Path::new(""));
        !is_hidden(file)
            || self.also.contains(&file.as_str())
            || file.file_name() == Some(LOCK_FILE) && !is_hidden(folder)
            || self.include.match_path(file)
    }

    /// Whether there may be files within a folder that come along.
    pub fn looks_into(&self, folder: &Utf8Path) -> bool {
        if is_in_download_folder(folder) || self.exclude.match_path(folder) {
            return false;
        }
        !is_hidden(folder) || self.include.may_match_within(folder)
    }
}

fn is_hidden(path: &Utf8Path) -> bool {
    path.components()
        .any(|component| component.as_str().starts_with('.'))
}

fn is_in_download_folder(path: &Utf8Path) -> bool {
    path.components()
        .any(|component| component == Utf8Component::Normal(DOWNLOAD_FOLDER))
}

impl Patterns {
    fn new(patterns: &[String]) -> Result<Self, BadPattern> {
        let mut whole = GlobSetBuilder::new();
        let mut by_segment = Vec::new();
        for pattern in patterns {
            let bad = |error: globset::Error| BadPattern {
                pattern: pattern.clone(),
                reason: error.kind().to_string(),
            };
            let clean = pattern.trim_start_matches("./").trim_end_matches('/');
            whole.add(glob(clean).map_err(bad)?);
            whole.add(glob(&format!("{clean}/**")).map_err(bad)?);
            let segments = clean.split('/').map(Segment::new);
            by_segment.push(segments.collect::<Result<_, _>>().map_err(bad)?);
        }
        Ok(Self {
            whole: whole.build().map_err(|error| BadPattern {
                pattern: patterns.join(", "),
                reason: error.to_string(),
            })?,
            by_segment,
        })
    }

    fn match_path(&self, path: &Utf8Path) -> bool {
        self.whole.is_match(path)
    }

    fn may_match_within(&self, folder: &Utf8Path) -> bool {
        let reaches_into = |segments: &Vec<Segment>| {
            let mut segments = segments.iter();
            for component in folder.components() {
                match segments.next() {
                    Some(Segment::AnyDepth) => return true,
                    Some(Segment::One(glob)) if glob.is_match(component.as_str()) => {}
                    Some(Segment::One(_)) | None => return false,
                }
            }
            segments.next().is_some()
        };
        self.match_path(folder) || self.by_segment.iter().any(reaches_into)
    }
}

impl Segment {
    fn new(text: &str) -> Result<Self, globset::Error> {
        if text == "**" {
            Ok(Self::AnyDepth)
        } else {
            Ok(Self::One(glob(text)?.compile_matcher()))
        }
    }
}

/// `*` stays within one folder, `**` does not.
fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(|&pattern| pattern.to_owned()).collect()
    }

    fn rules(include: &[&str], exclude: &[&str]) -> CopyRules {
        CopyRules::for_module(&owned(include), &owned(exclude)).unwrap()
    }

    /// Those of `files` that come along, walking as a copy does.
    fn taken<'a>(rules: &CopyRules, files: &[&'a str]) -> Vec<&'a str> {
        let walked = |file: &&&str| {
            let file = Utf8Path::new(**file);
            let mut folders = file.ancestors().skip(1).filter(|path| *path != "");
            folders.all(|folder| rules.looks_into(folder)) && rules.takes(file)
        };
        files.iter().filter(walked).copied().collect()
    }

    #[test]
    fn hidden_files_stay_behind_but_the_lock_file() {
        let files = [
            "main.tf",
            ".env",
            ".terraform-version",
            ".tflint.hcl",
            ".terraform.lock.hcl",
            "sub/.terraform.lock.hcl",
            ".hidden/.terraform.lock.hcl",
            ".hidden/x.tf",
            "sub/x.tf",
        ];
        assert_eq!(
            taken(&rules(&[], &[]), &files),
            [
                "main.tf",
                ".terraform.lock.hcl",
                "sub/.terraform.lock.hcl",
                "sub/x.tf"
            ]
        );
    }

    #[test]
    fn a_unit_also_brings_its_linter_configuration() {
        let rules = CopyRules::for_unit(&[], &[]).unwrap();
        let files = [".tflint.hcl", "sub/.tflint.hcl", ".env", "a.tf"];
        assert_eq!(taken(&rules, &files), [".tflint.hcl", "a.tf"]);
    }

    #[test]
    fn what_is_included_comes_along() {
        let files = [
            ".conf/a.txt",
            ".conf/b.secret",
            ".conf/sub/c.txt",
            ".unit-hidden",
        ];
        let taken = |include| taken(&rules(include, &[]), &files);
        assert_eq!(
            taken(&[".conf/*.txt", ".unit-hidden"]),
            [".conf/a.txt", ".unit-hidden"]
        );
        assert_eq!(
            taken(&[".conf"]),
            [".conf/a.txt", ".conf/b.secret", ".conf/sub/c.txt"]
        );
        assert_eq!(
            taken(&["./.conf/"]),
            [".conf/a.txt", ".conf/b.secret", ".conf/sub/c.txt"]
        );
        assert_eq!(taken(&["**/*.txt"]), [".conf/a.txt", ".conf/sub/c.txt"]);
        assert_eq!(
            taken(&[".conf/**/*.txt"]),
            [".conf/a.txt", ".conf/sub/c.txt"]
        );
        assert_eq!(taken(&["*/sub"]), [".conf/sub/c.txt"]);
    }

    #[test]
    fn what_is_excluded_never_comes_along() {
        let files = [
            "notes.md",
            "docs/a.md",
            "docs/deep/b.md",
            ".conf/a",
            "main.tf",
        ];
        let taken = |exclude| taken(&rules(&[".conf", "notes.md"], exclude), &files);
        assert_eq!(
            taken(&["notes.md", ".conf/a"]),
            ["docs/a.md", "docs/deep/b.md", "main.tf"]
        );
        assert_eq!(taken(&["docs"]), ["notes.md", ".conf/a", "main.tf"]);
        assert_eq!(taken(&["**/*.md"]), [".conf/a", "main.tf"]);
    }

    #[test]
    fn download_folders_never_come_along() {
        let files = ["u/.terragrunt-cache/a/b/main.tf", "u/main.tf"];
        assert_eq!(taken(&rules(&["**"], &[]), &files), ["u/main.tf"]);
    }

    #[test]
    fn folders_that_cannot_matter_are_not_walked() {
        let rules = rules(&[".conf/*.txt", "a/.b"], &["docs"]);
        for walked in [".conf", "a", "a/.b", "a/.b/c", "sub"] {
            assert!(rules.looks_into(walked.into()), "{walked}");
        }
        for left_out in [".terraform", ".git", ".conf/sub", "a/.c", "docs", "docs/a"] {
            assert!(!rules.looks_into(left_out.into()), "{left_out}");
        }
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let bad = CopyRules::for_module(&owned(&["[a"]), &[]).unwrap_err();
        assert_eq!(bad.pattern, "[a");
    }
}
