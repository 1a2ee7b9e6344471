// The convolution. A thread keeps the sums of several pixels and one output, or four, in registers.

#each blocks
alias Inputs = vec4f;
#end
#each single
alias Inputs = f32;
#end

const ACROSS = {{ across }}u; // A workgroup's threads along the outputs, so that loads are coalesced.
const DOWN = {{ down }}u; // A workgroup's threads along the pixels.
const LINE = {{ line }}u; // Workgroups along the second dimension.
const PIXELS = {{ pixels }}u; // All images' output pixels.
const HEIGHT = {{ height }};
const WIDTH = {{ width }};
const OUT_HEIGHT = {{ out_height }};
const OUT_WIDTH = {{ out_width }};
const INPUTS = {{ inputs }}u; // Channels in `Inputs`.
const OUTPUTS = {{ outputs }}u; // Channels in `Values`.
const SIDE = {{ side }};
const STRIDE = {{ stride }};
const ABOVE = {{ above }}; // Rows of the first windows that lie above the image.
const LEFT = {{ left }};

@group(0) @binding(0) var<storage, read_write> x: array<Inputs>; // [images, height, width, inputs]
@group(0) @binding(1) var<storage, read_write> weight: array<Values>; // [side, side, inputs, outputs]
@group(0) @binding(2) var<storage, read_write> y: array<Values>; // [pixels, outputs]

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let pixel = ((group.z * LINE + group.y) * DOWN + id.y) * {{ rows }}u;
    let column = group.x * ACROSS + id.x;
    if (pixel >= PIXELS || column >= OUTPUTS) {
        return;
    }
    // A thread past the last pixel sums the last pixel again and does not store it.
    #each row
    let pixel_$row = i32(min(pixel + $rowu, PIXELS - 1u));
    let image_$row = pixel_$row / (OUT_WIDTH * OUT_HEIGHT);
    let top_$row = pixel_$row / OUT_WIDTH % OUT_HEIGHT * STRIDE - ABOVE;
    let left_$row = pixel_$row % OUT_WIDTH * STRIDE - LEFT;
    var sum_$row = Values();
    #end
    for (var place = 0; place < SIDE * SIDE; place++) {
        #each row
        let at_row_$row = top_$row + place / SIDE;
        let at_column_$row = left_$row + place % SIDE;
        // Pixels outside the image count as 0; a pixel inside is loaded instead. As u32, negative places are huge
        // numbers. There are no branches, since SwiftShader would take seconds to compile them.
        let inside_$row = (u32(at_row_$row) < u32(HEIGHT)) & (u32(at_column_$row) < u32(WIDTH));
        let counts_$row = select(0.0, 1.0, inside_$row);
        let from_$row = u32(select(0, (image_$row * HEIGHT + at_row_$row) * WIDTH + at_column_$row, inside_$row)) * INPUTS;
        #end
        for (var k = 0u; k < INPUTS; k++) {
            #each blocks
            let w = (u32(place) * INPUTS + k) * 4u * OUTPUTS + column;
            let weights = mat4x4f(weight[w], weight[w + OUTPUTS], weight[w + 2u * OUTPUTS], weight[w + 3u * OUTPUTS]);
            #end
            #each single
            let weights = weight[(u32(place) * INPUTS + k) * OUTPUTS + column];
            #end
            #each row
            sum_$row += weights * (counts_$row * x[from_$row + k]);
            #end
        }
    }
    #each row
    if (pixel + $rowu < PIXELS) {
        y[(pixel + $rowu) * OUTPUTS + column] = sum_$row;
    }
    #end
}
