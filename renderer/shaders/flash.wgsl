// For measuring a wall: the whole slice is white for the first 100 ms of each second; see src/scenes/flash.rs.

// Seconds of each second in which the slice is white.
const LIT: f32 = 0.1;

fn scene(at: vec2f) -> vec4f {
    // No fade: a frame is white from exactly its second on. Each pixel is decided by time and slice alone.
    let second = fract(frame.time);
    if second < LIT { return vec4f(vec3f(intensity()), 1.0); }

    let local = at - frame.slice.xy;
    let size = frame.slice.zw;
    var light = 0.03;
    // A frame of 1/90 of the height, at least two pixels: where one screen ends.
    let edge = min(min(local.x, local.y), min(size.x - local.x, size.y - local.y));
    if edge < max(2.0, size.y / 90.0) { light = 0.25; }
    // The bar is as far as the second has gone; 1/200 of the width, at least two pixels.
    let behind = abs(local.x - second * size.x);
    if behind < max(1.0, size.x / 400.0) { light = 1.0; }
    return vec4f(vec3f(max(light * intensity(), 0.03)), 1.0);
}
