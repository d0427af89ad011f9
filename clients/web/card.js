// Related nodes: a layer, a cue, an output. Controls first, then readouts.

import { make } from './dom.js';
import { widget } from './widgets/widget.js';

export function card({ path, title, nodes }, ui) {
  // Signals share one label: if labels are equal, names distinguish them.
  const labels = nodes.map(({ label }) => label);
  const label = (node) => (labels.indexOf(node.label) === labels.lastIndexOf(node.label) && node.label !== 'signal' ? node.label : node.name);
  const controls = nodes.filter((node) => node.writable);
  const readouts = nodes.filter((node) => !node.writable);
  // A card with one button needs no title: the button names it.
  const alone = title !== '' && controls.length === 1 && controls[0].kind === 'trigger';
  const element = make('div', { class: alone ? 'card alone' : 'card', role: 'group', 'aria-label': title, 'data-card': path });
  const owned = nodes.some((node) => node.path === path);
  if (title !== '' && !alone && !owned) element.append(make('h3', {}, title));
  if (controls.length > 0) {
    element.append(make('div', { class: 'controls' }, ...controls.map((node) => widget(node, ui, names(node, label(node), path, title, alone)))));
  }
  const edit = ui.editing?.button(path, ui);
  if (edit) element.querySelector('.controls')?.append(edit);
  if (readouts.length > 0) {
    element.append(make('div', { class: 'readouts' }, ...readouts.map((node) => widget(node, ui, names(node, label(node), path, title, false)))));
  }
  return element;
}

// The label of a widget within its card, and its name outside.
function names(node, label, path, title, alone) {
  if (node.path === path) return { label: title, name: title };
  const name = title === '' ? node.label : `${title} ${node.label}`;
  return { label: alone ? title : node.label, name };
}
