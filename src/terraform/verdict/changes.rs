//! What a plan would change and what an apply has changed, from the lines that sum it up.

use serde_json::Value;

use super::words::plain_lines;
use crate::model::{Changes, ChildEnd, ResourceCounts};

/// Sees the lines of a command's stdout go by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChangesSeen {
    counted: Option<ResourceCounts>,
    /// `No changes.`
    none: bool,
    /// Something changes that is not counted.
    uncounted: bool,
}

/// Exit code of a plan with changes, where it was asked to tell by its exit code.
const CHANGES_PRESENT: ChildEnd = ChildEnd::Code(2);

impl ChangesSeen {
    pub fn see(&mut self, line: &str) {
        for line in plain_lines(line) {
            let line = line.trim_start();
            if let Some(counts) = summary(line) {
                self.counted = Some(counts.resources);
                self.uncounted |= counts.others > 0;
            } else if line.starts_with("No changes.") {
                self.none = true;
            } else if line.starts_with("Changes to Outputs:") {
                self.uncounted = true;
            }
        }
        self.uncounted |= outputs_change(line);
    }

    /// What it comes to, once the command has ended.
    pub fn changes(self, end: ChildEnd) -> Changes {
        let nothing_counted = ResourceCounts::default();
        match self.counted {
            Some(counts) if counts != nothing_counted => Changes::Counted(counts),
            _ if self.uncounted || end == CHANGES_PRESENT => Changes::Uncounted,
            Some(_) => Changes::None,
            None if self.none => Changes::None,
            None => Changes::Unknown,
        }
    }
}

/// Whether a line of JSON tells of outputs that change. After an apply such a line gives their
/// values only.
fn outputs_change(line: &str) -> bool {
    if !line.contains(r#""type":"outputs""#) {
        return false;
    }
    let json: Value = serde_json::from_str(line).unwrap_or_default();
    let outputs = json.get("outputs").and_then(Value::as_object);
    outputs.into_iter().flatten().any(|(_, output)| {
        let action = output.get("action").and_then(Value::as_str);
        action.is_some_and(|action| action != "noop")
    })
}

struct Summary {
    resources: ResourceCounts,
    /// Resources that are forgotten, and whatever else later versions count.
    others: u64,
}

/// Reads `Plan: 1 to add, 0 to change, 0 to destroy.` and its kin.
fn summary(line: &str) -> Option<Summary> {
    let counts = [
        "Plan: ",
        "Apply complete! Resources: ",
        "Destroy complete! Resources: ",
    ]
    .iter()
    .find_map(|beginning| line.strip_prefix(beginning))?;
    let mut summary = Summary {
        resources: ResourceCounts::default(),
        others: 0,
    };
    for part in counts.trim_end().trim_end_matches('.').split(", ") {
        let (number, what) = part.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        let resources = &mut summary.resources;
        let counter = match what {
            "to add" | "added" => &mut resources.add,
            "to change" | "changed" => &mut resources.change,
            "to destroy" | "destroyed" => &mut resources.destroy,
            "to import" | "imported" => &mut resources.import,
            _ => &mut summary.others,
        };
        *counter += number;
    }
    Some(summary)
}
