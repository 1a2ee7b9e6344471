// left * right, of any sizes and steps. One thread per element. For layers too narrow for the tiles.

const ROWS = {{ rows }}u;
const COLUMNS = {{ columns }}u;
const TERMS = {{ terms }}u; // Terms of each sum.
const LEFT_ROW = {{ left_row }}u; // From a row of `left` to the next.
const LEFT_TERM = {{ left_term }}u; // From a term of `left` to the next.
const RIGHT_COLUMN = {{ right_column }}u; // From a column of `right` to the next.
const RIGHT_TERM = {{ right_term }}u; // From a term of `right` to the next.

@group(0) @binding(0) var<storage, read_write> left: array<f32>;
@group(0) @binding(1) var<storage, read_write> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> product: array<f32>; // [rows, columns]
#each bias
@group(0) @binding(3) var<storage, read_write> bias: array<f32>; // [columns]
#end

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= ROWS * COLUMNS) {
        return;
    }
    let row = id.x / COLUMNS;
    let column = id.x % COLUMNS;
    var sum = 0.0;
    #each bias
    sum = bias[column];
    #end
    for (var term = 0u; term < TERMS; term++) {
        sum += left[row * LEFT_ROW + term * LEFT_TERM] * right[column * RIGHT_COLUMN + term * RIGHT_TERM];
    }
    #each relu
    // NaN stays NaN, so that it is noticed.
    if (sum <= 0.0) {
        sum = 0.0;
    }
    #end
    product[id.x] = sum;
}
