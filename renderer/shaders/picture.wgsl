// Entry points of a scene on the canvas: one for each blend rule. The blend itself is the pipeline's; what is
// returned here is what its factors need (see gpu/blend.rs).

@vertex
fn cover(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    // One triangle that covers the target.
    return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

fn canvas_position(position: vec4f) -> vec2f {
    return position.xy * frame.scale + frame.origin;
}

// Alpha with the layer's opacity in it, and a colour dithered by less than one step of eight bits: dark gradients
// would show bands otherwise.
fn layer(position: vec4f) -> vec4f {
    let at = canvas_position(position);
    let drawn = scene(at);
    let cell = vec2i(floor(at));
    let noise = (chance(cell.x, cell.y) - chance(cell.y + 7919, cell.x)) / 510.0;
    let lit = step(vec3f(0.002), drawn.rgb);
    return vec4f(clamp(drawn.rgb + noise * lit, vec3f(0.0), vec3f(1.0)), clamp(drawn.a * frame.opacity, 0.0, 1.0));
}

@fragment
fn light(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let drawn = layer(position);
    return vec4f(drawn.rgb * drawn.a, drawn.a);
}

@fragment
fn filtering(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let drawn = layer(position);
    return vec4f(mix(vec3f(1.0), drawn.rgb, drawn.a), 1.0);
}
