//! Parameters are computed without allocation, so the time of a hop does not depend on the allocator.

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use downbeat_engine::{Curve, EngineConfig, InHand, Mapper, ParameterConfig};
use downbeat_protocol::fade::Fade;
use downbeat_protocol::{ShowTime, Signal, Unit};
use std::collections::BTreeMap;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

fn by(expression: &str) -> ParameterConfig {
    ParameterConfig {
        expression: Some(expression.into()),
        curve: Curve::Smooth,
        attack_ms: 5.0,
        release_ms: 250.0,
        ..ParameterConfig::default()
    }
}

#[test]
fn mapping_allocates_nothing() {
    let longest = vec!["main.rms"; 32].join(" + ");
    let config = EngineConfig {
        buses: vec!["main".into()],
        fields: vec![Signal::scalar("rms", Unit::Ratio, [0.0, 1.0])],
        parameters: [
            ("a".into(), by("0.7*main.rms + 0.3*sin(2*pi*beat.phase)")),
            ("b".into(), by(&longest)),
            ("c".into(), by("if(time % 2 < 1, clamp(param.a, 0.1, 0.9), mix(param.b, tri(bar.phase), 0.5))")),
            ("d".into(), by("1 / 0")),
            ("e".into(), ParameterConfig::default()),
        ]
        .into(),
        ..EngineConfig::default()
    };
    let mut mapper = Mapper::of(&config).expect("maps");
    let mut row = vec![0.5; mapper.width()];
    let in_hand: BTreeMap<String, f32> = [("e".to_owned(), 0.25)].into();
    let fade = Fade { from: 0.0, to: 0.25, start: ShowTime(0), end: ShowTime(1_000_000_000), cue: "dim".into() };
    let fades = [("/param/e".to_owned(), fade)].into();
    let in_hand = InHand { values: &in_hand, fades: &fades };
    assert_no_alloc(|| {
        for hop in 0..1000_i64 {
            mapper.map(&mut row, ShowTime(hop * 5_333_333), &in_hand, hop % 10 == 0);
        }
    });
    assert!(row.iter().all(|value| value.is_finite()));
}
