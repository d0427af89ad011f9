// The page when the daemon is gone, and when it is back.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { at, Browser, PHONE } from './browser.js';
import { Rig } from './rig.js';
import { waitFor } from './wait.js';

// The browser's own message about a server that is gone.
const GONE = [/ERR_CONNECTION_REFUSED/, /ERR_INTERNET_DISCONNECTED/, /WebSocket connection to .* failed/, /Failed to load resource/];

let rig;
let browser;
let page;
before(async () => (browser = await Browser.start()));
after(() => browser.stop());
beforeEach(async () => {
  rig = await Rig.start();
  page = await browser.page(rig.url, PHONE, { expected: GONE });
});
afterEach(async () => {
  await page.context().close();
  await rig.stop();
});

const isLost = (limit) => page.waitForSelector('[data-daemon=lost]', { timeout: limit });
const isLive = (limit) => page.waitForSelector('[data-daemon=live]', { timeout: limit });

test('a killed daemon is shown within two seconds, and is back within three of its return', async () => {
  const tap = at(page, '/tempo/tap');
  await tap.focus();
  await rig.kill();
  await isLost(2000);
  assert.match(await page.locator('#notice').textContent(), /LOST/);
  await page.locator('.lock').getByText('unknown', { exact: true }).waitFor();
  assert.equal(await page.locator('#told').textContent(), 'The daemon is lost');
  assert.ok(await page.locator('.dock').evaluate((dock) => dock.inert), 'controls are dead');
  // Longer than the longest wait between two attempts.
  await page.waitForTimeout(5000);
  await rig.run();
  await isLive(3000);
  assert.ok(!(await page.locator('.dock').evaluate((dock) => dock.inert)), 'controls live again');
  assert.ok(await tap.evaluate((button) => button === document.activeElement), 'the keyboard is where it was');
  const fader = at(page, '/layer/front/opacity');
  await fader.scrollIntoViewIfNeeded();
  rig.peer.send('/layer/front/opacity', 0.75);
  await waitFor('what others set is shown again', async () => (await fader.getAttribute('aria-valuetext')) === '0.75');
});

test('what changed while the daemon was away is shown', async () => {
  rig.peer.send('/layer/back/scene', 'echo');
  await page.locator('[aria-label="back scene echo"]').scrollIntoViewIfNeeded();
  await page.locator('[aria-label="back scene echo"][aria-pressed=true]').waitFor();
  await rig.kill();
  await isLost(2000);
  await rig.run();
  await isLive(3000);
  await page.locator('[aria-label="back scene spectrum"][aria-pressed=true]').waitFor();
});

test('a daemon that hangs is shown within two seconds, and found again when it goes on', async () => {
  await page.waitForTimeout(1500);
  rig.hang();
  await isLost(2100);
  rig.goOn();
  await isLive(3000);
});

test('a reload without a daemon shows that it is lost, and recovers by itself', async () => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await rig.kill();
  await page.reload();
  await isLost(4000);
  await page.getByText('The daemon does not answer').waitFor();
  await rig.run();
  await isLive(3000);
});

test('nothing but the loss itself was complained of', () => {
  assert.deepEqual(browser.complaints, []);
});
