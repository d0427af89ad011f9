//! Comments in settings, which may hold what somebody did not want to forget. Pure.

use super::words::mentions;

/// What stands where a comment was.
const REMOVED: &str = "# REMOVED: a comment with a word for a secret";

/// A valid TOML text without the comments that have a word for a secret.
pub fn without_secrets(text: &str) -> String {
    let mut rest = text;
    let mut result = String::new();
    while let Some(at) = rest.find(['#', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        let is_comment = from.starts_with('#');
        let length = if is_comment { from.find(['\n', '\r']).unwrap_or(from.len()) } else { string_length(from) };
        let (piece, after) = from.split_at(length);
        result += before;
        result += if is_comment && mentions(piece) { REMOVED } else { piece };
        rest = after;
    }
    result + rest
}

/// Settings of which each has a line, without the comments that have a word for a secret.
pub fn without_secrets_by_line(text: &str) -> String {
    let is_comment = |line: &str| line.trim_start().starts_with(['#', ';']);
    let clean = |line: &str| {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        format!("{}{end}", if is_comment(line) && mentions(line) { REMOVED } else { line })
    };
    text.split_inclusive('\n').map(clean).collect()
}

/// The length of the string with which a text begins, with its quotes.
fn string_length(text: &str) -> usize {
    let quote = ["\"\"\"", "'''", "\""].into_iter().find(|quote| text.starts_with(quote)).unwrap_or("'");
    let mut at = quote.len();
    while let Some(letter) = text[at..].chars().next() {
        if text[at..].starts_with(quote) {
            at += quote.len();
            // Two more may belong to the text of a long one.
            let more = text[at..].chars().take(quote.len() - 1).take_while(|it| quote.starts_with(*it)).count();
            return at + more;
        }
        at += letter.len_utf8();
        if letter == '\\' && quote.starts_with('"') {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_are_comments() {
        let strings = "a = \"# key\" # key: x\nb = '# pass \\' # the pin is 7\r\nc = \"\\\"# code\"\nd = \"\"\"\n# token \"\"\"\"\" # psk\n\
                       e = '''# auth''' # all is well\nf = \"\" # Wi-Fi password is x";
        let kept = format!(
            "a = \"# key\" {0}\nb = '# pass \\' {0}\r\nc = \"\\\"# code\"\nd = \"\"\"\n# token \"\"\"\"\" {0}\n\
             e = '''# auth''' # all is well\nf = \"\" {0}",
            REMOVED
        );
        assert_eq!(without_secrets(strings), kept);
        assert_eq!(without_secrets("a = \"no end"), "a = \"no end");
    }

    #[test]
    fn in_settings_by_line_a_comment_is_a_whole_line() {
        let text = "# the pin is 7\n  ; don't tell the password\n# all is well\nname=#key's\nlast=1";
        let kept = format!("{REMOVED}\n{REMOVED}\n# all is well\nname=#key's\nlast=1");
        assert_eq!(without_secrets_by_line(text), kept);
    }
}
