//! Text files as people's editors leave them: with a byte order mark, with any line ends, and perhaps not in UTF-8.

use std::path::Path;

/// Characters that look like a space or like nothing, with their names (Unicode 16).
const INVISIBLE: [(char, &str); 14] = [
    ('\u{A0}', "no-break space"),
    ('\u{AD}', "soft hyphen"),
    ('\u{2000}', "en quad"),
    ('\u{2002}', "en space"),
    ('\u{2003}', "em space"),
    ('\u{2007}', "figure space"),
    ('\u{2009}', "thin space"),
    ('\u{200B}', "zero-width space"),
    ('\u{200C}', "zero-width non-joiner"),
    ('\u{200D}', "zero-width joiner"),
    ('\u{202F}', "narrow no-break space"),
    ('\u{2060}', "word joiner"),
    ('\u{3000}', "ideographic space"),
    ('\u{FEFF}', "byte order mark"),
];

/// The longest text that is read, in bytes: a hundred times the longest that a person writes.
pub const LONGEST: u64 = 16 << 20;

/// The text of a file.
///
/// # Errors
/// What is wrong and how to mend it, without the file's name.
pub fn read(path: &Path) -> Result<String, String> {
    decode(downbeat_files::read(path, LONGEST).map_err(|error| error.to_string())?)
}

/// The text in a file's bytes, without its byte order mark. Line ends stay: TOML and JSON know them all.
///
/// # Errors
/// Which encoding it is in, if not UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    // Half of the bytes of plain English in UTF-16 are zero.
    if utf16 || bytes.len() > 1 && bytes.iter().filter(|byte| **byte == 0).count() * 3 > bytes.len() {
        return Err("the file is encoded in UTF-16; save it as UTF-8".into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..valid];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let byte = error.as_bytes().get(valid).copied().unwrap_or_default();
        format!(
            "line {line} is not in UTF-8 (byte {byte:02X}), perhaps in Latin-1 or Windows-1252; save the file as UTF-8"
        )
    })?;
    Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

/// Whether an editor, a file manager or a memory stick left this file, rather than a person: hidden files such as
/// `._10.toml` and `.10.toml.swp`, and `10.toml~` and `#10.toml#`.
pub fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(['.', '#', '~']) || name.ends_with(['~', '#'])
}

/// The first character in a text that nobody sees, for a message.
pub(crate) fn invisible(text: &str) -> Option<String> {
    text.chars().zip(1..).find_map(|(char, column)| {
        let (_, name) = INVISIBLE.iter().find(|(known, _)| *known == char)?;
        Some(format!("character {column} is an invisible U+{:04X} ({name}); delete it or type a space", char as u32))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_and_any_line_ends_are_no_part_of_the_text() {
        assert_eq!(decode(b"\xEF\xBB\xBF[node]\r\nname = 1\r\n".to_vec()), Ok("[node]\r\nname = 1\r\n".into()));
        assert_eq!(decode(b"[node]\n".to_vec()), Ok("[node]\n".into()));
        assert_eq!(decode(Vec::new()), Ok(String::new()));
        assert_eq!(decode("größe = 1".into()), Ok("größe = 1".into()));
    }

    #[test]
    fn another_encoding_is_named_with_the_way_out() {
        let little: Vec<u8> = "\u{FEFF}[node]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{FEFF}[node]\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let bare: Vec<u8> = "[node]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [little, big, bare] {
            assert_eq!(decode(bytes), Err("the file is encoded in UTF-16; save it as UTF-8".into()));
        }
        let latin = decode(b"[show]\nname = \"B\xFChne\"\n".to_vec()).expect_err("not UTF-8");
        assert!(latin.starts_with("line 2 is not in UTF-8 (byte FC)") && latin.ends_with("save the file as UTF-8"));
    }

    #[test]
    fn what_nobody_wrote_is_a_leftover() {
        for name in ["._10.toml", ".10.toml.swp", ".#10.toml", "10.toml~", "#10.toml#", "~$10.toml", ".DS_Store"] {
            assert!(is_leftover(Path::new("show.toml.d").join(name).as_path()), "{name}");
        }
        assert!(!is_leftover(Path::new("show.toml.d/10.toml")) && !is_leftover(Path::new(".d/a#b.toml")));
    }

    #[test]
    fn what_nobody_sees_is_named() {
        let told = invisible("hop\u{A0}= 256").expect("one");
        assert!(told.starts_with("character 4 is an invisible U+00A0 (no-break space)"), "{told}");
        assert!(
            invisible("\u{200B}").is_some() && invisible("a\u{FEFF}").is_some() && invisible("plain = 1").is_none()
        );
    }
}
