//! An average pool in a short line: `avg8`, `avg8s1p`.

use crate::{
    layers::{AveragePool, pools::line},
    spec::text::{Rest, Token},
};
use std::fmt;

impl Token for AveragePool {
    const WORD: &'static str = "avg";

    fn write(&self, f: &mut fmt::Formatter) -> fmt::Result {
        line::write_window(self.side, self.stride, self.padding, f)
    }

    fn read(rest: &mut Rest) -> Result<Self, String> {
        let (side, stride, padding) = line::read_window(rest)?;
        Ok(Self { side, stride, padding })
    }
}
