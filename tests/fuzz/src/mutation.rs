//! Makes bad input from good input.

use fastrand::Rng;

/// Numbers at which decoders break: none, all bits, and the sign's edge, in 1 to 8 bytes.
const EDGES: [u64; 6] = [0, u64::MAX, 1 << 63, i64::MAX as u64, 0x7FF0_0000_0000_0000, 1];
/// Pieces of text that mean something to our formats.
const WORDS: [&str; 12] =
    ["-1", "1e999", "18446744073709551616", "null", "[", "{", "((((((((", "\"", "#bundle\0", "\u{1F941}", "nan", "]]"];
/// Input grows no longer than this by mutation, in bytes.
const LONGEST: usize = 4_096;

/// One of the seeds, changed in a few places. The same for the same random numbers.
pub fn mutate(seeds: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = one(seeds, rng).to_vec();
    for _ in 0..rng.usize(1..=6) {
        change(&mut bytes, seeds, rng);
    }
    bytes.truncate(LONGEST.max(seeds.iter().map(Vec::len).max().unwrap_or(0)));
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.usize(0..=bytes.len());
    let upto = rng.usize(at..=bytes.len().min(at + 64));
    match rng.u8(0..9) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..upto)),
        2 => drop(bytes.splice(at..at, bytes[at..upto].to_vec())),
        3 => drop(bytes.splice(at..upto, one(&WORDS, rng).bytes())),
        4 => {
            let other = one(seeds, rng);
            let from = rng.usize(0..=other.len());
            bytes.truncate(at);
            bytes.extend(&other[from..]);
        }
        5 => {
            let (edge, len) = (*one(&EDGES, rng), one(&[1, 2, 4, 8], rng));
            let edge = edge.to_be_bytes();
            bytes.iter_mut().skip(at).zip(&edge[..*len]).for_each(|(byte, edge)| *byte = *edge);
        }
        6 => bytes.insert(at, rng.u8(..)),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.u8(0..8);
            }
        }
    }
}

fn one<'a, T>(all: &'a [T], rng: &mut Rng) -> &'a T {
    &all[rng.usize(0..all.len())]
}
