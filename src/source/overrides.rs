//! Sources that the command line puts in place of those in the files: `--source`, `--source-map`.

use crate::model::split_address;

/// What was said on the command line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceOverrides {
    /// For one unit the module itself; for many the folder or repository that holds all modules.
    pub source: Option<String>,
    /// From a source, without folder and version, to what stands in for it.
    pub map: Vec<(String, String)>,
}

/// Whether the command runs in one unit or in many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    One,
    Many,
}

impl SourceOverrides {
    /// What stands in for `written`, the source in the unit's file. A unit without one keeps its
    /// own code when many run.
    pub fn apply(&self, written: Option<&str>, extent: Extent) -> Option<String> {
        match (&self.source, extent, written) {
            (Some(source), Extent::One, _) => Some(source.clone()),
            (Some(source), Extent::Many, Some(written)) => {
                let folder = match split_address(written) {
                    (repository, "", _) => repository_name(repository),
                    (_, subfolder, _) => subfolder,
                };
                Some(joined(source, folder))
            }
            (Some(_), Extent::Many, None) | (None, _, None) => None,
            (None, _, Some(written)) => Some(self.mapped(written)),
        }
    }

    fn mapped(&self, written: &str) -> String {
        let (source, subfolder, _version) = split_address(written);
        match self.map.iter().find(|(from, _)| from == source) {
            Some((_, to)) => joined(to, subfolder),
            None => written.to_owned(),
        }
    }
}

/// `net` of `git@example.org:acme/net.git`.
fn repository_name(source: &str) -> &str {
    let name = source.rsplit(['/', ':']).next().unwrap_or_default();
    name.strip_suffix(".git").unwrap_or(name)
}

/// `a//b/c` of `a//b` and `c`; a version stays at the end.
fn joined(source: &str, subfolder: &str) -> String {
    if subfolder.is_empty() {
        return source.to_owned();
    }
    let (path, query) = source.split_at(source.find('?').unwrap_or(source.len()));
    let path = path.trim_end_matches('/');
    let sign = match split_address(path).1 {
        "" => "//",
        _ => "/",
    };
    format!("{path}{sign}{subfolder}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_source(source: &str) -> SourceOverrides {
        SourceOverrides {
            source: Some(source.to_owned()),
            map: Vec::new(),
        }
    }

    fn with_map(from: &str, to: &str) -> SourceOverrides {
        SourceOverrides {
            source: None,
            map: vec![(from.to_owned(), to.to_owned())],
        }
    }

    #[test]
    fn without_overrides_files_say_it() {
        let none = SourceOverrides::default();
        assert_eq!(
            none.apply(Some("../m"), Extent::One).as_deref(),
            Some("../m")
        );
        assert_eq!(none.apply(None, Extent::Many), None);
    }

    #[test]
    fn for_one_unit_the_flag_names_the_module() {
        let flag = with_source("/other//x");
        assert_eq!(
            flag.apply(Some("../m//x"), Extent::One).as_deref(),
            Some("/other//x")
        );
        assert_eq!(flag.apply(None, Extent::One).as_deref(), Some("/other//x"));
    }

    #[test]
    fn for_many_units_the_flag_names_where_all_modules_are() {
        let apply = |flag: &str, written| with_source(flag).apply(Some(written), Extent::Many);
        assert_eq!(
            apply("/mods", "git::https://x.org/m.git//net/vpc?ref=v1").as_deref(),
            Some("/mods//net/vpc")
        );
        assert_eq!(
            apply("/all//mods/", "../m//vpc").as_deref(),
            Some("/all//mods/vpc")
        );
        assert_eq!(
            apply("git::https://y.org/m.git?ref=dev", "../m//vpc").as_deref(),
            Some("git::https://y.org/m.git//vpc?ref=dev")
        );
        assert_eq!(
            apply("/mods", "git@x.org:net.git?ref=v1").as_deref(),
            Some("/mods//net")
        );
        assert_eq!(with_source("/mods").apply(None, Extent::Many), None);
    }

    #[test]
    fn a_map_replaces_the_source_and_keeps_the_folder() {
        let map = with_map("git::https://x.org/mods.git", "/local");
        let apply = |written| map.apply(Some(written), Extent::One);
        assert_eq!(
            apply("git::https://x.org/mods.git//net?ref=v1.0.0").as_deref(),
            Some("/local//net")
        );
        assert_eq!(
            apply("git::https://x.org/other.git//net").as_deref(),
            Some("git::https://x.org/other.git//net")
        );
        let map = with_map("github.com/a/b", "git::git@github.com:c/d.git?ref=v2");
        assert_eq!(
            map.apply(Some("github.com/a/b//net?ref=v1"), Extent::Many)
                .as_deref(),
            Some("git::git@github.com:c/d.git//net?ref=v2")
        );
    }
}
