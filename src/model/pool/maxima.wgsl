// The maximum of each pixel's window along one axis; a thread a line, that is a row or a column of one plane.

const LEN = {{ len }}u; // Pixels of a line.
const STEP = {{ step }}u; // From a pixel of a line to the next.
const LINES = {{ lines }}u; // Lines of a plane.
const LINE_STEP = {{ line_step }}u; // From a line of a plane to the next.
const COUNT = {{ count }}u; // Lines of all planes.
const BEFORE = 3u; // Pixels before a window's own.
const LOWEST = bitcast<f32>(0xff7fffffu); // What lies outside; f32's lowest, since WGSL has no infinity.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let line = id.x;
    if (line >= COUNT) {
        return;
    }
    let start = (line / LINES) * (LEN * LINES) + (line % LINES) * LINE_STEP;
    var best: array<f32, LEN + 7u>;
    for (var i = 0u; i < BEFORE; i++) {
        best[i] = LOWEST;
    }
    for (var i = 0u; i < LEN; i++) {
        best[BEFORE + i] = x[start + i * STEP];
    }
    for (var i = BEFORE + LEN; i < LEN + 7u; i++) {
        best[i] = LOWEST;
    }
    for (var i = 0u; i < LEN + 6u; i++) {
        best[i] = max(best[i], best[i + 1u]);
    }
    for (var i = 0u; i < LEN + 4u; i++) {
        best[i] = max(best[i], best[i + 2u]);
    }
    for (var i = 0u; i < LEN; i++) {
        y[start + i * STEP] = max(best[i], best[i + 4u]);
    }
}
