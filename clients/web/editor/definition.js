// A cue or a rule as the daemon tells it. What a form does not know stays as it was: only single keys are changed.

/** Sets a key, or takes it away where the value is the usual one, as the daemon itself leaves it out. */
export function put(table, key, value, usual) {
  if (value === undefined || isSame(value, usual)) delete table[key];
  else table[key] = value;
}

/** Whether two definitions, or parts of them, say the same. */
export function isSame(one, other) {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return keys.length === others.length && keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]));
}

/** What stands for a choice that may be a word or a table of one key: `"bar"`, `{ above: … }`. */
export function wordOf(value, usual) {
  if (value === undefined) return usual;
  return typeof value === 'string' ? value : Object.keys(value ?? {})[0];
}

/** A text that somebody typed, as the value that it means: a number, on or off, or a text; none where nothing was. */
export function typed(text) {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  const number = Number(trimmed.replace(',', '.'));
  return Number.isFinite(number) ? number : trimmed;
}

/** A number with as many digits as the 32 bits that carry it in the show have. */
export const plain = (value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
