// The maximum of each pixel's window along one axis. One thread per line, a row or a column of one plane.
//
// The line is spelled out pixel by pixel, so that it stays in registers.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let line = id.x;
    if (line >= COUNT) {
        return;
    }
    let start = start_of(line);
    var best: array<f32, LEN + 7u>;
    #each outside
    best[select($outsideu, LEN + $outsideu, $outsideu >= BEFORE)] = LOWEST;
    #end
    #each pixel
    best[BEFORE + $pixelu] = x[start + $pixelu * STEP];
    #end
    #each once
    best[$onceu] = max(best[$onceu], best[$onceu + 1u]);
    #end
    #each twice
    best[$twiceu] = max(best[$twiceu], best[$twiceu + 2u]);
    #end
    #each pixel
    y[start + $pixelu * STEP] = max(best[$pixelu], best[$pixelu + 4u]);
    #end
}
