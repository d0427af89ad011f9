use super::super::layout::Layout;
use super::*;
use downbeat_protocol::{Signal, Unit};
use proptest::prelude::*;

fn config(parameters: &[(&str, ParameterConfig)]) -> EngineConfig {
    let mut mel = Signal::scalar("mel", Unit::Ratio, [0.0, 1.0]);
    mel.len = 4;
    let ratio = |name| Signal::scalar(name, Unit::Ratio, [0.0, 1.0]);
    EngineConfig {
        buses: vec!["main".into()],
        fields: vec![ratio("rms"), ratio("onset-strength.low"), mel],
        parameters: parameters.iter().map(|(name, parameter)| ((*name).to_owned(), parameter.clone())).collect(),
        ..EngineConfig::default()
    }
}

fn by(expression: &str) -> ParameterConfig {
    // A range wide enough to show what an expression gives; the curve clamps it to 0..1 first.
    ParameterConfig { expression: Some(expression.into()), ..ParameterConfig::default() }
}

struct Bench {
    mapper: Mapper,
    layout: Layout,
    row: Vec<f32>,
    time: ShowTime,
    in_hand: BTreeMap<String, f32>,
    fades: BTreeMap<String, Fade>,
    frozen: bool,
}

impl Bench {
    fn new(parameters: &[(&str, ParameterConfig)]) -> Self {
        let config = config(parameters);
        let layout = Layout::new(&config).expect("lays out");
        let mapper = Mapper::new(&config, &layout).expect("maps");
        let row = vec![0.0; layout.schema.width()];
        let (in_hand, fades) = Default::default();
        Self { mapper, layout, row, time: ShowTime::ZERO, in_hand, fades, frozen: false }
    }

    fn set(&mut self, name: &str, value: f32) {
        let place = self.layout.schema.find(name).expect("a signal").0;
        self.row[place] = value;
    }

    /// Maps after `seconds`; the parameter `p`.
    fn after(&mut self, seconds: f64) -> f32 {
        self.time = self.time.offset((seconds * 1e9) as i64);
        let in_hand = InHand { values: &self.in_hand, fades: &self.fades };
        self.mapper.map(&mut self.row, self.time, &in_hand, self.frozen);
        self.row[self.layout.schema.find("param.p").expect("p").0]
    }
}

fn refused(parameters: &[(&str, ParameterConfig)]) -> String {
    let config = config(parameters);
    let layout = Layout::new(&config).expect("lays out");
    Mapper::new(&config, &layout).expect_err("refused").to_string()
}

#[test]
fn a_mapping_written_for_stems_moves_without_them() {
    // The whole mix has rms and onset-strength.low only; its values of both stand in for the drums.
    let mut bench = Bench::new(&[("p", by("0.5*drums.rms + 0.5*drums.onset-strength.low + 0*vocals.mel[3]"))]);
    bench.set("main.rms", 0.4);
    bench.set("main.onset-strength.low", 0.8);
    assert!((bench.after(0.0) - 0.6).abs() < 1e-6);
    bench.set("main.rms", 0.0);
    assert!((bench.after(0.01) - 0.4).abs() < 1e-6);
}

#[test]
fn what_not_even_a_stand_in_has_is_refused_in_the_words_of_the_missing_bus() {
    let refused = refused(&[("p", by("drums.onset-strength.lo"))]);
    assert!(refused.contains("did you mean `drums.onset-strength.low`?"), "{refused}");
    let refused = self::refused(&[("p", by("vocals.mel"))]);
    assert!(refused.contains("`vocals.mel` has 4 numbers"), "{refused}");
}

/// The value of an expression over rms 0.25, onset-strength.low 0.5, mel 0.1 to 0.4, at 2 s.
fn value(expression: &str) -> f64 {
    let layout = Layout::new(&config(&[])).expect("lays out");
    let known: Vec<String> = layout.schema.signals.iter().map(|signal| signal.name.clone()).collect();
    let mut compiled = Expression::new(expression, &layout, &known).unwrap_or_else(|error| panic!("{error}"));
    compiled.evaluate(&[0.25, 0.5, 0.1, 0.2, 0.3, 0.4], 2.0).unwrap_or(f64::NAN)
}

#[test]
fn expressions_mean_what_they_mean_in_mathematics() {
    let table = [
        ("1 + 2 * 3", 7.0),
        ("8 / 2 * 4 - 1 - 1", 14.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ -1", 0.5),
        ("2 * -3", -6.0),
        ("--1", 1.0),
        ("7 % 4", 3.0),
        ("-1 % 4", 3.0),
        ("1e-3 * 1000", 1.0),
        (".5 + 1.", 1.5),
        ("sin(2*pi*0.25)", 1.0),
        ("max(1, min(5, 3))", 3.0),
        ("min(max(1, 4), max(2, 3))", 3.0),
        ("clamp(7, 0, 2 + 3)", 5.0),
        ("mix(10, 20, 0.25)", 12.5),
        ("step(0.5, main.rms)", 0.0),
        ("if(main.rms < 0.5, 2, 1 / 0)", 2.0),
        ("abs(-3) + sign(-2)", 2.0),
        ("tri(0.5) + tri(1) + tri(0.25)", 1.5),
        ("smooth(0.5)", 0.5),
        ("main.rms * 4", 1.0),
        ("main.onset-strength.low", 0.5),
        ("main.rms-main.rms", 0.0),
        ("main.rms -0.25", 0.0),
        ("main.mel[3] + main.mel.0", 0.5),
        ("time + e - e", 2.0),
        ("( ( main.rms ) )", 0.25),
        ("1 + 1 < 3 - 0.5", 1.0),
        ("10 - 4 - 3 * 2 % 4", 4.0),
        ("2 < 3 < 1", 0.0),
        ("-(1 + 2) * -2 ^ 2", 12.0),
    ];
    for (expression, expected) in table {
        assert!((value(expression) - expected).abs() < 1e-6, "{expression} = {}", value(expression));
    }
}

#[test]
fn each_mistake_is_named_with_its_place_and_what_to_do() {
    let table = [
        ("main.rmss", "unknown name `main.rmss`; did you mean `main.rms`? (column 1 of `main.rmss`)"),
        (
            "2*main.onset-strength.lo",
            "unknown name `main.onset-strength.lo`; did you mean `main.onset-strength.low`? (column 3",
        ),
        ("sine(1)", "unknown name `sine`; did you mean `sin`?"),
        ("main.mel", "`main.mel` has 4 numbers; choose one: `main.mel[0]` to `main.mel[3]`"),
        ("main.mel[9]", "`main.mel` has 4 numbers"),
        ("min(1)", "`min` takes 2 arguments, not 1 (column 4"),
        ("sin + 1", "`sin` takes 1 argument, not 0"),
        ("1 2", "an operator such as + or * is missing before `2` (column 3"),
        ("2(3)", "an operator such as + or * is missing before `(`"),
        ("1 + ", "a number or a name is missing at the end"),
        ("", "a number or a name is missing at the end"),
        ("* 2", "a number or a name is missing before `*`"),
        ("(1 + 2", "a closing parenthesis is missing"),
        ("1 + 2)", "there is no opening parenthesis for this one (column 6"),
        ("1.2.3", "`1.2.3` is not a number"),
        ("main.rms & 1", "an operator such as + or * is missing before `&`"),
        ("ä", "unknown name `ä`"),
    ];
    for (expression, expected) in table {
        let message = refused(&[("p", by(expression))]);
        assert!(message.contains(expected), "`{expression}` says: {message}");
    }
}

#[test]
fn a_long_expression_is_computed_and_an_endless_one_refused() {
    let sum = |terms: usize| vec!["main.rms"; terms].join(" + ");
    assert_eq!(value(&sum(400)), 100.0);
    assert!(refused(&[("p", by(&sum(600)))]).contains("too long"));
    for endless in ["(", "-", "2^", "1+(", "min(1,"] {
        assert!(refused(&[("p", by(&endless.repeat(10_000)))]).contains("too long"), "{endless}");
    }
}

#[test]
fn expression_curve_and_range_follow_each_other() {
    let parameter = ParameterConfig { curve: Curve::Square, range: [10.0, 20.0], ..by("main.rms") };
    let mut bench = Bench::new(&[("p", parameter)]);
    bench.set("main.rms", 0.5);
    assert_eq!(bench.after(0.005), 12.5);
}

#[test]
fn attack_and_release_are_those_of_the_configuration() {
    let parameter = ParameterConfig { attack_ms: 10.0, release_ms: 100.0, ..by("main.rms") };
    let mut bench = Bench::new(&[("p", parameter)]);
    bench.after(0.0);
    bench.set("main.rms", 1.0);
    assert!((bench.after(0.01) - 0.632).abs() < 0.001);
    bench.after(1.0);
    bench.set("main.rms", 0.0);
    assert!((bench.after(0.1) - 0.368).abs() < 0.001);
}

#[test]
fn no_number_keeps_the_last_one() {
    let mut bench = Bench::new(&[("p", by("0.1 / main.rms"))]);
    assert_eq!(bench.after(0.005), 0.0, "the default, when there never was one");
    bench.set("main.rms", 0.25);
    assert!((bench.after(0.005) - 0.4).abs() < 1e-6);
    bench.set("main.rms", 0.0);
    assert!((bench.after(0.005) - 0.4).abs() < 1e-6);
}

#[test]
fn a_hand_overrides_the_mapping_until_it_lets_go() {
    let parameter = ParameterConfig { release_ms: 100.0, range: [0.0, 2.0], ..by("main.rms") };
    let mut bench = Bench::new(&[("p", parameter)]);
    bench.in_hand.insert("p".into(), 1.5);
    assert_eq!(bench.after(0.005), 1.5);
    bench.in_hand.clear();
    let let_go = bench.after(0.01);
    assert!(let_go < 1.5 && let_go > 1.3, "continues from where the hand left it: {let_go}");
}

#[test]
fn a_fade_moves_the_parameter_in_the_rows_and_a_mapping_goes_on_from_where_it_ends() {
    let mut bench = Bench::new(&[("p", ParameterConfig { range: [0.0, 2.0], ..by("main.rms") })]);
    bench.in_hand.insert("p".into(), 2.0);
    let fade = Fade { from: 1.0, to: 2.0, start: ShowTime(0), end: ShowTime(100_000_000), cue: String::new() };
    bench.fades.insert("/param/p".into(), fade);
    assert_eq!([0.025, 0.025, 0.025, 0.025, 1.0].map(|step| bench.after(step)), [1.25, 1.5, 1.75, 2.0, 2.0]);
}

#[test]
fn while_frozen_only_the_hand_moves() {
    let mut bench = Bench::new(&[("p", by("main.rms"))]);
    bench.set("main.rms", 0.3);
    bench.after(0.005);
    bench.frozen = true;
    bench.set("main.rms", 0.9);
    assert_eq!(bench.after(0.005), 0.3);
    bench.in_hand.insert("p".into(), 0.7);
    assert_eq!(bench.after(0.005), 0.7);
}

#[test]
fn without_an_expression_a_parameter_stands_at_its_default() {
    let parameter = ParameterConfig { range: [1.0, 0.0], default: Some(0.25), ..ParameterConfig::default() };
    assert_eq!(Bench::new(&[("p", parameter)]).after(0.005), 0.25);
}

#[test]
fn a_parameter_may_use_another_one_of_the_same_hop() {
    let mut bench = Bench::new(&[("p", by("param.z + 0.25")), ("z", by("main.rms"))]);
    bench.set("main.rms", 0.5);
    assert_eq!(bench.after(0.005), 0.75);
    let message = refused(&[("a", by("param.b")), ("b", by("param.a"))]);
    assert_eq!(message, "parameters use each other in a loop: a uses b uses a");
}

#[test]
fn an_impossible_parameter_is_refused_by_its_key() {
    let wrong = ParameterConfig { default: Some(3.0), ..ParameterConfig::default() };
    assert_eq!(refused(&[("p", wrong)]), "parameter `p`: 3 is outside the range 0 to 1");
    let wrong = ParameterConfig { attack_ms: -1.0, ..ParameterConfig::default() };
    assert!(refused(&[("p", wrong)]).contains("zero or more"));
    assert!(refused(&[("p q", ParameterConfig::default())]).contains("consists of letters"));
}

proptest! {
    #[test]
    fn no_text_makes_the_compiler_panic(text in "[-+*/%^<>=(),. 0-9a-eäπ{}\\[\\]_]{0,40}|.{0,40}") {
        let layout = Layout::new(&config(&[])).expect("lays out");
        if let Ok(mut compiled) = Expression::new(&text, &layout, &[]) {
            let value = compiled.evaluate(&vec![0.5; layout.schema.width()], 1.0);
            prop_assert!(value.is_none_or(f64::is_finite));
        }
    }

    #[test]
    fn sums_and_products_of_names_compile_to_what_they_say(factors in proptest::collection::vec((0.1f64..9.0, any::<bool>()), 1..12)) {
        let text: Vec<String> = factors.iter().map(|(factor, negative)| format!("{}{factor:e} * main.rms", if *negative { "-" } else { "" })).collect();
        let sum: f64 = factors.iter().map(|(factor, negative)| factor * 0.25 * if *negative { -1.0 } else { 1.0 }).sum();
        prop_assert!((value(&text.join(" + ")) - sum).abs() < 1e-9);
    }
}
