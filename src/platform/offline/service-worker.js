// Keeps the files of one build of the page on this device, so that the page opens without a network, and so that its parts
// always match.
//
// `cargo xtask build` writes the next two values: the build, and the checksum of each of its files by address. Without
// them, as under `trunk serve`, this worker removes what an earlier one kept, and itself.
const BUILD = "";
const FILES = {};

/** Files that are kept once they were asked for: weights of networks that the page does not show first. */
const LATER = /^weights\/(?!tenfold2026\/)/;

/** How many times a reload asks the build that waits to take over, before the page opens all the same. */
const MOST_ASKED = 4;

// Other pages of this host, and other copies of this one, have caches too.
const OWN = `tenfold ${registration.scope} `;
const CACHE = OWN + BUILD;
let isOff = BUILD === "";

/** How often a reload has asked the build that waits to take over. */
let asked = 0;

self.addEventListener("install", (event) => {
  event.waitUntil(isOff ? skipWaiting() : keepAll());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(removeOthers());
});

self.addEventListener("message", ({ data }) => {
  if (data === "take over") skipWaiting();
  // The page that asks is this worker's until it is left, and what it fetches is not to be kept again.
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

/** The file of the build that `request` is for; "" if it is none. */
function nameOf({ method, url }) {
  const { origin, pathname } = new URL(url);
  const scope = new URL(registration.scope);
  if (method !== "GET" || origin !== scope.origin || !pathname.startsWith(scope.pathname)) return "";
  return pathname.slice(scope.pathname.length) || "index.html";
}

/** Whether what is kept will not do: the page asks once more for a file that arrived damaged. */
function wantsHost({ cache, url }) {
  return cache === "reload" || cache === "no-store" || new URL(url).searchParams.has("again");
}

/** Keeps every file that the page needs at once, or none. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  const files = Object.keys(FILES).filter((file) => !LATER.test(file));
  await Promise.all(files.map(async (file) => cache.put(file, await fetchOwn(file))));
}

/** `file` as the host has it, if it is of this build. */
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

/** Removes what other builds kept; where this worker is off, also itself. */
async function removeOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
  if (isOff) await registration.unregister();
}

/**
 * The page. A reload of its only tab takes up the build that waits.
 *
 * A browser lets the build that waits take over once this worker has nothing to do. So each empty page stays a second longer
 * than the one before, and after a few the page opens as it is kept here.
 */
async function open() {
  if (asked < MOST_ASKED && registration.waiting && (await clients.matchAll({ type: "window" })).length < 2) {
    registration.waiting.postMessage("take over");
    return new Response("", { headers: { Refresh: String(asked++) } });
  }
  return answer("index.html");
}

/** `file` as it was kept, else as the host has it, which is kept then. */
async function answer(file) {
  const cache = await caches.open(CACHE);
  return (await cache.match(file)) ?? renew(file, file);
}

/** What the host has for `request`, which is kept. */
async function renew(file, request) {
  const response = await fetch(request);
  if (response.ok) {
    const kept = response.clone();
    const cache = await caches.open(CACHE);
    // Where there is no room, the host has it.
    cache.put(file, kept).catch(() => {});
  }
  return response;
}
