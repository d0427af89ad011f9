//! The texts of the status: why the beat can be trusted, what sets the tempo, faults of outputs. Sent on change. Pure.

use downbeat_protocol::Status;
use downbeat_protocol::tree::{Told, of_status};

/// Maximum of texts: a surface shows no more.
const MOST: usize = 512;

/// The texts last sent.
#[derive(Debug, Default)]
pub struct Reports(Vec<Told>);

impl Reports {
    /// The texts that have changed.
    pub fn take(&mut self, status: &Status) -> Vec<Told> {
        let mut all = of_status(status);
        all.truncate(MOST);
        let news = all.iter().filter(|entry| !self.0.contains(entry)).cloned().collect();
        self.0 = all;
        news
    }

    /// All texts.
    pub fn all(&self) -> &[Told] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_when_it_is_another_one() {
        let because = |why: &str| Status { locked_why: why.into(), ..Status::default() };
        let mut reports = Reports::default();
        let first = reports.take(&because("no beat yet"));
        assert!(first.contains(&("/tempo/locked-why".into(), "no beat yet".into())), "{first:?}");
        assert!(reports.take(&because("no beat yet")).is_empty());
        assert_eq!(reports.take(&because("steady")), [("/tempo/locked-why".into(), "steady".into())]);
        assert!(reports.all().contains(&("/tempo/locked-why".into(), "steady".into())));
    }
}
