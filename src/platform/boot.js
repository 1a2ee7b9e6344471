// Starts the worker: fetches its wasm, counts the bytes for the page, and keeps what the page says meanwhile.
//
// Tells the page plain objects: { boot: "loading", received, total }, { boot: "failed", reason } and
// { boot: "died", reason }. What the wasm itself tells the page are arrays.

const waiting = [];
const keep = (message) => {
  message.stopImmediatePropagation();
  waiting.push(message.data);
};
self.addEventListener("message", keep);

// The wasm calls this once it listens.
self.replayWaiting = () => {
  self.removeEventListener("message", keep);
  for (const data of waiting.splice(0)) {
    self.dispatchEvent(new MessageEvent("message", { data }));
  }
};

// A trap inside a future rejects a promise that nobody awaits; the page hears of uncaught errors only.
self.addEventListener("unhandledrejection", ({ reason }) => {
  if (reason instanceof WebAssembly.RuntimeError || reason instanceof RangeError) {
    self.postMessage({ boot: "died", reason: String(reason) });
  }
});

// Burn has no hook for a lost GPU, so the device that it asks for is watched from here.
if (self.GPUAdapter) {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...wishes) {
    const device = await requestDevice.apply(this, wishes);
    device.lost.then(({ message, reason }) => {
      self.lostDevice = message || reason || "no reason given";
    });
    return device;
  };
}

/** After so long without a byte the program is given up. */
const STALL_MS = 30_000;

/** What `promise` gives, or an error where that takes longer than `STALL_MS`. */
function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no byte of ${what} has arrived for ${STALL_MS / 1000} seconds`)), STALL_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Posts how many bytes of `response` have arrived, after each piece, so that a stalled download shows where. */
async function report(response) {
  const encoding = response.headers.get("content-encoding");
  const length = Number(response.headers.get("content-length"));
  const total = length > 0 && (!encoding || encoding === "identity") ? length : null;
  let received = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await inTime(reader.read(), "the program");
    if (done) return;
    received += value.length;
    self.postMessage({ boot: "loading", received, total });
  }
}

async function start() {
  // The build that the page asked for: no cache may give another one's files.
  const { search } = new URL(import.meta.url);
  const url = new URL(`worker_bg.wasm${search}`, import.meta.url);
  const asked = Promise.all([fetch(url), import(`./worker.js${search}`)]);
  const [response, { default: init }] = await inTime(asked, url);
  if (!response.ok) throw new Error(`the server answered ${response.status} when asked for ${url}`);
  if ((response.headers.get("content-type") ?? "").startsWith("text/html")) {
    throw new Error(`the server sent a web page instead of ${url}`);
  }
  // A copy is counted: the browser compiles, and caches, the response itself.
  const stalled = new Promise((_, reject) => report(response.clone()).catch(reject));
  await Promise.race([init({ module_or_path: response }), stalled]);
}

start().catch((error) => {
  const detail = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
  self.postMessage({ boot: "failed", reason: `The network's program did not start: ${detail}.` });
});
