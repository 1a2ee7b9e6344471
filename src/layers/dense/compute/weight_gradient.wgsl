// transposed x * grad_y. A thread keeps the sums of groups of four inputs and four outputs in registers.

const IMAGES = {{ images }}u;
const INPUTS = {{ inputs }}u;
const OUTPUTS = {{ outputs }}u;
const X_STEP = INPUTS / 4u; // From an image's inputs to the next image's, in vec4s.
const W_STEP = OUTPUTS / 4u; // From an input's weights to the next input's, in vec4s; also from image to image in grad_y.
const ACROSS = {{ across }}u; // A workgroup's threads along the outputs, so that loads and stores are coalesced.
const DOWN = {{ down }}u; // A workgroup's threads along the inputs.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [images, inputs]
@group(0) @binding(1) var<storage, read_write> grad_y: array<vec4f>; // [images, outputs]
@group(0) @binding(2) var<storage, read_write> grad_weight: array<vec4f>; // [inputs, outputs]

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let row = (group.y * DOWN + id.y) * {{ rows }}u;
    let column = group.x * ACROSS * {{ columns }}u + id.x;
    if (row >= X_STEP || column >= W_STEP) {
        return;
    }
    // A thread past the last row or column sums the last one again and does not store it.
    #each row
    let x_$row = min(row + $rowu, X_STEP - 1u);
    #end
    #each column
    let w_$column = min(column + $columnu * ACROSS, W_STEP - 1u);
    #end
    #each row
    #each column
    var sum_$row_$column = mat4x4f();
    #end
    #end
    for (var image = 0u; image < IMAGES; image += 4u) {
        let a = image;
        let b = min(image + 1u, IMAGES - 1u);
        let c = min(image + 2u, IMAGES - 1u);
        let d = min(image + 3u, IMAGES - 1u);
        // Images past the last one count as 0.
        let counts = vec4f(vec4u(image, image + 1u, image + 2u, image + 3u) < vec4u(IMAGES));
        #each column
        let grads_$column = mat4x4f(
            grad_y[a * W_STEP + w_$column],
            grad_y[b * W_STEP + w_$column] * counts.y,
            grad_y[c * W_STEP + w_$column] * counts.z,
            grad_y[d * W_STEP + w_$column] * counts.w,
        );
        #end
        #each row
        let inputs_$row = transpose(mat4x4f(
            x[a * X_STEP + x_$row],
            x[b * X_STEP + x_$row],
            x[c * X_STEP + x_$row],
            x[d * X_STEP + x_$row],
        ));
        #each column
        sum_$row_$column += grads_$column * inputs_$row;
        #end
        #end
    }
    let first = row * 4u * W_STEP + column;
    #each row
    #each column
    if (row + $rowu < X_STEP && column + $columnu * ACROSS < W_STEP) {
        grad_weight[first + ($rowu * 4u + 0u) * W_STEP + $columnu * ACROSS] = sum_$row_$column[0];
        grad_weight[first + ($rowu * 4u + 1u) * W_STEP + $columnu * ACROSS] = sum_$row_$column[1];
        grad_weight[first + ($rowu * 4u + 2u) * W_STEP + $columnu * ACROSS] = sum_$row_$column[2];
        grad_weight[first + ($rowu * 4u + 3u) * W_STEP + $columnu * ACROSS] = sum_$row_$column[3];
    }
    #end
    #end
}
