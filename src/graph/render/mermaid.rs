//! Mermaid, which code hosts draw inside Markdown.

use super::{Picture, push};

pub(super) fn text(picture: &Picture<'_>) -> String {
    let mut text = String::from("flowchart LR\n");
    for (number, group) in picture.groups().iter().enumerate() {
        let title = group.title();
        if let Some(title) = &title {
            push(
                &mut text,
                format_args!("  subgraph account{number}[{}]\n", quoted(title)),
            );
        }
        let indent = if title.is_some() { "    " } else { "  " };
        for unit in &group.units {
            let name = quoted(picture.graph.path(*unit).as_str());
            push(
                &mut text,
                format_args!("{indent}u{}[{name}]\n", unit.index()),
            );
        }
        if title.is_some() {
            text.push_str("  end\n");
        }
    }
    for edge in picture.edges() {
        let upstream = if picture.is_outside(edge) {
            let name = quoted(&format!("{} (outside)", picture.graph.path(edge.upstream)));
            format!("u{}[{name}]", edge.upstream.index())
        } else {
            format!("u{}", edge.upstream.index())
        };
        let arrow = if picture.crosses(edge) { "-.->" } else { "-->" };
        push(
            &mut text,
            format_args!("  u{} {arrow} {upstream}\n", edge.downstream.index()),
        );
    }
    text
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "#quot;"))
}
