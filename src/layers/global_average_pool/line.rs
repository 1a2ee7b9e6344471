//! A global average pool in a short line: `gavg`.

use crate::{
    layers::GlobalAveragePool,
    spec::text::{Rest, Token},
};

impl Token for GlobalAveragePool {
    const WORD: &'static str = "gavg";

    fn read(_: &mut Rest) -> Result<Self, String> {
        Ok(Self)
    }
}
