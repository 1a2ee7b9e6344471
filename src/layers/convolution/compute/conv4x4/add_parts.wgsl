// Adds up the partial sums of the convolution's gradients. One thread per row of a filter's kernel, or per filter's
// bias.

const FILTERS = {{ filters }}u;
const KERNEL_ROWS = {{ kernel_rows }}u; // Rows of a filter's kernel.
const PARTS = {{ parts }}u;
const COUNT = FILTERS * (KERNEL_ROWS + 1u);

@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>; // [parts, filters, kernel rows + 1, 4]
@group(0) @binding(1) var<storage, read_write> grad_weight: array<vec4f>; // [filters, kernel rows, 4]
@group(0) @binding(2) var<storage, read_write> grad_bias: array<f32>; // [filters]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    var sum = vec4f();
    for (var part = 0u; part < PARTS; part++) {
        sum += parts[part * COUNT + id.x];
    }
    let of_filter = id.x / (KERNEL_ROWS + 1u);
    let k = id.x % (KERNEL_ROWS + 1u);
    if (k < KERNEL_ROWS) {
        grad_weight[of_filter * KERNEL_ROWS + k] = sum;
    } else {
        grad_bias[of_filter] = sum.x;
    }
}
