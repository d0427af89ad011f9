// A flat colour: a wash over or under other layers.

fn scene(at: vec2f) -> vec4f {
    let light = colour(0.75, 0.16, hue()) * intensity() * mix(1.0, 0.35 + 0.65 * frame.level, follow());
    return vec4f(develop(light), 1.0);
}
