//! Application error codes of a closed QUIC connection. The text beside them is for the operator.

/// The closing side is stopping, or no longer needs the connection.
pub const GOODBYE: u32 = 0;
/// The hello is refused: another version, or a peer that is not allowed. A retry does not help.
pub const REFUSED: u32 = 1;
/// The peer sent something invalid.
pub const GARBAGE: u32 = 2;
/// The client reads its events too slowly.
pub const TOO_SLOW: u32 = 3;
/// No hello arrived in time.
pub const SILENT: u32 = 4;
/// The client sends too much.
pub const FLOOD: u32 = 5;
