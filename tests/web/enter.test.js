// A remote browser is asked for a code.

import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Browser, PHONE } from './browser.js';
import { Rig } from './rig.js';

// The browser's own message about a page that asks for a code.
const UNAUTHORIZED = [/status of 401/];
// And about a server that is gone.
const GONE = [/Failed to load resource/, /WebSocket connection to .* failed/];

let rig;
let browser;
let url;
before(async () => {
  rig = await Rig.start();
  // A client that uses a name other than the machine's own counts as remote.
  browser = await Browser.start('--host-resolver-rules=MAP venue.test 127.0.0.1');
  url = `http://venue.test:${rig.port}/`;
});
after(async () => {
  await browser?.stop();
  await rig?.stop();
});

for (const [how, javaScriptEnabled] of [['with', true], ['without', false]]) {
  test(`a code lets a browser in, a wrong one does not, ${how} JavaScript`, async () => {
    const page = await browser.page(url, PHONE, { ready: false, javaScriptEnabled, expected: UNAUTHORIZED });
    const code = page.getByLabel('Code');
    await code.fill('000 000');
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.locator('#wrong').waitFor();
    assert.ok(await page.getByText('Too many wrong codes').isHidden());
    await code.fill(rig.code());
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.waitForURL(url);
    if (javaScriptEnabled) await page.waitForSelector('[data-daemon=live]');
    assert.match(await page.title(), javaScriptEnabled ? /^demo · Downbeat$/ : /^Downbeat$/);
    await page.context().close();
  });
}

test('a page that is asked for a code while the list of peers is away goes on by itself', async () => {
  const page = await browser.page(url, PHONE, { ready: false, expected: [...UNAUTHORIZED, ...GONE] });
  const code = page.getByLabel('Code');
  await code.fill(rig.code());
  await page.getByRole('button', { name: 'Enter' }).click();
  await page.waitForSelector('[data-daemon=live]');
  const peers = path.join(rig.folder, 'keys', 'peers.toml');
  await rig.kill();
  renameSync(peers, `${peers}.away`);
  await rig.run();
  await code.waitFor();
  renameSync(`${peers}.away`, peers);
  await page.waitForSelector('[data-daemon=live]', { timeout: 20000 });
  await page.context().close();
});

test('no page complained or asked another host', () => {
  assert.deepEqual(browser.complaints, []);
});
