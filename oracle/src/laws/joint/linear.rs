//! The joint law of free diffusion and of the well, where the weight at the origin is all that the future depends on.
//!
//! With `r`, `V` of the well (see `linear_relaxation`), `l = 1 − r` and a weight at the origin of variance `S`:
//! `d_i = −l(t_i) w + N_i`, where the noise obeys `N_j = r(t_j − t_i) N_i + F`, `Var N_i = V(t_i)`,
//! `Var F = V(t_j − t_i)`. So for `t_i ≤ t_j`
//! - `c_ij = l_i l_j S + r(t_j − t_i) V(t_i)`;
//! - `c_ii c_jj − c_ij² = l(t_j − t_i)² S V(t_i) + c_ii V(t_j − t_i)`, by the formula of Cauchy and Binet for the three
//!   independent `w`, `N_i`, `F`, with `l_j − r(t_j − t_i) l_i = l(t_j − t_i)`. No term is negative.

use super::{JointDisplacement, JointDisplacementLaw};
use crate::error::{OracleError, require_non_negative};
use crate::laws::clock::Instant;
use crate::laws::displacement::Gaussian;
use crate::laws::{FreeBrownian, LinearRelaxation, QuadraticWell, StationaryWell};
use crate::{Clock, DisplacementLaw};

fn joint_displacements(
    law: &impl DisplacementLaw,
    well: &LinearRelaxation,
    variance_at_origin: f64,
    lags: &[f64],
) -> Result<JointDisplacement, OracleError> {
    if well.shares_noise() {
        let reason = "under Leimkuhler–Matthews steps the future depends on more than the weight";
        return Err(OracleError::Undefined { quantity: "this joint law", reason });
    }
    let count = lags.len();
    let mut instants = Vec::with_capacity(count);
    let mut marginals: Vec<Gaussian> = Vec::with_capacity(count);
    for lag in lags {
        instants.push(well.clock().at("lag", require_non_negative("lag", *lag)?)?);
        let (_, marginal) = law.displacement(*lag)?.components()[0];
        if !marginal.variance().is_finite() {
            return Err(OracleError::Overflow { quantity: "the displacement", argument: "lag", value: *lag });
        }
        marginals.push(marginal);
    }
    let mut covariance = vec![0.0; count * count];
    let mut unexplained = vec![0.0; count * count];
    for i in 0..count {
        for j in 0..count {
            let (early, late) = if instants[i].time <= instants[j].time { (i, j) } else { (j, i) };
            let [first, last] = [marginals[early].variance(), marginals[late].variance()];
            let here = i * count + j;
            if i == j || first == 0.0 || last == 0.0 {
                covariance[here] = if i == j { first } else { 0.0 };
                unexplained[here] = if i == j { 0.0 } else { 1.0 };
                continue;
            }
            let between = difference(well.clock(), instants[early], instants[late]);
            let noise = well.noise_variance(instants[early]);
            let start = well.loss(instants[early]) * well.loss(instants[late]) * variance_at_origin;
            covariance[here] = start + well.retention(between) * noise;
            unexplained[here] = well.loss(between).powi(2) * (variance_at_origin / last) * (noise / first)
                + well.noise_variance(between) / last;
        }
    }
    Ok(JointDisplacement { marginals, covariance, unexplained })
}

/// The time between two lags; on a step clock from the numbers of steps, which do not round.
fn difference(clock: Clock, early: Instant, late: Instant) -> Instant {
    match clock {
        Clock::Continuous => Instant { time: late.time - early.time, steps: f64::NAN },
        Clock::Steps { dt } => {
            let steps = late.steps - early.steps;
            Instant { time: steps * dt, steps }
        }
    }
}

impl JointDisplacementLaw for FreeBrownian {
    fn joint_displacements(&self, lags: &[f64]) -> Result<JointDisplacement, OracleError> {
        joint_displacements(self, &self.relaxation()?, 0.0, lags)
    }
}

impl JointDisplacementLaw for QuadraticWell {
    fn joint_displacements(&self, lags: &[f64]) -> Result<JointDisplacement, OracleError> {
        joint_displacements(self, self.relaxation(), self.variance_at_origin()?, lags)
    }
}

impl JointDisplacementLaw for StationaryWell {
    fn joint_displacements(&self, lags: &[f64]) -> Result<JointDisplacement, OracleError> {
        joint_displacements(self, self.relaxation(), self.weight_variance(), lags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bath;
    use approx::assert_relative_eq;

    fn bath() -> Bath {
        Bath::new(0.1, 0.7, 3.0).unwrap()
    }

    /// Every covariance of one joint law, with the share that cancels where plain arithmetic keeps it.
    fn assert_covariance(joint: &JointDisplacement, expected: impl Fn(usize, usize) -> f64, precision: f64) {
        for i in 0..joint.lag_count() {
            for j in 0..joint.lag_count() {
                let scale = (expected(i, i) * expected(j, j)).sqrt();
                let got = joint.covariance(i, j).unwrap();
                assert!((got - expected(i, j)).abs() <= precision * scale, "{got} {}", expected(i, j));
                let share = 1.0 - (expected(i, j) / scale).powi(2);
                assert!((joint.unexplained_share(i, j).unwrap() - share).abs() <= 4.0 * precision);
            }
        }
    }

    /// Second route: each displacement as a sum over the start and every kick, multiplied out.
    #[test]
    fn steps_follow_from_the_kicks() {
        let (dt, waited, lags, spread) = (0.5, 4_i32, [3_i32, 1, 8, 40], 0.8);
        let times = lags.map(|lag| f64::from(lag) * dt);
        for rate in [-0.1, 1e-6, 0.3, 0.98, 1.4, 1.95] {
            let well = QuadraticWell::new(bath(), rate / (0.1 * dt), Clock::Steps { dt }).unwrap();
            let well =
                well.from_gaussian(0.4, spread).unwrap().after_waiting(f64::from(waited) * dt).unwrap();
            let a = 1.0 - rate;
            let kick = bath().noise_variance(dt).sqrt();
            let coefficients = |lag: i32| -> Vec<f64> {
                let at = |step: i32| {
                    let kicks =
                        (1..=waited + 40).map(|k| if k <= step { kick * a.powi(step - k) } else { 0.0 });
                    std::iter::once(spread * a.powi(step)).chain(kicks).collect::<Vec<f64>>()
                };
                at(waited + lag).iter().zip(at(waited)).map(|(later, origin)| later - origin).collect()
            };
            let expected = |i: usize, j: usize| -> f64 {
                coefficients(lags[i]).iter().zip(coefficients(lags[j])).map(|(x, y)| x * y).sum()
            };
            assert_covariance(&well.joint_displacements(&times).unwrap(), expected, 1e-12);
        }
    }

    /// Second route of continuous time: `∫ 2 D e^{−kappa (t_i − s)} e^{−kappa (t_j − s)} ds` by Simpson's rule.
    #[test]
    fn continuous_time_follows_from_the_noise_integral() {
        let (lags, waited, spread) = ([0.7, 2.0, 0.2], 0.9, 0.8);
        for kappa in [-0.6, 1e-7, 0.5, 3.0] {
            let well = QuadraticWell::new(bath(), kappa / 0.1, Clock::Continuous).unwrap();
            let well = well.from_gaussian(-1.0, spread).unwrap().after_waiting(waited).unwrap();
            let response = |t: f64, s: f64| if s <= t { (-kappa * (t - s)).exp() } else { 0.0 };
            let expected = |i: usize, j: usize| {
                let moved = |lag: f64, s: f64| response(waited + lag, s) - response(waited, s);
                let simpson = |low: f64, high: f64| {
                    let h = (high - low) / 400.0;
                    let at = |k: i32| {
                        // Inside of the interval, where no response jumps.
                        let s = (low + f64::from(k) * h).clamp(low + 1e-13, high - 1e-13);
                        moved(lags[i], s) * moved(lags[j], s)
                    };
                    let inner: f64 = (1..400).map(|k| if k % 2 == 1 { 4.0 } else { 2.0 } * at(k)).sum();
                    h / 3.0 * (at(0) + inner + at(400))
                };
                let mut ends = [0.0, waited, waited + lags[0], waited + lags[1], waited + lags[2]];
                ends.sort_by(f64::total_cmp);
                let noise: f64 = ends.windows(2).map(|pair| simpson(pair[0], pair[1])).sum();
                let start = (moved(lags[i], 0.0) * spread) * (moved(lags[j], 0.0) * spread);
                2.0 * bath().diffusion() * noise + start
            };
            // Simpson: (h⁴/180) f'''' below 1e-10 of the whole; a slope of order 3 times the clamp's 1e-13.
            assert_covariance(&well.joint_displacements(&lags).unwrap(), expected, 1e-9);
        }
    }

    #[test]
    fn a_stationary_well_is_the_limit_of_waiting() {
        for clock in [Clock::Continuous, Clock::Steps { dt: 1.0 }] {
            for stiffness in [0.5, 9.0, 15.0] {
                let lags = [1.0, 2.0, 5.0, 6.0];
                let waited =
                    QuadraticWell::new(bath(), stiffness, clock).unwrap().after_waiting(4000.0).unwrap();
                let waited = waited.joint_displacements(&lags).unwrap();
                let joint = StationaryWell::new(bath(), stiffness, clock)
                    .unwrap()
                    .joint_displacements(&lags)
                    .unwrap();
                assert_covariance(&joint, |i, j| waited.covariance(i, j).unwrap(), 1e-12);
            }
        }
    }

    #[test]
    fn free_diffusion_has_independent_increments() {
        for clock in [Clock::Continuous, Clock::Steps { dt: 0.5 }] {
            let joint =
                FreeBrownian::new(bath(), clock).unwrap().joint_displacements(&[1.0, 3.0, 0.0]).unwrap();
            let slope = 2.0 * bath().diffusion();
            assert_relative_eq!(joint.covariance(0, 1).unwrap(), slope, max_relative = 1e-15);
            assert_relative_eq!(joint.covariance(1, 1).unwrap(), 3.0 * slope, max_relative = 1e-15);
            assert_relative_eq!(joint.unexplained_share(1, 0).unwrap(), 2.0 / 3.0, max_relative = 1e-15);
            assert_eq!(joint.window_covariance(1, 2, 0.1).unwrap().value, 0.0);
        }
    }

    #[test]
    fn limits_and_bad_lags() {
        let bath = Bath::new(1.0, 0.0, 1.0).unwrap();
        let well = QuadraticWell::new(bath, 1.0, Clock::Continuous).unwrap();
        // Without temperature one number decides every displacement of a broad start.
        let broad = well.from_gaussian(0.0, 1.0).unwrap().joint_displacements(&[1.0, 2.0]).unwrap();
        assert_eq!((broad.correlation(0, 1).unwrap(), broad.unexplained_share(0, 1).unwrap()), (1.0, 0.0));
        let still = well.from_fixed(1.0).unwrap().joint_displacements(&[1.0, 2.0]).unwrap();
        assert_eq!(still.covariance(0, 1).unwrap(), 0.0);
        let message = |lag: f64| well.joint_displacements(&[1.0, lag]).unwrap_err().to_string();
        assert_eq!(message(f64::INFINITY), "lag is inf; it must be finite and at least 0");
        assert_eq!(message(-1.0), "lag is -1; it must be finite and at least 0");
        assert_eq!(message(f64::NAN), "lag is NaN; it must be finite and at least 0");
        let hill = QuadraticWell::new(Bath::new(1.0, 1.0, 1.0).unwrap(), -1.0, Clock::Continuous).unwrap();
        let thrown = hill.joint_displacements(&[1e4]).unwrap_err().to_string();
        assert_eq!(thrown, "the displacement at lag = 10000 is too large for a double");
    }
}
