// Which elements are on screen. Folded or scrolled-away ones cost the daemon nothing.

const MARGIN = '80px';

const callbacks = new WeakMap();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) callbacks.get(target)?.(isIntersecting);
  },
  { rootMargin: MARGIN },
);

/** Calls `notify(seen)` when the element enters or leaves the screen, and `notify(false)` at the end. */
export function whileVisible(element, notify) {
  let seen = false;
  const change = (now) => {
    if (now === seen) return;
    seen = now;
    notify(now);
  };
  callbacks.set(element, change);
  observer.observe(element);
  return () => {
    observer.unobserve(element);
    callbacks.delete(element);
    change(false);
  };
}
