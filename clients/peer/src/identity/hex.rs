//! Bytes as hexadecimal digits, for messages that people may have to read.

/// Bytes as digits.
pub fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Digits as bytes; none if invalid.
pub fn bytes(digits: &str) -> Option<Vec<u8>> {
    // The standard library accepts a sign, too.
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) || !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_in_pairs_are_bytes() {
        assert_eq!(bytes("c5064A"), Some(vec![0xc5, 0x06, 0x4a]));
        for wrong in ["c", "+6", "0x", " 1", "g0", "\u{e9}"] {
            assert_eq!(bytes(wrong), None, "{wrong:?}");
        }
    }
}
