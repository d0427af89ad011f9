// What every scene may use. A scene defines `fn scene(at: vec2f) -> vec4f`: the colour, with alpha, of the canvas at a
// pixel centre in canvas pixels. It may depend on `frame` only, so that every node draws the same.

struct Frame {
    // Canvas pixels: the whole picture, and the corner of the part that is drawn.
    canvas: vec2f,
    origin: vec2f,
    // Canvas pixels for each pixel drawn; 1 except in a memory.
    scale: vec2f,
    // The layer's opacity; seconds since the show began, modulo 1024.
    opacity: f32,
    time: f32,
    // Beats modulo 1024; positions in beat, bar and phrase.
    beats: f32,
    beat: f32,
    bar: f32,
    phrase: f32,
    // How far the beat can be trusted; overall level; spectral centroid in [0, 1]; beats in a bar.
    trust: f32,
    level: f32,
    centroid: f32,
    beats_per_bar: f32,
    // Onset pulses: full, low, mid, high. Onset counters in the same order.
    onset: vec4f,
    onset_count: vec4f,
    // sub, bass, low, lowmid | mid, highmid, high, air
    bands: array<vec4f, 2>,
    // 32 mel bands now, the peaks that they have left, and how they were at each of the last eighths of a second.
    mel: array<vec4f, 8>,
    caps: array<vec4f, 8>,
    past: array<vec4f, 64>,
    // How far into the current eighth of a second; the seed of chance; the frame's number, modulo 2^32.
    past_phase: f32,
    seed: u32,
    number: u32,
    parameters: array<vec4f, 4>,
    // The slice in canvas pixels: corner and size. For the test card, which shows where it is.
    slice: vec4f,
    // Glyphs of 5 by 7 dots: the bits of a glyph row by row in two words.
    text: array<vec4u, 75>,
}

@group(0) @binding(0) var<uniform> frame: Frame;
@group(1) @binding(0) var memory: texture_2d<f32>;
@group(1) @binding(1) var memory_sampler: sampler;

const TAU: f32 = 6.283185307;

fn mel(band: i32) -> f32 {
    let at = clamp(band, 0, 31);
    return frame.mel[at / 4][at % 4];
}

fn cap(band: i32) -> f32 {
    let at = clamp(band, 0, 31);
    return frame.caps[at / 4][at % 4];
}

// The spectrum of `ago` eighths of a second (0..7), band by band.
fn past(ago: i32, band: i32) -> f32 {
    let at = ago * 32 + clamp(band, 0, 31);
    return frame.past[at / 4][at % 4];
}

fn sub_bass() -> f32 { return max(frame.bands[0].x, frame.bands[0].y); }
fn mids() -> f32 { return max(frame.bands[0].w, frame.bands[1].x); }
fn highs() -> f32 { return max(frame.bands[1].z, frame.bands[1].w); }

// A pulse that jumps to 1 on each beat and falls; only as strong as the beat is trusted.
fn beat_pulse(sharpness: f32) -> f32 {
    return pow(1.0 - frame.beat, sharpness) * frame.trust;
}

// PCG (Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 2020): the same on every adapter.
fn pcg(value: u32) -> u32 {
    let state = value * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}

// Chance in [0, 1) that belongs to two whole numbers and the show's seed.
fn chance(a: i32, b: i32) -> f32 {
    return f32(pcg(bitcast<u32>(a) ^ pcg(bitcast<u32>(b) ^ pcg(frame.seed))) >> 8u) / 16777216.0;
}

fn turn(p: vec2f, angle: f32) -> vec2f {
    let c = cos(angle);
    let s = sin(angle);
    return vec2f(c * p.x - s * p.y, s * p.x + c * p.y);
}

// Canvas pixels to a square grid: the centre is the origin, the canvas is 1 high, y points up.
fn centred(at: vec2f) -> vec2f {
    let p = (at - 0.5 * frame.canvas) / frame.canvas.y;
    return vec2f(p.x, -p.y);
}

// Linear light of a hue in turns, evenly bright all around (Ottosson's Oklch).
fn colour(lightness: f32, chroma: f32, hue: f32) -> vec3f {
    let a = chroma * cos(TAU * hue);
    let b = chroma * sin(TAU * hue);
    let l = lightness + 0.3963377774 * a + 0.2158037573 * b;
    let m = lightness - 0.1055613458 * a - 0.0638541728 * b;
    let s = lightness - 0.0894841775 * a - 1.2914855480 * b;
    let lms = vec3f(l * l * l, m * m * m, s * s * s);
    return max(vec3f(
        dot(lms, vec3f(4.0767416621, -3.3077115913, 0.2309699292)),
        dot(lms, vec3f(-1.2684380046, 2.6097574011, -0.3413193965)),
        dot(lms, vec3f(-0.0041960863, -0.7034186147, 1.7076147010))), vec3f(0.0));
}

// Light without an upper end to what a screen shows: a shoulder instead of clipping, bright colours drift to white.
fn develop(light: vec3f) -> vec3f {
    let peak = max(max(light.r, light.g), light.b);
    let white = max(peak - 1.0, 0.0) * 0.12;
    let exposed = vec3f(1.0) - exp(-1.35 * (light + vec3f(white)));
    return pow(exposed, vec3f(1.0 / 2.2));
}

// What the memory holds at a place in canvas pixels, between its pixels too. Only for scenes that have one.
fn remembered(at: vec2f) -> vec4f {
    return textureSampleLevel(memory, memory_sampler, at / frame.canvas, 0.0);
}
