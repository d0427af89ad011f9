// A press that counts when the finger comes down, not when it leaves: for what is in time with music.

/** Calls `press` once for each touch, click, key or activation by assistive technology. */
export function onPress(element, press) {
  let touched = -Infinity;
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    touched = event.timeStamp;
    press();
  });
  element.addEventListener('click', (event) => {
    // The click that ends a touch has been counted; one from a key or a screen reader comes alone.
    if (event.detail === 0 || event.timeStamp - touched > 1500) press();
  });
}
