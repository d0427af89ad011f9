//! Texts without secrets.

use super::comments;
use super::words::{is_about_codes, is_ambiguous, is_secret};
use downbeat_config::unquoted;
use serde_json::Value as Json;
use toml_edit::{DocumentMut, Item, TableLike, TomlError, Value};

/// What systemd says of a process that has ended: `code=exited, status=78/CONFIG`.
const ENDS: [&str; 4] = ["exited", "killed", "dumped", "trapped"];

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
    let clean = lines_of(&comments::without_secrets(&text), Place::Configuration);
    if clean != text {
        removed.push("comments and lines that look like secrets".into());
    }
    Ok((clean, removed))
}

/// Settings of another program, of which each has a line, without secrets.
pub fn settings(text: &str) -> String {
    lines_of(&comments::without_secrets_by_line(text), Place::Configuration)
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
    lines(&unquoted(text))
}

/// A JSON text in which each string is without secrets.
pub fn json(text: &str) -> String {
    let Ok(mut all) = serde_json::from_str(text) else { return lines(text) };
    strings(&mut all);
    format!("{all:#}\n")
}

fn strings(json: &mut Json) {
    match json {
        Json::String(text) => *text = mistake(text),
        Json::Array(all) => all.iter_mut().for_each(strings),
        Json::Object(all) => all.iter_mut().for_each(|(name, inner)| match inner {
            Json::String(text) if is_secret(name) && !is_ambiguous(name) => *text = REMOVED.into(),
            inner => strings(inner),
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a configuration, where every name means what it says.
    Configuration,
    /// In a log or a message.
    Prose,
}

/// A text without lines that look as if they set a secret, and without passwords in addresses, codes for pairing and
/// quoted lines of a configuration.
pub fn lines(text: &str) -> String {
    lines_of(text, Place::Prose)
}

fn lines_of(text: &str, place: Place) -> String {
    let clean = |line: &str| {
        let line = if place == Place::Prose { unquoted_within(line) } else { line.to_owned() };
        // Judged as it stays, so that a second look finds nothing more.
        let line = codes(&address(&line));
        if sets_a_secret(&line, place) { format!("# {REMOVED}: a line that looked like a secret") } else { line }
    };
    let mut result = text.lines().map(clean).collect::<Vec<_>>().join("\n");
    if text.ends_with('\n') {
        result.push('\n');
    }
    result
}

fn sets_a_secret(line: &str, place: Place) -> bool {
    let sets = |(at, sign): (usize, &str)| {
        let (before, value) = (line[..at].trim_end(), line[at + 1..].trim_start());
        let name = before.rsplit([' ', '#', '{', ',', '[', '(', '?', '&']).next().unwrap_or_default();
        // What was removed already, and what is wrong with a key.
        let is_none = value.starts_with(&format!("\"{REMOVED}\"")) || sign == ":" && value.starts_with("unknown key");
        let is_end = name == "code" && ENDS.iter().any(|end| value.starts_with(end));
        // An exit code is none, neither is the key of a song, nor the name of a file.
        let is_prose = sign == ":" && !name.starts_with('"') && (is_ambiguous(name) || name.contains('/'));
        let is_harmless = is_none || is_end || (is_prose && place == Place::Prose);
        is_secret(name) && !is_harmless
    };
    // The value of a header, which is told without its name, too.
    let bears =
        |at: usize| line[at + "bearer ".len()..].trim_start().starts_with(|letter: char| letter.is_alphanumeric());
    line.match_indices(['=', ':']).any(sets)
        || line.to_ascii_lowercase().match_indices("bearer ").any(|(at, _)| bears(at))
}

/// A line without what it quotes of a configuration, such as `3 | psk = "x"`.
fn unquoted_within(line: &str) -> String {
    let is_number = |text: &str| text.rsplit(' ').next().is_some_and(|it| it.parse::<u32>().is_ok());
    let quote = line.match_indices(" | ").find(|(at, _)| is_number(&line[..*at]));
    quote.map_or_else(|| line.to_owned(), |(at, sign)| format!("{}{sign}{REMOVED}", &line[..at]))
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

/// A text without codes for pairing, as a node shows them: 12 345 678; and without spaces, where it is about codes.
fn codes(text: &str) -> String {
    const FORM: &[u8] = b"00 000 000";
    const DIGITS: usize = 8;
    let about = is_about_codes(text);
    let mut rest = text;
    let mut result = String::new();
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let digits = &rest[at..];
        let fits = |(is, form): (u8, &u8)| if *form == b'0' { is.is_ascii_digit() } else { is == *form };
        let is_code = digits.len() >= FORM.len() && digits.bytes().zip(FORM).all(fits);
        let run = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
        let ends = !digits.as_bytes().get(FORM.len()).is_some_and(u8::is_ascii_digit);
        result += &rest[..at];
        let (shown, length) = match () {
            () if is_code && ends => (REMOVED, FORM.len()),
            () if about && run == DIGITS => (REMOVED, run),
            () => (&digits[..run], run),
        };
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
    fn settings_of_other_programs_keep_what_is_no_secret() {
        let text = "# Monitors use their best mode.\n[output]\nname=HDMI-A-1\n[vnc]\ntls-key=/etc/a.pem\n\
                    JACKD_OPTIONS=\"-R -d alsa -d hw:0\"\nPASSWORD=asdf\n; the code is 4711\n";
        let clean = settings(text);
        for secret in ["a.pem", "asdf", "4711"] {
            assert!(!clean.contains(secret), "{secret} is still in {clean}");
        }
        for kept in ["# Monitors use their best mode.", "name=HDMI-A-1", "[vnc]", "-d alsa -d hw:0\""] {
            assert!(clean.contains(kept), "{kept} is not in {clean}");
        }
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
        assert_eq!(lines("desk: pairing code: 12345678"), "desk: pairing code: REMOVED");
        assert_eq!(lines("typed 12345678 to pair it"), "typed REMOVED to pair it");
        for kept in [
            "exit code 1234567",
            "pid 123456789: exit code",
            "12345678 bytes",
            "12 345 6789",
            "112 345 678",
            "2026-11-02T20:00:00 1 of 12 345",
            "ü 7",
            "12 345",
        ] {
            assert_eq!(lines(kept), kept);
        }
    }

    #[test]
    fn what_systemd_says_about_an_end_stays() {
        let log = "systemd[1]: downbeatd.service: Main process exited, code=exited, status=78/CONFIG\n\
                   systemd[1]: downbeatd.service: Main process exited, code=killed, status=9/KILL\n\
                   systemd[1]: downbeatd.service: Failed with result 'exit-code'.\n\
                   systemd[1]: downbeatd.service: Main process exited, code=dumped, status=6/ABRT\n";
        assert_eq!(lines(log), log);
        assert!(!lines("GET /?code=4711").contains("4711"));
    }

    #[test]
    fn comments_of_a_configuration_with_a_word_for_a_secret_go() {
        let text = "# wifi pass: geheim1\n# key: geheim2\n# Wi-Fi password is geheim3\n# pairing code: 12345678\n\
                    [show]\nname = \"Friday\" # tokens geheim4\n# loud from here\n\
                    [output.desk]\npsk = \"geheim5\"\nlogin = { auth = \"geheim6\" }\ntext = \"pin: geheim7\"\n";
        let (clean, removed) = config(text).expect("TOML");
        assert!(!clean.contains("geheim") && !clean.contains("12345678"), "{clean}");
        assert!(clean.contains("name = \"Friday\" #") && clean.contains("# loud from here"), "{clean}");
        assert_eq!(removed.len(), 3, "{removed:?}");
    }

    #[test]
    fn the_status_has_places_and_reasons_and_nothing_that_stands_there() {
        let text = r#"{"status": {"config": "refused: /etc/downbeat/secret.toml:3: output.desk.password: unknown key 3 | password = \"hunter2\"",
            "outputs": [{"name": "desk", "error": "http://me:hunter2@desk.local: nobody answers", "sent": 7, "token": "hunter2"}]}}"#;
        let clean = json(text);
        assert!(!clean.contains("hunter2"), "{clean}");
        for kept in ["secret.toml:3: output.desk.password: unknown key", "desk.local: nobody answers", "\"sent\": 7"] {
            assert!(clean.contains(kept), "{kept} is not in {clean}");
        }
        assert!(serde_json::from_str::<Json>(&clean).is_ok());
        assert!(!json("no JSON: password=hunter2").contains("hunter2"));
    }

    #[test]
    fn lines_of_a_log_lose_only_what_looks_like_a_secret() {
        let log = "12:00 desk: works again\n12:01 token=abcdef\n12:02 http://u:p@h/ failed\n12:03 exit code: 69\n\
                   12:04 {\"password\": \"qwertz\"}\n12:05 GET /x?token=uvwxyz\n12:06 password: asdf\n\
                   12:07 psk: yxcv\n12:08 Authorization: Bearer hjkl\n12:09 sent Bearer zuio\n12:10 Cookie: id=bnm\n\
                   12:11 configuration: show.toml:3: wlan: unknown key 3 | wlan = \"fghj\"; the one before stays in force\n";
        let clean = lines(log);
        for secret in ["abcdef", "u:p", "qwertz", "uvwxyz", "asdf", "yxcv", "hjkl", "zuio", "bnm", "fghj"] {
            assert!(!clean.contains(secret), "{secret} is still in {clean}");
        }
        assert!(clean.contains("desk: works again") && clean.contains("exit code: 69"), "{clean}");
        assert!(clean.contains("show.toml:3: wlan: unknown key"), "{clean}");
        assert_eq!(clean.lines().count(), 12);
    }
}
