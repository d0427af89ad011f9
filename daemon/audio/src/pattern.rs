//! Names chosen by pattern, in which `*` stands for any text: ports, signals, parameters.

use globset::{GlobBuilder, GlobMatcher};

/// A pattern. Every character except `*` stands for itself: ports have names like `system:capture_[1]`.
#[derive(Clone, Debug)]
pub struct Pattern(GlobMatcher);

impl Pattern {
    /// Accepts any text.
    ///
    /// # Panics
    /// Never: special characters are escaped.
    pub fn new(pattern: &str) -> Self {
        let mut glob = String::new();
        for (place, piece) in pattern.split('*').enumerate() {
            // Two stars in a row would match folders.
            if place > 0 && !glob.ends_with('*') {
                glob.push('*');
            }
            glob.push_str(&globset::escape(piece));
        }
        let built = GlobBuilder::new(&glob).backslash_escape(false).build();
        Self(built.unwrap_or_else(|error| unreachable!("`{pattern}`: {error}")).compile_matcher())
    }

    /// Whether a name matches.
    pub fn fits(&self, name: &str) -> bool {
        self.0.is_match(name)
    }

    /// Whether only one name can match.
    pub fn is_exact(pattern: &str) -> bool {
        !pattern.contains('*')
    }
}

/// Whether a name matches a pattern, for occasional use.
pub fn fits(pattern: &str, name: &str) -> bool {
    Pattern::new(pattern).fits(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_anything_and_the_rest_for_itself() {
        for (pattern, text, expected) in [
            ("mpv:out_0", "mpv:out_0", true),
            ("mpv:out_0", "mpv:out_01", false),
            ("mpv:out_0", "xmpv:out_0", false),
            ("mpv:*", "mpv:", true),
            ("*", "any/thing:at_all", true),
            ("*:out_*", "player-01:out_left", true),
            ("*:out_*", "player:in_left", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a**a", "a/b/a", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*ba", "aba.c", false),
            ("", "", true),
            ("", "a", false),
            ("*ö*", "größe:aus", true),
            ("main.*", "main.rms", true),
            ("m*.o*.low", "main.onset.low", true),
            ("a2j:APC [24] (*", "a2j:APC [24] (capture)", true),
            ("a2j:APC [24] (*", "a2j:APC 2 (capture)", false),
            (r"pc\*", r"pc\left", true),
            ("{a,b}?", "{a,b}?", true),
            ("{a,b}?", "ac", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn any_name_fits_itself_and_its_beginning_with_a_star(name in "[^*]*", more in ".*") {
            let (beginning, longer) = (format!("{name}*"), format!("{name}{more}"));
            prop_assert!(fits(&name, &name));
            prop_assert!(fits(&beginning, &longer));
        }
    }
}
