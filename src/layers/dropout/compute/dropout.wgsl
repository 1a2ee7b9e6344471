// Dropout: some values become 0, the others grow. One thread per value, or per four values if the tensor's length is a
// multiple of four.

@group(0) @binding(0) var<storage, read_write> x: array<Values>;
@group(0) @binding(1) var<storage, read_write> y: array<Values>;
// Three words of key, the least random word that keeps a value, and the bits of the factor for values that are kept.
@group(0) @binding(2) var<storage, read_write> mask: array<u32>;

// Four random words, a function of `counter`; the same as Mask::words_of in operation.rs.
fn words_of(counter: vec4u) -> vec4u {
    var v = counter * 1664525u + 1013904223u;
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    v ^= v >> vec4u(16u);
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    return v;
}

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let least = mask[3];
    let scale = bitcast<f32>(mask[4]);
    #each fours
    let words = words_of(vec4u(id.x, mask[0], mask[1], mask[2]));
    y[id.x] = select(x[id.x] * scale, vec4f(), words < vec4u(least));
    #end
    #each ones
    let words = words_of(vec4u(id.x / 4u, mask[0], mask[1], mask[2]));
    y[id.x] = select(x[id.x] * scale, 0.0, words[id.x % 4u] < least);
    #end
}
