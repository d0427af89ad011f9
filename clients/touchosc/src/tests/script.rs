//! The layout's script in a real Lua, with a stand-in for TouchOSC's scripting interface.

use super::*;
use std::process::Command;

/// Runs a test scene with the script of a layout, and fails with Lua's message.
fn run(scene: &str) {
    let layout = Layout::new(Form::Tablet, &show(1, 1));
    let tags = messages(&layout).into_iter().filter_map(|it| match it.argument.as_str() {
        "METER" => Some(format!("{:?}", format!("meter {} {} {}", it.address, it.range[0], it.range[1]))),
        "WORD" => Some(format!("{:?}", format!("word {} {}", it.address, it.value))),
        _ => None,
    });
    let tags = tags.collect::<Vec<_>>().join(", ");
    let program =
        [include_str!("touchosc.lua"), &format!("build({{{tags}}})"), include_str!("../script.lua"), scene].join("\n");
    let output = Command::new("lua5.1").args(["-e", &program]).output();
    let output = output.expect("lua5.1 is there: `tools/install.sh test` installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn everything_is_asked_for_at_the_start_and_the_tablet_says_that_it_is_there() {
    run("init()
        expect(sent[1] == '/sync', 'asks for everything')
        pass(5100)
        expect(sent[2] == '/ping', 'says that it is there')");
}

#[test]
fn the_word_that_shows_where_the_tablet_is_goes_back_as_it_came() {
    run("init()
        receive('/hello', 'abc')
        expect(hello == 'abc', 'sent back')");
}

#[test]
fn a_meter_rises_fast_and_falls_slowly() {
    run("init()
        local meter = tagged('meter /signal/main/level ')
        receive('/signal/main/level', 1)
        pass(64)
        local risen = meter.values.x
        expect(risen > 0.95, 'risen to ' .. risen)
        receive('/signal/main/level', 0)
        pass(64)
        expect(meter.values.x > 0.7, 'fallen to ' .. meter.values.x)
        pass(3000)
        expect(meter.values.x == 0, 'at rest at ' .. meter.values.x)");
}

#[test]
fn the_word_that_holds_is_lit_and_no_other() {
    run("init()
        receive('/layer/layer0/blend', 'add')
        expect(tagged('word /layer/layer0/blend add').values.x == 1, 'add')
        receive('/layer/layer0/blend', 'screen')
        expect(tagged('word /layer/layer0/blend add').values.x == 0, 'not add')
        expect(tagged('word /layer/layer0/blend screen').values.x == 1, 'screen')");
}

#[test]
fn a_lost_daemon_is_shown_after_three_seconds_and_asked_for_everything_when_it_is_back() {
    run("init()
        receive('/daemon/alive', 1)
        receive('/signal/main/level', 1)
        pass(2900)
        expect(not named.lost.visible, 'not yet lost')
        pass(200)
        expect(named.lost.visible, 'lost')
        pass(3000)
        expect(tagged('meter /signal/main/level ').values.x == 0, 'meters rest')
        local before = #sent
        receive('/daemon/alive', 7)
        expect(not named.lost.visible, 'back')
        expect(sent[before + 1] == '/sync', 'asks for everything again')");
}

#[test]
fn a_daemon_that_was_never_there_is_shown_as_lost_too() {
    run("init()
        pass(3100)
        expect(named.lost.visible, 'lost')");
}
