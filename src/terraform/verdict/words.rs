//! Words as they were meant: without colours, boxes and JSON around them.

use serde_json::Value;

use crate::model::without_colours;

/// The lines of what a child said. A line of JSON becomes its message and, where it is a
/// diagnostic, the lines of its detail.
pub fn plain_lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().flat_map(|line| {
        message_of_json(line).unwrap_or_else(|| vec![without_box(&without_colours(line))])
    })
}

fn message_of_json(line: &str) -> Option<Vec<String>> {
    if !line.starts_with("{\"@level\"") {
        return None;
    }
    let json: Value = serde_json::from_str(line).ok()?;
    let message = json.get("@message")?.as_str()?;
    let detail = json.pointer("/diagnostic/detail").and_then(Value::as_str);
    let lines = message.lines().chain(detail.unwrap_or_default().lines());
    Some(lines.map(str::to_owned).collect())
}

fn without_box(line: &str) -> String {
    let line = line.trim_end();
    line.strip_prefix(['│', '╷', '╵'])
        .map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest))
        .to_owned()
}
