//! A residual connection in a short line: `add3`.

use crate::{
    layers::Add,
    spec::text::{Rest, Token},
};
use std::fmt;

impl Token for Add {
    const WORD: &'static str = "add";

    fn write(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.layers)
    }

    fn read(rest: &mut Rest) -> Result<Self, String> {
        Ok(Self { layers: rest.number()?.ok_or("its number of layers is missing, as in add3")? })
    }
}
