//! How what a parent and a child file say becomes one. The rules differ by block, and are
//! Terragrunt's; each function here is one row of its table.

pub(crate) mod deep;

use terrane_hcl::{Diagnostic, Diagnostics, Number, Value};

use self::deep::{append_lists, deep_merge};
use super::block::{DecodedBlock, Located};
use super::include::Strategy;

/// An attribute: the child's, if it is set to something.
pub(crate) fn attribute(
    parent: Option<Located<Value>>,
    child: Option<Located<Value>>,
) -> Option<Located<Value>> {
    match child {
        Some(child) if !is_empty_text(&child.value) => Some(child),
        child => parent.or(child),
    }
}

fn is_empty_text(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// A block of which the child's replaces the parent's as a whole.
pub(crate) fn replaced(
    parent: Option<DecodedBlock>,
    child: Option<DecodedBlock>,
) -> Option<DecodedBlock> {
    child.or(parent)
}

/// `inputs`: shallow by key, deep as [`deep_merge`] has it.
pub(crate) fn inputs(
    parent: Option<Located<Value>>,
    child: Option<Located<Value>>,
    strategy: Strategy,
) -> Result<Option<Located<Value>>, Diagnostics> {
    let (below, above) = match (parent, child) {
        (Some(below), Some(above)) => (below, above),
        (below, above) => return Ok(above.or(below)),
    };
    if below.value.is_unknown() || above.value.is_unknown() {
        let marks = below.value.marks() | above.value.marks();
        let value = Value::unknown().with_marks(marks);
        return Ok(Some(Located {
            value,
            place: above.place,
        }));
    }
    let value = if strategy == Strategy::Deep {
        deep_merge(&below.value, &above.value)
            .map_err(|error| error.diagnostic("inputs", &above.place, &below.place))?
    } else {
        shallow(&below.value, &above.value)
    };
    Ok(Some(Located {
        value,
        place: above.place,
    }))
}

/// The keys of both; the child's values win.
fn shallow(parent: &Value, child: &Value) -> Value {
    if parent.entries().is_none() || child.entries().is_none() {
        return child.clone();
    }
    Value::merged([parent, child]).with_marks(parent.marks() | child.marks())
}

/// The `terraform` block. Under shallow merge the child's copy rules are dropped where the parent
/// has a block, as Terragrunt drops them.
pub(crate) fn terraform(
    parent: Option<DecodedBlock>,
    child: Option<DecodedBlock>,
    strategy: Strategy,
) -> Option<DecodedBlock> {
    let (mut merged, child) = match (parent, child) {
        (Some(parent), Some(child)) => (parent, child),
        (parent, child) => return child.or(parent),
    };
    for name in ["source", "version", "copy_terraform_lock_file"] {
        if let Some(value) = child.get(name).filter(|v| !is_empty_text(&v.value)) {
            merged.set(name, value.clone());
        }
    }
    if strategy == Strategy::Deep {
        for name in ["include_in_copy", "exclude_from_copy"] {
            if let Some(above) = child.get(name) {
                let value = match merged.get(name) {
                    Some(below) => append_lists(&above.value, &below.value),
                    None => above.value.clone(),
                };
                let place = above.place.clone();
                merged.set(name, Located { value, place });
            }
        }
    }
    merged.blocks = by_label(merged.blocks, child.blocks, |_, above| above);
    Some(merged)
}

/// Blocks by kind and label: a child's takes the place of its namesake, others come behind.
pub(crate) fn by_label(
    parent: Vec<DecodedBlock>,
    child: Vec<DecodedBlock>,
    merge: impl Fn(&DecodedBlock, DecodedBlock) -> DecodedBlock,
) -> Vec<DecodedBlock> {
    let mut merged = parent;
    for block in child {
        let is_namesake = |other: &&mut DecodedBlock| {
            other.schema.kind == block.schema.kind && other.label == block.label
        };
        match merged.iter_mut().find(is_namesake) {
            Some(namesake) => *namesake = merge(namesake, block),
            None => merged.push(block),
        }
    }
    merged
}

/// `generate` blocks. Two of one label are an error under shallow merge; under deep the child's
/// counts.
pub(crate) fn generate(
    parent: Vec<DecodedBlock>,
    child: Vec<DecodedBlock>,
    strategy: Strategy,
) -> Result<Vec<DecodedBlock>, Diagnostics> {
    if strategy != Strategy::Deep {
        let mut errors = Diagnostics::new();
        for block in &child {
            if let Some(namesake) = parent.iter().find(|other| other.label == block.label) {
                errors.push(same_label(namesake, block));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
    }
    Ok(by_label(parent, child, |_, above| above))
}

/// Two `generate` blocks that would both count.
pub(crate) fn same_label(first: &DecodedBlock, second: &DecodedBlock) -> Diagnostic {
    Diagnostic::error("Generate label used twice")
        .detail(format!(
            "There are two generate blocks called \"{}\".",
            second.label
        ))
        .at(&second.place.source, second.place.span)
        .related(&first.place.source, first.place.span, "the other one")
        .help("give one of them another name, or merge the include with merge_strategy = \"deep\"")
}

/// `dependency` blocks: by label, replaced or merged attribute by attribute.
pub(crate) fn dependency_blocks(
    parent: Vec<DecodedBlock>,
    child: Vec<DecodedBlock>,
    strategy: Strategy,
) -> Result<Vec<DecodedBlock>, Diagnostics> {
    if strategy != Strategy::Deep {
        return Ok(by_label(parent, child, |_, above| above));
    }
    let mut merged = parent;
    for block in child {
        match merged.iter_mut().find(|other| other.label == block.label) {
            Some(namesake) => deep_dependency(namesake, &block)?,
            None => merged.push(block),
        }
    }
    Ok(merged)
}

fn deep_dependency(below: &mut DecodedBlock, above: &DecodedBlock) -> Result<(), Diagnostics> {
    for name in ["config_path", "enabled", "skip_outputs"] {
        if let Some(value) = above.get(name).filter(|v| !is_empty_text(&v.value)) {
            below.set(name, value.clone());
        }
    }
    if let Some(mocks) = above.get("mock_outputs") {
        let mut merged = mocks.clone();
        if let Some(inherited) = below.get("mock_outputs") {
            merged.value = deep_merge(&inherited.value, &mocks.value).map_err(|error| {
                error.diagnostic("mock_outputs", &mocks.place, &inherited.place)
            })?;
        }
        below.set("mock_outputs", merged);
    }
    let commands = "mock_outputs_allowed_terraform_commands";
    if let Some(more) = above.get(commands) {
        let mut merged = more.clone();
        if let Some(inherited) = below.get(commands) {
            merged.value = append_lists(&inherited.value, &more.value);
        }
        below.set(commands, merged);
    }
    Ok(())
}

/// `dependencies.paths`: both lists without doubles. Deep merge leaves a path that both have in the
/// child's part.
pub(crate) fn dependency_paths(
    parent: Option<DecodedBlock>,
    child: Option<DecodedBlock>,
    strategy: Strategy,
) -> Option<DecodedBlock> {
    let (below, above) = match (parent, child) {
        (Some(below), Some(above)) => (below, above),
        (below, above) => return above.or(below),
    };
    let paths = |block: &DecodedBlock| -> Vec<Value> {
        let items = block.value("paths").and_then(Value::items);
        items.unwrap_or_default().to_vec()
    };
    let (below_paths, above_paths) = (paths(&below), paths(&above));
    let without = |list: Vec<Value>, other: &[Value]| {
        let is_new = |path: &Value| other.iter().all(|known| known.as_str() != path.as_str());
        list.into_iter().filter(is_new).collect::<Vec<_>>()
    };
    let merged: Vec<Value> = if strategy == Strategy::Deep {
        let kept = without(below_paths, &above_paths);
        kept.into_iter().chain(above_paths).collect()
    } else {
        let new = without(above_paths, &below_paths);
        below_paths.into_iter().chain(new).collect()
    };
    let mut block = above;
    let place = block.place_of("paths").clone();
    let value = Value::tuple(merged);
    block.set("paths", Located { value, place });
    Some(block)
}

/// `errors`: the child's block, or under deep merge its parts by label with their lists joined.
pub(crate) fn errors(
    parent: Option<DecodedBlock>,
    child: Option<DecodedBlock>,
    strategy: Strategy,
) -> Option<DecodedBlock> {
    let (mut below, above) = match (parent, child) {
        (Some(below), Some(above)) if strategy == Strategy::Deep => (below, above),
        (below, above) => return above.or(below),
    };
    below.blocks = by_label(below.blocks, above.blocks, |below, above| {
        let mut merged = below.clone();
        for (name, value) in above.attributes {
            let joined = match below.value(name) {
                Some(inherited) if name == "retryable_errors" || name == "ignorable_errors" => {
                    append_lists(inherited, &value.value)
                }
                Some(inherited) if name == "signals" => shallow(inherited, &value.value),
                // A zero, which is what an attribute that is not set looks like there, changes nothing.
                Some(_) if value.value.as_number().is_some_and(Number::is_zero) => continue,
                Some(_) if is_empty_text(&value.value) => continue,
                Some(_) | None => value.value.clone(),
            };
            let place = value.place;
            merged.set(
                name,
                Located {
                    value: joined,
                    place,
                },
            );
        }
        merged
    });
    Some(below)
}

/// `engine`: the child's block, or under deep merge its attributes over the parent's.
pub(crate) fn engine(
    parent: Option<DecodedBlock>,
    child: Option<DecodedBlock>,
    strategy: Strategy,
) -> Option<DecodedBlock> {
    match (parent, child) {
        (Some(mut below), Some(above)) if strategy == Strategy::Deep => {
            for (name, value) in above.attributes {
                below.set(name, value);
            }
            Some(below)
        }
        (below, above) => above.or(below),
    }
}
