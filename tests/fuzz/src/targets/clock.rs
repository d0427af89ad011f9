//! The clock follower, with any four time stamps at a time.
//!
//! The bytes are exchanges: a byte for the meaning of the next four numbers, then the numbers, 8 bytes each. Without
//! it, chance would hardly ever make a valid exchange.

use downbeat_client::clock::Follower;
use downbeat_protocol::{HostTime, ShowTime};

const EXCHANGE: usize = 1 + 4 * 8;

/// Whatever the stamps say, the clock has a time and a bound, and shows no step back once it is settled.
pub fn run(bytes: &[u8]) {
    let mut follower = Follower::new();
    let mut now = 0_i64;
    for exchange in bytes.chunks_exact(EXCHANGE) {
        let mut numbers =
            exchange[1..].chunks_exact(8).map(|it| it.iter().fold(0, |sum, it| sum << 8 | i64::from(*it)));
        let [a, b, c, d] = std::array::from_fn(|_| numbers.next().unwrap_or(0));
        let (sent, received, answered, back) = match exchange[0] % 3 {
            // As they are.
            0 => (a, b, c, d),
            // Ways of less than 4 ms after the one before, and a server that is off by `b`.
            1 => {
                let sent = now.saturating_add(a & 0xFF_FFFF);
                let received = sent.wrapping_add(b).wrapping_add(c & 0x3F_FFFF);
                (sent, received, received.wrapping_add(1_000), sent.saturating_add(1_000_000 + (d & 0x7F_FFFF)))
            }
            // A long sleep in between.
            _ => {
                let sent = now.saturating_add(a & 0xFFFF_FFFF_FFFF);
                (sent, sent.wrapping_add(b), sent.wrapping_add(b), sent.saturating_add(d & 0xFFFF_FFFF))
            }
        };
        follower.sample(HostTime(sent), ShowTime(received), ShowTime(answered), HostTime(back));
        now = now.max(back);
        for at in [now, now.saturating_add(1_000_000_000), i64::MAX, i64::MIN] {
            let _ = (follower.show(HostTime(at)), follower.error(HostTime(at)), follower.offset(HostTime(at)));
            let _ = follower.host(ShowTime(at));
        }
        assert!(follower.drift_ppm().is_finite());
    }
    let mut successor = Follower::new();
    successor.succeed(&follower);
    let _ = successor.show(HostTime(now));
    follower.restart();
}

/// Exchanges with a steady server, with one that lies, and with a sleep.
pub fn seeds() -> Vec<Vec<u8>> {
    let exchange = |kind: u8, numbers: [i64; 4]| {
        let numbers = numbers.iter().flat_map(|number| number.to_be_bytes());
        std::iter::once(kind).chain(numbers).collect::<Vec<_>>()
    };
    let steady = |number: i64| exchange(1, [10_000_000, 3_000_000_000, 40_000 + number, 90_000]);
    let honest = |number: i64| {
        let sent = number * 100_000_000;
        exchange(0, [sent, sent + 500_050_000, sent + 500_060_000, sent + 110_000])
    };
    vec![
        (0..12).flat_map(steady).collect(),
        (0..12).flat_map(honest).collect(),
        (0..12)
            .flat_map(|number| if number == 9 { exchange(2, [60_000_000_000, 5, 0, 9]) } else { steady(number) })
            .collect(),
        (0..12).flat_map(|number| if number % 4 == 3 { exchange(1, [1, -7, 1, 1]) } else { steady(number) }).collect(),
    ]
}
