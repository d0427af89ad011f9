//! Texts from outside on their way to the log and to a report.

use super::is_dangerous;
use downbeat_ctl::reading::{body, redact};
use downbeat_log::one_line;
use downbeat_log::text::Line;
use std::fmt::Write;
use toml_edit::{DocumentMut, Item, Value};

/// Words in names of keys whose values must not be in a report.
const SECRET: [&str; 6] = ["password", "passphrase", "secret", "token", "key", "credentials"];
/// A text of fewer letters may stand anywhere by chance.
const TELLING: usize = 8;

/// A length and a text: it is one line that commands no terminal, of bounded length, however it is written.
pub fn run_line(bytes: &[u8]) {
    let Some((longest, text)) = bytes.split_first() else { return };
    let (longest, text) = (usize::from(*longest), String::from_utf8_lossy(text));
    let line = one_line(&text, longest);
    assert!(!is_dangerous(&line), "{line:?}");
    // An escaped letter has ten at most.
    assert!(line.chars().count() <= 10 * longest + "… (4294967295 bytes more)".len(), "{line}");
    let mut pieces = Line::new(longest);
    text.chars().for_each(|letter| pieces.write_char(letter).expect("a line takes everything"));
    assert_eq!(pieces.finish(), line);
    if text.chars().count() <= longest {
        assert_eq!(one_line(&line, usize::MAX), line, "what is safe stays");
    }
}

/// A configuration or a log: no secret of it is in the report, and a second look finds nothing more.
pub fn run_redact(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = body(&text);
    // Of any line end, one is left.
    let text = text.replace('\r', "");
    let lines = redact::lines(&text);
    assert_eq!(redact::lines(&lines), lines);
    assert_eq!(lines.lines().count(), text.lines().count());
    for after in lines.split("://").skip(1) {
        let host = &after[..after.find(['/', ' ', '"', '\'', '\n']).unwrap_or(after.len())];
        assert!(!host.contains('@') || host.starts_with("REMOVED@"), "`{host}` is still there");
    }
    match redact::config(&text) {
        Err(why) => assert!(!why.is_empty()),
        Ok((clean, _)) => {
            let document: DocumentMut = text.trim_start_matches('\u{FEFF}').parse().expect("it was read");
            let mut secrets = Vec::new();
            document.iter().for_each(|(key, item)| gather(key, item, false, &mut secrets));
            for secret in secrets {
                let is_telling = secret.len() >= TELLING && secret.chars().all(|it| it.is_ascii_alphanumeric());
                if is_telling && text.matches(&secret).count() == 1 {
                    assert!(!clean.contains(&secret), "`{secret}` is still in {clean}");
                }
            }
        }
    }
}

/// The texts below keys that name a secret.
fn gather(key: &str, item: &Item, is_secret: bool, secrets: &mut Vec<String>) {
    let is_secret = is_secret || SECRET.iter().any(|word| key.eq_ignore_ascii_case(word));
    match item {
        Item::Value(value) => gather_value(value, is_secret, secrets),
        Item::Table(table) => table.iter().for_each(|(key, item)| gather(key, item, is_secret, secrets)),
        Item::ArrayOfTables(tables) => {
            tables.iter().flat_map(|table| table.iter()).for_each(|(key, item)| gather(key, item, is_secret, secrets));
        }
        Item::None => {}
    }
}

fn gather_value(value: &Value, is_secret: bool, secrets: &mut Vec<String>) {
    match value {
        Value::String(text) if is_secret => secrets.push(text.value().clone()),
        Value::Array(values) => values.iter().for_each(|value| gather_value(value, is_secret, secrets)),
        Value::InlineTable(table) => {
            table.iter().for_each(|(key, value)| gather(key, &Item::Value(value.clone()), is_secret, secrets));
        }
        _ => {}
    }
}

/// What ends lines, commands terminals and turns text around.
pub fn line_seeds() -> Vec<Vec<u8>> {
    [
        "\u{64}/a\nERROR the show has ended",
        "\u{20}\u{1b}[2Jgone\r",
        "\u{10}\u{202e}eurt\u{2028}/Bühne/光",
        "\u{4}a long text that is cut",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}

/// Secrets in every place of a configuration, of a log and of an answer.
pub fn redact_seeds() -> Vec<Vec<u8>> {
    [
        "# the password = \"incomment1\"\n[web]\nlisten = \"0.0.0.0:9480\" # for all\n\
            key = \"pemfile11\" # passphrase = \"besides11\"\n",
        "[output.desk]\nkind = \"osc\"\nlogin = { user = \"me\", password = \"inline111\" }\n\
            api_token = \"under1111\"\n[[more]]\n\"pass-phrase\" = \"quoted111\"\n",
        "[output.desk]\nurl = \"http://me:at-home@desk.local/x\"\ncredentials = [\"first1111\", \
            \"second111\"]\n[output.desk.secret]\nmain = \"below1111\"\n",
        "12:00 desk: works again\n12:01 token=abcdef\n12:02 http://u:p@h/ failed\n\
            12:04 {\"password\": \"qwertz\"}\n12:05 GET /x?token=uvwxyz\n",
        "HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\ndownbeat_hops_total 5\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
