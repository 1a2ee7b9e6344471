// GELU and its slope, as mod.rs gives the formula.

const EPSILON = 1e-5;
const GELU_SLOPE = 1.5957691;
const GELU_CUBE = 0.044715;

fn gate(z: vec4f) -> vec4f {
    // Beyond 87 the exponential would be infinite.
    return 1.0 / (1.0 + exp(clamp(-GELU_SLOPE * (z + GELU_CUBE * z * z * z), vec4f(-87.0), vec4f(87.0))));
}

fn gelu_slope(z: vec4f) -> vec4f {
    let g = gate(z);
    return g + z * g * (1.0 - g) * GELU_SLOPE * (1.0 + 3.0 * GELU_CUBE * z * z);
}

