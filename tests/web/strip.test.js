// The strip: its content, and that it fits.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, holdDown } from './browser.js';
import { Rig } from './rig.js';

let rig;
let browser;
before(async () => {
  rig = await Rig.start();
  browser = await Browser.start();
});
after(async () => {
  await browser?.stop();
  await rig?.stop();
});

for (const width of [360, 600, 900, 1920]) {
  test(`nothing overflows 200 pixels by ${width}`, async () => {
    const page = await browser.page(`${rig.url}/strip`, { viewport: { width, height: 200 } });
    const overflow = await page.evaluate(() => [
      document.documentElement.scrollWidth - innerWidth,
      document.documentElement.scrollHeight - innerHeight,
      ...[...document.querySelectorAll('.tap, .hold, .bpm, .lock .state, .meter')].map((one) => Math.max(0, one.getBoundingClientRect().right - innerWidth, one.scrollWidth - one.clientWidth - 1)),
    ]);
    assert.deepEqual(overflow.filter((by) => by > 0), []);
    await page.context().close();
  });
}

test('it shows the scenes as they are, and blackout reaches the show', async () => {
  const page = await browser.page(`${rig.url}/strip`, { viewport: { width: 1280, height: 200 } });
  rig.peer.send('/layer/back/scene', 'echo');
  await page.locator('.scene', { hasText: 'back' }).getByText('echo').waitFor();
  await holdDown(page, page.locator('.hold'));
  await rig.peer.wait('/show/blackout', 1);
  await holdDown(page, page.locator('.hold'));
  await rig.peer.wait('/show/blackout', 0);
  await page.context().close();
});

test('no page complained or asked another host', () => {
  assert.deepEqual(browser.complaints, []);
});
