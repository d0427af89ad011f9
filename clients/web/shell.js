// Keeps the page in the browser, so that a reload without the network shows it instead of nothing.

/** Browsers allow this to pages of this machine and to those that came by HTTPS. */
export function register() {
  navigator.serviceWorker?.register('/sw.js').catch((error) => console.warn(`Cannot cache the page for use offline: ${error.message}`));
}
