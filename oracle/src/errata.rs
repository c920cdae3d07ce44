//! What the paper prints wrongly, and what holds instead (PHYSICS.md C.1, C.2, C.4).

/// A printed statement that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erratum {
    /// Where it is printed (arXiv 2405.13098v2).
    pub place: &'static str,
    /// What is printed.
    pub printed: &'static str,
    /// What holds.
    pub correct: &'static str,
    /// What follows from using it as printed.
    pub consequence: &'static str,
}

/// Prefactor of Eq. 6: the overlap of free diffusion is `erf(eps/√(4Dt))` itself.
pub const EQUATION_6_PREFACTOR: Erratum = Erratum {
    place: "Eq. 6",
    printed: "Q(t) = (2/√π) erf(eps/√(4Dt)) Θ(t)",
    correct: "Q(t) = erf(eps/√(4Dt))",
    consequence: "Q(0+) = 1.128 instead of 1, and tau90 1.665 times too long",
};

/// Sign of the drift in Eq. 11.
pub const EQUATION_11_SIGN: Erratum = Erratum {
    place: "Eq. 11",
    printed: "∂ρ/∂t = −∇·(mu ρ ∇L − D ∇ρ)",
    correct: "∂ρ/∂t = ∇·(mu ρ ∇L + D ∇ρ)",
    consequence: "the stationary density would be exp(+P_D L/T), against Eqs. 12, 13, 16 and 23",
};

/// The long-time value of the mean squared displacement in Appendix H.
pub const APPENDIX_H_FACTOR: Erratum = Erratum {
    place: "Appendix H, Eqs. 25–26",
    printed: "MSD_inf = T/(k P_D)",
    correct: "T/(k P_D) is <w²>; the displacement of Eq. 7 has 2T/(k P_D) in a stationary state and \
              w0² + T/(k P_D) from a fixed start",
    consequence: "the plateau of the mean squared displacement is predicted at least a factor 2 too low",
};

/// All of them.
pub const ERRATA: [Erratum; 3] = [EQUATION_6_PREFACTOR, EQUATION_11_SIGN, APPENDIX_H_FACTOR];

#[cfg(test)]
mod tests {
    use crate::laws::equilibrium::stationary_variance;
    use crate::laws::{FreeBrownian, QuadraticWell, StationaryWell};
    use crate::numerics::special::inverse_erf;
    use crate::{Bath, Clock, DisplacementLaw};
    use approx::assert_relative_eq;
    use std::f64::consts::FRAC_2_SQRT_PI;

    #[test]
    fn equation_6_as_printed_is_no_probability() {
        let law = FreeBrownian::new(Bath::new(1e-3, 1e-2, 6e4).unwrap(), Clock::Continuous).unwrap();
        let overlap = law.overlap(1e-9, 1.9e-4).unwrap();
        assert_eq!(overlap, 1.0);
        assert!(FRAC_2_SQRT_PI * overlap > 1.128);
        // (2/√π) erf(x) = 0.9 at x = erfinv(0.9 √π/2): tau90 is longer by the square of the ratio.
        let ratio = inverse_erf(0.9) / inverse_erf(0.9 / FRAC_2_SQRT_PI);
        assert_relative_eq!(ratio * ratio, 1.665, max_relative = 1e-3);
    }

    #[test]
    fn equation_11_as_printed_does_not_keep_the_boltzmann_density() {
        // Flux of ρ = exp(−k w²/(2s²)·…): with the correct sign it vanishes, with the printed one it does not.
        let (mobility, stiffness, bath) = (0.7, 1.3, Bath::new(0.7, 0.4, 5.0).unwrap());
        let variance = bath.thermal_energy() / stiffness;
        let density = |w: f64| (-w * w / (2.0 * variance)).exp();
        let w = 0.31;
        let slope = (density(w + 1e-6) - density(w - 1e-6)) / 2e-6;
        let drift = mobility * density(w) * stiffness * w;
        assert!((drift + bath.diffusion() * slope).abs() < 1e-8 * drift);
        assert!((drift - bath.diffusion() * slope).abs() > 1.9 * drift);
    }

    #[test]
    fn appendix_h_is_the_variance_not_the_displacement() {
        let bath = Bath::new(1e-3, 0.1, 6e4).unwrap();
        let printed = stationary_variance(bath, 0.01, Clock::Continuous).unwrap();
        assert_relative_eq!(printed, 1.6667e-4, max_relative = 1e-4);
        let stationary = StationaryWell::new(bath, 0.01, Clock::Continuous).unwrap();
        assert_relative_eq!(stationary.mean_squared_displacement_limit().unwrap(), 2.0 * printed);
        let fixed = QuadraticWell::new(bath, 0.01, Clock::Continuous).unwrap().from_fixed(0.05).unwrap();
        assert_relative_eq!(fixed.mean_squared_displacement_limit().unwrap(), 0.05 * 0.05 + printed);
    }
}
