// Elements in one line.

/** `make('button', { class: 'tap', type: 'button' }, 'Tap')`; undefined attributes are omitted. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== '') element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Sets a text only if it differs, to avoid needless layout. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
