//! Words for secrets. Pure.

/// Words for a secret, also at the end of a longer one, as in `wpapsk`.
const PLAIN: [&str; 15] = [
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "psk",
    "pw",
    "pwd",
    "secret",
    "token",
];

/// Words that also mean something else in prose.
const AMBIGUOUS: [&str; 4] = ["key", "pass", "pin", "code"];

/// What a word stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Plain,
    Ambiguous,
}

/// Whether a name, such as `login.api-token`, is that of a secret, or of what leads to one. A folder of `keys` is none.
pub fn is_secret(name: &str) -> bool {
    name.split('.').any(|part| !is_folder_of_keys(part) && mentions(part))
}

/// Whether a name is nothing but a word that means something else in prose.
pub fn is_ambiguous(name: &str) -> bool {
    meaning(name) == Some(Word::Ambiguous)
}

/// Whether there is a word for a secret in a text.
pub fn mentions(text: &str) -> bool {
    words(text).any(|word| meaning(word).is_some())
}

/// Whether a text is about a code, or about pairing.
pub fn is_about_codes(text: &str) -> bool {
    words(text).any(|word| ["code", "pair"].iter().any(|known| word.to_lowercase().contains(known)))
}

fn is_folder_of_keys(part: &str) -> bool {
    part.trim_matches(['"', '\'']).eq_ignore_ascii_case("keys")
}

fn meaning(word: &str) -> Option<Word> {
    let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_lowercase();
    let one = word.strip_suffix("es").filter(|one| *one == "pass").or_else(|| word.strip_suffix('s'));
    let is = |known: &str| word == known || one == Some(known);
    let ends = |known: &str| word.ends_with(known) || one.is_some_and(|one| one.ends_with(known));
    match () {
        () if PLAIN.iter().any(|known| ends(known)) => Some(Word::Plain),
        () if AMBIGUOUS.iter().any(|known| is(known)) => Some(Word::Ambiguous),
        () => None,
    }
}

/// The words in a text. Within `apiKey` there are two, and `apiKey` itself counts, too.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).flat_map(|word| {
        let humps = word.char_indices().filter(|(at, letter)| *at > 0 && letter.is_uppercase()).map(|(at, _)| at);
        let mut parts = vec![word];
        let mut from = 0;
        for at in humps.chain([word.len()]) {
            parts.push(&word[from..at]);
            from = at;
        }
        parts
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_name_in_any_spelling() {
        for name in [
            "psk",
            "wpa-psk",
            "wpapsk",
            "pwd",
            "DB_PWD",
            "auth",
            "Authorization",
            "bearer",
            "cookie",
            "session_cookies",
            "pin",
            "pins",
            "tokens",
            "accessToken",
            "API_KEYS",
            "apikey",
            "passwords",
            "password2",
            "secrets",
            "codes",
            "show.credentials",
            "\"pass-phrase\".pass",
            "clientSecret",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "keys",
            "show.keys",
            "\"keys\"",
            "monkey",
            "keyboard",
            "bypass",
            "compass",
            "timecode",
            "author",
            "pinned",
            "spinning",
            "latency-ms",
            "process",
        ] {
            assert!(!is_secret(name), "{name}");
        }
        assert!(
            is_ambiguous("Key") && is_ambiguous("codes") && !is_ambiguous("token") && !is_ambiguous("pairing-code")
        );
    }
}
