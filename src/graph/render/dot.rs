//! Graphviz. Without accounts it is what Terragrunt prints, byte for byte; accounts become clusters.

use super::{Picture, push};

pub(super) fn text(picture: &Picture<'_>) -> String {
    let mut text = String::from("digraph {\n");
    let edges = picture.edges_by_downstream();
    let mut arrows = String::new();
    for group in picture.groups() {
        let title = group.title();
        if let Some(title) = &title {
            let folder = group.account.map_or("", |account| &account.folder);
            push(
                &mut text,
                format_args!("\tsubgraph {} {{\n", quoted(&format!("cluster_{folder}"))),
            );
            push(&mut text, format_args!("\t\tlabel={};\n", quoted(title)));
        }
        for unit in &group.units {
            let name = quoted(picture.graph.path(*unit).as_str());
            let indent = if title.is_some() { "\t\t" } else { "\t" };
            push(&mut text, format_args!("{indent}{name} ;\n"));
            // Edges inside a cluster would draw both their ends into it.
            let lines = if title.is_some() {
                &mut arrows
            } else {
                &mut text
            };
            for edge in &edges[*unit] {
                let upstream = quoted(picture.graph.path(edge.upstream).as_str());
                let style = match (picture.is_outside(*edge), picture.crosses(*edge)) {
                    (true, _) => " [style=dotted]",
                    (false, true) => " [style=dashed]",
                    (false, false) => "",
                };
                push(lines, format_args!("\t{name} -> {upstream}{style};\n"));
            }
        }
        if title.is_some() {
            text.push_str("\t}\n");
        }
    }
    text + &arrows + "}\n"
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}
