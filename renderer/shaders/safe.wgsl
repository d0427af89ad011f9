// What is shown when nobody has told this node anything for a while: slow, dim, without a beat, never black.

fn scene(at: vec2f) -> vec4f {
    let p = centred(at);
    let t = frame.time * TAU;
    // Periods divide 1024 s, at which the time starts again.
    let drift = vec2f(sin(t / 64.0), cos(t / 128.0));
    var light = colour(0.30, 0.05, 0.72) * 0.35;
    for (var i = 0; i < 3; i++) {
        let k = f32(i);
        let bend = 0.16 * sin(p.x * (1.3 + 0.5 * k) + t / 32.0 + k * 2.1 + drift.x)
            + 0.07 * sin(p.x * (2.9 + 0.4 * k) - t / 16.0 + k + 2.0 * drift.y);
        let d = p.y + 0.10 - 0.14 * k - bend;
        let veil = exp(-9.0 * max(-d, 0.0)) * exp(-3.2 * max(d, 0.0));
        light += colour(0.42, 0.09, 0.52 + 0.09 * k + 0.03 * drift.x) * veil * (0.55 + 0.2 * sin(t / 32.0 + 2.0 * k));
    }
    light *= 0.62 + 0.38 * exp(-1.2 * dot(p, p));
    return vec4f(develop(light * 0.55), 1.0);
}
