// Stores the page in the browser, so that a reload without the network still shows it.

/** Browsers allow this for pages of this machine and over HTTPS. */
export function register() {
  navigator.serviceWorker?.register('/sw.js').catch((error) => console.warn(`Cannot cache the page for use offline: ${error.message}`));
}
