//! Which unit a path that leads to none may have meant.
//!
//! It follows the path to the folder that is there no more and looks for a similar name beside it;
//! else it takes the unit of the same name that shares most of the path. In a tree where most paths
//! are wrong nobody reads all suggestions, so the work for them is bounded.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::closest;

use super::estate::Estate;
use super::reader::ByPath;
use super::unit::Unit;
use crate::model::UnitIx;
use crate::model::file_names::GENERATED_FOLDER;

/// How many names may be compared in one load: more than any tree needs in which a few paths are
/// wrong.
const MOST_COMPARISONS: usize = 200_000;

/// Of the units of one name only so many are looked at.
const MOST_NAMESAKES: usize = 50;

/// What was found out for suggestions.
#[derive(Default, Debug)]
pub(crate) struct NearestUnits {
    comparisons: Cell<usize>,
    /// The folders whose names are near to that of a folder which is not there, by its path.
    near: RefCell<ByPath<Rc<[Box<str>]>>>,
    /// The units by the names of their folders.
    by_name: OnceCell<HashMap<String, Vec<UnitIx>>>,
}

impl Estate<'_> {
    /// The folder that was meant by a path which `unit` names.
    pub(super) fn nearest_unit(&self, unit: &Unit, named: &Utf8Path) -> Option<Utf8PathBuf> {
        let is_other = |folder: &Utf8Path| folder != unit.folder;
        self.generated_there(named)
            .or_else(|| self.similar_name(named))
            .filter(|folder| is_other(folder))
            .or_else(|| self.namesake(unit, named))
    }

    /// The unit that a stack beside the path has written.
    fn generated_there(&self, named: &Utf8Path) -> Option<Utf8PathBuf> {
        let mut stacks = named.ancestors().skip(1);
        let stack = stacks.find(|folder| self.reader.is_folder(folder))?;
        let below = named.strip_prefix(stack).ok()?;
        let generated = stack.join(GENERATED_FOLDER).join(below);
        self.reader.unit_file(&generated).map(|_| generated)
    }

    /// The path with its first unknown folder named as one that is there.
    fn similar_name(&self, named: &Utf8Path) -> Option<Utf8PathBuf> {
        let known = named
            .ancestors()
            .skip(1)
            .find(|folder| self.reader.is_folder(folder))?;
        let missing = named.strip_prefix(known).ok()?;
        let mut parts = missing.components();
        let wrong = parts.next()?.as_str();
        // First those that are near: looking for their units asks the disk.
        let near = self.names_near(known, wrong)?;
        let has_unit = |name: &&str| {
            let folder = known.join(name).join(parts.as_path());
            self.reader.unit_file(&folder).is_some()
        };
        let meant = closest(wrong, near.iter().map(|name| &**name).filter(has_unit))?;
        Some(known.join(meant).join(parts.as_path()))
    }

    /// The names of folders that are near to one that is not there; `None` if too many names were
    /// compared before.
    fn names_near(&self, folder: &Utf8Path, wrong: &str) -> Option<Rc<[Box<str>]>> {
        let missing = folder.join(wrong);
        if let Some(near) = self.nearest.near.borrow().get(missing.as_str()) {
            return Some(near.clone());
        }
        let names = self.reader.folders_in(folder);
        self.compare(names.len())?;
        let is_near = |name: &str| name != wrong && closest(wrong, std::iter::once(name)).is_some();
        let near = names.into_iter().filter(|name| is_near(name));
        let near: Rc<[Box<str>]> = near.collect();
        let mut known = self.nearest.near.borrow_mut();
        known.insert(missing.into_string().into(), near.clone());
        Some(near)
    }

    /// The unit of the same name whose path has most in common with the one that was named; of
    /// equals none, since each is as likely.
    fn namesake(&self, unit: &Unit, named: &Utf8Path) -> Option<Utf8PathBuf> {
        let by_name = self.nearest.by_name.get_or_init(|| self.units_by_name());
        let namesakes = by_name.get(named.file_name()?)?;
        let folders = namesakes.iter().map(|other| &*self.units[*other].folder);
        let others = folders.filter(|folder| folder.as_str() != unit.folder.as_str());
        let mut ranked: Vec<(usize, &Utf8Path)> = others
            .take(MOST_NAMESAKES)
            .map(|folder| (parts_in_common(folder, named), folder))
            .collect();
        ranked.sort_unstable_by_key(|(common, _)| std::cmp::Reverse(*common));
        match *ranked.as_slice() {
            [(_, only)] => Some(only.to_owned()),
            [(first, nearest), (second, _), ..] if first > second => Some(nearest.to_owned()),
            _ => None,
        }
    }

    fn units_by_name(&self) -> HashMap<String, Vec<UnitIx>> {
        let mut by_name: HashMap<String, Vec<UnitIx>> = HashMap::new();
        for (number, unit) in self.units.iter() {
            let name = unit.folder.file_name().unwrap_or_default();
            by_name.entry(name.to_owned()).or_default().push(number);
        }
        by_name
    }

    /// Counts comparisons; `None` if there were too many.
    fn compare(&self, names: usize) -> Option<()> {
        let so_far = &self.nearest.comparisons;
        so_far.set(so_far.get().saturating_add(names + 1));
        (so_far.get() <= MOST_COMPARISONS).then_some(())
    }
}

/// How many parts of two absolute paths are the same, from their beginnings and from their ends.
fn parts_in_common(a: &Utf8Path, b: &Utf8Path) -> usize {
    let (a, b) = (a.as_str().as_bytes(), b.as_str().as_bytes());
    let first = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let last = a.iter().rev().zip(b.iter().rev());
    let last = last.take_while(|(a, b)| a == b).count();
    let slashes = |part: &[u8]| part.split(|byte| *byte == b'/').count() - 1;
    // Where one of them ends, the other may go on with another part.
    let is_end = |path: &[u8]| path.get(first).is_none_or(|byte| *byte == b'/');
    slashes(&a[..first]) + usize::from(is_end(a) && is_end(b)) + slashes(&a[a.len() - last..])
}

#[cfg(test)]
mod tests {
    use crate::config::testing::Twin;

    const UNITS: &str = "\
//- dev/network/vpc/terragrunt.hcl
//- dev/network/dns/terragrunt.hcl
//- prod/network/vpc/terragrunt.hcl
//- dev/empty/readme.md
";

    /// What is suggested for a path that `dev/app` names, in a load that starts in `start`.
    #[track_caller]
    fn check(start: &str, path: &str, suggestion: Option<&str>) {
        let unit = format!("//- dev/app/terragrunt.hcl\ndependencies {{ paths = [\"{path}\"] }}\n");
        let twin = Twin::new(&(UNITS.to_owned() + &unit));
        let (_, problems) = twin.load(start);
        let [problem] = &problems.iter().collect::<Vec<_>>()[..] else {
            panic!("one problem, not {problems:?}");
        };
        let suggestion = suggestion.map(|path| format!("did you mean \"{path}\"?"));
        assert_eq!(
            problem.help,
            suggestion.into_iter().collect::<Vec<_>>(),
            "{path}"
        );
    }

    #[test]
    fn parts_are_counted_from_both_ends() {
        for (a, b, parts) in [
            ("/w/dev/vpc", "/w/dev/dns", 3),
            ("/w/dev/vpc", "/w/prod/vpc", 3),
            ("/w/dev/vpc", "/w/development/vpc", 3),
            ("/w/dev", "/w/dev/vpc", 3),
            ("/dev/vpc", "/w/dev/vpc", 3),
            ("/a", "/b", 1),
        ] {
            let parts_of = |a: &str, b: &str| super::parts_in_common(a.as_ref(), b.as_ref());
            assert_eq!((parts_of(a, b), parts_of(b, a)), (parts, parts), "{a} {b}");
        }
    }

    #[test]
    fn a_similar_name_is_meant_wherever_in_the_path_it_stands() {
        check(".", "../network/vcp", Some("../network/vpc"));
        check(".", "../netwrok/dns", Some("../network/dns"));
        check(".", "../../prd/network/vpc", Some("../../prod/network/vpc"));
    }

    #[test]
    fn a_unit_that_lies_elsewhere_is_meant_by_its_name() {
        check(".", "../dns", Some("../network/dns"));
    }

    #[test]
    fn of_units_that_are_as_likely_none_is_meant() {
        check(".", "../../stage/network/vpc", None);
        check(".", "../emty", None);
    }

    #[test]
    fn units_outside_the_start_folder_are_meant_as_well() {
        check("dev/app", "../network/vcp", Some("../network/vpc"));
    }

    #[test]
    fn a_unit_that_a_stack_has_written_is_meant_by_its_path_from_the_stack() {
        let tree = "\
//- live/terragrunt.stack.hcl
//- live/.terragrunt-stack/vpc/terragrunt.hcl
//- live/app/terragrunt.hcl
dependencies { paths = [\"../vpc\"] }
";
        let (_, problems) = Twin::new(tree).load("live/app");
        let help: Vec<&str> = problems
            .iter()
            .flat_map(|one| &one.help)
            .map(|help| &**help)
            .collect();
        assert_eq!(help, ["did you mean \"../.terragrunt-stack/vpc\"?"]);
    }

    #[test]
    fn a_unit_that_no_stack_has_written_yet_comes_with_the_command() {
        let tree = "\
//- live/app/terragrunt.hcl
dependencies { paths = [\"../.terragrunt-stack/vpc\"] }
";
        let (_, problems) = Twin::new(tree).load("live/app");
        let help: Vec<&str> = problems
            .iter()
            .flat_map(|one| &one.help)
            .map(|help| &**help)
            .collect();
        assert_eq!(
            help,
            ["units of stacks are written by: terrane stack generate"]
        );
    }

    #[test]
    fn a_unit_is_never_told_that_it_meant_itself() {
        check(".", "../apq", None);
    }
}
