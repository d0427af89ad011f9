// The editor of a cue or a rule, over the page. What is typed stays until it is saved or thrown away, whatever happens to the
// daemon meanwhile.

import { make, write } from '../dom.js';
import { Scope } from '../scope.js';
import { fetchValue } from '../tree.js';
import { holdButton } from '../widgets/hold.js';
import { settable, signals } from './addresses.js';
import { cueForm } from './cue_form.js';
import { isSame } from './definition.js';
import { textField } from './fields.js';
import { ruleForm, SIGNALS } from './rule_form.js';
import { ADDRESSES } from './target.js';

const FORMS = { cue: cueForm, rule: ruleForm };
const NAME = /^[A-Za-z0-9_-]{1,48}$/;
// A daemon that has neither done what was asked for nor refused it by then is not heard.
const ANSWER_MS = 3000;
const LOOK_MS = 30;

export class Editor {
  /** `refusal` is where the daemon's refusals come in; while this is open they are shown here. */
  constructor(ui, refusal, kind, name) {
    Object.assign(this, { ui, kind, name, isNew: name === undefined });
    this.scope = new Scope(ui.values);
    this.refused = undefined;
    this.thrown = false;
    this.scope.add(refusal.listen((text) => this.refuse(text)));
    this.dialog = make('dialog', { class: 'editor', 'aria-labelledby': 'editor-title' });
    this.said = make('p', { class: 'said', role: 'status', hidden: 'hidden' });
    document.body.append(this.dialog);
    this.dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.leave();
    });
    this.dialog.addEventListener('close', () => {
      this.scope.close();
      this.dialog.remove();
    });
  }

  /** Reads what there is, and opens. */
  async open() {
    if (!this.isNew) this.listen(this.path('definition'));
    try {
      const [text, isEdited] = this.isNew ? ['{}', false] : await Promise.all(['definition', 'edited'].map((what) => fetchValue(this.path(what))));
      this.before = JSON.parse(text);
      this.isEdited = isEdited;
    } catch (error) {
      this.before = null;
      this.fill([]);
      this.say(`Cannot read the ${this.kind}: ${error.message}`, true);
      return this.dialog.showModal();
    }
    this.now = structuredClone(this.before);
    const context = { tree: this.ui.tree, values: this.ui.values, scope: this.scope, changed: () => this.changed(), say: (text, wrong) => this.say(text, wrong) };
    this.fill(FORMS[this.kind](this.now, context));
    // A form adds the lists that it shows.
    this.shown = structuredClone(this.now);
    this.dialog.showModal();
  }

  fill(form) {
    const { kind, name, isNew, ui } = this;
    const options = (id, all) => make('datalist', { id }, ...all.map((value) => make('option', { value })));
    const close = make('button', { type: 'button', class: 'button small', 'aria-label': 'Close' }, '✕');
    close.addEventListener('click', () => this.leave());
    const naming = textField('name', '', (text) => {
      this.name = text;
      this.changed();
    }, { placeholder: 'letters, digits, - and _' });
    const save = make('button', { type: 'button', class: 'button save' }, 'save');
    save.addEventListener('click', () => this.save());
    this.dialog.replaceChildren(
      make('header', {}, make('h2', { id: 'editor-title' }, isNew ? `New ${kind}` : `${kind === 'cue' ? 'Cue' : 'Rule'} ${name}`), close),
      make('div', { class: 'form' }, ...(isNew ? [naming] : []), ...form),
      make('footer', {}, this.said, ...(this.before === null ? [] : [save]), ...(isNew ? [] : this.ends())),
      options(ADDRESSES, settable(ui.tree)),
      options(SIGNALS, signals(ui.tree)),
    );
  }

  // What ends it: to be removed, or to be again what the configuration says.
  ends() {
    const end = (what, help) => holdButton({ label: what, name: `${what} ${this.name}`, help, path: this.path(what) }, () => this.end(what));
    return [end('remove', `Remove this ${this.kind}`), ...(this.isEdited ? [end('revert', 'Restore the version of the configuration')] : [])];
  }

  path(what) {
    return `/${this.kind}/${this.name}/${what}`;
  }

  // What others make of it is heard as long as this is open.
  listen(path) {
    this.ui.values.want(path);
    this.scope.add(() => this.ui.values.unwant(path));
  }

  changed() {
    this.thrown = false;
    this.say('');
  }

  say(text, wrong = false) {
    write(this.said, text);
    this.said.hidden = text === '';
    this.said.classList.toggle('fault', wrong);
  }

  refuse(text) {
    this.refused = text;
    this.say(text, true);
  }

  /** Closes; what is not saved only when it is asked for twice. */
  leave() {
    const isSaved = !this.now || isSame(this.now, this.shown);
    if (isSaved || this.thrown) return this.dialog.close();
    this.thrown = true;
    this.say('Not saved. Close again to discard it.', true);
  }

  async save() {
    const { ui, kind, name, isNew } = this;
    if (isNew && !NAME.test(name ?? '')) return this.say(`A ${kind} needs a name of 1 to 48 letters, digits, - and _.`, true);
    if (isNew && ui.values.tree.has(this.path('fire'))) return this.say(`The ${kind} ${name} already exists: choose another name, or edit that one.`, true);
    if (!isNew && isSame(this.now, this.shown)) return this.dialog.close();
    const path = this.path('definition');
    const before = ui.values.one(path);
    const wanted = structuredClone(this.now);
    const isDone = (text) => text !== undefined && (text !== before || isSame(JSON.parse(text), wanted));
    await this.ask(path, [JSON.stringify(wanted)], path, isDone);
  }

  async end(what) {
    const fire = this.path('fire');
    const definition = this.path('definition');
    const before = this.ui.values.one(definition);
    const isRemoved = () => !this.ui.values.tree.has(fire);
    await this.ask(this.path(what), [true], definition, (text) => isRemoved() || (what === 'revert' && text !== before));
  }

  // Sends, and closes when what is at `path` shows that it is done.
  async ask(address, args, path, isDone) {
    const { values, sender } = this.ui;
    this.refused = undefined;
    if (this.isNew) this.listen(path);
    this.say('…');
    const isSent = sender.send(address, ...args);
    const until = performance.now() + ANSWER_MS;
    while (isSent && this.refused === undefined && performance.now() < until) {
      if (isDone(values.one(path))) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    if (this.refused !== undefined) return;
    if (isSent && isDone(values.one(path))) this.dialog.close();
    else this.say('The daemon does not answer. Your text stays here: try again when it is back.', true);
  }
}
