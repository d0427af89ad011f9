// One loop of animation frames for all drawing. It stops while there is nothing to draw.

const once = new Set();
const always = new Set();
let asked = false;

/** Calls `draw` once in the next frame, however often it is requested. */
export function nextFrame(draw) {
  once.add(draw);
  ask();
}

/** Calls `draw(now)` in every frame until the returned function is called. */
export function everyFrame(draw) {
  always.add(draw);
  ask();
  return () => always.delete(draw);
}

function ask() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(frame);
}

function frame(now) {
  asked = false;
  const due = [...once];
  once.clear();
  for (const draw of due) draw(now);
  for (const draw of always) draw(now);
  if (always.size > 0) ask();
}
