// Entry point of a scene that remembers: one tick of its memory, over the whole canvas. The scene defines
// `fn tick(at: vec2f) -> vec4f` and reads what it drew a tick ago with `remembered`.

@fragment
fn remember(@builtin(position) position: vec4f) -> @location(0) vec4f {
    return tick(canvas_position(position));
}
