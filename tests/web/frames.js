// The frames written by a renderer.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The newest complete frame in a folder: one that has a successor. */
export function newestFrame(folder) {
  const frames = readdirSync(folder).filter((name) => name.endsWith('.png')).sort();
  return frames.length > 1 ? path.join(folder, frames.at(-2)) : null;
}

let reader;

/** The mean brightness of a picture, 0 to 255; none without a picture. */
export async function brightness(browser, file) {
  if (file === null) return null;
  reader ??= await browser.chromium.newPage();
  return reader.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    canvas.drawImage(picture, 0, 0);
    const { data } = canvas.getImageData(0, 0, picture.width, picture.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
    return sum / ((data.length / 4) * 3);
  }, readFileSync(file).toString('base64'));
}
