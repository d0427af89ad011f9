// The form of a rule.

import { make } from '../dom.js';
import { put, wordOf } from './definition.js';
import { numberField, selectField, switchField, textField } from './fields.js';
import { list } from './list.js';
import { stepFields } from './step.js';
import { CHOICES, CROSSINGS, OCCASIONS, RATES } from './words.js';

export const SIGNALS = 'editor-signals';

const MOST = 32;
const PATTERN = { hits: 3, steps: 8 };

/** Shows a definition and changes it in place; `changed()` of the context hears of it. */
export function ruleForm(rule, context) {
  const { changed, values, scope } = context;
  rule.do ??= [];
  const set = (key, usual) => (value) => {
    put(rule, key, value, usual);
    changed();
  };
  const steps = list(
    {
      title: 'Does',
      add: 'add a step',
      most: MOST,
      items: () => rule.do,
      replace: (all) => (rule.do = all),
      fresh: () => ({ address: '' }),
      row: (step, place, inner, draw) => stepFields(step, place, { ...context, weighted: wordOf(rule.choice, 'all') === 'weighted' }, inner, draw),
    },
    changed,
    values,
    scope,
  );
  const choice = selectField('which of these', known(CHOICES, rule.choice), wordOf(rule.choice, 'all'), (word) => {
    set('choice', 'all')(word);
    // Weights come and go.
    steps.draw();
  }, { help: 'All steps in order, or one at a time' });
  return [
    make('div', { class: 'fields' }, ...occasion(rule, changed), numberField('every', rule.every ?? 1, (number) => set('every', 1)(number ?? 1), { min: 1, max: 4096, step: 1, help: 'Every Nth occasion: with bar and 8, the first of every eight bars' })),
    textField('only if', rule.if, (text) => set('if', '')(text), { placeholder: 'main.level > 0.3', help: 'An expression that must be greater than 0.5; empty always holds' }),
    steps.element,
    make('div', { class: 'fields' }, choice),
    more(rule, set),
  ];
}

// What this page does not know is kept as it is.
function known(words, value) {
  const word = wordOf(value, words[0]);
  return words.includes(word) ? words : [...words, [word, `${word} (kept)`]];
}

// What sets it off; a crossing of a signal has fields of its own.
function occasion(rule, changed) {
  const place = make('div', { class: 'fields crossing' });
  const crossing = () => {
    const word = wordOf(rule.when, 'key');
    if (!CROSSINGS.includes(word)) return place.replaceChildren();
    const held = rule.when[word];
    const set = (key) => (value) => {
      held[key] = value;
      changed();
    };
    place.replaceChildren(
      textField('signal', held.signal, set('signal'), { list: SIGNALS, placeholder: 'main.level', help: 'A signal, or an expression over signals' }),
      numberField(word, held.value, (value) => set('value')(value ?? 0), { help: 'Threshold' }),
      numberField('hysteresis', held.hysteresis ?? 0, (value) => set('hysteresis')(value ?? 0), { min: 0, help: 'How far it must fall back before it can cross again' }),
    );
  };
  crossing();
  const words = [...known([...OCCASIONS, ...CROSSINGS], rule.when)].map((word) => (CROSSINGS.includes(word) ? [word, `a signal ${word} a value`] : word));
  const when = selectField('when', words, wordOf(rule.when, 'key'), (word) => {
    const before = CROSSINGS.map((one) => rule.when?.[one]).find(Boolean);
    rule.when = CROSSINGS.includes(word) ? { [word]: before ?? { signal: '', value: 0.5, hysteresis: 0.1 } } : word;
    changed();
    crossing();
  }, { help: 'What fires it; key means only its own button' });
  return [when, place];
}

// What few rules need, folded where this one has none of it.
function more(rule, set) {
  const pattern = make('div', { class: 'fields' });
  const numbers = () => {
    const { euclid } = rule;
    const field = (key, help, min) => numberField(key, euclid[key] ?? 0, (number) => set('euclid')({ ...rule.euclid, [key]: number ?? 0 }), { min, max: 4096, step: 1, help });
    pattern.replaceChildren(...(euclid ? [field('hits', 'Hits in the pattern', 0), field('steps', 'Of how many', 1), field('rotation', 'Steps by which the pattern starts later', 0)] : []));
  };
  numbers();
  const euclid = switchField('Euclidean pattern', rule.euclid !== undefined, (on) => {
    set('euclid')(on ? PATTERN : undefined);
    numbers();
  }, { help: 'Act on some occasions, spread evenly' });
  const isUsed = ['euclid', 'chance', 'rate', 'muted'].some((key) => key in rule);
  const body = make(
    'div',
    { class: 'fields' },
    numberField('chance', rule.chance ?? 1, (number) => set('chance', 1)(number ?? 1), { min: 0, max: 1, help: 'Probability of acting: 0 is never, 1 always' }),
    selectField('rate', RATES, rule.rate ?? '1', set('rate', '1'), { help: 'Acts more or less often than defined' }),
    switchField('muted', rule.muted, set('muted', false), { help: 'Starts muted' }),
    euclid,
    pattern,
  );
  const element = make('details', { class: 'more' }, make('summary', {}, 'Pattern, chance, rate'), body);
  element.open = isUsed;
  return element;
}
