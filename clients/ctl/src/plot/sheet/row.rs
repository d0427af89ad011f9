//! One signal in one view: a curve, ticks, a heat strip, a band, or names.

use super::Page;
use super::kind::Kind;
use crate::plot::axis::TimeAxis;
use crate::plot::canvas::Area;
use crate::plot::colour::{DIM, GRID, PANEL, TEXT, mix};
use crate::plot::text::Align;
use downbeat_protocol::{Signal, Unit};

/// A curve that moves by fewer pixels than this within a column looks like one line.
const CALM: f32 = 8.0;
/// Ticks with more pixels than this each are drawn wider.
const SPARSE: i32 = 10;

/// A signal of the page.
pub struct Row<'a> {
    /// What it is.
    pub signal: &'a Signal,
    /// Its first number in a row.
    pub place: usize,
    /// How it is drawn.
    pub kind: Kind,
}

impl Row<'_> {
    /// Draws it into a view.
    pub fn draw(&self, page: &mut Page<'_>, view: TimeAxis, y: i32) {
        let area = Area { x: view.x, y, width: view.width, height: self.kind.height(self.signal) };
        page.canvas.fill(area, PANEL, 1.0);
        match self.kind {
            Kind::Curve | Kind::Octaves => self.curve(page, view, area),
            Kind::Ticks => self.ticks(page, view, area),
            Kind::Heat => self.heat(page, view, area),
            Kind::Band => self.band(page, view, area),
            Kind::Names(name) => self.names(page, view, area, name),
        }
    }

    /// The mean of each column filled from zero, with its peaks in a paler colour above.
    fn curve(&self, page: &mut Page<'_>, view: TimeAxis, area: Area) {
        let level = |value: f32| area.level(self.kind.share(self.signal, value));
        let [low, high] = self.signal.range;
        let signed = low < 0.0 && high > 0.0 && self.signal.unit == Unit::Ratio;
        let ground = level(if signed { 0.0 } else { low });
        page.canvas.across(area.x, ground as i32, area.width, GRID, 1.0);
        for column in view.columns() {
            let Some(extent) = page.extent(view, column, self.place) else { continue };
            for value in [extent.least, extent.most].map(level) {
                if (value - ground).abs() >= 0.5 {
                    page.canvas.upright(column, value, ground, page.colour, 0.25);
                }
            }
            let mean = level(extent.mean);
            if (mean - ground).abs() >= 0.5 {
                page.canvas.upright(column, mean, ground, page.colour, 0.5);
                // An edge where the curve is a line, not where it oscillates within a column.
                if (level(extent.least) - level(extent.most)).abs() <= CALM {
                    page.canvas.upright(column, mean, mean + (ground - mean).clamp(-1.0, 1.0), page.colour, 1.0);
                }
            }
        }
    }

    fn ticks(&self, page: &mut Page<'_>, view: TimeAxis, area: Area) {
        let steps: Vec<f64> = page.rows.steps(self.place).filter(|step| view.holds(*step)).collect();
        let width = if steps.len() as i32 * SPARSE < area.width { 2 } else { 1 };
        for step in steps {
            page.canvas.fill(Area { x: view.column(step), width, ..area }, page.colour, 0.9);
        }
    }

    /// One line per number, with the maximum of each column, so that short sounds do not disappear.
    fn heat(&self, page: &mut Page<'_>, view: TimeAxis, area: Area) {
        let len = i32::from(self.signal.len);
        let each = area.height / len;
        for column in view.columns() {
            for number in 0..len {
                let Some(extent) = page.extent(view, column, self.place + number as usize) else { continue };
                let colour = self.kind.colour(self.signal, extent);
                let y = area.bottom() - (number + 1) * each;
                page.canvas.fill(Area { x: column, y, width: 1, height: each }, colour, 1.0);
            }
        }
    }

    fn band(&self, page: &mut Page<'_>, view: TimeAxis, area: Area) {
        let level = |value: f32| area.level(self.kind.share(self.signal, value));
        for column in view.columns() {
            let extents = (0..usize::from(self.signal.len))
                .filter_map(|number| page.extent(view, column, self.place + number))
                .map(|extent| (extent.least, extent.most));
            let span = extents.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
            if let Some((least, most)) = span {
                page.canvas.upright(column, level(least), level(most), page.colour, 0.75);
            }
        }
    }

    fn names(&self, page: &mut Page<'_>, view: TimeAxis, area: Area, name: fn(f32) -> String) {
        let [low, high] = self.signal.range;
        let mut columns = view.columns().peekable();
        while let Some(first) = columns.next() {
            let Some(number) = page.first(view, first, self.place) else { continue };
            while columns.next_if(|column| page.first(view, *column, self.place) == Some(number)).is_some() {}
            let last = columns.peek().copied().unwrap_or(view.columns().end);
            // Adjacent numbers must differ as well: the golden section spreads them.
            let shade = ((number - low) / (high - low).max(1.0) * 13.0 * 0.618).fract();
            let ground = mix(PANEL, page.colour, 0.2 + 0.35 * shade);
            page.canvas.fill(Area { x: first, width: last - first - 1, ..area }, ground, 1.0);
            let (text, size) = (name(number), 15.0);
            let room = (last - first - 10) as f32;
            if room >= 36.0 {
                let text = page.pen.fit(&text, size, room);
                let at = (first as f32 + 6.0, (area.y + area.height / 2) as f32);
                page.pen.write(&mut page.canvas, &text, at, size, Align::Left, TEXT);
            }
        }
    }

    /// Its name in the margin, and the ends of its range beside the curve.
    pub fn label(&self, page: &mut Page<'_>, name: &str, y: i32, edge: i32) {
        let height = self.kind.height(self.signal);
        let (middle, note) = ((y + height / 2) as f32, self.kind.note(self.signal));
        let lift = if note.is_empty() { 0.0 } else { 11.0 };
        page.pen.write(&mut page.canvas, name, (24.0, middle - lift), 21.0, Align::Left, TEXT);
        page.pen.write(&mut page.canvas, &note, (24.0, middle + lift), 15.0, Align::Left, DIM);
        let (top, bottom) = self.kind.ends(self.signal);
        let x = (edge - 8) as f32;
        let top_at = if bottom.is_empty() { middle } else { (y + 8) as f32 };
        page.pen.write(&mut page.canvas, &top, (x, top_at), 15.0, Align::Right, DIM);
        page.pen.write(&mut page.canvas, &bottom, (x, (y + height - 8) as f32), 15.0, Align::Right, DIM);
    }
}
