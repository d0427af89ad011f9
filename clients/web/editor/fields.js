// Fields of a form, each with its label above it.

import { make } from '../dom.js';

/** Puts a label above a control. */
export function labelled(label, control, help) {
  return make('label', { class: 'text', title: help }, make('span', { class: 'label' }, label), control);
}

/** A text. */
export function textField(label, value, change, { help, list, placeholder, name } = {}) {
  const input = make('input', { type: 'text', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', list, placeholder, 'aria-label': name ?? label, 'aria-description': help });
  input.value = value ?? '';
  input.addEventListener('input', () => change(input.value.trim()));
  return labelled(label, input, help);
}

/** A number; what is none is not taken. */
export function numberField(label, value, change, { help, min, max, step = 'any', name } = {}) {
  const input = make('input', { type: 'number', inputmode: 'decimal', min, max, step, 'aria-label': name ?? label, 'aria-description': help });
  input.value = value ?? '';
  input.addEventListener('input', () => change(input.value === '' ? undefined : input.valueAsNumber));
  return labelled(label, input, help);
}

/** One of a few words; `[word, text]` where it reads otherwise. */
export function selectField(label, words, value, change, { help, name } = {}) {
  const options = words.map((word) => (Array.isArray(word) ? new Option(word[1], word[0]) : new Option(word)));
  const select = make('select', { 'aria-label': name ?? label, 'aria-description': help }, ...options);
  select.value = value ?? '';
  select.addEventListener('change', () => change(select.value));
  return labelled(label, select, help);
}

/** On or off. */
export function switchField(label, value, change, { help } = {}) {
  const button = make('button', { type: 'button', role: 'switch', class: 'button switch', 'aria-checked': String(value === true), title: help, 'aria-description': help }, label);
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-checked') !== 'true';
    button.setAttribute('aria-checked', String(on));
    change(on);
  });
  return button;
}
