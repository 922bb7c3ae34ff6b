//! Lists drawn as trees: of folders, or of who waits for whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::cli::listing::Row;

/// Which units stand at the tree's root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Root {
    Upstreams,
    Downstreams,
}

/// A folder and what lies in it.
#[derive(Default)]
struct Folder<'r>(BTreeMap<&'r str, Folder<'r>>);

/// Folders within one another.
pub(super) fn of_folders(rows: &[Row<'_>]) -> String {
    let mut top = Folder::default();
    for row in rows.iter().filter(|row| row.path != ".") {
        let mut folder = &mut top;
        for name in row.path.as_str().split('/') {
            folder = folder.0.entry(name).or_default();
        }
    }
    let mut lines = vec![".".to_owned()];
    top.draw("", &mut lines);
    lines.join("\n") + "\n"
}

impl Folder<'_> {
    fn draw(&self, indent: &str, lines: &mut Vec<String>) {
        for (number, (name, folder)) in self.0.iter().enumerate() {
            let branch = Branch::of(number, self.0.len());
            lines.push(format!("{indent}{} {name}", branch.at_the_name()));
            folder.draw(&format!("{indent}{}", branch.below()), lines);
        }
    }
}

/// Units below those that they wait for, or the other way round. What lies below a unit is drawn
/// where it stands first.
pub(super) fn of_waits(rows: &[Row<'_>], root: Root) -> String {
    let known: BTreeSet<&str> = rows.iter().map(|row| row.path.as_str()).collect();
    let mut below: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut has_above: BTreeSet<&str> = BTreeSet::new();
    for row in rows {
        let dependencies = row.dependencies.iter().map(|path| path.as_str());
        for dependency in dependencies.filter(|path| known.contains(path)) {
            let (above, under) = match root {
                Root::Upstreams => (dependency, row.path.as_str()),
                Root::Downstreams => (row.path.as_str(), dependency),
            };
            below.entry(above).or_default().push(under);
            has_above.insert(under);
        }
    }
    let names: Vec<&str> = rows.iter().map(|row| row.path.as_str()).collect();
    let tops = tops(&names, &has_above, &below);
    let mut drawing = Drawing {
        below: &below,
        drawn: BTreeSet::new(),
        lines: vec![".".to_owned()],
    };
    drawing.draw(&tops, "");
    drawing.lines.join("\n") + "\n"
}

/// The units that stand below nobody, and one of each circle.
fn tops<'r>(
    names: &[&'r str],
    has_above: &BTreeSet<&str>,
    below: &HashMap<&'r str, Vec<&'r str>>,
) -> Vec<&'r str> {
    let (mut tops, knotted): (Vec<&str>, Vec<&str>) =
        names.iter().partition(|name| !has_above.contains(*name));
    let mut reached = BTreeSet::new();
    let mut open = tops.clone();
    for another in knotted.into_iter().map(Some).chain([None]) {
        while let Some(name) = open.pop() {
            if reached.insert(name) {
                open.extend(below.get(name).into_iter().flatten());
            }
        }
        if let Some(name) = another.filter(|name| !reached.contains(name)) {
            tops.push(name);
            open.push(name);
        }
    }
    tops
}

struct Drawing<'d> {
    below: &'d HashMap<&'d str, Vec<&'d str>>,
    /// Whose subtree was drawn already.
    drawn: BTreeSet<&'d str>,
    lines: Vec<String>,
}

impl<'d> Drawing<'d> {
    fn draw(&mut self, names: &[&'d str], indent: &str) {
        for (number, name) in names.iter().enumerate() {
            let branch = Branch::of(number, names.len());
            let below = self.below.get(name).map_or(&[][..], Vec::as_slice);
            let is_first = self.drawn.insert(name);
            let rest = if is_first || below.is_empty() {
                ""
            } else {
                " (see above)"
            };
            let branch_and_name = format!("{indent}{} {name}{rest}", branch.at_the_name());
            self.lines.push(branch_and_name);
            if is_first {
                self.draw(below, &format!("{indent}{}", branch.below()));
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Branch {
    Middle,
    Last,
}

impl Branch {
    fn of(number: usize, count: usize) -> Self {
        if number + 1 == count {
            Self::Last
        } else {
            Self::Middle
        }
    }

    fn at_the_name(self) -> &'static str {
        match self {
            Self::Middle => "├──",
            Self::Last => "╰──",
        }
    }

    fn below(self) -> &'static str {
        match self {
            Self::Middle => "│   ",
            Self::Last => "    ",
        }
    }
}
