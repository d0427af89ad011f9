// The form of a cue.

import { make } from '../dom.js';
import { fetchTree } from '../tree.js';
import { put } from './definition.js';
import { numberField, selectField, switchField } from './fields.js';
import { list } from './list.js';
import { look, withLook } from './look.js';
import { addressField, targetValue } from './target.js';
import { WHENS } from './words.js';

const MOST = 32;
const FADES = [['', 'none'], ['beats', 'in beats'], ['seconds', 'in seconds']];

/** Shows a definition and changes it in place; `changed()` of the context hears of it. */
export function cueForm(cue, context) {
  const { changed, values, scope, say } = context;
  cue.set ??= [];
  const settings = list(
    {
      title: 'Sets',
      add: 'add an address',
      most: MOST,
      items: () => cue.set,
      replace: (all) => (cue.set = all),
      fresh: () => ({ address: '' }),
      row: (setting, place, inner) => {
        const value = targetValue(setting, place, context, inner);
        return [addressField(setting, place, context, value.draw), value.element];
      },
    },
    changed,
    values,
    scope,
  );
  const take = make('button', { type: 'button', class: 'button take', title: 'Scenes, opacities and blends of all layers, and the parameters in hand' }, 'take what is set now');
  take.addEventListener('click', async () => {
    try {
      cue.set = withLook(cue.set, look(await fetchTree()));
      changed();
      settings.draw();
      say(`${cue.set.length} addresses are set by this cue.`);
    } catch (error) {
      say(`Cannot read the show: ${error.message}`, true);
    }
  });
  return [take, settings.element, make('div', { class: 'fields' }, ...fade(cue, changed), selectField('takes effect', WHENS, cue.when ?? 'now', (when) => {
    put(cue, 'when', when, 'now');
    changed();
  }, { help: 'When it takes effect, unless fired with another timing' }), switchField('safe', cue.safe, (safe) => {
    put(cue, 'safe', safe, false);
    changed();
  }, { help: 'Works while the show is locked' }))];
}

// Beats or seconds, and how many.
function fade(cue, changed) {
  const unit = () => Object.keys(cue.fade ?? {})[0] ?? '';
  const place = make('div', {});
  const length = () => {
    const field = numberField('how long', cue.fade?.[unit()], (number) => {
      cue.fade = { [unit()]: number ?? 0 };
      changed();
    }, { min: 0, max: 3600, help: 'Duration of the move of opacities and parameters' });
    place.replaceChildren(...(cue.fade ? [field] : []));
  };
  length();
  const units = selectField('fade', FADES, unit(), (next) => {
    put(cue, 'fade', next === '' ? undefined : { [next]: cue.fade?.[unit()] ?? 4 });
    changed();
    length();
  });
  return [units, place];
}
