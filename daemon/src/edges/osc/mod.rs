//! OSC as bytes: packets out and in, time tags, packets in a stream.

pub mod decode;
pub mod encode;
pub mod framing;
pub mod timetag;
