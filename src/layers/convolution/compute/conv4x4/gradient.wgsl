// Partial sums of the convolution's gradients, each over a band of rows of one image. A thread takes one row of the
// kernel for all filters. The bias counts as one more row of the kernel, over pixels that are all 1.

const COUNT = IMAGES * BANDS * (KERNEL_ROWS + 1u);

@group(0) @binding(1) var<storage, read_write> grad_y: array<vec4f>; // [images, filters, height, width], before ReLU
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>; // [images * bands, filters, kernel rows + 1, 4]

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let k = id.x % (KERNEL_ROWS + 1u);
    let part = id.x / (KERNEL_ROWS + 1u);
    let image = part / BANDS;
    let first_row = part % BANDS * ROWS;
    let channel = (image * CHANNELS + k / 4u) * HEIGHT * WIDTH4;
    #each filter
    var sum_$filter = vec4f();
    #end
    for (var pixels = 0u; pixels < min(ROWS, HEIGHT - first_row) * WIDTH4; pixels++) {
        let row = first_row + pixels / WIDTH4;
        let column = pixels % WIDTH4;
        var seen = mat4x4f(vec4f(1.0), vec4f(1.0), vec4f(1.0), vec4f(1.0));
        if (k < KERNEL_ROWS) {
            // SAME pads one row before.
            seen = seen_by_columns(channel, row + k % 4u - 1u, column);
        }
        let at = (image * FILTERS * HEIGHT + row) * WIDTH4 + column;
        #each filter
        sum_$filter += grad_y[at + $filteru * HEIGHT * WIDTH4] * seen;
        #end
    }
    let first = part * FILTERS * (KERNEL_ROWS + 1u) + k;
    #each filter
    parts[first + $filteru * (KERNEL_ROWS + 1u)] = sum_$filter;
    #end
}
