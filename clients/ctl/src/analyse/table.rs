//! Every signal of every hop as comma-separated values.

use downbeat_protocol::Schema;
use std::io::{self, Write};

/// Writes a table: a header from the schema, then one line per hop, the time first.
pub struct Table<W: Write> {
    out: W,
}

impl<W: Write> Table<W> {
    /// Starts a table. A signal of several numbers takes as many columns: `main.mel.0`, `main.mel.1`, …
    ///
    /// # Errors
    /// If the header cannot be written.
    pub fn new(mut out: W, schema: &Schema) -> io::Result<Self> {
        write!(out, "time")?;
        for signal in &schema.signals {
            match signal.len {
                1 => write!(out, ",{}", signal.name)?,
                len => (0..len).try_for_each(|index| write!(out, ",{}.{index}", signal.name))?,
            }
        }
        writeln!(out)?;
        Ok(Self { out })
    }

    /// One hop. The time is that of its last sample, in seconds of the file.
    ///
    /// # Errors
    /// If the line cannot be written.
    pub fn row(&mut self, time: f64, values: &[f32]) -> io::Result<()> {
        write!(self.out, "{time:.6}")?;
        values.iter().try_for_each(|value| write!(self.out, ",{value}"))?;
        writeln!(self.out)
    }

    /// Flushes the output.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Signal, Unit};

    #[test]
    fn a_signal_of_several_numbers_takes_as_many_columns() {
        let mut mel = Signal::scalar("main.mel", Unit::Ratio, [0.0, 1.0]);
        mel.len = 2;
        let schema = Schema { signals: vec![Signal::scalar("main.rms", Unit::Ratio, [0.0, 1.0]), mel] };
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, &schema).expect("written");
        table.row(0.005_333, &[0.5, 0.25, 1.0]).expect("written");
        table.finish().expect("written");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, "time,main.rms,main.mel.0,main.mel.1\n0.005333,0.5,0.25,1\n");
    }
}
