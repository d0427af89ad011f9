//! Analyses many pieces, in sequence or in parallel.

use super::ears::{Answer, Ears};
use super::music::Music;
use super::score::Score;
use super::scoring::score;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How pieces are heard.
#[derive(Clone, Copy, Debug)]
pub struct Listening<'a> {
    /// How many pieces at once. With more than one, no processor time can be told: they disturb each other.
    pub jobs: usize,
    /// Where each piece is drawn as it is heard.
    pub pictures: Option<&'a Path>,
}

impl Listening<'_> {
    /// The score of each piece, and the processor time of each run; `what` is shown while it lasts.
    pub fn hear(&self, what: &str, music: &[Music], ears: &Ears) -> Result<(Vec<Score>, Vec<f64>), String> {
        if let Some(folder) = self.pictures {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let bar = ProgressBar::new(music.len() as u64);
        let style = ProgressStyle::with_template("{prefix:20} {bar:40.cyan/blue} {pos}/{len}  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─"));
        bar.set_prefix(what.to_owned());
        let tells = ears.tells();
        let scores = self.each(music, |piece| {
            bar.set_message(piece.id.clone());
            let picture = self.pictures.map(|folder| folder.join(format!("{}.png", piece.id)));
            let Answer { said, process } =
                ears.hear(&piece.sound, picture.as_deref()).map_err(|why| format!("{}: {why}", piece.id))?;
            bar.inc(1);
            Ok((score(piece, &said, &tells), process))
        });
        bar.finish_and_clear();
        Ok(scores?.into_iter().unzip())
    }

    /// The outcome of each piece, in their order; after the first failure no more are begun.
    fn each<T: Send>(
        &self,
        music: &[Music],
        hear: impl Fn(&Music) -> Result<T, String> + Sync,
    ) -> Result<Vec<T>, String> {
        if self.jobs <= 1 {
            return music.iter().map(hear).collect();
        }
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..self.jobs {
                scope.spawn(|| {
                    while let Some((place, piece)) = Some(next.fetch_add(1, Ordering::Relaxed))
                        .and_then(|place| music.get(place).map(|piece| (place, piece)))
                    {
                        let outcome = hear(piece);
                        if outcome.is_err() {
                            next.store(music.len(), Ordering::Relaxed);
                        }
                        found.lock().unwrap_or_else(|broken| broken.into_inner()).push((place, outcome));
                    }
                });
            }
        });
        let mut found = found.into_inner().unwrap_or_else(|broken| broken.into_inner());
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(count: usize) -> Vec<Music> {
        (0..count).map(|place| Music { id: place.to_string(), ..Music::default() }).collect()
    }

    #[test]
    fn several_at_once_come_out_in_their_order() {
        let listening = Listening { jobs: 3, pictures: None };
        let heard = listening.each(&named(40), |piece| Ok(piece.id.clone())).expect("all heard");
        assert_eq!(heard, (0..40).map(|place| place.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn a_piece_that_cannot_be_heard_ends_the_bench_with_its_reason() {
        let hear = |piece: &Music| if piece.id == "7" { Err("deaf".to_owned()) } else { Ok(()) };
        for jobs in [1, 3] {
            assert_eq!(Listening { jobs, pictures: None }.each(&named(40), hear), Err("deaf".to_owned()));
        }
    }
}
