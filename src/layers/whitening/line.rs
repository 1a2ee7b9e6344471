//! The whitening in a short line: `whiten`.

use crate::{
    layers::Whitening,
    spec::text::{Rest, Token},
};

impl Token for Whitening {
    const WORD: &'static str = "whiten";

    fn read(_: &mut Rest) -> Result<Self, String> {
        Ok(Self)
    }
}
