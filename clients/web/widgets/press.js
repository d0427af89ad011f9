// A press that counts on touch, not on release: for anything in time with music.

/** Calls `press` once for each touch, click, key or activation by assistive technology. */
export function onPress(element, press) {
  let touched = -Infinity;
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    touched = event.timeStamp;
    press();
  });
  element.addEventListener('click', (event) => {
    // The click after a touch has been counted; one from a key or a screen reader comes alone.
    if (event.detail === 0 || event.timeStamp - touched > 1500) press();
  });
}
