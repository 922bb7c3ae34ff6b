//! Tokens of a text, and what no token begins with.

use super::*;

/// The texts of all tokens, with a sign before those that no grammar knows.
fn tokens(text: &str) -> Vec<String> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next_token();
        let text = &text[token.span.start as usize..token.span.end as usize];
        match token.kind {
            TokenKind::End => return tokens,
            TokenKind::Invalid => tokens.push(format!("!{text}")),
            _ => tokens.push(text.to_owned()),
        }
    }
}

#[test]
fn names_may_have_dashes_and_letters_of_any_script() {
    assert_eq!(
        tokens("a-b _c größe 变量 a- -a"),
        ["a-b", "_c", "größe", "变量", "a-", "-", "a"]
    );
}

#[test]
fn numbers_end_where_no_digit_can_follow() {
    assert_eq!(
        tokens("1 1.5 1e3 1E-3 1e 0x1F"),
        ["1", "1.5", "1e3", "1E-3", "1", "e", "0", "x1F"]
    );
    assert_eq!(
        tokens("1.a 1... 1.2.3 1..2 5."),
        ["1", ".", "a", "1", "...", "1.2.3", "1..2", "5", "."]
    );
}

#[test]
fn comments_are_passed_over_and_newlines_are_not() {
    assert_eq!(
        tokens("a # b\n// c\r\n/* d\n */ e"),
        ["a", "\n", "\r\n", "e"]
    );
    assert_eq!(tokens("a /* b"), ["a", "!/* b"]);
}

#[test]
fn a_heredoc_begins_only_with_a_marker_at_the_end_of_its_line() {
    assert_eq!(tokens("<<EOT\n"), ["<<EOT\n"]);
    assert_eq!(tokens("<<-E-F\r\n"), ["<<-E-F\r\n"]);
    assert_eq!(tokens("<<EOT x"), ["<", "<", "EOT", "x"]);
    assert_eq!(tokens("<< EOT\n"), ["<", "<", "EOT", "\n"]);
}

#[test]
fn what_no_grammar_knows_is_one_character_long() {
    assert_eq!(
        tokens("'a' ; & “ \u{a0}\r"),
        ["!'", "a", "!'", "!;", "!&", "!“", "!\u{a0}", "!\r"]
    );
    assert_eq!(tokens("~} ~"), ["~}", "!~"]);
}

#[test]
fn identifiers_are_recognised_as_a_whole() {
    for (text, is) in [
        ("a-b", true),
        ("é", true),
        ("1a", false),
        ("a b", false),
        ("", false),
        ("a.b", false),
    ] {
        assert_eq!(is_identifier(text), is, "{text}");
    }
}
