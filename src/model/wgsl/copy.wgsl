// A copy of a tensor. Each thread takes up to four values.

const COUNT = {{ count }}u;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    for (var i = 4u * id.x; i < min(4u * id.x + 4u, COUNT); i++) {
        y[i] = x[i];
    }
}
