//! What pools have in common.

#[cfg(feature = "page")]
pub mod card;
pub mod code;
pub mod line;

use crate::spec::{
    limits,
    shape::{Order, Padding, Shape},
};

/// The padding of a pool for which none is given.
pub fn unpadded() -> Padding {
    Padding::None
}

/// The output shape of a pool: one value for each window.
///
/// # Errors
/// If `input` has no maps, or the window does not fit; as a sentence that says what would work.
pub fn pooled(input: Shape, [side, stride]: [usize; 2], padding: Padding, order: Order) -> Result<Shape, String> {
    let Shape::Maps { channels, height, width, .. } = input else {
        return Err("a pool takes maps, not values in a row; put it before they are flattened".into());
    };
    limits::check("the window's side", side, limits::WINDOW)?;
    limits::check("the stride", stride, limits::POOL_STRIDE)?;
    let [height, width] = [height, width].map(|len| padding.output_len(len, side, stride));
    Ok(Shape::Maps { channels, height: height?, width: width?, order })
}

/// The output shape of a pool over all pixels: one value for each map.
///
/// # Errors
/// If `input` has no maps, as a sentence that says what would work.
pub fn one_value_of_each(input: Shape) -> Result<Shape, String> {
    match input {
        Shape::Maps { channels, .. } => Ok(Shape::Values { count: channels, plane: None }),
        Shape::Values { .. } => {
            Err("a pool over all pixels takes maps, not values in a row; put it before they are flattened".into())
        }
    }
}
