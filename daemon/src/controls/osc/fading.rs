//! Values of fades on their way. Pure.

use downbeat_engine::Tick;
use downbeat_protocol::tree::{self, Told};

/// The addresses that were fading.
#[derive(Debug, Default)]
pub struct Fading(Vec<String>);

impl Fading {
    /// The values of running fades, and of those that have just ended. Parameters have their own meters.
    pub fn take(&mut self, tick: &Tick) -> Vec<Told> {
        let fades = tick.state.fades.iter().filter(|(address, _)| !address.starts_with("/param/"));
        let mut told: Vec<Told> =
            fades.map(|(address, fade)| (address.clone(), fade.at(tick.row.time).into())).collect();
        let moving = told.iter().map(|(address, _)| address.clone()).collect();
        let before = std::mem::replace(&mut self.0, moving);
        let arrived = before.into_iter().filter(|address| !self.0.contains(address));
        told.extend(arrived.filter_map(|address| {
            let (entry, names) = tree::entry(&address)?;
            let value = entry.set_to(&address, &names, &tick.state)?;
            Some((address, value))
        }));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::fade::Fade;
    use downbeat_protocol::{HostTime, Layer, Row, ShowState, ShowTime, Timeline};

    #[test]
    fn a_fader_moves_with_its_fade_and_stops_where_that_ends() {
        let at = |time: i64, is_fading: bool| {
            let layer = Layer { name: "back".into(), opacity: 0.2, ..Layer::default() };
            let mut state = ShowState { layers: vec![layer], ..ShowState::default() };
            let fade = Fade { from: 1.0, to: 0.2, start: ShowTime(0), end: ShowTime(100), cue: "dim".into() };
            if is_fading {
                state.fades.insert("/layer/back/opacity".into(), fade);
            }
            let row = Row { time: ShowTime(time), ..Row::default() };
            Tick { row, timeline: Timeline::default(), state: state.into(), beating: true, heard: HostTime::ZERO }
        };
        let mut fading = Fading::default();
        let mut told = |time, is_fading| {
            let told = fading.take(&at(time, is_fading));
            told.into_iter().filter_map(|(_, value)| value.number()).map(|it| it as f32).collect::<Vec<_>>()
        };
        assert_eq!([told(0, true), told(50, true)], [[1.0], [0.6]]);
        assert_eq!([told(120, false), told(130, false)], [vec![0.2], vec![]]);
    }
}
