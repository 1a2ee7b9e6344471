// Partial sums of the gradient with respect to the weights. A thread sums some images for one place in the filter. With
// blocks it takes four inputs and four outputs; otherwise one input, and one output or four.

#each blocks
alias Inputs = vec4f;
alias Sum = mat4x4f;
#end
#each single
alias Inputs = f32;
alias Sum = Values;
#end

const IMAGES = {{ images }}u;
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
const SHARE = {{ share }}u; // Images in a partial sum.
const ACROSS = {{ across }}u; // A workgroup's threads along the outputs, so that loads and stores are coalesced.
const DOWN = {{ down }}u; // A workgroup's threads along the inputs.

@group(0) @binding(0) var<storage, read_write> x: array<Inputs>; // [images, height, width, inputs]
@group(0) @binding(1) var<storage, read_write> grad_y: array<Values>; // [images, out height, out width, outputs]
@group(0) @binding(2) var<storage, read_write> parts: array<Values>; // [parts, side, side, inputs, outputs]

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let column = group.x * ACROSS + id.x;
    // Rows run over the places in the filter, and within each over the inputs.
    let row = group.y * DOWN + id.y;
    if (column >= OUTPUTS || row >= u32(SIDE * SIDE) * INPUTS) {
        return;
    }
    let down = i32(row / INPUTS) / SIDE - ABOVE;
    let right = i32(row / INPUTS) % SIDE - LEFT;
    // Only windows whose pixel at this place lies in the image.
    let first_row = max(0, STRIDE - 1 - down) / STRIDE;
    let first_column = max(0, STRIDE - 1 - right) / STRIDE;
    let end_row = min(OUT_HEIGHT, (HEIGHT - 1 - down + STRIDE) / STRIDE);
    let end_column = min(OUT_WIDTH, (WIDTH - 1 - right + STRIDE) / STRIDE);
    var sum = Sum();
    let end = min((group.z + 1u) * SHARE, IMAGES);
    for (var image = group.z * SHARE; image < end; image++) {
        for (var y = first_row; y < end_row; y++) {
            for (var x_at = first_column; x_at < end_column; x_at++) {
                let window = (i32(image) * OUT_HEIGHT + y) * OUT_WIDTH + x_at;
                let pixel = (i32(image) * HEIGHT + y * STRIDE + down) * WIDTH + x_at * STRIDE + right;
                let inputs = x[u32(pixel) * INPUTS + row % INPUTS];
                let grads = grad_y[u32(window) * OUTPUTS + column];
                #each blocks
                sum += mat4x4f(grads * inputs.x, grads * inputs.y, grads * inputs.z, grads * inputs.w);
                #end
                #each single
                sum += grads * inputs;
                #end
            }
        }
    }
    let places = u32(SIDE * SIDE) * INPUTS;
    #each blocks
    let first = (group.z * places + row) * 4u * OUTPUTS + column;
    parts[first] = sum[0];
    parts[first + OUTPUTS] = sum[1];
    parts[first + 2u * OUTPUTS] = sum[2];
    parts[first + 3u * OUTPUTS] = sum[3];
    #end
    #each single
    parts[(group.z * places + row) * OUTPUTS + column] = sum;
    #end
}
