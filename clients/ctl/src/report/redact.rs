//! Texts without secrets.

use toml_edit::{DocumentMut, Item, TableLike, TomlError, Value};

/// Words in the name of a key whose value is a secret, or leads to one.
const SECRET: [&str; 11] =
    ["key", "password", "passwd", "passphrase", "pass", "secret", "token", "pin", "code", "credential", "credentials"];

/// Those among them that also mean something else in prose.
const AMBIGUOUS: [&str; 4] = ["key", "pass", "pin", "code"];

/// What stands where a secret was.
const REMOVED: &str = "REMOVED";

/// A configuration without secrets, and the keys that were removed.
///
/// # Errors
/// If it is not TOML: then secrets in it cannot be told from the rest.
pub fn config(text: &str) -> Result<(String, Vec<String>), String> {
    let text = text.trim_start_matches('\u{FEFF}');
    let mut document: DocumentMut = text.parse().map_err(|error| not_toml(text, &error))?;
    let mut removed = Vec::new();
    table(document.as_table_mut(), false, "", &mut removed);
    let text = document.to_string();
    let comments = lines(&text);
    if comments != text {
        removed.push("comments that look like secrets".into());
    }
    Ok((comments, removed))
}

/// Why a text is not TOML, without the line that is wrong: a secret may stand there.
fn not_toml(text: &str, error: &TomlError) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let why = error.message().trim().replace('\n', "; ");
    format!("left out: it is not TOML, so secrets in it cannot be found: line {line}: {why}")
}

/// What is wrong with a configuration, and where, without the line that is quoted: a secret may stand there.
pub fn mistake(text: &str) -> String {
    let is_quoted =
        |line: &&str| line.split_once(" | ").is_some_and(|(number, _)| number.trim().parse::<u32>().is_ok());
    lines(&text.lines().filter(|line| !is_quoted(line)).collect::<Vec<_>>().join("\n"))
}

/// A text without lines that look as if they set a secret, and without passwords in addresses and codes for
/// pairing.
pub fn lines(text: &str) -> String {
    let clean = |line: &str| {
        let is_done = |at: usize| line[at + 1..].trim_start().starts_with(&format!("\"{REMOVED}\""));
        let signs = line.match_indices(['=', ':']).filter(|(at, _)| !is_done(*at));
        let mut settings = signs.map(|(at, sign)| (line[..at].trim_end(), sign));
        let is_secret = settings.any(|(before, sign)| {
            let name = before.rsplit([' ', '#', '{', ',', '[', '(', '?', '&']).next().unwrap_or_default();
            // An exit code is none, and neither is the key of a song.
            is_secret(name) && (sign == "=" || name.starts_with('"') || !AMBIGUOUS.contains(&name))
        });
        if is_secret { format!("# {REMOVED}: a line that looked like a secret") } else { codes(&address(line)) }
    };
    let mut result = text.lines().map(clean).collect::<Vec<_>>().join("\n");
    if text.ends_with('\n') {
        result.push('\n');
    }
    result
}

fn table(table: &mut dyn TableLike, is_within: bool, path: &str, removed: &mut Vec<String>) {
    for (key, item) in table.iter_mut() {
        let path = if path.is_empty() { key.get().to_owned() } else { format!("{path}.{}", key.get()) };
        // What stands below a secret is one.
        let is_secret = is_within || is_secret(key.get());
        match item {
            Item::Value(value) => self::value(value, is_secret, &path, removed),
            Item::Table(inner) => self::table(inner, is_secret, &path, removed),
            Item::ArrayOfTables(all) => all.iter_mut().for_each(|inner| self::table(inner, is_secret, &path, removed)),
            Item::None => {}
        }
    }
}

fn value(value: &mut Value, secret: bool, path: &str, removed: &mut Vec<String>) {
    match value {
        Value::InlineTable(inner) if !secret => table(inner, false, path, removed),
        Value::Array(all) if !secret => all.iter_mut().for_each(|inner| self::value(inner, false, path, removed)),
        _ if secret => {
            let decor = value.decor().clone();
            *value = REMOVED.into();
            *value.decor_mut() = decor;
            removed.push(path.to_owned());
        }
        Value::String(text) if address(text.value()) != *text.value() => {
            *value = address(text.value()).into();
            removed.push(format!("{path} (a password in an address)"));
        }
        _ => {}
    }
}

/// Whether a name is that of a secret. A folder of `keys` is none.
fn is_secret(name: &str) -> bool {
    name.trim_matches('"')
        .split(['-', '_', '.'])
        .any(|word| SECRET.iter().any(|secret| word.eq_ignore_ascii_case(secret)))
}

/// A text without codes for pairing, as a node shows them: 12 345 678.
fn codes(text: &str) -> String {
    const FORM: &[u8] = b"00 000 000";
    let mut rest = text;
    let mut result = String::new();
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let digits = &rest[at..];
        let fits = |(is, form): (u8, &u8)| if *form == b'0' { is.is_ascii_digit() } else { is == *form };
        let is_code = digits.len() >= FORM.len() && digits.bytes().zip(FORM).all(fits);
        let run = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
        let ends = !digits.as_bytes().get(FORM.len()).is_some_and(u8::is_ascii_digit);
        result += &rest[..at];
        let (shown, length) = if is_code && ends { (REMOVED, FORM.len()) } else { (&digits[..run], run) };
        result += shown;
        rest = &digits[length..];
    }
    result + rest
}

/// A text without user and password in its addresses.
fn address(text: &str) -> String {
    let mut parts = text.split("://");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(['/', ' ', '"', '\'']).unwrap_or(part.len());
        let host = part[..end].rfind('@').map_or(0, |at| at + 1);
        result += "://";
        if host > 0 {
            result += &format!("{REMOVED}@");
        }
        result += &part[host..];
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_wherever_they_stand_and_the_rest_stays() {
        let text = "# the password = \"in-a-comment\"\n[web]\nlisten = \"0.0.0.0:9480\" # for all\nkey = \"/etc/p.pem\" # passphrase = \"beside\"\n\
                    [output.desk]\nkind = \"osc\"\nlogin = { user = \"me\", password = \"inline\" }\napi_token = \"under\"\n\
                    [output.desk.secret]\nmain = \"below\"\n[show.credentials]\na.b = \"deep\"\n[output.desk.more]\n\
                    url = \"http://me:at-home@desk.local/x\"\n[[more]]\n\"pass-phrase\" = \"quoted\"\n[show]\nkeys = \"/var/lib\"\n";
        let (clean, removed) = config(text).expect("TOML");
        for secret in
            ["in-a-comment", "/etc/p.pem", "beside", "inline", "under", "at-home", "quoted", "\"below", "deep"]
        {
            assert!(!clean.contains(secret), "{secret} is still in {clean}");
        }
        for kept in ["listen = \"0.0.0.0:9480\" # for all", "user = \"me\"", "desk.local/x", "keys = \"/var/lib\""] {
            assert!(clean.contains(kept), "{kept} is not in {clean}");
        }
        assert!(removed.contains(&"output.desk.login.password".to_owned()), "{removed:?}");
        assert_eq!(removed.len(), 8, "{removed:?}");
    }

    #[test]
    fn what_is_not_toml_is_left_out() {
        let why = config("[web]\nport = 1\npassword = \"hunter2\n").expect_err("no end of the text");
        assert!(why.contains("not TOML") && why.contains("line 3: "), "{why}");
        assert!(!why.contains("hunter2"), "{why}");
    }

    #[test]
    fn a_mistake_is_told_without_the_line_in_which_it_is() {
        let told = "/etc/downbeat/downbeat.toml:3: output.desk: invalid string\n    3 | desk = \"hunter2\n      | character 7 is invisible";
        assert_eq!(
            mistake(told),
            "/etc/downbeat/downbeat.toml:3: output.desk: invalid string\n      | character 7 is invisible"
        );
    }

    #[test]
    fn codes_for_pairing_are_removed_and_other_numbers_are_not() {
        let log = "left: not paired. The code is 12 345 678: run `downbeatctl pair \"12 345 678\"`";
        assert_eq!(lines(log), "left: not paired. The code is REMOVED: run `downbeatctl pair \"REMOVED\"`");
        for kept in ["12 345 6789", "112 345 678", "2026-11-02T20:00:00 1 of 12 345", "ü 7", "12 345"] {
            assert_eq!(lines(kept), kept);
        }
    }

    #[test]
    fn lines_of_a_log_lose_only_what_looks_like_a_secret() {
        let log = "12:00 desk: works again\n12:01 token=abcdef\n12:02 http://u:p@h/ failed\n12:03 exit code: 69\n\
                   12:04 {\"password\": \"qwertz\"}\n12:05 GET /x?token=uvwxyz\n12:06 password: asdf\n";
        let clean = lines(log);
        for secret in ["abcdef", "u:p", "qwertz", "uvwxyz", "asdf"] {
            assert!(!clean.contains(secret), "{secret} is still in {clean}");
        }
        assert!(clean.contains("desk: works again") && clean.contains("exit code: 69"), "{clean}");
        assert_eq!(clean.lines().count(), 7);
    }
}
