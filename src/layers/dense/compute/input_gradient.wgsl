// grad_y * transposed weight. A thread keeps the sums of several images and groups of four inputs in registers.

const IMAGES = {{ images }}u;
const INPUTS = {{ inputs }}u;
const OUTPUTS = {{ outputs }}u;
const X_STEP = INPUTS / 4u; // From an image's inputs to the next image's, in vec4s.
const W_STEP = OUTPUTS / 4u; // From an input's weights to the next input's, in vec4s; also from image to image in grad_y.
const ACROSS = {{ across }}u; // A workgroup's threads along the inputs, so that stores are coalesced.
const DOWN = {{ down }}u; // A workgroup's threads along the images, which load the same weights.

@group(0) @binding(0) var<storage, read_write> grad_y: array<vec4f>; // [images, outputs]
@group(0) @binding(1) var<storage, read_write> weight: array<vec4f>; // [inputs, outputs]
@group(0) @binding(2) var<storage, read_write> grad_x: array<vec4f>; // [images, inputs]

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let image = (group.y * DOWN + id.y) * {{ rows }}u;
    let column = group.x * ACROSS * {{ columns }}u + id.x;
    if (image >= IMAGES || column >= X_STEP) {
        return;
    }
    // A thread past the last image or column sums the last one again and does not store it.
    #each row
    let y_$row = min(image + $rowu, IMAGES - 1u) * W_STEP;
    #end
    #each column
    let w_$column = min(column + $columnu * ACROSS, X_STEP - 1u) * 4u * W_STEP;
    #end
    #each row
    #each column
    var sum_$row_$column = vec4f();
    #end
    #end
    for (var k = 0u; k < W_STEP; k++) {
        #each column
        let weights_$column = mat4x4f(
            weight[w_$column + k],
            weight[w_$column + W_STEP + k],
            weight[w_$column + 2u * W_STEP + k],
            weight[w_$column + 3u * W_STEP + k],
        );
        #end
        #each row
        let grads_$row = grad_y[y_$row + k];
        #each column
        sum_$row_$column += grads_$row * weights_$column;
        #end
        #end
    }
    let first = image * X_STEP + column;
    #each row
    #each column
    if (image + $rowu < IMAGES && column + $columnu * ACROSS < X_STEP) {
        grad_x[first + $rowu * X_STEP + $columnu * ACROSS] = sum_$row_$column;
    }
    #end
    #end
}
