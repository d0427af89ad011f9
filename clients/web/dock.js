// Always at hand: tap and blackout.

import { make } from './dom.js';
import { hold } from './widgets/hold.js';
import { onPress } from './widgets/press.js';
import { flash } from './widgets/trigger.js';

const TAP = '/tempo/tap';
const BLACKOUT = '/show/blackout';

/** The tap button. It counts on touch, not on release. */
export function tapButton(ui) {
  const help = ui.tree.get(TAP)?.help;
  const button = make('button', { type: 'button', class: 'button tap', title: help, 'aria-keyshortcuts': 'T', 'data-path': TAP }, 'TAP');
  onPress(button, () => {
    ui.sender.send(TAP);
    flash(button);
  });
  return button;
}

/** The switch for blackout. */
export function blackoutButton(ui) {
  const node = ui.tree.get(BLACKOUT);
  return node ? hold(node, ui, { label: 'BLACKOUT', name: 'blackout', large: true }) : null;
}

/** Fills the foot of the page. */
export function fillDock(element, ui) {
  const blackout = blackoutButton(ui);
  element.replaceChildren(...(blackout ? [blackout] : []), tapButton(ui));
}
