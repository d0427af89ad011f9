//! Steadiness of the tempo while the music is steady.

use super::music::Music;
use super::said::Said;
use super::score::Score;

/// The beats of a piece that keeps its tempo vary by less than this part of an interval: it was made to a grid.
const STEADY: f64 = 0.003;
/// After so many beats a tempo is at rest: 16 bars.
const SETTLED: usize = 64;
/// A tempo this near to another, as a part of it, is at that one.
const SAME: f64 = 0.04;
/// Tempi at another level, as multiples of the true one. They are not wrong in their digits but in their level, which
/// is scored elsewhere.
const LEVELS: [f64; 8] = [2.0, 0.5, 3.0, 1.0 / 3.0, 1.5, 2.0 / 3.0, 4.0 / 3.0, 0.75];

/// How far the told tempo is from the true one, in percent, while beats are told after 16 bars.
pub fn score_rest(score: &mut Score, music: &Music, said: &Said) {
    let Some(tempo) = kept_tempo(music) else { return };
    let Some(settled) = music.beats.get(SETTLED) else { return };
    let last = music.beats.last().copied().unwrap_or(0.0);
    let settled = said.beliefs.iter().filter(|it| it.beating && (*settled..=last).contains(&it.t));
    let (elsewhere, here): (Vec<f64>, Vec<f64>) = settled.map(|it| it.tempo / tempo).partition(is_elsewhere);
    score.set("rest-elsewhere", elsewhere.len() as f64);
    score.rest = here.into_iter().map(|ratio| 100.0 * (ratio - 1.0).abs()).collect();
}

fn is_elsewhere(ratio: &f64) -> bool {
    LEVELS.iter().any(|level| (ratio / level - 1.0).abs() < SAME)
}

/// Beats per minute of a piece that keeps its tempo: by a straight line through its beats.
fn kept_tempo(music: &Music) -> Option<f64> {
    music.tempo?;
    let intervals = music.beats.windows(2).map(|pair| pair[1] - pair[0]);
    let count = intervals.len() as f64;
    let mean = intervals.clone().sum::<f64>() / count;
    let spread = (intervals.map(|it| (it - mean).powi(2)).sum::<f64>() / count).sqrt();
    let middle = 0.5 * count;
    let (mut along, mut square) = (0.0, 0.0);
    for (index, beat) in music.beats.iter().enumerate() {
        along += (index as f64 - middle) * beat;
        square += (index as f64 - middle).powi(2);
    }
    (spread < STEADY * mean).then(|| 60.0 * square / along)
}

#[cfg(test)]
mod tests {
    use super::super::said::Belief;
    use super::*;

    fn scored(sway: f64, tempo: impl Fn(f64) -> f64) -> Score {
        let beat = |beat: u32| 0.5 * f64::from(beat) + sway * (0.1 * f64::from(beat)).sin();
        let music = Music { tempo: Some(120.0), beats: (0..100).map(beat).collect(), ..Music::default() };
        let belief = |half: u32| {
            let t = 0.5 * f64::from(half);
            Belief { t, tempo: tempo(t), beating: t < 45.0, ..Belief::default() }
        };
        let mut said = Said::default();
        said.beliefs.extend((0..120).map(belief));
        let mut score = Score::default();
        score_rest(&mut score, &music, &said);
        score
    }

    #[test]
    fn only_told_tempi_after_sixteen_bars_count() {
        let score = scored(0.0, |t| if (32.0..45.0).contains(&t) { 120.06 } else { 90.0 });
        assert_eq!((score.rest.len(), score.figure("rest-elsewhere")), (26, Some(0.0)));
        assert!(score.rest.iter().all(|off| (off - 0.05).abs() < 1e-6), "{:?}", score.rest);
    }

    #[test]
    fn another_level_is_counted_apart_and_another_tempo_is_not() {
        let score = scored(0.0, |t| if t < 40.0 { 241.0 } else { 132.0 });
        assert_eq!((score.rest.len(), score.figure("rest-elsewhere")), (10, Some(16.0)));
        assert!((score.rest[0] - 10.0).abs() < 1e-6, "{:?}", score.rest);
    }

    #[test]
    fn music_that_sways_has_no_tempo_to_keep() {
        let score = scored(0.1, |_| 120.0);
        assert_eq!((score.rest.len(), score.figure("rest-elsewhere")), (0, None));
    }
}
