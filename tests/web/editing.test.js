// Cues and rules are made, changed and removed on the page, as a phone and as a desktop.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { at, Browser, DESKTOP, holdDown, PHONE } from './browser.js';
import { Rig } from './rig.js';
import { waitFor } from './wait.js';

const SHOW = `
[cue.dim]
fade = { seconds = 2 }
set = [{ address = "/layer/back/opacity", value = 0.3 }]
[rule.bright]
when = "key"
do = [{ address = "/layer/back/opacity", value = 1.0 }]
[output.desk]
kind = "osc"
target = "127.0.0.1:9"
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

/** What a cue or a rule consists of, as the daemon tells it; undefined where there is none. */
async function definition(kind, name) {
  const tree = await (await fetch(rig.url, { headers: { Accept: 'application/json' } })).json();
  const text = tree.CONTENTS[kind]?.CONTENTS[name]?.CONTENTS.definition?.VALUE?.[0];
  return text === undefined ? undefined : JSON.parse(text);
}

const defined = (kind, name, is) => waitFor(`${kind} ${name} is as it was written`, async () => {
  const now = await definition(kind, name);
  return now !== undefined && is(now);
});

for (const [kind, device] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  describe(`on a ${kind}`, () => {
    let page;
    const press = (locator) => (device.hasTouch ? locator.tap() : locator.click());
    const section = (name) => page.locator(`#section-${name}`);
    const editor = () => page.getByRole('dialog');
    const field = (name) => editor().locator(`[aria-label="${name}"]`);
    const saved = async () => {
      await press(editor().getByRole('button', { name: 'save' }));
      await editor().waitFor({ state: 'detached' });
    };
    before(async () => {
      page = await browser.page(rig.url, device);
      page.setDefaultTimeout(10000);
      await press(section('cues').getByRole('button', { name: 'edit', exact: true }));
    });
    after(() => page.context().close());

    test('a look is taken as it is, and fired it comes back', async () => {
      rig.peer.send('/layer/front/opacity', 0.25);
      rig.peer.send('/layer/back/scene', 'echo');
      rig.peer.send('/param/glow', 0.75);
      await rig.peer.wait('/param/glow/auto', 0);
      await press(section('cues').getByRole('button', { name: 'new cue' }));
      await field('name').fill(`look-${kind}`);
      await press(editor().getByRole('button', { name: 'take what is set now' }));
      await editor().getByText('addresses are set by this cue').waitFor();
      await field('fade').selectOption('beats');
      await field('how long').fill('2');
      await saved();
      await defined('cue', `look-${kind}`, ({ set, fade }) => {
        const value = (address) => set.find((one) => one.address === address)?.value;
        return fade.beats === 2 && value('/layer/front/opacity') === 0.25 && value('/layer/back/scene') === 'echo' && value('/param/glow') === 0.75 && !set.some(({ address }) => address.endsWith('/auto'));
      });
      rig.peer.send('/layer/back/scene', 'tunnel');
      await rig.peer.wait('/layer/back/scene', 'tunnel');
      await press(at(page, `/cue/look-${kind}/fire`));
      await rig.peer.wait('/layer/back/scene', 'echo');
      rig.peer.send('/param/glow/auto', 1);
    });

    test('an address gets the widget that fits it, and the daemon is asked for nothing until it is saved', async () => {
      await press(at(page, '/cue/dim/definition'));
      await press(editor().getByRole('button', { name: 'add an address' }));
      await field('address 2').fill('/show/freeze');
      await press(editor().getByRole('switch', { name: 'value 2' }));
      await press(editor().getByRole('button', { name: 'add an address' }));
      await field('address 3').fill('/layer/back/scene');
      await press(editor().getByRole('button', { name: 'value 3 tunnel' }));
      const fader = editor().getByRole('slider', { name: 'value 1' });
      await fader.focus();
      await page.keyboard.press('Home');
      assert.equal((await definition('cue', 'dim')).set.length, 1);
      assert.equal(await rig.value('/show/freeze'), false);
      await saved();
      await defined('cue', 'dim', ({ set }) => set[0].value === 0 && set[1]?.value === true && set[2]?.value === 'tunnel');
      assert.deepEqual((await definition('cue', 'dim')).fade, { seconds: 2 }, 'what was not touched is as it was');
    });

    test('it is given back to the configuration, and what was removed is brought back', async () => {
      await press(at(page, '/cue/dim/definition'));
      await holdDown(page, editor().getByRole('button', { name: 'revert dim' }));
      await editor().waitFor({ state: 'detached' });
      await defined('cue', 'dim', ({ set }) => set.length === 1 && set[0].value === 0.3);
      await press(at(page, '/cue/dim/definition'));
      const remove = editor().getByRole('button', { name: 'remove dim' });
      await holdDown(page, remove, 100);
      assert.ok(await remove.isVisible(), 'a short touch removes nothing');
      await holdDown(page, remove);
      await editor().waitFor({ state: 'detached' });
      await at(page, '/cue/dim/fire').waitFor({ state: 'detached' });
      await press(section('cues').getByRole('button', { name: 'bring back dim' }));
      await at(page, '/cue/dim/fire').waitFor();
    });

    test('a rule is made that acts', async () => {
      const name = `flip-${kind}`;
      await press(section('rules').getByRole('button', { name: 'new rule' }));
      await field('name').fill(name);
      await field('when').selectOption('beat');
      await press(editor().getByRole('button', { name: 'add a step' }));
      await field('address 1').fill('/layer/front/blend');
      await field('act 1').selectOption('next');
      await saved();
      await defined('rule', name, (rule) => rule.when === 'beat' && rule.do[0].act === 'next');
      await at(page, `/rule/${name}/count`).scrollIntoViewIfNeeded();
      const count = () => at(page, `/rule/${name}/count`).locator('.value').textContent();
      await waitFor('it acts on the beat', async () => Number(await count()) > 1, 30000);
      await press(at(page, `/rule/${name}/definition`));
      await holdDown(page, editor().getByRole('button', { name: `remove ${name}` }));
      await at(page, `/rule/${name}/fire`).waitFor({ state: 'detached' });
    });

    test('a crossing, a pattern and a ramp are written as the configuration has them', async () => {
      await press(at(page, '/rule/bright/definition'));
      await field('when').selectOption('above');
      await field('signal').fill('main.level');
      await field('above').fill('0.7');
      await field('which of these').selectOption('weighted');
      await field('act 1').selectOption('ramp');
      await field('times 1').fill('4');
      await field('weight 1').fill('3');
      await press(editor().getByText('Pattern, chance, rate'));
      await press(editor().getByRole('switch', { name: 'Euclidean pattern' }));
      await field('hits').fill('5');
      await saved();
      const told = { when: { above: { signal: 'main.level', value: 0.7, hysteresis: 0.1 } }, do: [{ address: '/layer/back/opacity', act: { ramp: { from: 0, to: 1, times: 4 } }, weight: 3 }], choice: 'weighted', euclid: { hits: 5, steps: 8, rotation: 0 } };
      await defined('rule', 'bright', () => true);
      assert.deepEqual(await definition('rule', 'bright'), told);
      await press(at(page, '/rule/bright/definition'));
      await holdDown(page, editor().getByRole('button', { name: 'revert bright' }));
      await editor().waitFor({ state: 'detached' });
    });

    test('what the daemon refuses is said at the editor, and nothing typed is lost', async () => {
      await press(section('cues').getByRole('button', { name: 'new cue' }));
      await field('name').fill('bad name');
      await press(editor().getByRole('button', { name: 'save' }));
      await editor().getByText('letters, digits').waitFor();
      await field('name').fill('dim');
      await press(editor().getByRole('button', { name: 'save' }));
      await editor().getByText('The cue dim already exists').waitFor();
      await field('name').fill('wrong');
      await press(editor().getByRole('button', { name: 'add an address' }));
      await field('address 1').fill('/layer/bakc/opacity');
      await field('value 1').fill('0.5');
      await press(editor().getByRole('button', { name: 'save' }));
      await editor().getByText('set.0.address: nothing can be set at').or(editor().getByText('did you mean')).first().waitFor();
      assert.equal(await field('address 1').inputValue(), '/layer/bakc/opacity');
      assert.ok(await page.locator('.refusal').isHidden(), 'it is said once');
      await page.keyboard.press('Escape');
      await editor().getByText('Close again to discard it').waitFor();
      await page.keyboard.press('Escape');
      await editor().waitFor({ state: 'detached' });
      assert.equal(await definition('cue', 'wrong'), undefined);
    });

    test('a locked show is not edited', async () => {
      rig.peer.send('/show/lock', 1);
      await rig.peer.wait('/show/lock', 1);
      await press(at(page, '/cue/dim/definition'));
      await press(editor().getByRole('switch', { name: 'safe' }));
      await press(editor().getByRole('button', { name: 'save' }));
      await editor().getByText('the show is locked').waitFor();
      rig.peer.send('/show/lock', 0);
      await rig.peer.wait('/show/lock', 0);
      await saved();
      await defined('cue', 'dim', ({ safe }) => safe === true);
      await press(at(page, '/cue/dim/definition'));
      await holdDown(page, editor().getByRole('button', { name: 'revert dim' }));
      await editor().waitFor({ state: 'detached' });
    });
  });
}

test('a daemon that is lost takes nothing away that was typed', async () => {
  const page = await browser.page(rig.url, PHONE, { expected: [/ERR_CONNECTION_REFUSED/, /WebSocket connection to .* failed/, /Failed to load resource/] });
  await page.locator('#section-cues').getByRole('button', { name: 'edit', exact: true }).tap();
  await page.getByRole('button', { name: 'new cue' }).tap();
  const editor = page.getByRole('dialog');
  await editor.getByLabel('name', { exact: true }).fill('late');
  await rig.kill();
  await page.waitForSelector('[data-daemon=lost]', { timeout: 3000 });
  await editor.getByRole('button', { name: 'save' }).tap();
  await editor.getByText('The daemon does not answer').waitFor();
  await rig.run();
  await page.waitForSelector('[data-daemon=live]', { timeout: 5000 });
  await editor.getByRole('button', { name: 'save' }).tap();
  await editor.waitFor({ state: 'detached' });
  assert.deepEqual(await definition('cue', 'late'), { set: [] });
  await page.context().close();
});

test('all cues and rules are downloaded as a piece of a configuration', async () => {
  const page = await browser.page(rig.url, DESKTOP);
  await page.locator('#section-cues').getByRole('button', { name: 'edit', exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#section-cues').getByRole('link', { name: 'save as a file' }).click()]);
  assert.equal(download.suggestedFilename(), 'show.toml');
  const text = await (await fetch(`${rig.url}/show.toml`)).text();
  assert.match(text, /^\[cue\.dim\]$/m);
  assert.match(text, /^\[rule\.bright\]$/m);
  await page.context().close();
});

test('no page complained or asked another host', () => {
  assert.deepEqual(browser.complaints, []);
});
