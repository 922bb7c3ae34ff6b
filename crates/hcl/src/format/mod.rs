//! The canonical layout of a text: indentation, spaces, aligned equals signs and comments.
//!
//! Works on tokens alone. It never looks at what they mean, changes nothing but blanks, and takes
//! any text, broken ones too. The layout is that of `hclwrite.Format` in HCL 2.24, which
//! `terragrunt hcl fmt` and `generate` blocks apply; `terraform fmt` applies it as well, behind
//! changes of its own that need a grammar (`"${x}"` to `x`, quotes around labels and types).

mod layout;
mod scan;
mod spacing;

/// The text in its canonical layout. Line ends, blank lines, and what stands in strings, heredocs
/// and comments stay as they are; a byte order mark does not.
///
/// ```
/// let text = "a=1 # one\nlong_name   = [ 2,3 ] # more\n";
/// let formatted = "a         = 1      # one\nlong_name = [2, 3] # more\n";
/// assert_eq!(terrane_hcl::format(text), formatted);
/// ```
pub fn format(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() >= u32::MAX as usize {
        return text.to_owned();
    }
    let mut pieces = scan::scan(text);
    layout::lay_out(&mut pieces);
    let mut formatted = String::with_capacity(text.len() + text.len() / 8);
    for piece in &pieces {
        formatted.extend(std::iter::repeat_n(' ', piece.blanks as usize));
        formatted.push_str(piece.text);
    }
    formatted
}

#[cfg(test)]
mod tests;
