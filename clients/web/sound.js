// Inputs: for each bus its level in dBFS, and its eight bands.

import { make } from './dom.js';
import { meter } from './widgets/meter.js';
import { part } from './widgets/fader.js';

const BANDS = ['sub', 'bass', 'low', 'lowmid', 'mid', 'highmid', 'high', 'air'];

/** The meters of all buses. */
export function soundMeters(ui) {
  return make('div', { class: 'sound' }, ...buses(ui.tree).map((bus) => sound(bus, ui)));
}

/** The names of the buses with a level. */
export function buses(tree) {
  return tree.match('/signal/*/peak').map((node) => node.parts[2]);
}

function sound(bus, ui) {
  const bands = BANDS.map((band) => `/signal/${bus}/band/${band}`).filter((path) => ui.tree.has(path));
  const bars = bands.map(() => make('span', { class: 'bar' }));
  const names = bands.map((path) => make('span', {}, path.split('/').at(-1)));
  const spectrum = make('div', { class: 'bands', 'aria-hidden': 'true' }, make('div', { class: 'bars' }, ...bars), make('div', { class: 'names' }, ...names));
  ui.scope.draw(spectrum, bands, () => {
    bands.forEach((path, i) => (bars[i].style.transform = `scaleY(${part(ui.tree.get(path) ?? { min: 0, max: 1 }, ui.values.one(path))})`));
  });
  return make('div', { class: 'bus' }, meter(bus, ui), ...(bands.length > 0 ? [spectrum] : []));
}
