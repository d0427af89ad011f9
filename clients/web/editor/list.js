// A list of parts in a form, which can be added to, put in another order, and taken from.

import { make } from '../dom.js';
import { Scope } from '../scope.js';

/** Makes it. `row(item, place, scope)` gives the elements of a part, `fresh()` a new one; `changed()` hears of every change.
 *  `items()` gives the list as it is, `replace(items)` takes another. */
export function list({ title, add, items, replace, row, fresh, most }, changed, values, scope) {
  const body = make('ol', { class: 'rows' });
  const more = make('button', { type: 'button', class: 'button' }, add);
  const element = make('section', { class: 'parts', 'aria-label': title }, make('h3', {}, title), body, more);
  let inner = new Scope(values);
  scope.add(() => inner.close());

  const draw = () => {
    inner.close();
    inner = new Scope(values);
    const all = items();
    body.replaceChildren(...all.map((item, place) => part(item, place, all)));
    more.disabled = all.length >= most;
  };
  const put = (all) => {
    replace(all);
    changed();
    draw();
  };
  const part = (item, place, all) => {
    const without = () => all.filter((other) => other !== item);
    const up = button('↑', `Move ${title} ${place + 1} up`, () => {
      put([...all.slice(0, place - 1), item, all[place - 1], ...all.slice(place + 1)]);
      body.children[place - 1]?.querySelector('input')?.focus();
    });
    up.disabled = place === 0;
    const away = button('✕', `Remove ${title} ${place + 1}`, () => {
      put(without());
      (body.children[Math.min(place, all.length - 2)]?.querySelector('input') ?? more).focus();
    });
    return make('li', { class: 'row' }, make('div', { class: 'row-fields' }, ...row(item, place, inner, draw)), make('div', { class: 'row-tools' }, away, up));
  };
  more.addEventListener('click', () => {
    put([...items(), fresh()]);
    body.lastElementChild?.querySelector('input')?.focus();
  });
  draw();
  return { element, draw };
}

function button(text, name, press) {
  const element = make('button', { type: 'button', class: 'button small', 'aria-label': name, title: name }, text);
  element.addEventListener('click', press);
  return element;
}
