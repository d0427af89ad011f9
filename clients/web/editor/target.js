// An address and what shall be there: what a setting of a cue and a step of a rule have in common.

import { make } from '../dom.js';
import { textField } from './fields.js';
import { firstValue, valueField } from './value_field.js';

export const ADDRESSES = 'editor-addresses';

/** The field for an address. Another address begins with the value that is there now. `moved()` hears when the address names
 *  something of another kind. */
export function addressField(item, place, { tree, values, changed }, moved) {
  let node = tree.get(item.address);
  return textField('address', item.address, (address) => {
    item.address = address;
    const next = tree.get(address);
    if (next !== node) {
      node = next;
      if (next) assign(item, firstValue(next, values));
      moved();
    }
    changed();
  }, { list: ADDRESSES, placeholder: '/layer/…', name: `address ${place + 1}` });
}

/** The field for its value, in a place of its own that can be drawn anew without the rest. */
export function targetValue(item, place, { tree, changed }, scope) {
  const element = make('div', { class: 'value-field' });
  const draw = () => {
    const change = (value) => {
      assign(item, value);
      changed();
    };
    element.replaceChildren(valueField(tree.get(item.address), item.value, change, { scope, name: `value ${place + 1}` }));
  };
  draw();
  return { element, draw };
}

function assign(item, value) {
  if (value === undefined) delete item.value;
  else item.value = value;
}
