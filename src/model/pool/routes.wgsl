// The gradient through maxima.wgsl: each pixel's goes to the first maximum of its window; a thread a line.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> grad_y: array<f32>;
@group(0) @binding(2) var<storage, read_write> grad_x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let line = id.x;
    if (line >= COUNT) {
        return;
    }
    let start = start_of(line);
    var best: array<f32, LEN + 7u>;
    var origin: array<u32, LEN + 7u>;
    var sum: array<f32, LEN>;
    for (var i = 0u; i < LEN + 7u; i++) {
        best[i] = LOWEST;
    }
    for (var i = 0u; i < LEN; i++) {
        best[BEFORE + i] = x[start + i * STEP];
        origin[BEFORE + i] = i;
    }
    // Shifts of 1, 2 and 4; where values are equal the first keeps its place.
    for (var shift = 1u; shift < 8u; shift *= 2u) {
        for (var i = 0u; i + shift < LEN + 7u; i++) {
            if (best[i + shift] > best[i]) {
                best[i] = best[i + shift];
                origin[i] = origin[i + shift];
            }
        }
    }
    for (var i = 0u; i < LEN; i++) {
        sum[origin[i]] += grad_y[start + i * STEP];
    }
    for (var i = 0u; i < LEN; i++) {
        grad_x[start + i * STEP] = sum[i];
    }
}
