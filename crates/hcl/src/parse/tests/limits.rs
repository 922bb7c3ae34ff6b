//! How much a text may ask for, and that broken ones ask for no more.

use super::*;

#[test]
fn nesting_has_a_limit_whatever_it_is_made_of() {
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{ a = ", "}"),
        ("f(", ")"),
        ("x[", "]"),
        ("\"${", "}\""),
        ("-", ""),
        ("true ? 1 : ", ""),
        ("true ? ", " : 1"),
        ("[for x in y : ", "]"),
        ("\"%{ if x }${", "}%{ endif }\""),
    ] {
        let text = format!("a = {}1{}\n", open.repeat(50_000), close.repeat(50_000));
        let summary = parsed(&text).diagnostics.first().unwrap().summary.clone();
        assert_eq!(summary, "Nested too deeply", "{open}");
    }
    let splats = format!("a = x{}\n", "[*]".repeat(50_000));
    assert!(errors(&splats).contains("Nested too deeply"));
    let directives = format!("a = \"{}\"\n", "%{ for x in y }".repeat(50_000));
    assert!(errors(&directives).contains("Nested too deeply"));
    let blocks = format!("{}{}", "b {\n".repeat(50_000), "}\n".repeat(50_000));
    assert!(errors(&blocks).contains("Nested too deeply"));
}

#[test]
fn long_chains_are_not_deep() {
    for text in [
        format!("a = 1{}\n", " + 1".repeat(50_000)),
        format!("a = x{}\n", ".y".repeat(50_000)),
        format!("a = x{}\n", "[y]".repeat(50_000)),
        format!("a = \"{}\"\n", "${x}".repeat(50_000)),
    ] {
        assert_eq!(errors(&text), "");
    }
}

#[test]
fn sizes_have_limits() {
    let limits = Limits {
        source_bytes: 1_000,
        items: 10,
        ..Limits::default()
    };
    let errors = |text: &str| {
        let source = Source::new("test.hcl", text);
        told(&parse(&source, &limits).diagnostics)
    };
    assert!(errors(&"#".repeat(1_001)).contains("Text too large"));
    for text in [
        format!("a = [{}]\n", "1,".repeat(11)),
        format!("a = {{ {} }}\n", "b = 1,".repeat(11)),
        format!("a = f({})\n", "1,".repeat(11)),
        "a {}\n".repeat(11),
    ] {
        assert!(errors(&text).contains("Too many items"), "{text}");
    }
}

#[test]
fn broken_texts_take_no_longer_than_sound_ones() {
    let long_line = "x".repeat(1 << 15);
    for text in [
        "}".repeat(1 << 15),
        "@".repeat(1 << 15),
        "[".repeat(1 << 15),
        "a = \"\n".repeat(1 << 15),
        "a = <<E\nE x\n".repeat(1 << 12),
        "a = 1\n".repeat(20_000),
        format!("a = {{ b = {{ {} }}\n", "# c\n".repeat(1 << 13)),
        format!("{long_line} {{\n{}", "b {\n}\n".repeat(1 << 12)),
        format!("a = [1 2\n{}", "# c\n".repeat(1 << 13)),
        "a = {\n".repeat(50) + &"b = 1 1\n".repeat(1 << 12),
    ] {
        let start = &text[..text.len().min(20)];
        assert!(parsed(&text).diagnostics.len() <= 50, "{start}");
    }
}

#[test]
fn no_more_than_fifty_errors_are_looked_for() {
    for text in [
        "a = \n".repeat(1_000),
        "a = 1\n".repeat(1_000),
        format!("a = {}\n", "@".repeat(1_000)),
    ] {
        assert_eq!(parsed(&text).diagnostics.len(), 50);
    }
}
