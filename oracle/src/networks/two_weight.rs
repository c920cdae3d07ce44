//! The Boltzmann density of the smallest network: two weights, one sample (PHYSICS.md D.11, A13 of the paper).
//!
//! `f = w₂ max(0, w₁ x)`, `L = ½ max(0, 1 − y f)² + (lambda/2)(w₁² + w₂²)`, density `exp(−P_D L/T)` (paper Eq. 13).
//! Reflections of a weight bring every sign of x and y to x > 0, y = 1, and `v = w √x` brings x to 1; so only
//! `beta = P_D/T` and `lambda/x` matter. The integral over one weight is Gaussian on either side of `f = 1`:
//! with `A = a² + lambda`, the other weight is Gaussian about `a/A` with variance `1/(beta A)` where `a b < 1` and
//! about 0 with variance `1/(beta lambda)` beyond. What remains is one smooth integral over `a > 0` (the half plane
//! `a ≤ 0` is a Gaussian), done by adaptive quadrature.
//!
//! Both weights have the same mean square, though the network is not symmetric in them: `N₁ = N₂`, so the balance law
//! of D.5 leaves no difference.

use crate::error::{OracleError, require, require_finite, require_non_negative};
use crate::numerics::quadrature::{self, Panel};
use crate::{Bath, special::exp_minus_square};
use libm::{erf, erfc, exp, sqrt};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

/// The network in thermal equilibrium.
///
/// Relative error of every average: below 1e-12 for `P_D/T` from 1e-2 to 1e5 and `lambda/|x|` from 1e-3 to 1e2.
///
/// ```
/// use glassbox_oracle::Bath;
/// use glassbox_oracle::networks::two_weight::TwoWeightNetwork;
/// // T/P_D = 0.05, lambda = 0.2, x = 1.
/// let network = TwoWeightNetwork::new(Bath::new(0.01, 0.4, 8.0)?, 1.0, 0.2)?;
/// let averages = network.averages()?;
/// // The virial: lambda <w²> = T/P_D + <max(0, 1 − f) f>.
/// assert!((0.2 * averages.squared_weights[0] - (0.05 + averages.pull)).abs() < 1e-12);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoWeightNetwork {
    bath: Bath,
    input: f64,
    regularisation: f64,
    /// The same in units of the input: `P_D/T` and `lambda/|x|`.
    scaled: Scaled,
}

/// Averages over the Boltzmann density.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoltzmannAverages {
    /// `<L>`, with regularisation.
    pub loss: f64,
    /// `<½ max(0, 1 − y f)²>`.
    pub data_loss: f64,
    /// `<y f>`.
    pub output: f64,
    /// `<w₁²>` and `<w₂²>`: equal, by balance.
    pub squared_weights: [f64; 2],
    /// `<max(0, 1 − y f) y f>`, the pull of the data on a layer; the virial is
    /// `lambda <w_i²> − pull = T/P_D`.
    pub pull: f64,
}

/// Range of `P_D/T`.
const COLD: std::ops::RangeInclusive<f64> = 1e-2..=1e5;
/// Range of `lambda/|x|`.
const STIFF: std::ops::RangeInclusive<f64> = 1e-3..=1e2;

impl TwoWeightNetwork {
    /// The network at the temperature and data set size of `bath`, on a sample of input `x ≠ 0`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `P_D/T` lies between 1e-2 and 1e5, `|x|` between 1e-100 and 1e100, and
    /// `lambda/|x|` between 1e-3 and 1e2. (At `lambda = 0` no stationary density exists.)
    pub fn new(bath: Bath, input: f64, regularisation: f64) -> Result<Self, OracleError> {
        let beta = 1.0 / bath.thermal_energy();
        require("dataset_size / temperature", beta, COLD.contains(&beta), "between 1e-2 and 1e5")?;
        let size = require_finite("input", input)?.abs();
        require("input", input, (1e-100..=1e100).contains(&size), "of magnitude between 1e-100 and 1e100")?;
        let stiffness = require_finite("regularisation", regularisation)? / size;
        require("regularisation / |input|", stiffness, STIFF.contains(&stiffness), "between 1e-3 and 1e2")?;
        Ok(Self { bath, input: size, regularisation, scaled: Scaled { beta, stiffness } })
    }

    /// Averages of loss, weights and output.
    ///
    /// # Errors
    /// [`OracleError::Undefined`] if the quadrature does not converge; it does over the whole domain.
    pub fn averages(&self) -> Result<BoltzmannAverages, OracleError> {
        let scaled = self.scaled;
        let panels = quadrature::resolve(&scaled.breaks(), |a| scaled.moments(a)).ok_or(UNRESOLVED)?;
        let mut sums = quadrature::total(&panels);
        // The half plane a ≤ 0, where f = 0.
        let half =
            0.5 * scaled.gaussian_mass() * scaled.gaussian_width() * exp(-scaled.beta * scaled.dead_energy());
        let square = half / (scaled.beta * scaled.stiffness);
        for (sum, part) in sums.iter_mut().zip([half, square, square, 0.0, 0.5 * half, 0.0]) {
            *sum += part;
        }
        let [mass, first, second, output, data_loss, pull] = sums;
        let squared_weights = [first, second].map(|sum| sum / mass / self.input);
        let data_loss = data_loss / mass;
        Ok(BoltzmannAverages {
            loss: data_loss + 0.5 * self.regularisation * (squared_weights[0] + squared_weights[1]),
            data_loss,
            output: output / mass,
            squared_weights,
            pull: pull / mass,
        })
    }

    /// `Q_inf` of each weight: the probability that two independent draws of it differ by at most `half_width`.
    ///
    /// The overlap of a run, at a lag after which everything is forgotten.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `half_width` is finite and at least 0; [`OracleError::Undefined`] as
    /// [`averages`](Self::averages).
    pub fn overlap_limits(&self, half_width: f64) -> Result<[f64; 2], OracleError> {
        let half_width = require_non_negative("half_width", half_width)? * sqrt(self.input);
        let scaled = self.scaled;
        let of_first = overlap(&scaled.two_sided_breaks(), half_width, |a| scaled.first_density(a));
        let of_second = overlap(&scaled.two_sided_breaks(), half_width, |b| scaled.second_density(b));
        Ok([of_first.ok_or(UNRESOLVED)?, of_second.ok_or(UNRESOLVED)?])
    }

    /// `T/P_D`.
    #[must_use]
    pub fn thermal_energy(&self) -> f64 {
        self.bath.thermal_energy()
    }
}

const UNRESOLVED: OracleError =
    OracleError::Undefined { quantity: "the Boltzmann average", reason: "the quadrature does not converge" };

/// `∫∫ p(a) p(b) [|a − b| ≤ half_width] / (∫ p)²` for a density that is smooth between `breaks`.
fn overlap(breaks: &[f64], half_width: f64, density: impl Fn(f64) -> f64) -> Option<f64> {
    let density = |a: f64| [density(a)];
    let panels = quadrature::resolve(breaks, density)?;
    let [mass] = quadrature::total(&panels);
    let (low, high) = (panels.first()?.low, panels.last()?.high);
    // The window reaches a joint of the panels where its centre is half a width away.
    let mut edges: Vec<f64> = std::iter::once(low).chain(panels.iter().map(|part| part.high)).collect();
    let shifted: Vec<f64> = edges.iter().flat_map(|edge| [edge - half_width, edge + half_width]).collect();
    edges.extend(shifted.into_iter().filter(|edge| *edge > low && *edge < high));
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let pairs = quadrature::resolve(&edges, |a| {
        [density(a)[0] * window(&panels, a - half_width, a + half_width, &density)]
    })?;
    Some(quadrature::total(&pairs)[0] / (mass * mass))
}

/// The integral from `low` to `high`: whole panels, and parts of those at the ends.
fn window(panels: &[Panel<1>], low: f64, high: f64, density: &impl Fn(f64) -> [f64; 1]) -> f64 {
    let first = panels.partition_point(|part| part.high <= low);
    let reached = panels[first..].iter().take_while(|part| part.low < high);
    let parts = reached.map(|part| {
        if part.low >= low && part.high <= high {
            part.integral[0]
        } else {
            quadrature::panel(part.low.max(low), part.high.min(high), density).integral[0]
        }
    });
    parts.sum()
}

/// The network with x = 1. All densities are relative to the highest: `exp(−beta (energy − lowest energy))`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scaled {
    beta: f64,
    /// `lambda`, called so because it is the stiffness of the well of dead weights.
    stiffness: f64,
}

impl Scaled {
    /// `√(2 pi / (beta lambda))`.
    fn gaussian_mass(&self) -> f64 {
        sqrt(2.0 * PI / (self.beta * self.stiffness))
    }

    /// The same: the other factor of a two-dimensional Gaussian.
    fn gaussian_width(&self) -> f64 {
        self.gaussian_mass()
    }

    /// The energy ½ of W = 0, above the lowest: `(1 − lambda)²/2` where there is a minimum with an output.
    fn dead_energy(&self) -> f64 {
        if self.stiffness < 1.0 { 0.5 * (1.0 - self.stiffness) * (1.0 - self.stiffness) } else { 0.0 }
    }

    /// `min_b L(a, b)` above the lowest, on the side `f < 1`: `lambda a²/2 + lambda/(2A)` with its minimum taken out.
    fn valley_energy(&self, a: f64) -> f64 {
        let lambda = self.stiffness;
        let square = a * a;
        let total = square + lambda;
        if lambda < 1.0 {
            let off = square - (1.0 - lambda);
            0.5 * lambda * off * off / total
        } else {
            0.5 * square * (lambda * square + (lambda * lambda - 1.0)) / total
        }
    }

    /// `L` at `f = 1`, `b = 1/a`, above the lowest.
    fn edge_energy(&self, a: f64) -> f64 {
        let lambda = self.stiffness;
        let off = a - 1.0 / a;
        0.5 * lambda * off * off + if lambda < 1.0 { 0.5 * lambda * lambda } else { lambda - 0.5 }
    }

    /// Integral over the other weight beyond `f = 1`.
    fn beyond_edge(&self, a: f64) -> f64 {
        let cut = sqrt(self.beta * self.stiffness) / a;
        // exp(−∞) · erfcx(∞) at a = 0.
        0.5 * self.gaussian_mass() * exp(-self.beta * self.edge_energy(a)) * scaled_erfc(cut * FRAC_1_SQRT_2)
    }

    /// Integrals over the other weight, given `a > 0`: of 1, a², b², f, ½ D₊², D₊ f.
    fn moments(&self, a: f64) -> [f64; 6] {
        let (beta, lambda) = (self.beta, self.stiffness);
        let total = a * a + lambda;
        let cut = lambda * sqrt(beta / total) / a;
        let below = sqrt(2.0 * PI / (beta * total))
            * exp(-beta * self.valley_energy(a))
            * 0.5
            * erfc(-cut * FRAC_1_SQRT_2);
        let beyond = self.beyond_edge(a);
        let edge = exp(-beta * self.edge_energy(a));
        let (centre, variance) = (a / total, 1.0 / (beta * total));
        let missing = lambda / total;
        // What the two sides leave at their common edge adds to terms without cancellation.
        let b = centre * below + a * a * variance / lambda * edge;
        let b_square = (centre * centre + variance) * below
            + beyond / (beta * lambda)
            + a * a * a * variance / (lambda * total) * edge;
        let half_square =
            0.5 * ((missing * missing + a * a * variance) * below + missing * a * variance * edge);
        let pull = (missing * a * centre - a * a * variance) * below + a * a * centre * variance * edge;
        let mass = below + beyond;
        [mass, a * a * mass, b_square, a * b, half_square, pull]
    }

    /// Density of the first weight.
    fn first_density(&self, a: f64) -> f64 {
        if a > 0.0 {
            return self.moments(a)[0];
        }
        self.gaussian_mass() * exp(-self.beta * (self.dead_energy() + 0.5 * self.stiffness * a * a))
    }

    /// Density of the second weight.
    fn second_density(&self, b: f64) -> f64 {
        let (beta, lambda) = (self.beta, self.stiffness);
        let dead = exp(-beta * (self.dead_energy() + 0.5 * lambda * b * b));
        let half = 0.5 * self.gaussian_mass() * dead;
        let total = b * b + lambda;
        let prefactor = 0.5 * sqrt(2.0 * PI / (beta * total));
        // The other weight is cut at 0, so many standard deviations from its centre.
        let to_zero = b.abs() * sqrt(beta / total) * FRAC_1_SQRT_2;
        if b <= 0.0 {
            return half + prefactor * dead * scaled_erfc(to_zero);
        }
        let to_edge = lambda * sqrt(beta / total) / b * FRAC_1_SQRT_2;
        half + prefactor * exp(-beta * self.valley_energy(b)) * (erf(to_edge) + erf(to_zero))
            + self.beyond_edge(b)
    }

    /// From 0 to where nothing is left: the level sets of the two kinds of energy, a factor of 4 apart.
    fn breaks(&self) -> Vec<f64> {
        let lambda = self.stiffness;
        let mut breaks = vec![0.0];
        for quarter in 0..12 {
            // Beyond beta E = 750 a density is below the smallest double.
            let excess = 750.0 / 4.0_f64.powi(quarter) / self.beta;
            breaks.push(sqrt(2.0 * excess / lambda));
            // lambda (A + 1/A)/2 = its minimum + excess.
            let least = if lambda < 1.0 { 2.0 } else { lambda + 1.0 / lambda };
            let sum = least + 2.0 * excess / lambda;
            let root = sqrt((sum * sum - 4.0).max(0.0));
            let levels = [0.5 * (sum + root), 2.0 / (sum + root)];
            breaks.extend(levels.iter().filter(|level| **level > lambda).map(|level| sqrt(level - lambda)));
        }
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        breaks
    }

    /// The same on both sides of 0.
    fn two_sided_breaks(&self) -> Vec<f64> {
        let right = self.breaks();
        right.iter().rev().map(|edge| -edge).chain(right[1..].iter().copied()).collect()
    }
}

/// `e^{x²} erfc(x)` for `x ≥ 0`.
fn scaled_erfc(x: f64) -> f64 {
    if x < 25.0 {
        return erfc(x) / exp_minus_square(x);
    }
    // Asymptotic series: the seventh term is below 1e-17.
    let y = 0.5 / (x * x);
    let series = [13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0].iter().fold(1.0, |sum, odd| 1.0 - odd * y * sum);
    0.5 * FRAC_2_SQRT_PI * series / x
}

#[cfg(test)]
mod tests;
