// The page on a phone and on a desktop, with a real daemon.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { at, Browser, DESKTOP, holdDown, PHONE, tapAt } from './browser.js';
import { brightness, newestFrame } from './frames.js';
import { Rig } from './rig.js';
import { waitFor } from './wait.js';

// A cue that fades, and a rule that is only fired by hand.
const SHOW = `
[cue.dim]
fade = { seconds = 2 }
set = [{ address = "/layer/back/opacity", value = 0.3 }]
[rule.phrases]
when = "phrase"
do = [{ address = "/param/glow", value = 0.5 }]
[control.box]
kind = "midi"
port = "nowhere"
[rule.bright]
when = "key"
do = [{ address = "/layer/back/opacity", value = 1.0 }]
`;

let rig;
let browser;
before(async () => {
  rig = await Rig.start(SHOW);
  browser = await Browser.start();
});
after(async () => {
  await browser?.stop();
  await rig?.stop();
});

for (const [kind, device] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  describe(`on a ${kind}`, () => {
    let page;
    before(async () => {
      page = await browser.page(rig.url, device);
    });
    after(() => page.context().close());

    const press = (locator) => (device.hasTouch ? locator.tap() : locator.click());

    test('tapping sets the tempo, and the page shows it', async () => {
      const [period, tempo] = device.hasTouch ? [600, 100] : [500, 120];
      await tapAt(page, device, page.locator('.dock .tap'), period);
      const near = (bpm) => Math.abs(bpm - tempo) < 4;
      await waitFor('another surface shows the tapped tempo', () => near(rig.peer.shows.get('/tempo/bpm')));
      await waitFor('the page shows the tapped tempo', async () => near(Number(await page.locator('.bpm .digits').textContent())));
      await press(at(page, '/tempo/listen'));
    });

    test('a scene reaches the show and other surfaces, and its lamp is lit', async () => {
      for (const scene of ['echo', 'spectrum']) {
        const button = page.getByRole('button', { name: `back scene ${scene}` });
        await press(button);
        await rig.peer.wait('/layer/back/scene', scene);
        await page.locator(`[aria-label="back scene ${scene}"][aria-pressed=true]`).waitFor();
      }
    });

    test('a scene waits for the bar when the page says so', async () => {
      await press(page.locator('#section-layers [data-at=bar]'));
      await press(page.getByRole('button', { name: 'back scene tunnel' }));
      await rig.peer.wait('/layer/back/scene', 'tunnel');
      await press(page.locator('#section-layers [data-at=now]'));
    });

    test('blackout takes a press that is meant, and darkens the picture', async () => {
      const blackout = at(page, '/show/blackout');
      const frames = rig.renderer(`node-${kind}`);
      await waitFor('the renderer draws something', async () => (await brightness(browser, newestFrame(frames))) > 2, 60000);
      await holdDown(page, blackout, 150);
      await page.waitForTimeout(300);
      assert.equal(await rig.value('/show/blackout'), false, 'a short touch does nothing');
      await holdDown(page, blackout);
      await rig.peer.wait('/show/blackout', 1);
      await page.locator('[data-path="/show/blackout"][aria-checked=true]').waitFor();
      await waitFor('the picture is dark', async () => (await brightness(browser, newestFrame(frames))) === 0, 30000);
      await holdDown(page, blackout);
      await rig.peer.wait('/show/blackout', 0);
    });

    test('a fader moves from where it stands, leads while it is held, and shows what others set', async () => {
      const fader = at(page, '/layer/front/opacity');
      const shown = async () => Number(await fader.getAttribute('aria-valuetext'));
      rig.peer.send('/layer/front/opacity', 0.5);
      await fader.scrollIntoViewIfNeeded();
      await waitFor('the fader shows what another surface has set', async () => (await shown()) === 0.5);
      const box = await fader.boundingBox();
      const y = box.y + box.height / 2;
      await page.mouse.move(box.x + box.width * 0.9, y);
      await page.mouse.down();
      await page.waitForTimeout(200);
      assert.equal(await rig.value('/layer/front/opacity'), 0.5, 'touching it changes nothing');
      await page.mouse.move(box.x + box.width * 0.7, y, { steps: 10 });
      const held = await waitFor('it follows the finger', async () => (await shown()) < 0.35 && shown());
      rig.peer.send('/layer/front/opacity', 1);
      await rig.peer.wait('/layer/front/opacity', 1);
      await page.waitForTimeout(200);
      assert.equal(await shown(), held, 'it stays under the finger');
      await page.mouse.up();
      await waitFor('let go, it shows what is', async () => (await shown()) === 1);
      rig.peer.send('/layer/front/opacity', 0);
    });

    test('a parameter is taken in hand and given back', async () => {
      const fader = at(page, '/param/glow');
      await fader.focus();
      await page.keyboard.press('End');
      await waitFor('the parameter is in hand', async () => (await rig.value('/param/glow/auto')) === false);
      await press(at(page, '/param/glow/auto'));
      await waitFor('its mapping has it again', async () => (await rig.value('/param/glow/auto')) === true);
    });

    test('a cue fades and is lit meanwhile; a rule is set off, and muted', async () => {
      const cue = at(page, '/cue/dim/fire');
      await press(cue);
      await page.locator('[data-path="/cue/dim/fire"][aria-pressed=true]').waitFor();
      await rig.peer.wait('/layer/back/opacity', 0.3);
      await page.locator('[data-path="/cue/dim/fire"][aria-pressed=false]').waitFor();
      await press(at(page, '/rule/bright/fire'));
      await rig.peer.wait('/layer/back/opacity', 1);
      const mute = at(page, '/rule/bright/mute');
      await press(mute);
      await page.locator('[data-path="/rule/bright/mute"][aria-checked=true]').waitFor();
      await press(mute);
      await page.locator('[data-path="/rule/bright/mute"][aria-checked=false]').waitFor();
    });

    test('the beat and the level move', async () => {
      const light = page.locator('.beat .light');
      const lit = () => light.evaluateAll((all) => all.findIndex((one) => Number(one.style.opacity) > 0));
      const seen = new Set();
      await waitFor('every beat of a bar lights up', async () => seen.add(await lit()) && [0, 1, 2, 3].every((beat) => seen.has(beat)));
      const level = () => page.locator('.head .meter .cover').evaluate((cover) => cover.style.transform);
      const first = await level();
      await waitFor('the meter moves', async () => (await level()) !== first);
    });
  });
}

test('a rule acts where a phrase begins, as the page shows phrases', async () => {
  const page = await browser.page(rig.url, DESKTOP);
  await page.locator('#section-signals summary').click();
  const count = at(page, '/rule/phrases/count').locator('.value');
  const phase = at(page, '/phrase/phase').locator('.value');
  // In view both are told.
  await page.setViewportSize({ width: 1280, height: 6000 });
  await phase.waitFor();
  const number = async (readout) => Number.parseFloat(await readout.textContent());
  await waitFor('the beat is locked', () => page.locator('.lock[data-locked=true]').count().then((locked) => locked > 0), 60000);
  await at(page, '/tempo/one').click();
  const first = await number(count);
  // The count and the place in the phrase at one moment; a phrase takes half a minute.
  const moments = [];
  await waitFor('the count rises with the next phrase', async () => {
    moments.push([await number(phase), await number(count)]);
    return moments.at(-1)[1] > first && moments.some(([at]) => at > 0.9);
  }, 90000);
  const rises = moments.filter(([, now], i) => i > 0 && now > moments[i - 1][1]);
  for (const [at] of rises) assert.ok(at < 0.1 || at > 0.95, `it acts where a phrase begins, not at ${at}`);
  await page.context().close();
});

test('whatever can be set is on the page', async () => {
  const page = await browser.page(rig.url, PHONE);
  await page.locator('#section-cues').getByRole('button', { name: 'edit', exact: true }).tap();
  const folded = page.locator('details:not([open]) > summary');
  while ((await folded.count()) > 0) await folded.first().tap();
  const tree = await (await fetch(rig.url, { headers: { Accept: 'application/json' } })).json();
  const shown = new Set(await page.locator('[data-path]').evaluateAll((all) => all.map((one) => one.dataset.path)));
  const missing = [];
  const walk = (node, parent) => {
    const isButtonOfChoice = parent?.RANGE?.[0]?.VALS?.includes(node.FULL_PATH.split('/').at(-1));
    // What an editor does stands in it.
    const isInEditor = /^\/(cue|rule)\/[^/]+\/(remove|revert)$/.test(node.FULL_PATH);
    if (node.ACCESS & 2 && !isInEditor && !shown.has(node.FULL_PATH) && !isButtonOfChoice) missing.push(node.FULL_PATH);
    for (const child of Object.values(node.CONTENTS ?? {})) walk(child, node);
  };
  walk(tree);
  assert.deepEqual(missing, []);
  await page.context().close();
});

test('a switch that is new in the tree appears by itself, in a section of its group', async () => {
  const page = await browser.page(rig.url, PHONE, { ready: false, serviceWorkers: 'block', expected: [/Service Worker registration blocked/] });
  await page.route((url) => url.pathname === '/' && url.search === '', async (route) => {
    if (route.request().headers().accept.includes('text/html')) return route.continue();
    const answer = await route.fetch();
    const tree = await answer.json();
    const armed = { FULL_PATH: '/laser/armed', TYPE: 'T', ACCESS: 3, VALUE: [true], KIND: 'switch', LABEL: 'armed', TAGS: ['laser'], DESCRIPTION: 'Let the laser fire' };
    tree.CONTENTS.laser = { FULL_PATH: '/laser', ACCESS: 0, CONTENTS: { armed } };
    return route.fulfill({ response: answer, json: tree });
  });
  await page.reload();
  const armed = page.locator('#section-laser').getByRole('switch', { name: 'armed' });
  await armed.tap();
  // This daemon has none, and says so.
  await page.locator('.refusal').getByText('/laser/armed').waitFor();
  await page.context().close();
});

test('the daemon is asked only for what is on the screen', async () => {
  const page = await browser.page(rig.url, PHONE, { ready: false });
  const listening = new Set();
  page.on('websocket', (socket) => {
    listening.clear();
    socket.on('framesent', ({ payload }) => {
      if (typeof payload !== 'string') return;
      const { COMMAND, DATA } = JSON.parse(payload);
      if (COMMAND === 'LISTEN') listening.add(DATA);
      if (COMMAND === 'IGNORE') listening.delete(DATA);
    });
  });
  await page.reload();
  await waitFor('the beat is asked for', () => listening.has('/bar/phase') && listening.has('/daemon/alive'));
  assert.ok(!listening.has('/param/glow'), 'parameters are further down');
  await at(page, '/param/glow').scrollIntoViewIfNeeded();
  await waitFor('parameters are asked for', () => listening.has('/param/glow'));
  await page.locator('#section-parameters summary').tap();
  await waitFor('what is folded is no longer asked for', () => !listening.has('/param/glow'));
  await page.locator('#section-parameters summary').tap();
  await waitFor('what is unfolded is', () => listening.has('/param/glow'));
  // Browsers do this when another page is in front.
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await waitFor('a hidden page asks for nothing but a sign of life', () => listening.size === 1 && listening.has('/daemon/alive'));
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await waitFor('whoever comes back sees everything again', () => listening.has('/bar/phase'));
  await page.context().close();
});

test('no page complained or asked another host', () => {
  assert.deepEqual(browser.complaints, []);
});
