//! The minimum for any program: welcomes followers and sends each a datagram a hop, with the daemon's transport
//! settings. No clock, no events, no audio.

use downbeat_peer::identity::Identity;
use downbeat_protocol::datagram::{Head, Published, encode_rows};
use downbeat_protocol::message::{self, Daemon, ServerMessage};
use downbeat_protocol::{HostTime, Row, Schema, ShowState, ShowTime, Signal, Timeline, Unit, VERSION};
use downbeatd::server::transport;
use quinn::{Connection, Endpoint, Incoming};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// 256 samples at 48 kHz.
const HOP: Duration = Duration::from_nanos(5_333_333);
const EPOCH: u64 = 1;
/// What it says when its port is bound, before the port.
pub const READY: &str = "bare: serves on port ";
/// Rows in a datagram at most, as the daemon's.
const HISTORY: usize = 16;

type Seats = Arc<Mutex<Vec<Connection>>>;

/// Serves rows of so many columns until the process is killed.
pub fn serve(columns: u16) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let config = transport::server_config(usize::from(columns), &Identity::new()?)?;
        let endpoint = Endpoint::server(config, "127.0.0.1:0".parse()?)?;
        println!("{READY}{}", endpoint.local_addr()?.port());
        let mut all = Signal::scalar("all", Unit::Ratio, [0.0, 1.0]);
        all.len = columns;
        let schema = Schema { signals: vec![all] };
        let seats = Seats::default();
        tokio::spawn(send(Arc::clone(&seats), schema.id(), columns));
        let welcome: Arc<[u8]> = message::encode(&welcome(schema))?.into();
        while let Some(incoming) = endpoint.accept().await {
            let (seats, welcome) = (Arc::clone(&seats), Arc::clone(&welcome));
            // Who does not stay is not missed.
            tokio::spawn(async move { drop(seat(incoming, &welcome, &seats).await) });
        }
        Ok(())
    })
}

fn welcome(schema: Schema) -> ServerMessage {
    ServerMessage::Welcome {
        version: VERSION,
        daemon: Daemon { run: 1, term: 1, leads: true, port: 0, early_ns: 0 },
        show: "bare".into(),
        epoch: EPOCH,
        schema,
        state: ShowState::default(),
        timeline: Timeline::default(),
        number: 0,
        set: 0,
        clock_port: 0,
    }
}

async fn seat(incoming: Incoming, welcome: &[u8], seats: &Seats) -> Result<(), Box<dyn Error + Send + Sync>> {
    let connection = incoming.await?;
    // The hello is not read: whoever comes is welcome.
    let (mut send, _hello) = connection.accept_bi().await?;
    send.write_all(welcome).await?;
    seats.lock().unwrap_or_else(PoisonError::into_inner).push(connection.clone());
    connection.closed().await;
    seats.lock().unwrap_or_else(PoisonError::into_inner).retain(|it| it.stable_id() != connection.stable_id());
    Ok(())
}

async fn send(seats: Seats, schema: u32, columns: u16) {
    let (mut hops, mut rows, timeline) = (interval(HOP), Vec::new(), Timeline::default());
    hops.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let head = Head { epoch: EPOCH, term: 1, schema };
    for seq in 0.. {
        hops.tick().await;
        if rows.len() == HISTORY {
            rows.remove(0);
        }
        let HostTime(now) = downbeat_peer::host::host_now();
        rows.push(Row { seq, time: ShowTime(now), values: vec![0.5; usize::from(columns)].into() });
        let published: Vec<_> =
            rows.iter().map(|row| Published { row, timeline: &timeline, back: 1, number: 0 }).collect();
        let datagrams = encode_rows(head, &published, transport::DATAGRAM_LEN);
        let datagrams: Vec<bytes::Bytes> = datagrams.into_iter().map(Into::into).collect();
        for connection in seats.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            for datagram in &datagrams {
                // Whoever is gone is noticed where it was seated.
                let _ = connection.send_datagram(datagram.clone());
            }
        }
    }
}
