//! The pairing dialogue. The bytes are from the other side: the length of its share, the share, and the rest is its
//! proof.

use downbeat_peer::identity::Fingerprint;
use downbeat_peer::identity::hex;
use downbeat_peer::identity::pairing::{Code, Shown, Subject, Typed};

fn both() -> (Code, Subject) {
    let of = |name: &str| Fingerprint::of(name.as_bytes());
    (Code::new(7, 123_456), Subject { client: of("node"), daemon: of("daemon"), binding: [1; 32] })
}

/// Nobody who does not know the code becomes acquainted, at either end, whatever is sent.
pub fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Some(code) = Code::parse(text) {
            assert_eq!(Code::parse(&code.shown()), Some(code));
        }
        if let Some(bytes) = hex::bytes(text) {
            assert_eq!(hex::digits(&bytes), text.to_ascii_lowercase());
        }
    }
    let Some((len, rest)) = bytes.split_first() else { return };
    let (share, proof) = rest.split_at(usize::from(*len).min(rest.len()));
    let (code, subject) = both();
    assert!(Shown::begin(&code, subject).0.finish(share, proof).is_err(), "a client believes a stranger");
    if let Ok((daemon, ..)) = Typed::begin(&code, subject, share) {
        assert!(daemon.finish(proof).is_err(), "a daemon believes a stranger");
    }
}

/// What either side sends, and a code.
pub fn seeds() -> Vec<Vec<u8>> {
    let (code, subject) = both();
    let (_, share) = Shown::begin(&code, subject);
    let mut seeds = vec![code.shown().into_bytes(), hex::digits(&share).into_bytes()];
    // Of another code, so that a seed proves nothing.
    if let Ok((_, own, proof)) = Typed::begin(&Code::new(7, 654_321), subject, &share) {
        seeds.push([&[own.len() as u8], &own[..], &proof].concat());
    }
    seeds.push([&[share.len() as u8], &share[..], &[0; 32]].concat());
    seeds
}
