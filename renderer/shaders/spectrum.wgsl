// The spectrum as a skyline: bass in the middle, highs at both edges, peaks that hang and fall, a dark floor that
// mirrors it, and behind it the last second receding as ridges.

const BANDS: f32 = 32.0;
// The floor's height over the middle of the canvas, and that of a full bar over the floor, in canvas heights.
const FLOOR: f32 = -0.20;
const TALL: f32 = 0.56;

fn half_width() -> f32 {
    return 0.47 * frame.canvas.x / frame.canvas.y;
}

fn stature(level: f32) -> f32 {
    return TALL * level * sqrt(level) * min(intensity(), 1.6);
}

// Ridges: each eighth of a second keeps its shape and moves away. `up` is the height over the floor.
fn ridges(x: f32, up: f32, tint: vec3f) -> vec3f {
    var light = vec3f(0.0);
    // From far to near, so that a near ridge hides what is behind it.
    for (var ago = 5; ago >= 0; ago--) {
        let depth = f32(ago) + frame.past_phase;
        let near = 1.0 / (1.0 + 0.13 * depth);
        let across = abs(x) / (near * half_width()) * BANDS - 0.5;
        let band = i32(floor(across));
        let part = smoothstep(0.0, 1.0, across - floor(across));
        let edge = smoothstep(BANDS + 1.0, BANDS - 6.0, across);
        let height = mix(past(ago, band), past(ago, band + 1), part) * 0.42 * near * edge;
        let d = up - 0.055 * depth * near - height;
        let fade = (1.0 - depth / 6.0) * smoothstep(0.0, 0.9, depth);
        // Ridges are solid: below its line one is nearly black.
        light *= 1.0 - 0.8 * smoothstep(0.002, -0.002, d) * fade * edge;
        let line = 0.0040 / (abs(d) + 0.0040);
        light += tint * line * line * fade * edge * (0.14 + 3.2 * height);
    }
    return light;
}

// The bar that stands at a place, with its light, its peak and the light of its neighbours. Alpha is what it hides.
fn bars(x: f32, up: f32, tint: f32) -> vec4f {
    let pitch = half_width() / BANDS;
    let across = abs(x) / pitch;
    let here = i32(floor(across));
    if here > 32 || up > 1.7 * TALL { return vec4f(0.0); }
    // From hot in the middle to cold at the edges, and paler with height.
    let rise = clamp(up / TALL, 0.0, 1.0);
    let hot = tint + 0.24 - 0.42 * clamp(across / BANDS, 0.0, 1.0) - 0.08 * rise;
    let body = colour(0.60 + 0.16 * rise, 0.24 - 0.06 * rise, hot);
    var shine = 0.0;
    var hidden = 0.0;
    if here < 32 {
        let dx = abs(across - f32(here) - 0.5) * pitch - 0.37 * pitch;
        let height = 0.012 + stature(mel(here));
        let solid = smoothstep(0.0012, -0.0012, max(dx, up - height));
        let cell = abs(fract(up / (0.55 * pitch + 0.008)) - 0.5);
        let gap = mix(1.0, smoothstep(0.46, 0.40, cell), 0.75 * detail());
        let crown = smoothstep(0.07, 0.0, height - up);
        let peak = 0.020 + stature(cap(here));
        let hat = smoothstep(0.0012, -0.0012, max(abs(up - peak) - 0.0030, dx)) * cap(here);
        shine = solid * gap * (0.30 + 0.9 * rise + 1.0 * crown) + 1.6 * hat;
        hidden = max(solid, hat);
    }
    // Light around this bar and its two neighbours; it ends where the next but one would begin.
    for (var band = max(here - 1, 0); band <= min(here + 1, 31); band++) {
        let level = mel(band);
        let dx = max(abs(across - f32(band) - 0.5) - 0.37, 0.0);
        let dy = max(up - 0.012 - stature(level), 0.0);
        let veil = max(1.0 - dx / 1.13, 0.0);
        let reach = 0.005 + 0.035 * level;
        let peak_at = (up - 0.020 - stature(cap(band))) / 0.012;
        shine += glow() * veil * veil * veil * (0.60 * level * exp(-dy / reach) + 0.16 * cap(band) / (1.0 + peak_at * peak_at)) * (1.0 - hidden);
    }
    let white = 0.30 * smoothstep(0.9, 2.2, shine);
    return vec4f((body + white) * shine, hidden);
}

fn scene(at: vec2f) -> vec4f {
    let p = centred(at);
    let tint = hue();
    let bass = sub_bass();
    let wide = frame.canvas.x / frame.canvas.y;
    let up = p.y - FLOOR;
    let deep = colour(0.34, 0.13, tint);
    let warm = colour(0.62, 0.22, tint + 0.24);

    // Night above the floor, and the bass as a sun behind the skyline.
    var light = deep * (0.34 * exp(-2.6 * abs(up)) + 0.05);
    let sun = length(vec2f(p.x * 0.55, up));
    light += warm * glow() * bass * bass * 0.55 * exp(-7.0 * sun * sun);
    light += mix(deep, warm, 0.5) * glow() * bass * 0.55 * exp(-abs(up) * 14.0 - 1.6 * p.x * p.x / wide);
    // Each beat sends an arch outwards.
    let radius = 0.12 + (0.40 + 0.42 * wide) * frame.beat;
    let arch = abs(length(vec2f(p.x, up)) - radius);
    let strength = pulse() * frame.trust * (1.0 - frame.beat) * (1.0 - frame.beat) * (0.2 + 0.8 * bass);
    light += warm * strength * (1.1 * exp(-arch / 0.005) + 0.40 * exp(-arch / 0.05));

    if up >= 0.0 {
        if up < 0.62 { light += ridges(p.x, up, colour(0.66, 0.16, tint + 0.06)) * detail(); }
        let bar = bars(p.x, up, tint);
        light = light * (1.0 - 0.9 * bar.a) + bar.rgb;
    } else {
        // A polished floor: the mirror image, fainter with depth and gently moved.
        let ripple = 0.003 * sin(-up * 190.0 - TAU * frame.beats * 0.5) * smoothstep(0.0, 0.1, -up);
        let bar = bars(p.x + ripple, -up * 1.3, tint);
        light = light * 0.45 * (1.0 - 0.6 * bar.a) + bar.rgb * 0.42 * exp(up * 8.0);
    }
    let line = 0.0018 / (abs(up) + 0.0018);
    light += colour(0.8, 0.12, tint + 0.1) * line * line * (0.18 + 0.8 * bass + 0.8 * beat_pulse(3.0) * pulse());
    light *= 0.55 + 0.45 * intensity();
    light *= 1.0 - 0.4 * smoothstep(0.45, 1.3, length(p / vec2f(wide, 1.0)) * 1.6);
    return vec4f(develop(light), 1.0);
}
