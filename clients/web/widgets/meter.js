// The level of a bus in decibels below full scale: its loudness over 50 ms and its peak, red when it clips.

import { make } from '../dom.js';

const FLOOR_DB = -60;
const CLIP = 0.99;

export function meter(bus, ui, { label = bus } = {}) {
  const [rms, peak] = [`/signal/${bus}/rms`, `/signal/${bus}/peak`];
  // The cover of the coloured scale, from the right.
  const cover = make('span', { class: 'cover' });
  const mark = make('span', { class: 'mark' });
  const element = make(
    'div',
    { class: 'meter', role: 'img', 'aria-label': `level of ${bus}`, title: `Level of ${bus}: loudness, peak; red when it clips` },
    make('span', { class: 'track' }, make('span', { class: 'scale' }), cover, mark),
    make('span', { class: 'label', 'aria-hidden': 'true' }, label),
  );
  ui.scope.show(element, [rms, peak], (mean, most) => {
    cover.style.transform = `scaleX(${1 - height(mean)})`;
    mark.style.transform = `translateX(${height(most) * 100}%)`;
    element.classList.toggle('clips', most >= CLIP);
  });
  return element;
}

function height(amplitude) {
  if (!(amplitude > 0)) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(amplitude)) / FLOOR_DB));
}
