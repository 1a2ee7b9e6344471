// What follows the normalisation, GELU or nothing, and its slope. operation.rs gives GELU's formula.

const EPSILON = 1e-5;
const GELU_SLOPE = 1.5957691;
const GELU_CUBE = 0.044715;

fn gate(z: Values) -> Values {
    // Beyond 87 the exponential would be infinite.
    return 1.0 / (1.0 + exp(clamp(-GELU_SLOPE * (z + GELU_CUBE * z * z * z), Values(-87.0), Values(87.0))));
}

fn gelu_slope(z: Values) -> Values {
    let g = gate(z);
    return g + z * g * (1.0 - g) * GELU_SLOPE * (1.0 + 3.0 * GELU_CUBE * z * z);
}

fn slope(z: Values) -> Values {
    #each gelu
    return gelu_slope(z);
    #end
    #each plain
    return Values(1.0);
    #end
}

