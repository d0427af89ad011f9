// What shall be at an address, with the widget that fits what is there.

import { make } from '../dom.js';
import { isTempo } from '../units.js';
import { choice } from '../widgets/choice.js';
import { fader } from '../widgets/fader.js';
import { isNudge } from '../widgets/nudge.js';
import { toggle } from '../widgets/switch.js';
import { plain, typed } from './definition.js';
import { draft } from './draft.js';
import { numberField, textField } from './fields.js';

/** Whether there is a value to choose: a button is only pressed. */
export const hasValue = (node) => node?.kind !== 'trigger';

/** Where a value begins when its address was just chosen: as it is in the show now. */
export function firstValue(node, values) {
  if (!hasValue(node)) return undefined;
  const now = plain(values.one(node?.path) ?? node?.value?.[0]);
  if (now !== undefined || !node) return now;
  return { switch: true, number: Math.max(node.min, Math.min(node.max, 0)), choice: node.choices[0] }[node.kind];
}

/** Makes it. `scope` closes it, `name` tells it from the others to a screen reader. */
export function valueField(node, value, change, { scope, name }) {
  if (!hasValue(node)) return make('p', { class: 'pressed' }, 'is pressed');
  const local = () => {
    const ui = draft(value, (next) => change(plain(next)));
    scope.add(() => ui.scope.close());
    return ui;
  };
  const names = { label: 'value', name };
  if (node?.kind === 'switch') return toggle(node, local(), { ...names, label: 'on' });
  if (node?.kind === 'choice' && node.choices.length > 0) return choice(node, local(), names);
  if (node?.kind === 'number') {
    const endless = node.max === Infinity || isNudge(node) || isTempo(node);
    if (!endless) return fader(node, local(), names);
    const unit = node.unit ? `value, ${node.unit}` : 'value';
    return numberField(unit, value, change, { help: node.help, min: node.min, max: Number.isFinite(node.max) ? node.max : undefined, name });
  }
  return textField('value', value === undefined ? '' : String(value), (text) => change(typed(text)), { name });
}
