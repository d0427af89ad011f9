// A step of a rule: what it does at one address, or what it tells an output.

import { make } from '../dom.js';
import { outputs } from './addresses.js';
import { put, typed, wordOf } from './definition.js';
import { numberField, selectField, textField } from './fields.js';
import { addressField, targetValue } from './target.js';
import { ACTS } from './words.js';

// What an act begins with when it is chosen.
const FIRST = { add: { add: 0.1 }, ramp: { ramp: { from: 0, to: 1, times: 8 } } };
// What makes sense with what is at an address.
const FITTING = { trigger: ['set'], text: ['set'], switch: ['set', 'toggle'], choice: ['set', 'next', 'previous'], number: ['set', 'add', 'ramp'] };

/** The fields of a step. `draw()` makes the whole list anew. */
export function stepFields(step, place, context, scope, draw) {
  const { tree, changed, weighted } = context;
  const set = (key, usual) => (value) => {
    put(step, key, value, usual);
    changed();
  };
  const names = [...new Set([...outputs(tree), ...(step.output === undefined ? [] : [step.output])])];
  const to = names.length === 0 ? [] : [selectField('to', [['', 'the show'], ...names.map((name) => [name, `output ${name}`])], step.output ?? '', (name) => {
    set('output', '')(name);
    // What an output takes only it knows.
    if (name !== '') delete step.act;
    draw();
  }, { name: `to ${place + 1}`, help: 'Set in the show, or send through an output' })];
  const weight = weighted ? [numberField('weight', step.weight ?? 1, (number) => set('weight', 1)(number ?? 1), { min: 0, name: `weight ${place + 1}`, help: 'How often it is chosen relative to the others' })] : [];
  const what = step.output === undefined ? atAddress(step, place, context, scope, set) : message(step, place, set);
  return [...to, ...what, ...weight];
}

function message(step, place, set) {
  return [
    textField('address', step.address, (address) => set('address')(address), { placeholder: '/composition/columns/1/connect', name: `address ${place + 1}` }),
    make('div', { class: 'value-field' }, textField('value', step.value === undefined ? '' : String(step.value), (text) => set('value')(typed(text)), { name: `value ${place + 1}` })),
  ];
}

function atAddress(step, place, context, scope, set) {
  const act = make('div', { class: 'act' });
  const body = make('div', { class: 'act-body' });
  const amounts = () => {
    const word = wordOf(step.act, 'set');
    const { add, ramp } = typeof step.act === 'object' ? step.act : {};
    const part = (key, min) => numberField(key, ramp[key], (number) => set('act')({ ramp: { ...step.act.ramp, [key]: number ?? 0 } }), { min, name: `${key} ${place + 1}` });
    if (word === 'set') body.replaceChildren(targetValue(step, place, context, scope).element);
    else if (word === 'add') body.replaceChildren(numberField('by', add, (number) => set('act')({ add: number ?? 0 }), { name: `by ${place + 1}` }));
    else if (word === 'ramp') body.replaceChildren(make('div', { class: 'fields' }, part('from'), part('to'), part('times', 1)));
    else body.replaceChildren();
  };
  const draw = () => {
    const now = wordOf(step.act, 'set');
    const fitting = FITTING[context.tree.get(step.address)?.kind] ?? ACTS;
    const words = fitting.includes(now) ? fitting : [...fitting, now];
    const choose = (word) => {
      set('act')(word === 'set' ? undefined : (FIRST[word] ?? word));
      if (word !== 'set') delete step.value;
      amounts();
    };
    act.replaceChildren(...(words.length > 1 ? [selectField('act', words, now, choose, { name: `act ${place + 1}` })] : []));
    amounts();
  };
  draw();
  const moved = () => {
    delete step.act;
    draw();
  };
  return [addressField(step, place, context, moved), act, body];
}
