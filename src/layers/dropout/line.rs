//! Dropout in a short line: `drop`, `drop30`.

use crate::{
    layers::Dropout,
    spec::text::{Rest, Token},
};
use std::fmt;

impl Token for Dropout {
    const WORD: &'static str = "drop";

    fn write(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.percent.map_or(Ok(()), |percent| write!(f, "{percent}"))
    }

    fn read(rest: &mut Rest) -> Result<Self, String> {
        let percent = rest.number()?.map(|percent| u8::try_from(percent).map_err(|_| "it cuts 0 to 95 of a hundred"));
        Ok(Self { percent: percent.transpose()? })
    }
}
