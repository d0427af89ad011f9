// What cues and rules can name, from the daemon's tree.

// What belongs to the machine and to people, not to the show.
const OTHERS = new Set(['editing', 'daemon', 'rig']);
const FOR_PEOPLE = new Set(['/show/undo', '/show/lock']);

/** The addresses that a cue or a rule can set. */
export function settable(tree) {
  return tree.all().filter(({ writable, group, path }) => writable && !OTHERS.has(group) && !FOR_PEOPLE.has(path)).map(({ path }) => path);
}

/** The signals that can be heard, by the names that they have in expressions. */
export function signals(tree) {
  const heard = tree.all().filter(({ kind, type, writable, group }) => kind === 'number' && type === 'f' && !writable && ['music', 'tempo'].includes(group));
  return heard.map(({ path }) => path.replace(/^\/(signal\/)?/, '').replaceAll('/', '.'));
}

/** The names of the outputs. */
export function outputs(tree) {
  return tree.match('/output/*/kind').map(({ parts }) => parts[2]);
}
