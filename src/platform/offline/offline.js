// Keeps the page on this device after it is ready. `?offline=off` removes it again.
const workers = navigator.serviceWorker;
const isOff = new URLSearchParams(location.search).get("offline") === "off";

/** Tells the page's wasm that a newer build is ready. */
const announce = () => document.dispatchEvent(new Event("tenfold-update"));

async function remove() {
  workers.controller?.postMessage("keep nothing");
  const scope = new URL("./", location.href).href;
  const registration = await workers.getRegistration(scope);
  if (registration?.scope === scope) await registration.unregister();
  const names = (await caches.keys()).filter((name) => name.startsWith(`tenfold ${scope} `));
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function keep() {
  const registration = await workers.register("service-worker.js", { updateViaCache: "none" });
  if (registration.waiting && workers.controller) announce();
  registration.addEventListener("updatefound", () => {
    const newer = registration.installing;
    newer?.addEventListener("statechange", () => {
      if (newer.state === "installed" && workers.controller) announce();
    });
  });
}

/** Calls `act` when the network answers, which no download may delay. */
function onceReady(act) {
  const root = document.documentElement;
  const isReady = () => root.dataset.phase === "ready";
  if (isReady()) return act();
  const observer = new MutationObserver(() => {
    if (!isReady()) return;
    observer.disconnect();
    act();
  });
  observer.observe(root, { attributeFilter: ["data-phase"] });
}

if (workers) {
  // Without the file, in a private window or on a full disk the page works as before.
  const quietly = (act) => () => act().catch((error) => console.info(`Not kept for later without a network: ${error}`));
  if (isOff) {
    quietly(remove)();
    // Once more, when all downloads have ended.
    onceReady(quietly(remove));
  } else {
    onceReady(quietly(keep));
  }
}
