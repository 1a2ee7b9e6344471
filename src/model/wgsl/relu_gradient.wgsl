// The gradient through ReLU: the output's gradient, but 0 where the output is 0. One thread per four values.

const COUNT = {{ count }}u; // In vec4s.

@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> grad_y: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> grad_x: array<vec4f>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x < COUNT) {
        grad_x[id.x] = select(grad_y[id.x], vec4f(), y[id.x] <= vec4f());
    }
}
