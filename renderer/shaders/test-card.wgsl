// For lining up a wall: the canvas grid, where this slice lies on it, the beat, and what the node says of itself.

fn rectangle(p: vec2f, low: vec2f, high: vec2f) -> f32 {
    let inside = step(low, p) * step(p, high);
    return inside.x * inside.y;
}

// Whether a dot of the node's text is lit: six lines of 25 glyphs, each in 6 by 9 dots.
fn written(dot_at: vec2i) -> f32 {
    let line = dot_at.y / 9;
    let place = dot_at.x / 6;
    let column = dot_at.x % 6;
    let row = dot_at.y % 9;
    if dot_at.x < 0 || dot_at.y < 0 || line > 5 || place > 24 || column > 4 || row > 6 { return 0.0; }
    let index = line * 25 + place;
    let words = frame.text[index / 2];
    let glyph = select(words.xy, words.zw, index % 2 == 1);
    let bit = u32(row * 5 + column);
    let word = select(glyph.x, glyph.y, bit >= 32u);
    return f32((word >> (bit & 31u)) & 1u);
}

fn scene(at: vec2f) -> vec4f {
    var c = vec3f(0.055, 0.06, 0.075);
    // A grid of 64 pixels with every fourth line stronger, and a checker along the canvas edge.
    let cell = floor(at / 64.0);
    let grid = at - cell * 64.0;
    let strong = select(0.0, 1.0, (i32(cell.x) % 4 == 0 && grid.x < 2.0) || (i32(cell.y) % 4 == 0 && grid.y < 2.0));
    if grid.x < 1.0 || grid.y < 1.0 { c = vec3f(0.22, 0.24, 0.28); }
    if strong > 0.0 { c = vec3f(0.45, 0.48, 0.55); }
    let edge = min(min(at.x, at.y), min(frame.canvas.x - at.x, frame.canvas.y - at.y));
    if edge < 8.0 {
        let checker = (i32(floor(at.x / 16.0)) + i32(floor(at.y / 16.0))) % 2 == 0;
        c = select(vec3f(0.05), vec3f(0.9), checker);
    }
    // Circles show whether pixels are square; diagonals whether slices meet.
    let centre = at - 0.5 * frame.canvas;
    let radius = 0.42 * frame.canvas.y;
    if abs(length(centre) - radius) < 1.0 || abs(length(centre) - 0.5 * radius) < 0.7 { c = vec3f(0.85); }
    let slope = frame.canvas.y / frame.canvas.x;
    if abs(abs(centre.y) - abs(centre.x) * slope) < 0.8 { c = max(c, vec3f(0.5, 0.42, 0.12)); }
    // Grey steps and pure colours, low in the middle.
    let bar = (at - vec2f(0.5 * frame.canvas.x, 0.80 * frame.canvas.y)) / (0.4 * radius) * vec2f(1.0, 6.0) + vec2f(4.0, 0.0);
    if rectangle(bar, vec2f(0.0, -1.0), vec2f(8.0, 1.0)) > 0.0 {
        let step_at = floor(bar.x);
        c = vec3f(step_at / 7.0);
        if bar.y > 0.0 { c = vec3f(f32(i32(step_at) & 1), f32((i32(step_at) >> 1) & 1), f32((i32(step_at) >> 2) & 1)); }
    }
    // The beat: the inner disc flashes, its hand turns once a bar.
    let flash = pow(1.0 - frame.beat, 4.0);
    if length(centre) < 0.32 * radius {
        c = mix(vec3f(0.10, 0.11, 0.13), select(vec3f(0.2, 0.75, 1.0), vec3f(1.0, 0.55, 0.1), frame.bar * frame.beats_per_bar < 1.0), flash);
        let hand = TAU * frame.bar;
        let way = vec2f(sin(hand), -cos(hand));
        let along = dot(centre, way);
        if along > 0.0 && abs(dot(centre, vec2f(-way.y, way.x))) < 2.0 { c = vec3f(1.0); }
    }
    // The slice's own border, and its text on a dark plate.
    let local = at - frame.slice.xy;
    let border = min(min(local.x, local.y), min(frame.slice.z - local.x, frame.slice.w - local.y));
    if border < 3.0 { c = vec3f(0.95, 0.15, 0.35); }
    let size = max(floor(frame.slice.w / 240.0), 1.0) * 2.0;
    let away = local - vec2f(16.0);
    if rectangle(away, vec2f(-6.0), vec2f(6.0 * 25.0, 9.0 * 6.0) * size + vec2f(6.0)) > 0.0 { c *= 0.25; }
    if written(vec2i(floor(away / size))) > 0.0 { c = vec3f(1.0); }
    return vec4f(c, 1.0);
}
