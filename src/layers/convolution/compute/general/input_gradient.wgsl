// The gradient with respect to the input. A thread keeps the sums of several pixels and one input, or four, in
// registers.

const ACROSS = {{ across }}u; // A workgroup's threads along the inputs, so that stores are coalesced.
const DOWN = {{ down }}u; // A workgroup's threads along the pixels, which load the same weights.
const LINE = {{ line }}u; // Workgroups along the second dimension.
const PIXELS = {{ pixels }}u; // All images' input pixels.
const HEIGHT = {{ height }};
const WIDTH = {{ width }};
const OUT_HEIGHT = {{ out_height }};
const OUT_WIDTH = {{ out_width }};
const INPUTS = {{ inputs }}u; // Channels in `Values`.
const OUTPUTS = {{ outputs }}u; // Channels in `Values`.
const SIDE = {{ side }};
const STRIDE = {{ stride }};
const ABOVE = {{ above }}; // Rows of the first windows that lie above the image.
const LEFT = {{ left }};

@group(0) @binding(0) var<storage, read_write> grad_y: array<Values>; // [images, out height, out width, outputs]
@group(0) @binding(1) var<storage, read_write> weight: array<Values>; // [side, side, inputs, outputs]
@group(0) @binding(2) var<storage, read_write> grad_x: array<Values>; // [pixels, inputs]

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let pixel = ((group.z * LINE + group.y) * DOWN + id.y) * {{ rows }}u;
    let column = group.x * ACROSS + id.x;
    if (pixel >= PIXELS || column >= INPUTS) {
        return;
    }
    // A thread past the last pixel sums the last pixel again and does not store it.
    #each row
    let pixel_$row = i32(min(pixel + $rowu, PIXELS - 1u));
    let image_$row = pixel_$row / (WIDTH * HEIGHT);
    let down_$row = pixel_$row / WIDTH % HEIGHT + ABOVE;
    let right_$row = pixel_$row % WIDTH + LEFT;
    var sum_$row = Values();
    #end
    for (var place = 0; place < SIDE * SIDE; place++) {
        #each row
        // The window that has this pixel at this place, if there is one.
        let top_$row = down_$row - place / SIDE;
        let left_$row = right_$row - place % SIDE;
        let row_$row = top_$row / STRIDE;
        let column_$row = left_$row / STRIDE;
        let whole_$row = (top_$row >= 0) & (left_$row >= 0) & (top_$row % STRIDE == 0) & (left_$row % STRIDE == 0);
        let inside_$row = whole_$row & (row_$row < OUT_HEIGHT) & (column_$row < OUT_WIDTH);
        let counts_$row = select(0.0, 1.0, inside_$row);
        let from_$row =
            u32(select(0, (image_$row * OUT_HEIGHT + row_$row) * OUT_WIDTH + column_$row, inside_$row)) * OUTPUTS;
        #end
        #each blocks
        let w = (u32(place) * INPUTS + column) * 4u * OUTPUTS;
        #end
        #each single
        let w = (u32(place) * INPUTS + column) * OUTPUTS;
        #end
        for (var k = 0u; k < OUTPUTS; k++) {
            #each blocks
            let weights = mat4x4f(
                weight[w + k],
                weight[w + OUTPUTS + k],
                weight[w + 2u * OUTPUTS + k],
                weight[w + 3u * OUTPUTS + k],
            );
            #end
            #each single
            let weights = weight[w + k];
            #end
            #each row
            sum_$row += (counts_$row * grad_y[from_$row + k]) * weights;
            #end
        }
    }
    #each row
    if (pixel + $rowu < PIXELS) {
        grad_x[(pixel + $rowu) * INPUTS + column] = sum_$row;
    }
    #end
}
