// Layouts for TouchOSC: to be downloaded here, or photographed by the tablet or phone that needs them.

import { make } from './dom.js';

const FORMS = ['tablet', 'phone'];
// A link counts for five minutes at least.
const AGAIN_MS = 4 * 60 * 1000;
const NOT_REACHED = 'Only the daemon’s own machine can open this page. To let a tablet fetch a layout, set listen = "0.0.0.0:9480" under [web] in the daemon’s configuration.';

/** Links and QR codes, folded until somebody needs them. */
export function layouts(ui) {
  const body = make('div', { class: 'layouts' });
  const element = make('details', { class: 'more' }, make('summary', {}, 'TouchOSC layouts'), body);
  let timer = 0;
  const stop = () => clearInterval(timer);
  const show = () => body.replaceChildren(...FORMS.map(layout));
  element.addEventListener('toggle', () => {
    stop();
    if (!element.open) return body.replaceChildren();
    show();
    timer = setInterval(show, AGAIN_MS);
  });
  ui.scope.add(stop);
  return element;
}

function layout(form) {
  const place = make('div', { class: 'qr' });
  const element = make('figure', { class: 'layout' }, place, make('figcaption', {}, make('a', { class: 'button', href: `/layout/${form}.tosc`, download: `downbeat-${form}.tosc` }, `${form} layout`)));
  picture(form).then(
    (shown) => place.replaceChildren(shown),
    (error) => place.replaceChildren(make('p', {}, `Cannot read the QR code: ${error.message}`)),
  );
  return element;
}

// The link as the daemon draws it; what to do where no other device can follow it.
async function picture(form) {
  const answer = await fetch(`/layout/${form}.svg`, { cache: 'no-store', signal: AbortSignal.timeout(3000) });
  if (!answer.ok) throw new Error(`the daemon answers with ${answer.status}`);
  if (answer.status === 204) return make('p', {}, NOT_REACHED);
  const svg = new DOMParser().parseFromString(await answer.text(), 'image/svg+xml').documentElement;
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', `QR code for the ${form} layout`);
  return document.adoptNode(svg);
}
