//! A global max pool in a short line: `gmax`.

use crate::{
    layers::GlobalMaxPool,
    spec::text::{Rest, Token},
};

impl Token for GlobalMaxPool {
    const WORD: &'static str = "gmax";

    fn read(_: &mut Rest) -> Result<Self, String> {
        Ok(Self)
    }
}
