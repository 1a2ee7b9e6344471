// The maximum of each pixel's window along one axis; a thread a line, that is a row or a column of one plane.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let line = id.x;
    if (line >= COUNT) {
        return;
    }
    let start = start_of(line);
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
