//! What answers one peer alone.

use super::Feedback;
use crate::controls::osc::incoming::LONGEST;
use crate::controls::osc::list::list;
use crate::controls::osc::outbox::Outbox;
use crate::controls::osc::requests::{TOO_OFTEN, Verdict};
use crate::edges::osc::encode::{Arg, message};
use downbeat_log::one_line;
use downbeat_protocol::{HostTime, Tree};
use std::net::SocketAddr;

/// Maximum of peers that get everything at one time: limits the effect of a flood of requests.
const NEWCOMERS: usize = 32;

impl Feedback {
    /// Answers a request for a list, unless there were too many.
    pub(super) fn list(
        &mut self,
        peer: SocketAddr,
        (tree, wanted): (&Tree, &str),
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        match self.requests.list(peer, now) {
            Verdict::Granted => match list(tree, wanted) {
                Ok(messages) => messages.into_iter().for_each(|bytes| self.answer(peer, bytes, now, tell)),
                Err(why) => self.complain(peer, &why, now, tell),
            },
            Verdict::Refused => self.complain(peer, TOO_OFTEN, now, tell),
            Verdict::RefusedAgain => {}
        }
    }

    /// Sends a peer everything, once it is proven to receive.
    pub(super) fn welcome(
        &mut self,
        peer: SocketAddr,
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        if !self.peers.knows(peer) {
            self.greet(peer, now, tell);
        } else if self.newcomers.len() < NEWCOMERS && !self.newcomers.contains(&peer) {
            self.newcomers.push(peer);
        }
    }

    /// Sends the word that a peer must echo.
    pub(super) fn greet(
        &mut self,
        peer: SocketAddr,
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        let word = self.shared.greeting().word(peer, now);
        self.answer(peer, message("/hello", &[Arg::Text(&word)]), now, tell);
    }

    /// Tells a peer what is wrong with what it sent, now and then: it may be a program that answers errors, or a flood.
    pub(super) fn complain(
        &mut self,
        peer: SocketAddr,
        why: &str,
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        if self.peers.may_complain(peer, now) {
            let why = one_line(why, LONGEST);
            self.answer(peer, message("/error", &[Arg::Text(&why)]), now, tell);
        }
    }

    /// Sends a packet that answers only this peer.
    fn answer(
        &mut self,
        peer: SocketAddr,
        bytes: Vec<u8>,
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        if self.peers.knows(peer) {
            let outbox = self.outboxes.entry(peer).or_insert_with(|| Outbox::new(now));
            outbox.answer(bytes);
            outbox.run(now, &mut |bytes| tell(peer, bytes));
        } else if self.peers.may(peer, bytes.len()) {
            tell(peer, &bytes);
        }
    }
}
