// Partial sums of equal length, added up. One thread per value, or per four values.

const COUNT = {{ count }}u; // Length of a partial sum, in `Values`.
const PARTS = {{ parts }}u;

@group(0) @binding(0) var<storage, read_write> parts: array<Values>; // [parts, count]
@group(0) @binding(1) var<storage, read_write> total: array<Values>; // [count]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    var sum = Values();
    for (var part = 0u; part < PARTS; part++) {
        sum += parts[part * COUNT + id.x];
    }
    total[id.x] = sum;
}
