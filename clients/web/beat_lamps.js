// A lamp for each beat of the bar; the current one is lit and fades, the first has its own colour.

import { Beat, BEAT_PATHS, beatsPerBar } from './beat.js';
import { make } from './dom.js';
import { everyFrame } from './frame.js';
import { whileVisible } from './visible.js';

const still = matchMedia('(prefers-reduced-motion: reduce)');

export function beatLamps(ui) {
  const beats = beatsPerBar(ui.tree);
  const lamps = Array.from({ length: beats }, (_, i) => make('span', { class: i === 0 ? 'lamp one' : 'lamp' }, make('span', { class: 'light' }), make('b', {}, String(i + 1))));
  const lights = lamps.map((lamp) => lamp.firstChild);
  const element = make('div', { class: 'beat', 'aria-hidden': 'true' }, ...lamps);
  const beat = new Beat();
  beat.follow(ui.values, ui.scope);

  const lit = new Array(beats).fill(-1);
  const draw = (now) => {
    const place = beat.at(now, beats);
    lights.forEach((light, i) => {
      const bright = place?.beat !== i ? 0 : still.matches ? 0.7 : Math.round((1 - 0.75 * place.phase) * 50) / 50;
      if (bright !== lit[i]) light.style.opacity = bright;
      lit[i] = bright;
    });
  };
  let stop = null;
  ui.scope.add(
    whileVisible(element, (seen) => {
      for (const path of BEAT_PATHS) seen ? ui.values.want(path) : ui.values.unwant(path);
      stop?.();
      stop = seen ? everyFrame(draw) : null;
    }),
  );
  return element;
}
