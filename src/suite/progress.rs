//! Word of how far the suite is.

/// Told what is being simulated and how many replica steps are done.
pub trait Progress: Sync {
    /// An experiment of `steps` replica steps in all begins.
    fn begin(&self, experiment: &str, steps: u64);

    /// `steps` more replica steps are done; called from any thread.
    fn advance(&self, steps: u64);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _experiment: &str, _steps: u64) {}
    fn advance(&self, _steps: u64) {}
}
