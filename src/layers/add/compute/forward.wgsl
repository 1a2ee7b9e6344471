// The sum of two tensors. One thread per value, or per four values if the tensors' length is a multiple of four.

@group(0) @binding(0) var<storage, read_write> a: array<Values>;
@group(0) @binding(1) var<storage, read_write> b: array<Values>;
@group(0) @binding(2) var<storage, read_write> sum: array<Values>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    sum[id.x] = a[id.x] + b[id.x];
}
