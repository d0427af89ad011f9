// Faders and buttons of a MIDI surface learn on the page what they set.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, Browser, DESKTOP, PHONE } from './browser.js';
import { Rig } from './rig.js';

let rig;
let browser;
before(async () => {
  // Its port is nowhere: what is moved on it is told by another surface.
  rig = await Rig.start('[control.box]\nkind = "midi"\nport = "nowhere"\n');
  browser = await Browser.start();
});
after(async () => {
  await browser?.stop();
  await rig?.stop();
});

/** An element is moved: what the surface then tells the show. */
function move(element, address) {
  rig.peer.send(`/control/box/learnt/${element}`, address);
  rig.peer.send('/control/learn', '');
}

test('what is touched is learnt by what is moved, listed, and forgotten', async () => {
  const page = await browser.page(rig.url, PHONE);
  const controls = page.locator('#section-controls');
  const learning = page.getByRole('group', { name: 'learn', exact: true });
  await controls.getByRole('button', { name: 'learn', exact: true }).tap();
  await learning.getByText('Touch the control that a fader or button should set').waitFor();

  const before = await rig.value('/layer/front/opacity');
  await at(page, '/layer/front/opacity').tap();
  await learning.getByText('Move a fader or press a button for /layer/front/opacity').waitFor();
  await rig.peer.wait('/control/learn', '/layer/front/opacity');
  assert.equal(await rig.value('/layer/front/opacity'), before, 'what is touched is not moved');
  move('fader.1', '/layer/front/opacity');
  await learning.getByText('box fader.1 sets /layer/front/opacity').waitFor();

  // The same element again, for one scene of several.
  await page.getByRole('button', { name: 'back scene echo' }).tap();
  await rig.peer.wait('/control/learn', '/layer/back/scene/echo');
  move('fader.1', '/layer/back/scene/echo');
  await learning.getByText('box fader.1 sets /layer/back/scene/echo').waitFor();

  await page.keyboard.press('Escape');
  await learning.waitFor({ state: 'hidden' });
  const list = controls.getByRole('list', { name: 'learnt' });
  await list.getByText('/layer/back/scene/echo').waitFor();
  await list.getByRole('button', { name: 'forget box fader.1' }).tap();
  await list.waitFor({ state: 'detached' });
  await page.context().close();
});

test('it is worked by keyboard, and whoever leaves has the daemon wait no more', async () => {
  const page = await browser.page(rig.url, DESKTOP);
  await page.locator('#section-controls').getByRole('button', { name: 'learn', exact: true }).press('Enter');
  await at(page, '/show/blackout').press('Enter');
  await rig.peer.wait('/control/learn', '/show/blackout');
  assert.match(await page.locator('#told').textContent(), /Move a fader/);
  await page.keyboard.press('Escape');
  await rig.peer.wait('/control/learn', '');
  assert.equal(await rig.value('/show/blackout'), false);
  await at(page, '/show/freeze').click();
  await rig.peer.wait('/show/freeze', 1);
  await at(page, '/show/freeze').click();
  await page.context().close();
});

test('a show without a MIDI surface has nothing to learn', async () => {
  const other = await Rig.start();
  const page = await browser.page(other.url, PHONE);
  await page.locator('#section-controls').getByText('TouchOSC layouts').waitFor();
  assert.equal(await at(page, '/control/learn').count(), 0);
  await page.context().close();
  await other.stop();
});

test('no page complained or asked another host', () => {
  assert.deepEqual(browser.complaints, []);
});
