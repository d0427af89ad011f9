// A tablet that nobody has let in fetches its layout by the QR code that a page shows.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, DESKTOP } from './browser.js';
import { Rig } from './rig.js';

let rig;
let browser;
before(async () => {
  rig = await Rig.start();
  browser = await Browser.start('--host-resolver-rules=MAP venue.test 127.0.0.1');
});
after(async () => {
  await browser?.stop();
  await rig?.stop();
});

/** What the daemon answers to a tablet that has no cookie and comes from elsewhere: by a name that is not the machine's. */
function tablet(path) {
  return rig.ask(path, { Host: `venue.test:${rig.port}` });
}

test('the QR code of a page leads to the layout, for a while', async () => {
  const url = `http://venue.test:${rig.port}/`;
  const page = await browser.page(url, DESKTOP, { ready: false, expected: [/status of 401/] });
  await page.getByLabel('Code').fill(rig.code());
  await page.getByRole('button', { name: 'Enter' }).click();
  await page.waitForSelector('[data-daemon=live]');
  await page.getByText('TouchOSC layouts').click();
  const link = await page.getByRole('img', { name: 'QR code for the tablet layout' }).locator('title').textContent();
  assert.match(link, /^http:\/\/venue\.test:\d+\/layout\/tablet\.tosc\?pass=[0-9a-f]{16}$/);
  const { pathname, search } = new URL(link);
  const answer = await tablet(pathname + search);
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-disposition'], /downbeat-tablet\.tosc/);
  assert.equal((await tablet(pathname)).status, 401, 'without the pass a code is needed');
  assert.equal((await tablet(`${pathname}?pass=0123456789abcdef`)).status, 401);
  assert.equal((await tablet(`/show.toml${search}`)).status, 401, 'the pass is for layouts only');
  assert.equal((await tablet(`/${search}`)).status, 401);
  await page.context().close();
});

test('where no tablet can reach the page, it says what to do', async () => {
  const page = await browser.page(rig.url, DESKTOP);
  await page.getByText('TouchOSC layouts').click();
  await page.getByText('listen = "0.0.0.0:9480"').first().waitFor();
  await page.context().close();
});

test('a terminal and a page of the daemon’s own machine show the address that a tablet reaches', async () => {
  assert.match(rig.ctl('touchosc').stderr, /listen = "0\.0\.0\.0:9480"/);
  await rig.listenToAll();
  const { stdout } = rig.ctl('touchosc');
  const link = stdout.match(/http:\S+/)?.[0];
  assert.match(link, /\/layout\/tablet\.tosc\?pass=[0-9a-f]{16}$/);
  const { hostname, pathname, search } = new URL(link);
  assert.ok(!['localhost', '127.0.0.1'].includes(hostname), hostname);
  assert.equal((await tablet(pathname + search)).status, 200);
  const page = await browser.page(rig.url, DESKTOP);
  await page.getByText('TouchOSC layouts').click();
  const shown = await page.getByRole('img', { name: 'QR code for the tablet layout' }).locator('title').textContent();
  assert.equal(shown, link, 'who asks soon gets the same pass');
  await page.context().close();
});

test('no page complained or asked another host', () => {
  assert.deepEqual(browser.complaints, []);
});
