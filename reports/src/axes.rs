//! Ranges and ticks of axes, and panels that place values on the canvas.

mod panel;
mod range;
mod ticks;

pub(crate) use panel::{Panel, thinned};
pub(crate) use range::Range;
pub(crate) use ticks::{Tick, ticks};
