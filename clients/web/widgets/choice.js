// A choice: a button for each word, the current one lit; a list if there are many.

import { make } from '../dom.js';

const MOST_BUTTONS = 8;

export function choice(node, ui, { label = node.label, name = label } = {}) {
  return node.choices.length <= MOST_BUTTONS ? buttons(node, ui, label, name) : list(node, ui, label, name);
}

function buttons(node, ui, label, name) {
  const all = node.choices.map((word) => {
    const button = make('button', { type: 'button', class: 'button', 'aria-label': `${name} ${word}`, 'aria-pressed': 'false', 'data-word': word }, word);
    button.addEventListener('click', () => {
      ui.sender.send(ui.when.address(node), word);
      // A change that waits for a bar shows that it waits.
      if (ui.when.address(node) !== node.path && ui.values.one(node.path) !== word) {
        for (const other of all) other.classList.toggle('waiting', other === button);
      }
    });
    return button;
  });
  const element = make(
    'div',
    { class: 'choice', role: 'group', 'aria-label': name, title: node.help, 'data-path': node.path },
    make('span', { class: 'label', 'aria-hidden': 'true' }, label),
    make('div', { class: 'words' }, ...all),
  );
  ui.scope.show(element, [node.path], (now) => {
    for (const button of all) {
      button.setAttribute('aria-pressed', String(button.dataset.word === now));
      if (button.dataset.word === now) button.classList.remove('waiting');
    }
  });
  return element;
}

function list(node, ui, label, name) {
  const select = make('select', { 'aria-label': name, title: node.help }, ...node.choices.map((word) => make('option', { value: word }, word)));
  const show = (now) => {
    if (now !== undefined && select.value !== now) select.value = now;
  };
  select.addEventListener('change', () => {
    ui.sender.send(ui.when.address(node), select.value);
    // It shows the daemon's state, not the request, which may be refused or wait.
    show(ui.values.one(node.path));
  });
  const element = make('label', { class: 'choice', 'data-path': node.path }, make('span', { class: 'label' }, label), select);
  ui.scope.show(element, [node.path], show);
  return element;
}
