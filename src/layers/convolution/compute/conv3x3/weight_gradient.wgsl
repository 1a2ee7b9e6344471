// Partial sums of the gradient with respect to the weights. A thread sums some images for four inputs, four outputs and
// one place in the filter.

const IMAGES = {{ images }}u;
const HEIGHT = {{ height }};
const WIDTH = {{ width }};
const INPUTS4 = {{ inputs4 }}u; // Channels of a pixel, in vec4s.
const OUTPUTS4 = {{ outputs4 }}u;
const SHARE = {{ share }}u; // Images in a partial sum.
const ACROSS = {{ across }}u; // A workgroup's threads along the outputs, so that loads and stores are coalesced.
const DOWN = {{ down }}u; // A workgroup's threads along the inputs.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [images, pixels, inputs]
@group(0) @binding(1) var<storage, read_write> grad_y: array<vec4f>; // [images, pixels, outputs]
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>; // [parts, 9, inputs, outputs]

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let column = group.x * ACROSS + id.x;
    // Rows run over the places in the filter, and within each over the inputs.
    let row = group.y * DOWN + id.y;
    if (column >= OUTPUTS4 || row >= 9u * INPUTS4) {
        return;
    }
    let down = i32(row / INPUTS4) / 3 - 1;
    let right = i32(row / INPUTS4) % 3 - 1;
    var sum = mat4x4f();
    let end = min((group.z + 1u) * SHARE, IMAGES);
    for (var image = group.z * SHARE; image < end; image++) {
        // Only outputs whose input at this place lies in the image.
        for (var y = max(0, -down); y < min(HEIGHT, HEIGHT - down); y++) {
            for (var x_at = max(0, -right); x_at < min(WIDTH, WIDTH - right); x_at++) {
                let pixel = (i32(image) * HEIGHT + y) * WIDTH + x_at;
                let inputs = x[u32(pixel + down * WIDTH + right) * INPUTS4 + row % INPUTS4];
                let grads = grad_y[u32(pixel) * OUTPUTS4 + column];
                sum += mat4x4f(grads * inputs.x, grads * inputs.y, grads * inputs.z, grads * inputs.w);
            }
        }
    }
    let first = (group.z * 9u * INPUTS4 + row) * 4u * OUTPUTS4 + column;
    parts[first] = sum[0];
    parts[first + OUTPUTS4] = sum[1];
    parts[first + 2u * OUTPUTS4] = sum[2];
    parts[first + 3u * OUTPUTS4] = sum[3];
}
