//! Cues and rules as JSON, as the web page sends them: read, defined in an engine, fired, and read back.

use downbeat_engine::{Engine, EngineConfig, ParameterConfig};
use downbeat_protocol::{Action, Command, HostTime, ShowTime, When, definition};

/// A definition is refused with its key, or defined, fired and written again as it was read.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (cue, rule) = (definition::cue(text), definition::rule(text));
    if let (Err(of_cue), Err(of_rule)) = (&cue, &rule) {
        return assert!(!of_cue.why.is_empty() && !of_rule.why.is_empty());
    }
    let config =
        EngineConfig { parameters: [("glow".into(), ParameterConfig::default())].into(), ..EngineConfig::default() };
    let mut engine = Engine::new(&config, None).expect("a sound configuration");
    let mut events = Vec::new();
    let mut ask = |what| {
        let command = Command { what, when: When::Now, from: "fuzz".into() };
        engine.command(command, ShowTime(0), &mut events);
    };
    if let Ok(cue) = cue {
        let again = serde_json::to_string(&cue).expect("written");
        assert_eq!(definition::cue(&again).as_ref(), Ok(&cue), "{again}");
        ask(Action::DefineCue { name: "it".into(), cue: Box::new(cue) });
        ask(Action::FireCue { cue: "it".into() });
    }
    if let Ok(rule) = rule {
        ask(Action::DefineRule { name: "it".into(), rule: Box::new(rule) });
        ask(Action::FireRule { rule: "it".into() });
    }
    for hop in 1..4 {
        engine.tick(ShowTime(hop * 5_000_000), ShowTime(hop * 5_000_000), HostTime::ZERO, &mut events);
    }
}

/// Every key of a cue and of a rule.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        r#"{"set":[{"address":"/param/glow","value":0.5},{"address":"/tempo/tap"}],"fade":{"beats":8},"when":"bar","safe":true}"#,
        r#"{"when":{"above":{"signal":"param.glow","value":0.7,"hysteresis":0.1}},"every":8,"if":"param.glow > 0.3","choice":"shuffle","do":[{"address":"/param/glow","act":{"ramp":{"from":0,"to":1,"times":8}},"weight":2},{"output":"desk","address":"/x","value":true}],"euclid":{"hits":3,"steps":8,"rotation":1},"chance":0.5,"muted":true,"rate":"1/2"}"#,
        r#"{"when":"phrase","do":[{"address":"/cue/it/fire"},{"address":"/show/blackout","act":"toggle"}]}"#,
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
