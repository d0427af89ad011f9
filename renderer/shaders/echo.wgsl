// Strokes that echo: ribbons bent by the spectrum and a ring struck by the kick flow outwards, bend, fade and change
// colour with their age.
//
// The memory holds light by age instead of by colour: the same strokes in three channels that fade quickly, slowly and
// slower still, and the kick's in the fourth. Their mixture tells how old a stroke is, and so which colour it has. All
// four forget within two seconds (see gpu/memory.rs), so that a newcomer shows what the others show: 0.947 ^ 120 ticks
// is 1/690, and TAKE ends what is left for good.

const KEEP: vec4f = vec4f(0.80, 0.915, 0.947, 0.925);
const TAKE: f32 = 0.0008;

// The height of the ribbons over the middle line, at a distance from the canvas' centre.
fn bend(x: f32) -> f32 {
    let half = 0.5 * frame.canvas.x / frame.canvas.y;
    let across = abs(x) / half * 30.0;
    let band = i32(floor(across));
    let part = smoothstep(0.0, 1.0, across - floor(across));
    let level = mix(mel(band), mel(band + 1), part);
    // Quiet bands lie close to the middle, and the ribbons open towards it.
    return 0.018 + swing() * (0.30 * level + 0.05 * frame.level) * smoothstep(1.25, 0.3, abs(x) / half);
}

// What is drawn now: x the ribbons, y the ring of the kick with the sparks of the highs.
fn strokes(p: vec2f, width: f32) -> vec2f {
    let wave = 0.012 * sin(5.0 * p.x + TAU * frame.bar) * (0.3 + frame.level);
    let ribbon = abs(abs(p.y - wave) - bend(p.x));
    var light = vec2f(0.0);
    light.x = (0.25 + 0.95 * frame.level) * width / (ribbon + width) * exp(-ribbon * 34.0);
    let kick = max(frame.onset.y, 0.8 * beat_pulse(5.0));
    if kick > 0.02 {
        let q = abs(turn(p, 0.5 * TAU * frame.phrase));
        let hexagon = abs(max(q.y, 0.866 * q.x + 0.5 * q.y) - 0.125);
        light.y = kick * kick * width / (hexagon + width) * exp(-hexagon * 45.0);
    }
    let crack = frame.onset.w;
    if crack > 0.05 {
        let burst = i32(frame.onset_count.w) * 8;
        for (var i = 0; i < 4; i++) {
            let x = (chance(burst + i, 11) - 0.5) * 0.9 * frame.canvas.x / frame.canvas.y;
            let spark = p - vec2f(x, (chance(burst + i, 23) - 0.5) * 0.7);
            light.y += crack * exp(-dot(spark, spark) * 7000.0);
        }
    }
    return light;
}

fn tick(at: vec2f) -> vec4f {
    let p = centred(at);
    // Outwards, upwards and downwards more than sideways, pushed by each kick, and around slow eddies.
    let push = drift() * 0.006 + 0.010 * frame.onset.y + 0.005 * beat_pulse(3.0);
    let eddies = vec2f(sin(6.0 * p.y + TAU * frame.phrase), sin(4.5 * p.x - TAU * frame.bar));
    let turning = spin() * 0.007 * sin(TAU * frame.phrase);
    let source = turn(p, turning * exp(-1.5 * length(p))) * vec2f(1.0 - 0.55 * push, 1.0 - push - 0.004 * drift()) + 0.0016 * drift() * eddies;
    let was = remembered(vec2f(source.x, -source.y) * frame.canvas.y + 0.5 * frame.canvas);
    let kept = max(was * KEEP * mix(0.90, 1.0, trail()) - vec4f(TAKE), vec4f(0.0));
    let drawn = strokes(p, 0.005);
    return min(kept + vec4f(drawn.xxx * vec3f(0.25, 0.30, 0.30), drawn.y * 0.5), vec4f(2.0));
}

fn scene(at: vec2f) -> vec4f {
    let p = centred(at);
    let wide = frame.canvas.x / frame.canvas.y;
    let young = colour(0.86, 0.13, hue() + 0.05);
    let grown = colour(0.62, 0.22, hue() - 0.06);
    let old = colour(0.46, 0.20, hue() - 0.24);
    let struck = colour(0.68, 0.17, hue() + 0.48);

    let memory_here = remembered(at);
    // A halo of what is around, for depth.
    let far = 0.03 * frame.canvas.y;
    let around = remembered(at + vec2f(0.6 * far, far)) + remembered(at - vec2f(0.6 * far, far));
    let m = memory_here + 0.12 * around;
    var light = young * m.x * 0.75 + grown * m.y * 0.55 + old * m.z * 0.85 + struck * m.w * 1.1;
    // The strokes of this very moment, sharp at any size.
    let now = strokes(p, 0.0014);
    light += mix(young, vec3f(1.0), 0.5) * now.x * 1.3 + mix(struck, vec3f(1.0), 0.4) * now.y;
    light += colour(0.30, 0.12, hue() - 0.30) * (0.10 + 0.55 * sub_bass() * sub_bass()) * exp(-5.0 * p.y * p.y - 0.6 * p.x * p.x / wide);
    light *= intensity();
    light *= 1.0 - 0.45 * smoothstep(0.5, 1.4, length(p / vec2f(wide, 1.0)) * 2.0);
    return vec4f(develop(light), 1.0);
}
