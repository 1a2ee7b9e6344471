// Keeps the files of one build of the page on this device: it opens without a network, and its parts always match.
//
// `cargo xtask build` writes the next two values: the build, and each file's checksum by address. Without them, as under
// `trunk serve`, this worker removes itself and what it kept.
const BUILD = "";
const FILES = {};

/** Files that are kept once they are requested: weights of networks that the page does not show first. */
const LATER = /^weights\/(?!tenfold2026\/)/;

/** How often reloads ask the waiting build to take over, before the page opens with this build. */
const MOST_ASKED = 4;

// Other pages on this host, and other copies of this page, have caches too.
const OWN = `tenfold ${registration.scope} `;
const CACHE = OWN + BUILD;
let isOff = BUILD === "";

/** How often a reload has asked the waiting build to take over. */
let asked = 0;

self.addEventListener("install", (event) => {
  event.waitUntil(isOff ? skipWaiting() : keepAll());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(removeOthers());
});

self.addEventListener("message", ({ data }) => {
  if (data === "take over") skipWaiting();
  // This worker serves the page until it is left, and must keep nothing for it again.
  if (data === "keep nothing") isOff = true;
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const file = nameOf(request);
  if (isOff || !Object.hasOwn(FILES, file)) return;
  if (request.mode === "navigate") event.respondWith(open());
  else if (wantsHost(request)) event.respondWith(renew(file, request));
  else event.respondWith(answer(file));
});

/** The name of the build's file that `request` asks for; "" if it asks for something else. */
function nameOf({ method, url }) {
  const { origin, pathname } = new URL(url);
  const scope = new URL(registration.scope);
  if (method !== "GET" || origin !== scope.origin || !pathname.startsWith(scope.pathname)) return "";
  return pathname.slice(scope.pathname.length) || "index.html";
}

/** Whether the kept file must not be used: the page requests a file again after it arrived damaged. */
function wantsHost({ cache, url }) {
  return cache === "reload" || cache === "no-store" || new URL(url).searchParams.has("again");
}

/** Keeps every file that the page needs at once, or none of them. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  const files = Object.keys(FILES).filter((file) => !LATER.test(file));
  await Promise.all(files.map(async (file) => cache.put(file, await fetchOwn(file))));
}

/** `file` from the host, if it belongs to this build. */
async function fetchOwn(file) {
  const response = await fetch(new Request(file, { cache: "no-cache" }));
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  if (checksum(await response.clone().arrayBuffer()) !== FILES[file]) throw new Error(`${file} is of another build`);
  return response;
}

/** FNV-1a with 32 bits (Fowler, Noll and Vo), as xtask/src/offline.rs computes it: it tells builds apart. */
function checksum(buffer) {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(buffer)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Removes the files of other builds; if this worker is off, also itself. */
async function removeOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
  if (isOff) await registration.unregister();
}

/**
 * Opens the page. A reload of its only tab activates the waiting build.
 *
 * A browser lets the waiting build take over when this worker is idle. So each reload shows an empty page, a second
 * longer than the one before. After a few of them the page opens with this build.
 */
async function open() {
  if (asked < MOST_ASKED && registration.waiting && (await clients.matchAll({ type: "window" })).length < 2) {
    registration.waiting.postMessage("take over");
    return new Response("", { headers: { Refresh: String(asked++) } });
  }
  return answer("index.html");
}

/** `file` from the cache, or else from the host; it is then kept. */
async function answer(file) {
  const cache = await caches.open(CACHE);
  return (await cache.match(file)) ?? renew(file, file);
}

/** The host's file for `request`, which is also kept. */
async function renew(file, request) {
  const response = await fetch(request);
  if (response.ok) {
    const kept = response.clone();
    const cache = await caches.open(CACHE);
    // If there is no space, the host still has the file.
    cache.put(file, kept).catch(() => {});
  }
  return response;
}
