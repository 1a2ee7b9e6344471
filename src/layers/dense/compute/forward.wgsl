// Partial sums of x * weight. A thread sums CHUNK inputs for several images and groups of four outputs, in registers.

const IMAGES = {{ images }}u;
const INPUTS = {{ inputs }}u;
const OUTPUTS = {{ outputs }}u;
const CHUNK = {{ chunk }}u; // Inputs in a partial sum; a multiple of 4.
const X_STEP = INPUTS / 4u; // From an image's inputs to the next image's, in vec4s.
const W_STEP = OUTPUTS / 4u; // From an input's weights to the next input's, in vec4s.
const ACROSS = {{ across }}u; // A workgroup's threads along the outputs, so that loads are coalesced.
const DOWN = {{ down }}u; // A workgroup's threads along the images.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [images, inputs]
@group(0) @binding(1) var<storage, read_write> weight: array<vec4f>; // [inputs, outputs]
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>; // [chunks, images, outputs]

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let image = (group.y * DOWN + id.y) * {{ rows }}u;
    let column = group.x * ACROSS * {{ columns }}u + id.x;
    if (image >= IMAGES || column >= W_STEP) {
        return;
    }
    // A thread past the last image or column sums the last one again and does not store it.
    #each row
    let x_$row = min(image + $rowu, IMAGES - 1u) * X_STEP;
    #end
    #each column
    let w_$column = min(column + $columnu * ACROSS, W_STEP - 1u);
    #end
    #each row
    #each column
    var sum_$row_$column = vec4f();
    #end
    #end
    let end = min((group.z + 1u) * (CHUNK / 4u), X_STEP);
    for (var k = group.z * (CHUNK / 4u); k < end; k++) {
        let w = k * 4u * W_STEP;
        #each column
        let weights_$column = mat4x4f(
            weight[w + w_$column],
            weight[w + W_STEP + w_$column],
            weight[w + 2u * W_STEP + w_$column],
            weight[w + 3u * W_STEP + w_$column],
        );
        #end
        #each row
        let inputs_$row = x[x_$row + k];
        #each column
        sum_$row_$column += weights_$column * inputs_$row;
        #end
        #end
    }
    let part = (group.z * IMAGES + image) * W_STEP + column;
    #each row
    #each column
    if (image + $rowu < IMAGES && column + $columnu * ACROSS < W_STEP) {
        parts[part + $rowu * W_STEP + $columnu * ACROSS] = sum_$row_$column;
    }
    #end
    #end
}
