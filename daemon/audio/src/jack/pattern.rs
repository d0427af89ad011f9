//! Port names with `*`.

/// Whether `text` matches `pattern`, in which `*` stands for any characters, none included.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether a pattern can match only one name.
pub(super) fn is_exact(pattern: &str) -> bool {
    !pattern.contains('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_the_rest_for_itself() {
        for (pattern, text, expected) in [
            ("mpv:out_0", "mpv:out_0", true),
            ("mpv:out_0", "mpv:out_01", false),
            ("mpv:out_0", "xmpv:out_0", false),
            ("mpv:*", "mpv:out_0", true),
            ("mpv:*", "mpv:", true),
            ("*", "anything:at_all", true),
            ("*:out_*", "player-01:out_left", true),
            ("*:out_*", "player:in_left", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("", "", true),
            ("", "a", false),
            ("*ö*", "größe:aus", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
