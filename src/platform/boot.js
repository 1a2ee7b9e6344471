// Starts the worker: downloads its wasm, counts the bytes, and keeps the page's messages until the wasm runs.
//
// Sends plain objects to the page: { boot: "loading", received, total }, { boot: "failed", reason } and
// { boot: "died", reason }. The wasm sends arrays, after one object with its build.

const waiting = [];
const keep = (message) => {
  message.stopImmediatePropagation();
  waiting.push(message.data);
};
self.addEventListener("message", keep);

// The wasm calls this when it listens.
self.replayWaiting = () => {
  self.removeEventListener("message", keep);
  for (const data of waiting.splice(0)) {
    self.dispatchEvent(new MessageEvent("message", { data }));
  }
};

// A trap in a future rejects a promise that nobody awaits. The page hears only of uncaught errors.
self.addEventListener("unhandledrejection", ({ reason }) => {
  if (reason instanceof WebAssembly.RuntimeError || reason instanceof RangeError) {
    self.postMessage({ boot: "died", reason: String(reason) });
  }
});

// Burn does not report a lost GPU, so its device is watched here.
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

/** The download has failed after this time without a byte. */
const STALL_MS = 30_000;

/** The result of `promise`, or an error if it takes longer than `STALL_MS`. */
function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no byte of ${what} has arrived for ${STALL_MS / 1000} seconds`)), STALL_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Posts how many bytes of `response` have arrived, so that a stalled download shows where. */
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
  // The page's build: a cache may have files of another one.
  const { search } = new URL(import.meta.url);
  const url = new URL(`worker_bg.wasm${search}`, import.meta.url);
  const asked = Promise.all([fetch(url), import(`./worker.js${search}`)]);
  const [response, { default: init }] = await inTime(asked, url);
  if (!response.ok) throw new Error(`the server answered ${response.status} when asked for ${url}`);
  if ((response.headers.get("content-type") ?? "").startsWith("text/html")) {
    throw new Error(`the server sent a web page instead of ${url}`);
  }
  // A copy is counted; the browser compiles and caches the response itself.
  const stalled = new Promise((_, reject) => report(response.clone()).catch(reject));
  await Promise.race([init({ module_or_path: response }), stalled]);
}

start().catch((error) => {
  const detail = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
  self.postMessage({ boot: "failed", reason: `The network's program did not start: ${detail}.` });
});
