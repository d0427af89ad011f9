// Keys that work everywhere on the page.

import { flash } from './widgets/trigger.js';

/** T taps, except while typing. */
export function tapByKey(sender) {
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest?.('input, select, textarea');
    if (event.key.toLowerCase() !== 't' || event.repeat || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    sender.send('/tempo/tap');
    const button = document.querySelector('.tap');
    if (button) flash(button);
  });
}
