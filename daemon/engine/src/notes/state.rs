//! The state of MIDI notes: which are held, and which came last (pure).

use downbeat_protocol::{Signal, Unit};

/// The number of values of a source.
pub const WIDTH: usize = 5 + CLASSES;
/// Pitch classes: notes regardless of octave.
const CLASSES: usize = 12;
/// Channels of a cable.
const CHANNELS: usize = 16;
/// Notes of a channel.
const NOTES: usize = 128;
/// Time in which the trigger falls to 1/e, in seconds: like an onset's, it is gone after 0.3 s.
const TRIGGER_SECONDS: f64 = 0.06;
/// A trigger below this is over.
const TRIGGER_LEAST: f32 = 1e-3;

/// The signals of a source, named relative to it, in the order of [`Notes::write`].
pub fn fields() -> Vec<Signal> {
    let last_count = (Signal::COUNTER_WRAP - 1) as f32;
    let last_note = (NOTES - 1) as f32;
    let mut chroma = Signal::scalar("chroma", Unit::Ratio, [0.0, 1.0]);
    chroma.len = CLASSES as u16;
    vec![
        Signal::scalar("note", Unit::Ratio, [0.0, 1.0]),
        Signal::scalar("note-count", Unit::Count, [0.0, last_count]),
        Signal::scalar("pitch", Unit::State, [0.0, last_note]),
        Signal::scalar("velocity", Unit::Ratio, [0.0, 1.0]),
        Signal::scalar("notes-held", Unit::State, [0.0, NOTES as f32]),
        chroma,
    ]
}

/// The notes of one source, by the MIDI 1.0 specification: a note-on with velocity 0 is a note-off, and the controllers
/// 120 and 123 to 127 end all notes of their channel. The pedal holds nothing: only keys count.
#[derive(Clone, Debug)]
pub struct Notes {
    /// The channel, from 0; all without one.
    channel: Option<u8>,
    /// The velocity of each held note; 0 is not held.
    held: Box<[[u8; NOTES]; CHANNELS]>,
    /// Whether a note has started since the last call of [`Notes::write`].
    struck: bool,
    /// Whether the held notes have changed since then.
    changed: bool,
    trigger: f32,
    count: u16,
    pitch: u8,
    velocity: u8,
    notes_held: f32,
    chroma: [f32; CLASSES],
}

impl Notes {
    /// Without held notes. `channel` counts from 0; without one, all channels.
    pub fn new(channel: Option<u8>) -> Self {
        Self {
            channel,
            held: Box::new([[0; NOTES]; CHANNELS]),
            struck: false,
            changed: false,
            trigger: 0.0,
            count: 0,
            pitch: 0,
            velocity: 0,
            notes_held: 0.0,
            chroma: [0.0; CLASSES],
        }
    }

    /// Takes one complete message; ignores invalid ones and those not about notes. Realtime-safe: yes.
    pub fn observe(&mut self, message: &[u8]) {
        // A system reset concerns all channels.
        if message.first() == Some(&0xFF) {
            return self.release();
        }
        let &[status, first @ 0..=0x7F, second @ 0..=0x7F, ..] = message else { return };
        let channel = status & 0x0F;
        if self.channel.is_some_and(|only| only != channel) {
            return;
        }
        let held = &mut self.held[usize::from(channel)];
        match (status & 0xF0, first, second) {
            (0x90, note, velocity @ 1..) => {
                held[usize::from(note)] = velocity;
                self.struck = true;
                self.count = (self.count + 1) % Signal::COUNTER_WRAP as u16;
                self.pitch = note;
                self.velocity = velocity;
            }
            (0x80 | 0x90, note, _) => held[usize::from(note)] = 0,
            (0xB0, 120 | 123..=127, _) => *held = [0; NOTES],
            _ => return,
        }
        self.changed = true;
    }

    /// Releases all keys, because the port is gone or the file restarts. Realtime-safe: yes.
    pub fn release(&mut self) {
        *self.held = [[0; NOTES]; CHANNELS];
        self.changed = true;
    }

    /// Writes the signals, `seconds` after the last time. A note that started in between gives 1 once. Realtime-safe:
    /// yes.
    pub fn write(&mut self, seconds: f64, values: &mut [f32; WIDTH]) {
        if std::mem::take(&mut self.struck) {
            self.trigger = 1.0;
        } else {
            self.trigger *= (-seconds.max(0.0) / TRIGGER_SECONDS).exp() as f32;
            if self.trigger < TRIGGER_LEAST {
                self.trigger = 0.0;
            }
        }
        if std::mem::take(&mut self.changed) {
            self.count_held();
        }
        let [trigger, count, pitch, velocity, notes_held, chroma @ ..] = values;
        *trigger = self.trigger;
        *count = f32::from(self.count);
        *pitch = f32::from(self.pitch);
        *velocity = f32::from(self.velocity) / 127.0;
        *notes_held = self.notes_held;
        *chroma = self.chroma;
    }

    /// A note held on two channels is one note, with the higher velocity.
    fn count_held(&mut self) {
        self.notes_held = 0.0;
        self.chroma = [0.0; CLASSES];
        for note in 0..NOTES {
            let velocity = self.held.iter().map(|channel| channel[note]).max().unwrap_or(0);
            if velocity > 0 {
                self.notes_held += 1.0;
                let class = &mut self.chroma[note % CLASSES];
                *class = class.max(f32::from(velocity) / 127.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A hop of 256 samples at 48 kHz.
    const HOP: f64 = 256.0 / 48_000.0;

    fn values(notes: &mut Notes) -> [f32; WIDTH] {
        let mut values = [f32::NAN; WIDTH];
        notes.write(HOP, &mut values);
        values
    }

    /// Trigger, count, pitch, velocity of 127, notes held.
    fn scalars(notes: &mut Notes) -> [f32; 5] {
        let values = values(notes);
        [values[0], values[1], values[2], (values[3] * 127.0).round(), values[4]]
    }

    #[test]
    fn the_fields_are_as_wide_as_what_is_written() {
        assert_eq!(fields().iter().map(|field| usize::from(field.len)).sum::<usize>(), WIDTH);
    }

    #[test]
    fn a_note_is_told_when_it_begins_and_kept_when_it_ends() {
        let mut notes = Notes::new(None);
        assert_eq!(scalars(&mut notes), [0.0; 5]);
        notes.observe(&[0x90, 60, 100]);
        assert_eq!(scalars(&mut notes), [1.0, 1.0, 60.0, 100.0, 1.0]);
        notes.observe(&[0x80, 60, 64]);
        let [trigger, count, pitch, velocity, held] = scalars(&mut notes);
        assert!(trigger < 1.0 && trigger > 0.8, "it decays from the next hop on, not at once: {trigger}");
        assert_eq!([count, pitch, velocity, held], [1.0, 60.0, 100.0, 0.0]);
    }

    #[test]
    fn the_trigger_has_died_away_after_three_tenths_of_a_second() {
        let mut notes = Notes::new(None);
        notes.observe(&[0x90, 60, 100]);
        let tail: Vec<f32> = (0..(0.3 / HOP) as usize).map(|_| scalars(&mut notes)[0]).collect();
        assert!(tail.is_sorted_by(|before, after| before >= after), "it only falls");
        assert!(tail[tail.len() - 1] < 0.01, "{}", tail[tail.len() - 1]);
    }

    #[test]
    fn a_note_on_of_velocity_0_ends_the_note() {
        let mut notes = Notes::new(None);
        notes.observe(&[0x93, 60, 100]);
        notes.observe(&[0x93, 60, 0]);
        assert_eq!(scalars(&mut notes)[1..], [1.0, 60.0, 100.0, 0.0]);
    }

    #[test]
    fn the_chroma_is_what_is_held_whatever_its_octave() {
        let mut notes = Notes::new(None);
        for message in [[0x90, 60, 127], [0x90, 72, 64], [0x91, 67, 127]] {
            notes.observe(&message);
        }
        let mut expected = [0.0; CLASSES];
        (expected[0], expected[7]) = (1.0, 1.0);
        let values = values(&mut notes);
        assert_eq!(values[5..], expected);
        assert_eq!(values[4], 3.0);
    }

    #[test]
    fn only_the_channel_asked_for_is_heard() {
        let mut notes = Notes::new(Some(9));
        notes.observe(&[0x90, 60, 100]);
        assert_eq!(scalars(&mut notes)[1], 0.0);
        notes.observe(&[0x99, 36, 100]);
        assert_eq!(scalars(&mut notes)[1..3], [1.0, 36.0]);
    }

    #[test]
    fn all_notes_off_ends_those_of_its_channel_and_a_lost_port_all() {
        let mut notes = Notes::new(None);
        for message in [[0x90, 60, 100], [0x90, 64, 100], [0x91, 67, 100]] {
            notes.observe(&message);
        }
        notes.observe(&[0xB0, 123, 0]);
        assert_eq!(scalars(&mut notes)[4], 1.0);
        notes.release();
        assert_eq!(scalars(&mut notes)[4], 0.0);
    }

    #[test]
    fn the_count_steps_from_1023_to_0() {
        let mut notes = Notes::new(None);
        (0..1023).for_each(|_| notes.observe(&[0x90, 60, 100]));
        assert_eq!(scalars(&mut notes)[1], 1023.0);
        notes.observe(&[0x90, 60, 100]);
        assert_eq!(scalars(&mut notes)[1], 0.0);
    }

    proptest! {
        #[test]
        fn whatever_bytes_come_every_value_is_in_its_range(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5), 0..300)
        ) {
            let mut notes = Notes::new(None);
            for message in messages {
                notes.observe(&message);
                let values = values(&mut notes);
                let mut at = 0;
                for field in fields() {
                    for value in &values[at..at + usize::from(field.len)] {
                        prop_assert!((field.range[0]..=field.range[1]).contains(value), "{} {value}", field.name);
                    }
                    at += usize::from(field.len);
                }
            }
        }
    }
}
