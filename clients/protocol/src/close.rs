//! Why a QUIC connection was closed: the application error codes. The text beside them is for the operator.

/// The closing side stops, or has no more use for the connection.
pub const GOODBYE: u32 = 0;
/// The hello cannot be served: another version, a peer that is not allowed. Nothing will change by itself.
pub const REFUSED: u32 = 1;
/// What was sent makes no sense.
pub const GARBAGE: u32 = 2;
/// The client takes its events too slowly.
pub const TOO_SLOW: u32 = 3;
/// No hello came in time.
pub const SILENT: u32 = 4;
/// The client sends more than anybody needs.
pub const FLOOD: u32 = 5;
