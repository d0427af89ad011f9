//! OSC in a stream of TCP, in either framing, however the stream is cut.

use downbeatd::edges::osc::decode::read;
use downbeatd::edges::osc::framing::{Framing, Unframer};

/// The packets of a stream in pieces of this size, and whether all of it could be read.
fn packets(framing: Framing, stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let (mut unframer, mut packets) = (Unframer::new(framing), Vec::new());
    let all =
        stream.chunks(piece).try_for_each(|piece| unframer.push(piece, &mut |packet| packets.push(packet.into())));
    (packets, all.is_ok())
}

/// The same packets come out of all pieces; each is read, or something is wrong with it.
pub fn run(bytes: &[u8]) {
    let Some((piece, stream)) = bytes.split_first() else { return };
    let Some(Ok(framing)) = stream.first().map(|first| Framing::of(*first)) else { return };
    let (packets, is_whole) = packets(framing, stream, usize::from(*piece).max(1));
    let (at_once, was_whole) = self::packets(framing, stream, stream.len());
    assert_eq!(is_whole, was_whole);
    assert_eq!(packets, at_once);
    for packet in &packets {
        read(packet, &mut |message| {
            if let Err(error) = message {
                assert!(!error.to_string().is_empty());
            }
        });
    }
    let again: Vec<u8> = packets.iter().filter(|packet| !packet.is_empty()).flat_map(|it| framing.frame(it)).collect();
    let packets: Vec<_> = packets.into_iter().filter(|packet| !packet.is_empty()).collect();
    assert_eq!(self::packets(framing, &again, 5), (packets, true));
}

/// Some packets in both framings.
pub fn seeds() -> Vec<Vec<u8>> {
    let packets = super::osc::seeds();
    let stream = |framing: Framing, piece: u8| {
        let framed = packets.iter().rev().take(4).flat_map(|packet| framing.frame(packet));
        std::iter::once(piece).chain(framed).collect()
    };
    vec![stream(Framing::Length, 3), stream(Framing::Slip, 200), [&[9][..], b"/a\0\0,\0\0\0\xC0/\xDB\xDC\xC0"].concat()]
}
