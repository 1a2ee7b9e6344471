// Convolution, bias and ReLU of the unpadded image. A thread computes four columns of a few rows, for some filters or
// all.
//
// A matrix of the pixels under the kernel's four columns, times four weights of a filter, gives four pixels at once.
// Each loaded weight serves all of the thread's rows.

const FILTERS_EACH = {{ filters_each }}u; // Filters per thread.
const COUNT = IMAGES * (FILTERS / FILTERS_EACH) * BANDS * WIDTH4;

@group(0) @binding(1) var<storage, read_write> weight: array<vec4f>; // [filters, channels, 4, 4]
@group(0) @binding(2) var<storage, read_write> bias: array<f32>; // [filters]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [images, filters, height, width]

// NaN stays NaN, so that it is noticed.
fn relu(sum: vec4f) -> vec4f {
    return select(sum, vec4f(), sum <= vec4f());
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let column = id.x % WIDTH4;
    let row = id.x / WIDTH4 % BANDS * ROWS;
    let first_filter = id.x / (WIDTH4 * BANDS) % (FILTERS / FILTERS_EACH) * FILTERS_EACH;
    let image = id.x / (WIDTH4 * BANDS * (FILTERS / FILTERS_EACH));
    #each filter
    #each row
    var sum_$filter_$row = vec4f(bias[first_filter + $filteru]);
    #end
    #end
    for (var k = 0u; k < KERNEL_ROWS; k++) {
        let channel = (image * CHANNELS + k / 4u) * HEIGHT * WIDTH4;
        // SAME pads one row before and two after.
        let above = row + k % 4u - 1u;
        #each row
        let seen_$row = seen_by_columns(channel, above + $rowu, column);
        #end
        #each filter
        let weight_$filter = weight[(first_filter + $filteru) * KERNEL_ROWS + k];
        #each row
        sum_$filter_$row += seen_$row * weight_$filter;
        #end
        #end
    }
    let first = ((image * FILTERS + first_filter) * HEIGHT + row) * WIDTH4 + column;
    #each row
    if (row + $rowu < HEIGHT) {
        #each filter
        y[first + ($filteru * HEIGHT + $rowu) * WIDTH4] = relu(sum_$filter_$row);
        #end
    }
    #end
}
