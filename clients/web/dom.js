// Elements made in one line.

/** `make('button', { class: 'tap', type: 'button' }, 'Tap')`; attributes that are undefined are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== '') element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Sets a text only where it differs, so that nothing is laid out anew for nothing. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
