//! IAM's wildcards: `*` for any run of characters, `?` for exactly one, everything else literal.

/// Whether the whole of `text` is covered by `pattern`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to resume after the last `*`, and how much of the text that star has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p + 1, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((after_star, taken)) = star {
            star = Some((after_star, taken + 1));
            p = after_star;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// As `matches`, but upper and lower case count as equal, as they do in the names of actions.
pub(crate) fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// ARNs are compared part by part: a `*` never reaches across a colon, except in the last part.
pub(crate) fn matches_arn(pattern: &str, arn: &str) -> bool {
    let mut wanted = pattern.splitn(6, ':');
    let mut actual = arn.splitn(6, ':');
    loop {
        match (wanted.next(), actual.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if matches(pattern, part) => {}
            (Some(_) | None, Some(_) | None) => return false,
        }
    }
}

/// A `Resource` is `*`, or an ARN whose missing parts at the end stand for anything.
pub(crate) fn matches_resource(pattern: &str, arn: &str) -> bool {
    let parts = pattern.splitn(6, ':').count();
    pattern == "*" || matches_arn(&format!("{pattern}{}", ":*".repeat(6 - parts)), arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_takes_any_run_and_a_question_mark_one_character() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("s3:*", "s3:GetObject", true),
            ("s3:Get*", "s3:PutObject", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-c-d", false),
            ("???", "abc", true),
            ("???", "ab", false),
            ("[a-z]", "b", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} against {text}");
        }
    }

    #[test]
    fn a_star_in_an_arn_stops_at_the_next_colon() {
        let arn = "arn:aws:iam::123456789011:role/aws-reserved/sso.amazonaws.com/Operator";
        assert!(matches_arn(
            "arn:aws:iam::*:role/aws-reserved/*/Operator",
            arn
        ));
        assert!(!matches_arn("arn:*:role/aws-reserved/*/Operator", arn));
    }

    #[test]
    fn a_resource_may_leave_out_its_last_parts() {
        let arn = "arn:aws:s3:::state/1-dev/vpc:blue";
        for (pattern, expected) in [
            ("*", true),
            ("arn:aws:s3", true),
            ("arn:aws:s3:::state/*", true),
            ("arn:aws:s3:::*:blue", true),
            ("arn:aws:*/1-dev/vpc:blue", false),
            ("arn:aws:dynamodb", false),
        ] {
            assert_eq!(matches_resource(pattern, arn), expected, "{pattern}");
        }
    }
}
