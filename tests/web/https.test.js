// The page by HTTPS, with a certificate of the operator's.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { at, Browser, PHONE } from './browser.js';
import { Rig } from './rig.js';

let folder;
let rig;
let browser;
let url;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'downbeat-certificate-'));
  const [certificate, key] = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=venue.test', '-addext', 'subjectAltName=DNS:venue.test', '-keyout', key, '-out', certificate], { encoding: 'utf8' });
  assert.equal(made.status, 0, String(made.error ?? made.stderr));
  rig = await Rig.start('', 'demo', `certificate = ${JSON.stringify(certificate)}\nkey = ${JSON.stringify(key)}\n`);
  // The browser trusts the certificate, as one does that was given out by an authority.
  browser = await Browser.start('--host-resolver-rules=MAP venue.test 127.0.0.1', '--ignore-certificate-errors');
  url = `https://venue.test:${rig.port}/`;
});
after(async () => {
  await browser?.stop();
  await rig?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a browser is let in, its cookie goes by HTTPS only, and the page is kept for times without network', async () => {
  const page = await browser.page(url, PHONE, { ready: false, expected: [/status of 401/] });
  await page.getByLabel('Code').fill(rig.code());
  await page.getByRole('button', { name: 'Enter' }).tap();
  await page.waitForSelector('[data-daemon=live]');
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.name, cookie.secure, cookie.httpOnly], ['downbeat', true, true]);
  await at(page, '/show/freeze').tap();
  await rig.peer.wait('/show/freeze', 1);
  assert.ok(await page.evaluate(async () => Boolean((await navigator.serviceWorker.ready).active)), 'a service worker needs HTTPS from elsewhere');
  await page.context().close();
});

test('programs on the daemon’s own machine go on by plain HTTP', async () => {
  assert.equal(await rig.value('/show/blackout'), false);
});

test('no page complained or asked another host', () => {
  assert.deepEqual(browser.complaints, []);
});
