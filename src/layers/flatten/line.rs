//! Flattening in a short line: `flat`.

use crate::{
    layers::Flatten,
    spec::text::{Rest, Token},
};

impl Token for Flatten {
    const WORD: &'static str = "flat";

    fn read(_: &mut Rest) -> Result<Self, String> {
        Ok(Self)
    }
}
