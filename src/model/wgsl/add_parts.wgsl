// Parts of equal length added up; a thread a vec4.

const COUNT = {{ count }}u; // Of a part, in vec4s.
const PARTS = {{ parts }}u;

@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>; // [parts, count]
@group(0) @binding(1) var<storage, read_write> total: array<vec4f>; // [count]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    var sum = vec4f();
    for (var part = 0u; part < PARTS; part++) {
        sum += parts[part * COUNT + id.x];
    }
    total[id.x] = sum;
}
