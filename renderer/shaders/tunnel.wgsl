// A flight through a hexagonal shaft of light: one ring of panels for each beat. Rays are traced exactly against the
// six walls, with one reflection.

const COLUMNS: f32 = 3.0;
// Half the length of a side of a hexagon with apothem 1.
const HALF_SIDE: f32 = 0.57735;

struct Hit {
    side: i32,
    away: f32,
    place: vec3f,
    normal: vec2f,
}

fn wall_normal(side: i32) -> vec2f {
    let angle = TAU * (f32(side) + 0.5) / 6.0;
    return vec2f(cos(angle), sin(angle));
}

fn trace(start: vec3f, ray: vec3f) -> Hit {
    var hit = Hit(0, 1e4, vec3f(0.0), vec2f(0.0));
    for (var side = 0; side < 6; side++) {
        let normal = wall_normal(side);
        let towards = dot(ray.xy, normal);
        let away = (1.0 - dot(start.xy, normal)) / towards;
        if towards > 1e-4 && away < hit.away {
            hit = Hit(side, away, vec3f(0.0), normal);
        }
    }
    hit.place = start + ray * hit.away;
    return hit;
}

// What a place on a wall gives off. `blur` is how much of the wall one pixel covers along the shaft.
fn emission(hit: Hit, blur: f32, away: f32, cool: vec3f, hot: vec3f) -> vec3f {
    let along = hit.place.z * 0.5;
    let ring = floor(along);
    let within = along - ring;
    let across = dot(hit.place.xy, vec2f(-hit.normal.y, hit.normal.x)) / HALF_SIDE;
    let id = i32(ring) & 1023;
    let row = (across * 0.5 + 0.5) * COLUMNS;
    let column = i32(floor(row));
    let cell = row - floor(row);
    let luck = chance(id * 8 + column, hit.side);

    // Panels: the lit ones follow one band each, cool ones the bass and hot ones what is higher.
    let lit = step(fract(luck * 37.0), 0.22 + 0.6 * detail());
    let from_edge = min(min(cell, 1.0 - cell) * 0.38, min(within, 1.0 - within));
    let panel = smoothstep(0.03, 0.05 + 2.0 * blur, from_edge);
    let energy = mel(i32(luck * luck * 31.0));
    let sheen = 0.25 + 0.75 * (2.0 * within - 1.0) * (2.0 * within - 1.0);
    let tint = mix(cool, hot, smoothstep(0.35, 0.75, luck));
    // What is close by would fill the canvas.
    let calm = 0.25 + 0.75 * smoothstep(1.0, 5.0, away);
    var light = tint * panel * calm * (0.012 + lit * sheen * (0.02 + 3.6 * energy * energy * energy));
    // Their frames catch some light, so that the walls are there in the quiet too.
    light += cool * 0.07 * calm * smoothstep(0.05 + 2.0 * blur, 0.02, abs(from_edge - 0.035));

    // A neon ring on each beat line, the first of a bar hot. From each beat a wave of light runs away through them.
    let to_ring = min(within, 1.0 - within);
    let bar_line = select(0.0, 1.0, i32(round(along)) % max(i32(frame.beats_per_bar), 1) == 0);
    let wave = exp(-0.9 * abs(away * 0.5 - 9.0 * frame.beat)) * frame.trust * (1.0 - frame.beat);
    let neon = (0.016 + blur * 0.3) / (to_ring + 0.016 + blur * 0.5);
    let burn = 0.22 + 0.45 * bar_line + 2.4 * wave + 0.8 * frame.onset.y;
    light += mix(cool, hot, bar_line) * burn * (1.7 * neon * neon + 0.20 * calm * exp(-to_ring * 7.0));

    // Light runs along the six corners with the highs.
    let corner = 1.0 - abs(across);
    let tube = (0.012 + blur * 0.2) / (corner + 0.012 + blur * 0.2);
    let run = 0.5 + 0.5 * sin(TAU * (hit.place.z / 8.0 - frame.beats * 0.25));
    return light + hot * tube * tube * (0.10 + 2.0 * highs() * run * run);
}

fn scene(at: vec2f) -> vec4f {
    let sway = TAU * frame.beats / 64.0;
    let cool = colour(0.64, 0.19, hue());
    let hot = colour(0.64, 0.25, hue() + 0.31);
    var p = centred(at) * 1.1;
    p = turn(p, roll() * (0.35 * sin(sway) + 0.25 * sin(2.0 * sway + 1.0)) + 0.04 * beat_pulse(4.0));
    let eye = vec2f(0.30 * sin(2.0 * sway), 0.22 * sin(3.0 * sway + 0.7));

    // Forward a ring a beat; `punch` gathers the way on the beat itself.
    let rate = exp2(round(speed()));
    let gait = frame.beats - 0.9 * punch() * frame.trust * sin(TAU * frame.beat) / TAU;
    let rings = gait * rate;
    let start = vec3f(eye, (rings - floor(rings / 1024.0) * 1024.0) * 2.0);
    let ray = vec3f(p, 0.78);

    let hit = trace(start, ray);
    let away = hit.place.z - start.z;
    // How much of the shaft one pixel covers there.
    let facing = dot(ray.xy, hit.normal);
    let blur = min(0.4 * away / max(facing, 0.02) / frame.canvas.y, 0.4);
    var light = emission(hit, blur, away, cool, hot) * exp(-away * 0.10);

    // Wet walls: one reflection, stronger at a flat angle.
    let bounced = vec3f(ray.xy - 2.0 * facing * hit.normal, ray.z);
    let second = trace(vec3f(hit.place.xy * 0.999, hit.place.z), bounced);
    let flat = 1.0 - clamp(facing * inverseSqrt(dot(ray, ray)), 0.0, 1.0);
    let far = second.place.z - start.z;
    light += emission(second, 0.06 + blur, far, cool, hot) * exp(-far * 0.10) * (0.06 + 0.40 * flat * flat * flat);

    // The lamp at the end, and the beams that it throws.
    let q = p + eye * 0.10;
    let r = length(q);
    let lamp = sub_bass();
    let spoke = atan2(q.y, q.x);
    let slow = TAU * frame.beats / 32.0;
    let fan = sin(3.0 * spoke + slow) * sin(5.0 * spoke - 2.0 * slow) + 0.6 * sin(11.0 * spoke + 4.0 * slow);
    let beam = smoothstep(0.15, 1.5, fan) * smoothstep(0.0, 0.10, r);
    light += mix(hot, vec3f(1.0), 0.35) * (0.12 + 1.7 * lamp * lamp) * exp(-r * r * 46.0);
    light += hot * (0.03 + 0.34 * lamp) * exp(-r * 6.5);
    light += mix(cool, hot, 0.3) * beam * beams() * (0.05 + 0.7 * mids() * mids() + 0.5 * frame.onset.z) * exp(-r * 2.6);

    light *= intensity();
    light *= 1.0 - 0.35 * smoothstep(0.5, 1.6, r);
    return vec4f(develop(light), 1.0);
}
