//! Identifiers of nodes: the same name gives the same one, so that layouts can be compared.

/// A UUID in its usual form, from a name.
pub fn id(name: &str) -> String {
    let [high, low] = [0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142].map(|seed| hash(seed, name));
    // Version 8, variant 1: custom (RFC 9562, section 5.8).
    let high = high & !0xf000 | 0x8000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// FNV-1a.
fn hash(seed: u64, name: &str) -> u64 {
    name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_identifiers_of_their_own_in_the_usual_form() {
        assert_eq!(id("tap"), id("tap"));
        assert_ne!(id("tap"), id("hold"));
        assert_eq!(id("tap").split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }
}
