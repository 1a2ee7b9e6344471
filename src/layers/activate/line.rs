//! An activation in a short line: `actr`.

use crate::{
    layers::Activate,
    spec::text::{self, Rest, Token},
};
use std::fmt;

impl Token for Activate {
    const WORD: &'static str = "act";

    fn write(&self, f: &mut fmt::Formatter) -> fmt::Result {
        text::write_activation(self.activation, f)
    }

    fn read(rest: &mut Rest) -> Result<Self, String> {
        Ok(Self { activation: rest.activation().ok_or("its letter is r, l, t or g, as in actr")? })
    }
}
