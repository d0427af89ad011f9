//! Data on a welcomed way: events, rows, the time, and the history for a newcomer.

use super::contact::Contact;
use super::end::End;
use super::shared::fits;
use super::stream;
use super::timing::Timing;
use downbeat_peer::host::host_now;
use downbeat_protocol::datagram::{self, Datagram, LeaderHeard};
use downbeat_protocol::message::ServerMessage;
use downbeat_protocol::{Event, HostTime};
use quinn::{Connection, RecvStream};

/// The longest history accepted: 8 seconds of very wide rows.
const HISTORY_LEN: usize = 8 << 20;
/// Minimum interval between notices to a daemon that no longer leads: 50 ms.
const CORRECT_EVERY_NS: i64 = 50_000_000;

pub async fn read_events(contact: &Contact, mut receive: RecvStream) -> End {
    loop {
        let message = match stream::read(&mut receive).await {
            Ok(message) => message,
            Err(error) => return End::Lost(error.to_string()),
        };
        let heard = host_now();
        match message {
            ServerMessage::Numbered { event: Event::Schema(schema), .. } if !fits(&schema) => {}
            ServerMessage::Numbered { number, event } => {
                let rows_flow = contact.common.shared.rows_flow();
                let news = contact.common.hub.borrow_mut().event(contact.path, number, event, rows_flow);
                contact.common.changed(news, Some(heard));
            }
            ServerMessage::Event(event) => contact.common.shared.tell(&event),
            ServerMessage::Daemon(daemon) => {
                let news = contact.common.hub.borrow_mut().daemon(contact.path, daemon);
                contact.common.changed(news, Some(heard));
            }
            ServerMessage::Refused { why } => return End::Refused(why),
            // A newer daemon may send unknown messages.
            ServerMessage::Welcome { .. }
            | ServerMessage::Pair { .. }
            | ServerMessage::Proof { .. }
            | ServerMessage::Admin(_)
            | ServerMessage::Unknown(_) => {}
        }
    }
}

pub async fn read_datagrams(contact: &Contact, timing: &Timing, connection: &Connection) -> End {
    let mut corrected = HostTime::ZERO;
    loop {
        let bytes = match connection.read_datagram().await {
            Ok(bytes) => bytes,
            Err(error) => return End::ended(error),
        };
        let heard = host_now();
        match datagram::decode(&bytes) {
            Ok(Datagram::Rows(rows)) => {
                take_rows(contact, &rows, heard);
                for want in contact.common.shared.wants(heard) {
                    // On a lost connection, the next read ends.
                    let _ = connection.send_datagram(want.encode().into());
                }
                if contact.common.hub.borrow().is_outdated(&rows.head) && heard.since(corrected) > CORRECT_EVERY_NS {
                    corrected = heard;
                    let _ = connection.send_datagram(heard_of(contact, rows.head.term).encode().into());
                }
            }
            Ok(Datagram::Pong(pong)) => timing.receive_pong(&pong, heard),
            Ok(Datagram::Ask(term)) => {
                // On a lost connection, the next read ends.
                let _ = connection.send_datagram(heard_of(contact, term).encode().into());
            }
            // Kinds from a newer daemon, and messages meant for daemons.
            Ok(Datagram::Ping(_) | Datagram::LeaderHeard(_) | Datagram::Want(_)) | Err(_) => {}
        }
    }
}

fn take_rows(contact: &Contact, rows: &datagram::Rows, heard: HostTime) {
    if !are_the_leaders(contact, rows, heard) {
        return;
    }
    if let Some(timeline) = contact.common.shared.rows(rows, heard) {
        contact.common.hub.borrow_mut().beat(timeline);
    }
}

/// Whether rows are the leader's. They may be the first sign that another one leads.
fn are_the_leaders(contact: &Contact, rows: &datagram::Rows, heard: HostTime) -> bool {
    let news = contact.common.hub.borrow_mut().rows(contact.path, &rows.head, heard);
    contact.common.shared.row_seen(contact.path, heard);
    let Some(news) = news else { return false };
    if news.led_by_another {
        contact.common.changed(news, Some(heard));
    }
    true
}

/// The rows of the last seconds, sent once to a newcomer. Unreadable ones are skipped: new rows follow.
pub async fn read_history(contact: &Contact, connection: &Connection) -> End {
    loop {
        let mut stream = match connection.accept_uni().await {
            Ok(stream) => stream,
            Err(error) => return End::ended(error),
        };
        let mut left = HISTORY_LEN;
        while let Ok(piece) = stream::read_piece(&mut stream).await {
            left = left.saturating_sub(piece.len());
            let Ok(Datagram::Rows(rows)) = datagram::decode(&piece) else { break };
            if left == 0 {
                break;
            }
            if are_the_leaders(contact, &rows, host_now()) {
                contact.common.shared.history(&rows);
            }
        }
    }
}

/// The answer to a standby that asks about the leader of a term.
fn heard_of(contact: &Contact, term: u32) -> LeaderHeard {
    let hub = contact.common.hub.borrow();
    let (of_term, same_show) = (hub.term(), hub.is_of_show(contact.path));
    let age = contact.common.shared.row_age().filter(|_| same_show && of_term >= term);
    let age_us = age.and_then(|age| u32::try_from(age / 1_000).ok()).unwrap_or(u32::MAX);
    LeaderHeard { term: of_term, age_us }
}
