// The number of things in trouble.

import { isTrouble } from './arrange.js';
import { nextFrame } from './frame.js';

/** Calls `tell(count)` with the number of nodes in trouble, now and on change. */
export function watchTrouble(nodes, values, scope, tell) {
  const paths = nodes.filter(isTrouble).map(({ path }) => path);
  const count = () => tell(paths.filter((path) => values.one(path)).length);
  for (const path of paths) {
    scope.add(values.subscribe(path, () => nextFrame(count)));
    values.want(path);
    scope.add(() => values.unwant(path));
  }
  nextFrame(count);
}
