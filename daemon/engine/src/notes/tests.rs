use super::*;

const HOP: f64 = 256.0 / 48_000.0;

#[test]
fn what_arrives_between_two_hops_is_told_at_the_next() {
    let (mut source, arrivals) = NoteSource::arriving(None);
    let mut values = [0.0; WIDTH];
    arrivals.send(Arrival::of(&[0x90, 60, 127]).expect("a note")).expect("open");
    source.hop(HOP, None, &mut values);
    assert_eq!(values[..5], [1.0, 1.0, 60.0, 1.0, 1.0]);
    arrivals.send(Arrival::Gone).expect("open");
    source.hop(HOP, None, &mut values);
    assert_eq!(values[4], 0.0, "a key of a lost port is not held");
}

#[test]
fn what_is_not_about_notes_does_not_arrive() {
    for message in [&[][..], &[0xF8], &[0xC0, 5], &[0xE0, 0, 64], &[0xF0, 1, 2, 3, 0xF7], &[0x90, 1, 2, 3]] {
        assert_eq!(Arrival::of(message), None, "{message:?}");
    }
}

#[test]
fn a_file_stands_still_without_audio() {
    let bytes = score::tests::file(0, 10, &[&[1, 0x90, 60, 100]]);
    let mut source = NoteSource::score(Score::parse(&bytes).expect("a file"), None);
    let mut values = [0.0; WIDTH];
    (0..100).for_each(|_| source.hop(HOP, None, &mut values));
    assert_eq!(values[1], 0.0);
    source.hop(HOP, Some(0.06), &mut values);
    assert_eq!(values[1], 1.0);
}

#[test]
fn a_file_that_comes_later_joins_in_where_the_audio_is() {
    let bytes = score::tests::file(0, 10, &[&[0, 0x90, 60, 100, 10, 0x90, 62, 100]]);
    let (mut source, scores) = NoteSource::awaited(None);
    let mut values = [0.0; WIDTH];
    source.hop(HOP, Some(0.1), &mut values);
    assert_eq!(values[1], 0.0);
    scores.send(Score::parse(&bytes).expect("a file")).expect("open");
    source.hop(HOP, None, &mut values);
    source.hop(HOP, Some(0.2), &mut values);
    assert_eq!(values[1], 0.0, "the note at the beginning is over");
    source.hop(HOP, Some(0.51), &mut values);
    assert_eq!(values[1..3], [1.0, 62.0]);
}
