// Takes the pictures of the page that the docs show: `make web-pictures`.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser, DESKTOP, PHONE } from './browser.js';
import { Rig } from './rig.js';

const images = path.resolve(fileURLToPath(import.meta.url), '../../../docs/images');
const take = (page, name) => page.screenshot({ path: path.join(images, `web-${name}.png`) });

// An output that cannot reach its desk, to show what trouble looks like.
const rig = await Rig.start('[output.desk]\nkind = "osc"\ntarget = "desk.invalid:8000"\n', 'evening');
const browser = await Browser.start();
rig.renderer('left');
rig.renderer('right');
rig.peer.send('/layer/front/opacity', 0.35);
rig.peer.send('/param/trail', 0.7);

const phone = await browser.page(rig.url, PHONE);
// Into the song, where the beat is known.
await phone.waitForSelector('.lock[data-locked=true]', { timeout: 60000 });
await phone.waitForTimeout(12000);
await take(phone, 'phone');
await phone.evaluate(() => document.getElementById('section-layers').scrollIntoView());
await phone.waitForTimeout(1500);
await take(phone, 'phone-layers');

const desktop = await browser.page(rig.url, DESKTOP);
await desktop.waitForTimeout(1500);
await take(desktop, 'desktop');

const strip = await browser.page(`${rig.url}/strip`, { viewport: { width: 1280, height: 200 } });
await strip.waitForTimeout(1500);
await take(strip, 'strip');

await phone.evaluate(() => document.getElementById('section-cues').scrollIntoView());
await phone.waitForTimeout(1500);
await take(phone, 'phone-cues');

await phone.locator('#section-cues').getByRole('button', { name: 'edit', exact: true }).tap();
await phone.getByRole('button', { name: 'edit cue full' }).tap();
await phone.waitForTimeout(500);
await take(phone, 'phone-editor');
await phone.getByRole('button', { name: 'Close' }).tap();
await phone.locator('#section-cues').getByRole('button', { name: 'edit', exact: true }).tap();

const enter = await browser.page(`${rig.url}/ui/enter.html`, PHONE, { ready: false });
await enter.waitForTimeout(500);
await take(enter, 'enter');

await rig.kill();
await phone.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
await phone.waitForTimeout(12500);
await take(phone, 'lost');

await browser.stop();
await rig.stop();
