//! The little XML that answers need: elements with text, escaped.

use std::borrow::Cow;

/// `<name>text</name>`
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// `<name>…</name>` around elements that are already written.
pub(crate) fn within(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || c.is_control()) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.extend(["&#", &u32::from(c).to_string(), ";"]),
            // XML 1.0 has no way to write the other control characters.
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// The texts of all elements of one name, wherever they stand.
pub(crate) fn texts(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let elements = document.split(open.as_str()).skip(1);
    elements
        .filter_map(|rest| rest.split_once(close.as_str()))
        .map(|(text, _)| unescape(text.trim()))
        .collect()
}

fn unescape(text: &str) -> String {
    let quoted = text
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&apos;", "'");
    quoted
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_that_looks_like_markup_stays_text() {
        let written = super::element("Key", "a<b>&\"c'\n\u{1}");
        assert_eq!(
            written,
            "<Key>a&lt;b&gt;&amp;&quot;c&#39;&#10;\u{fffd}</Key>"
        );
    }

    #[test]
    fn texts_are_found_by_the_name_of_their_element() {
        let list = "<Part><ETag>&quot;a&quot;</ETag></Part><Part>\n <ETag>b</ETag></Part>";
        assert_eq!(super::texts(list, "ETag"), ["\"a\"", "b"]);
    }
}
