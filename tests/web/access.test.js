// The page without sight, without a mouse, and without steady hands.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, Browser, DESKTOP, PHONE } from './browser.js';
import { Rig } from './rig.js';
import { waitFor } from './wait.js';

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

const focused = (page) => page.evaluate(() => document.activeElement.closest('[data-path]')?.dataset.path ?? document.activeElement.textContent.trim());

test('the whole show is reached and worked by keyboard', async () => {
  const page = await browser.page(rig.url, DESKTOP);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to the controls');
  await page.keyboard.press('Enter');
  const seen = new Set();
  for (let i = 0; i < 400; i += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    seen.add(now);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.ok(now === '' || outline !== 'none', `one sees that ${now} has the focus`);
    if (now === '/tempo/tap') break;
  }
  for (const path of ['/tempo/bpm', '/tempo/hold', '/layer/back/scene', '/layer/front/opacity', '/param/glow', '/show/blackout', '/tempo/tap']) {
    assert.ok(seen.has(path), `${path} is reached`);
  }

  await at(page, '/layer/front/opacity').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await rig.peer.wait('/layer/front/opacity', 0.01);
  await page.keyboard.press('PageUp');
  await rig.peer.wait('/layer/front/opacity', 0.11);

  await page.getByRole('button', { name: 'back scene echo' }).focus();
  await page.keyboard.press('Enter');
  await rig.peer.wait('/layer/back/scene', 'echo');

  await at(page, '/tempo/hold').focus();
  await page.keyboard.press('Space');
  await page.locator('[data-path="/tempo/hold"][aria-checked=true]').waitFor();
  await page.keyboard.press('Space');
  await rig.peer.wait('/tempo/hold', 0);

  await at(page, '/show/blackout').focus();
  await page.keyboard.press('Enter', { delay: 150 });
  await page.waitForTimeout(600);
  assert.equal(await rig.value('/show/blackout'), false, 'a short press does nothing');
  await page.keyboard.down(' ');
  await page.waitForTimeout(600);
  await page.keyboard.up(' ');
  await rig.peer.wait('/show/blackout', 1);
  // Like screen readers: no key and no finger, only a click.
  await page.waitForTimeout(1100);
  await at(page, '/show/blackout').evaluate((button) => button.click());
  await page.waitForTimeout(300);
  await at(page, '/show/blackout').evaluate((button) => button.click());
  await rig.peer.wait('/show/blackout', 0);

  await page.evaluate(() => document.activeElement.blur());
  const begin = performance.now();
  for (let i = 0; i < 8; i += 1) {
    await page.waitForTimeout(Math.max(0, begin + i * 700 - performance.now()));
    await page.keyboard.press('t');
  }
  await waitFor('T taps', () => Math.abs(rig.peer.shows.get('/tempo/bpm') - 60000 / 700) < 4);
  await page.locator('[data-path="/tempo/bpm"] input').focus();
  await page.keyboard.type('t');
  assert.equal(await page.locator('[data-path="/tempo/bpm"] input').inputValue(), 't', 'T is a letter where one types');
  await page.context().close();
});

for (const [kind, device, path] of [
  ['phone', PHONE, '/'],
  ['desktop', DESKTOP, '/'],
  ['strip', { viewport: { width: 1280, height: 200 } }, '/strip'],
]) {
  test(`everything has a name, a size and a contrast that serve: ${kind}`, async () => {
    const page = await browser.page(rig.url + path, device);
    await page.waitForTimeout(300);
    const faults = await page.evaluate(audit);
    assert.deepEqual(faults, []);
    await page.context().close();
  });
}

for (const [kind, device] of [
  ['phone', PHONE],
  ['desktop', DESKTOP],
]) {
  test(`the editor serves everybody, too: ${kind}`, async () => {
    const page = await browser.page(rig.url, device);
    await page.locator('#section-rules').getByRole('button', { name: 'edit', exact: true }).click();
    for (const make of ['new cue', 'new rule']) {
      await page.getByRole('button', { name: make }).click();
      const editor = page.getByRole('dialog');
      await editor.getByRole('button', { name: /add/ }).click();
      await editor.locator('[aria-label="address 1"]').fill('/layer/back/opacity');
      for (const summary of await editor.locator('summary').all()) await summary.click();
      assert.deepEqual(await page.evaluate(audit), [], make);
      assert.ok(await editor.evaluate((dialog) => dialog.contains(document.activeElement)), 'the keyboard stays in it');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await editor.waitFor({ state: 'detached' });
    }
    await page.context().close();
  });
}

test('whoever wants no motion gets none', async () => {
  const page = await browser.page(rig.url, DESKTOP, { reducedMotion: 'reduce' });
  const moving = await page.evaluate(() => document.getAnimations().length);
  assert.equal(moving, 0);
  const seen = new Set();
  for (let i = 0; i < 40; i += 1) {
    for (const one of await page.locator('.beat .light').evaluateAll((all) => all.map(({ style }) => style.opacity))) seen.add(one);
    await page.waitForTimeout(20);
  }
  assert.ok([...seen].every((one) => ['', '0', '0.7'].includes(one)), `the beat does not fade: ${[...seen]}`);
  await page.context().close();
});

test('no page complained or asked another host', () => {
  assert.deepEqual(browser.complaints, []);
});

// Runs in the page.
function audit() {
  const faults = [];
  const say = (element, what) => faults.push(`${element.closest('[data-path]')?.dataset.path ?? element.outerHTML.slice(0, 80)}: ${what}`);
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;

  for (const element of document.querySelectorAll('button, input, select, a[href], [role=slider], [role=switch], [role=group], [role=img]')) {
    if (!shown(element)) continue;
    const by = element.getAttribute('aria-labelledby');
    const label = element.getAttribute('aria-label') ?? (by && document.getElementById(by)?.textContent) ?? element.labels?.[0]?.textContent ?? element.textContent;
    const isGroup = ['group', 'img'].includes(element.getAttribute('role'));
    if (!label.trim() && !(isGroup && !element.hasAttribute('aria-label') && element.classList.contains('card'))) say(element, 'has no name');
  }
  for (const slider of document.querySelectorAll('[role=slider]')) {
    for (const name of ['aria-valuemin', 'aria-valuemax', 'aria-valuenow', 'aria-valuetext']) if (!slider.hasAttribute(name) && shown(slider)) say(slider, `has no ${name}`);
  }
  for (const element of document.querySelectorAll('button, input, select, summary, [role=slider], nav a')) {
    const { width, height } = element.getBoundingClientRect();
    if (shown(element) && (width < 47.5 || height < 47.5)) say(element, `is ${width}×${height} pixels`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id ${id} is there twice`);
  if (!document.documentElement.lang || !document.title) faults.push('the page has no language or title');
  if (document.querySelectorAll('main').length !== 1) faults.push('the page has not one main part');
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);

  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
    return [0, 0, 0];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !shown(element) || element.closest('.unseen, option, noscript')) continue;
    const [text, back] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
    if (contrast < 4.5) say(element, `"${texts.currentNode.textContent}" has a contrast of ${contrast.toFixed(1)}`);
  }
  return faults;
}
