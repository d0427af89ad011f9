//! Cues and rules, as noticed on stage, in virtual time.

mod adoption;
mod circles;
mod cues;
mod edits;
mod fades;
mod messages;
mod occasions;
mod random;
mod safety;
mod stage;
mod strangers;
mod takeover;
mod two_ways;
