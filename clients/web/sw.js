// Stores the page in the browser. The daemon's own answer always comes first; the stored one is shown without it.

const CACHE = 'downbeat-shell-1';
const PAGES = ['/', '/strip'];
// A daemon that takes longer counts as lost here.
const PATIENCE_MS = 1500;

self.addEventListener('install', (event) => {
  event.waitUntil(Promise.all(PAGES.map(keep)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  const page = request.mode === 'navigate' && PAGES.includes(pathname);
  const file = pathname.startsWith('/ui/') || pathname === '/manifest.webmanifest';
  if (page || file) event.respondWith(answer(request, page ? pathname : request.url));
});

// A page, with all files that it loads, directly or indirectly.
async function keep(pathname) {
  const cache = await caches.open(CACHE);
  const page = await fetch(pathname, { headers: { Accept: 'text/html' }, cache: 'no-store' });
  if (!page.ok) throw new Error(`Cannot cache ${pathname}: the daemon answers ${page.status}`);
  const seen = new Set();
  await Promise.all(files(await page.clone().text(), page.url).map((url) => keepFile(cache, url, seen)));
  await cache.put(pathname, page);
}

async function keepFile(cache, url, seen) {
  if (seen.has(url)) return;
  seen.add(url);
  const file = await fetch(url, { cache: 'no-store' });
  if (!file.ok) throw new Error(`Cannot cache ${url}: the daemon answers ${file.status}`);
  const inner = url.endsWith('.js') ? imports(await file.clone().text(), url) : [];
  await cache.put(url, file);
  await Promise.all(inner.map((one) => keepFile(cache, one, seen)));
}

const files = (html, base) => [...html.matchAll(/(?:href|src)="(\/[^"#]*\.[a-z]+)"/g)].map(([, path]) => new URL(path, base).href);
const imports = (script, base) => [...script.matchAll(/^import [^;]*?from '(\.[^']+)'/gm)].map(([, path]) => new URL(path, base).href);

async function answer(request, key) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // Only pages after admission are stored, not the question for the code.
    if (fresh.ok) await cache.put(key, fresh.clone());
    return fresh;
  } catch (error) {
    // The stored requests have other headers than those of a page.
    const kept = await cache.match(key, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
