//! Glassy dynamics: mode coupling, ageing, four-point susceptibility, master curve, power laws, stationary points.

pub mod ageing;
pub mod four_point;
pub mod master_curve;
pub mod mode_coupling;
pub mod power_law;
pub mod stationary_points;
