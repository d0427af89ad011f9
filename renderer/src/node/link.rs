//! The daemon's data, as a feed for the picture.

use crate::feed::Feed;
use downbeat_client::{RowView, Session, View};
use downbeat_protocol::{Schema, ShowTime, Timeline};

/// A session's rows in one view of it, for the time of a frame.
pub struct Link<'a> {
    /// The session.
    pub session: &'a Session,
    /// Its view at the start of the frame.
    pub view: &'a View,
}

impl Feed for Link<'_> {
    fn schema(&self) -> &Schema {
        &self.view.schema
    }

    fn read(&self, at: ShowTime, row: &mut Vec<f32>) -> Option<Timeline> {
        row.clear();
        let mut view = self.session.row_at(at).filter(|view| view.schema == self.view.schema)?;
        if view.presence < 1.0
            && let Some(newest) = self.session.newest_row()
        {
            keep_what_stays(&mut view, &newest);
        }
        row.extend_from_slice(&view.values);
        Some(view.timeline)
    }
}

/// Without new rows, signals decay to silence. Parameters stay, since the operator set them, and the tempo continues.
fn keep_what_stays(view: &mut RowView, newest: &RowView) {
    let schema = view.schema.clone();
    for (place, signal) in schema.places() {
        if signal.name.starts_with("param.") || signal.name.starts_with("tempo.") {
            let range = place..place + usize::from(signal.len);
            if let (Some(to), Some(from)) = (view.values.get_mut(range.clone()), newest.values.get(range)) {
                to.copy_from_slice(from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_client::playout::Playout;
    use downbeat_protocol::datagram::{Head, Moment, Rows};
    use downbeat_protocol::{Row, Signal, Unit};
    use std::sync::Arc;

    #[test]
    fn without_the_daemon_signals_sink_but_parameters_and_tempo_stay() {
        let ratio = |name: &str| Signal::scalar(name, Unit::Ratio, [0.0, 1.0]);
        let names = ["main.level", "param.hue", "tempo.confidence"];
        let schema = Arc::new(Schema { signals: names.map(ratio).to_vec() });
        let mut playout = Playout::new();
        playout.follow(1, &schema);
        let row = Row { seq: 0, time: ShowTime::ZERO, values: vec![0.75; 3].into() };
        let rows = vec![Moment { row, timeline: Timeline::default(), back: 1, number: 0 }];
        playout.push(&Rows { head: Head { epoch: 1, term: 0, schema: schema.id() }, first_column: 0, rows });
        let mut view = playout.at(ShowTime::from_secs_f64(60.0)).expect("a row");
        keep_what_stays(&mut view, &playout.newest().expect("a row"));
        assert_eq!(view.values, [0.0, 0.75, 0.75]);
    }
}
