// Batch normalisation with or without GELU. One thread per channel of a pixel, or per four channels.

@group(0) @binding(0) var<storage, read_write> x: array<Values>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<Values>; // [2, channels]
@group(0) @binding(2) var<storage, read_write> shift: array<Values>; // [channels]
@group(0) @binding(3) var<storage, read_write> y: array<Values>; // [pixels, channels]
// All images' values, then channels, both in `Values`.
@group(0) @binding(4) var<storage, read_write> sizes: array<u32>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= sizes[0]) {
        return;
    }
    let channel = id.x % sizes[1];
    let scale = inverseSqrt(statistics[sizes[1] + channel] + EPSILON);
    let z = (x[id.x] - statistics[channel]) * scale + shift[channel];
    #each gelu
    y[id.x] = z * gate(z);
    #end
    #each plain
    y[id.x] = z;
    #end
}
