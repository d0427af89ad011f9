// Chromium as a phone and as a desktop. Any console error, or request to another host, fails the test.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
export const DESKTOP = { viewport: { width: 1280, height: 800 } };

const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export class Browser {
  static async start(...flags) {
    const executablePath = places.find((place) => place && existsSync(place));
    if (!executablePath) throw new Error('Chromium is missing: apt-get install chromium, or say where it is with CHROMIUM=');
    const browser = new Browser();
    // In a container it may not create its own sandbox.
    browser.chromium = await chromium.launch({ executablePath, args: ['--no-sandbox', ...flags] });
    browser.complaints = [];
    return browser;
  }

  /** A separate page, without shared storage. `expected` are console errors that belong to the test. */
  async page(url, kind, { expected = [], ready = true, ...options } = {}) {
    const context = await this.chromium.newContext({ ...kind, ...options });
    const page = await context.newPage();
    const host = new URL(url).host;
    const complain = (text) => expected.some((one) => one.test(text)) || this.complaints.push(text);
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complain(`console: ${message.text()}`));
    page.on('pageerror', (error) => complain(`uncaught: ${error}`));
    page.on('request', (request) => new URL(request.url()).host !== host && complain(`asks another host: ${request.url()}`));
    page.on('websocket', (socket) => new URL(socket.url()).host !== host && complain(`asks another host: ${socket.url()}`));
    await page.goto(url);
    if (ready) await page.waitForSelector('[data-daemon=live]', { timeout: 15000 });
    return page;
  }

  async stop() {
    await this.chromium.close();
  }
}

/** The widget of a path. */
export const at = (page, address) => page.locator(`[data-path="${address}"]`);

/** Holds a button for real. */
export async function holdDown(page, locator, ms = 600) {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.waitForTimeout(ms);
  await page.mouse.up();
}

/** Taps eight times at this interval in milliseconds. */
export async function tapAt(page, { hasTouch }, locator, period) {
  const { x, y, width, height } = await locator.boundingBox();
  const place = [x + width / 2, y + height / 2];
  const begin = performance.now();
  for (let i = 0; i < 8; i += 1) {
    await page.waitForTimeout(Math.max(0, begin + i * period - performance.now()));
    // By place: a locator first waits until nothing moves, and so taps out of time.
    await (hasTouch ? page.touchscreen.tap(...place) : page.mouse.click(...place));
  }
}
