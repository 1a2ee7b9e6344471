//! Answers to pictures that differ from another one in a small part. Layers are computed only where their maps differ,
//! as long as that is a small part.

use super::values;
use crate::{
    data::Seen,
    domain::CLASS_COUNT,
    domain::arithmetic::Window,
    infer::{Classifier, ExecutionError},
    model::{activations::Activations, tensors::upload},
    spec::{LayerSpec, Place, Shape, shape::Order},
};

/// Maps are computed whole if more than one part in this many would have to be computed.
const WORTH: usize = 2;

/// The part in which each picture's maps differ from those of another picture.
struct Parts {
    /// Rows and columns of each part.
    size: [usize; 2],
    /// The first row and column of each part.
    corners: Vec<[usize; 2]>,
    /// The maps' values there, picture by picture.
    values: Vec<f32>,
}

/// The layers' outputs for one picture.
struct Base {
    places: Vec<Place>,
    /// The input of each layer, then the logits.
    given: Vec<Vec<f32>>,
}

/// The logits of `picture`, and those of each picture in `changed`. These differ from it only in a part of `size` rows
/// and columns, whose first row and column stand beside each.
///
/// # Errors
/// If the device fails.
pub async fn logits(
    classifier: &Classifier,
    picture: &Seen,
    changed: &[(Seen, [usize; 2])],
    size: [usize; 2],
) -> Result<([f32; CLASS_COUNT], Vec<[f32; CLASS_COUNT]>), ExecutionError> {
    let base = Base::of(classifier, picture).await?;
    let logits = base.given.last().and_then(|logits| logits.first_chunk()).copied();
    let logits = logits.expect("the last layer gives a value for each class");
    if changed.is_empty() {
        return Ok((logits, Vec::new()));
    }
    let mut values = Vec::new();
    for (picture, corner) in changed {
        let mut image = Vec::new();
        classifier.normalisation().append_seen(picture, &mut image);
        let at = values.len();
        values.resize(at + resized(Shape::IMAGE, size).count(), 0.0);
        let place = corner.map(|at| -(at as i32));
        paste((&image, Shape::IMAGE), (&mut values[at..], resized(Shape::IMAGE, size)), place);
    }
    let mut parts = Parts { size, corners: changed.iter().map(|(_, corner)| *corner).collect(), values };
    let mut at = 0;
    while let Some(next) = base.advance(classifier, at, &parts).await? {
        parts = next;
        at += 1;
    }
    let input = base.places[at].input;
    let whole = parts.taken(&base.given[at], input, &vec![[0, 0]; changed.len()], [input.maps()[1], input.maps()[2]]);
    let x = activations(classifier, whole, input, changed.len());
    let rest = classifier.through(at..base.places.len(), x);
    let all = super::vectors([super::row(rest.values())]).await?.remove(0);
    Ok((logits, all.as_chunks().0.to_vec()))
}

impl Base {
    async fn of(classifier: &Classifier, picture: &Seen) -> Result<Self, ExecutionError> {
        let places: Vec<Place> = classifier.network().places().cloned().collect();
        let images = classifier.images(&[*picture]);
        let mut given = vec![Activations::Planes(images.clone())];
        classifier.listen(images, &mut |_: &LayerSpec, x: &Activations| given.push(x.clone()));
        Ok(Self { places, given: values(given).await? })
    }

    /// The parts after the layer at this place. `None` if its maps are better computed whole.
    async fn advance(
        &self,
        classifier: &Classifier,
        at: usize,
        parts: &Parts,
    ) -> Result<Option<Parts>, ExecutionError> {
        let Some(Place { layer, input, output }) = self.places.get(at) else { return Ok(None) };
        let is_reached = |(later, place): (usize, &Place)| place.layer.kind.layer().reaches_back() == Some(later - at);
        // A group with a residual connection is computed as a whole.
        if !layer.kind.explanation().is_local(*input) || self.places.iter().enumerate().skip(at + 1).any(is_reached) {
            return Ok(None);
        }
        let reach = |[top, left]: [usize; 2], [height, width]: [usize; 2]| {
            let (top, left, height, width) = (top as i32, left as i32, height as u32, width as u32);
            layer.kind.explanation().reach(*input, Window { top, left, height, width })
        };
        let [_, rows, columns] = output.maps();
        // Along each axis: the first output that depends on the part, and how many do.
        let touched = |corner: &[usize; 2]| {
            let sees = |axis: usize, at: usize| {
                let window = if axis == 0 { reach([at, 0], [1, 1]) } else { reach([0, at], [1, 1]) };
                let (start, len) = [(window.top, window.height), (window.left, window.width)][axis];
                start < (corner[axis] + parts.size[axis]) as i32 && start + len as i32 > corner[axis] as i32
            };
            [(0, rows), (1, columns)].map(|(axis, len)| {
                let first = (0..len).find(|&at| sees(axis, at)).unwrap_or(0);
                (first, (first..len).take_while(|&at| sees(axis, at)).count())
            })
        };
        let touched: Vec<_> = parts.corners.iter().map(touched).collect();
        let longest = |axis: usize| touched.iter().map(|touched| touched[axis].1).max().unwrap_or(0).max(1);
        let size = [longest(0), longest(1)];
        let needed = reach([0, 0], size);
        let needed = [needed.height as usize, needed.width as usize];
        let [_, height, width] = input.maps();
        if WORTH * needed[0] * needed[1] > height * width {
            return Ok(None);
        }
        let corners: Vec<[usize; 2]> = touched
            .iter()
            .map(|&[(row, _), (column, _)]| [row.min(rows - size[0]), column.min(columns - size[1])])
            .collect();
        let windows: Vec<[i32; 2]> = corners
            .iter()
            .map(|&corner| {
                let window = reach(corner, size);
                [window.top, window.left]
            })
            .collect();

        let taken = parts.taken(&self.given[at], *input, &windows, needed);
        let x = activations(classifier, taken, resized(*input, needed), corners.len());
        let y = classifier.through(at..at + 1, x);
        let shape = y.shape();
        let made = values(vec![y]).await?.remove(0);
        let [_, height, width] = shape.maps();
        let part = resized(shape, size);
        let mut kept = vec![0.0; corners.len() * part.count()];
        let both = made.chunks_exact(shape.count()).zip(kept.chunks_exact_mut(part.count()));
        for ((made, kept), (corner, window)) in both.zip(corners.iter().zip(&windows)) {
            // Padding adds outputs around the window. Those at the rim have seen too little and are cut off.
            let rim =
                if [height, width] == size { [0, 0] } else { [0, 1].map(|axis| window[axis] - corner[axis] as i32) };
            paste((made, shape), (kept, part), rim);
        }
        Ok(Some(Parts { size, corners, values: kept }))
    }
}

impl Parts {
    /// For each picture, the window of `size` at its corner: the values of `base`, except in the part that differs;
    /// zeros beyond the border.
    fn taken(&self, base: &[f32], shape: Shape, corners: &[[i32; 2]], size: [usize; 2]) -> Vec<f32> {
        let (whole, part) = (resized(shape, size), resized(shape, self.size));
        let mut taken = vec![0.0; corners.len() * whole.count()];
        let each = taken.chunks_exact_mut(whole.count()).zip(self.values.chunks_exact(part.count()));
        for ((taken, values), (corner, own)) in each.zip(corners.iter().zip(&self.corners)) {
            paste((base, shape), (taken, whole), corner.map(|at| -at));
            paste((values, part), (taken, whole), [0, 1].map(|axis| own[axis] as i32 - corner[axis]));
        }
        taken
    }
}

/// The shape of the same maps with other sizes.
fn resized(shape: Shape, [rows, columns]: [usize; 2]) -> Shape {
    match shape {
        Shape::Maps { channels, order, .. } => Shape::Maps { channels, height: rows, width: columns, order },
        values @ Shape::Values { .. } => values,
    }
}

fn activations(classifier: &Classifier, values: Vec<f32>, shape: Shape, count: usize) -> Activations {
    let device = classifier.network().device();
    let [channels, height, width] = shape.maps();
    match shape {
        Shape::Maps { order: Order::Planes, .. } => {
            Activations::Planes(upload(values, [count, channels, height, width], &device))
        }
        Shape::Maps { order: Order::Pixels, .. } => {
            Activations::Pixels(upload(values, [count, height, width, channels], &device))
        }
        Shape::Values { count: len, .. } => Activations::Values(upload(values, [count, len], &device)),
    }
}

/// Copies the maps `from` into the maps `to`, beginning at `place` there. Values that fall outside are left out.
fn paste((from, from_shape): (&[f32], Shape), (to, to_shape): (&mut [f32], Shape), place: [i32; 2]) {
    let [channels, height, width] = from_shape.maps();
    let [_, rows, columns] = to_shape.maps();
    let within = |start: i32, len: usize, limit: usize| {
        let first = (-start).max(0).min(len as i32) as usize;
        let end = (limit as i32 - start).clamp(first as i32, len as i32) as usize;
        (first..end, (start + first as i32).max(0) as usize)
    };
    let (from_rows, to_row) = within(place[0], height, rows);
    let (from_columns, to_column) = within(place[1], width, columns);
    let len = from_columns.len();
    for (row, from_row) in from_rows.enumerate() {
        match from_shape {
            Shape::Maps { order: Order::Pixels, .. } => {
                let from = &from[(from_row * width + from_columns.start) * channels..][..len * channels];
                to[((to_row + row) * columns + to_column) * channels..][..len * channels].copy_from_slice(from);
            }
            _ => {
                for channel in 0..channels {
                    let from = &from[(channel * height + from_row) * width + from_columns.start..][..len];
                    to[(channel * rows + to_row + row) * columns + to_column..][..len].copy_from_slice(from);
                }
            }
        }
    }
}
