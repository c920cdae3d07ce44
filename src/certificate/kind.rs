//! Kinds of checks: the columns of the certificate.

use serde::{Deserialize, Serialize};

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Mean displacement.
    Mean,
    /// Mean squared displacement, and the step bias that is made of it.
    MeanSquaredDisplacement,
    /// Overlap.
    Overlap,
    /// Non-Gaussian parameter.
    NonGaussian,
    /// Kolmogorov–Smirnov distance.
    KolmogorovSmirnov,
    /// Tails.
    Tails,
    /// Independence of replicas and weights.
    Independence,
    /// Ledger and closed form of the balance of layers.
    Balance,
    /// Discrete virial.
    Virial,
    /// Algebra of the gradient.
    Algebra,
    /// A run that diverged, or in which nothing moved.
    Divergence,
}

impl CheckKind {
    /// All kinds, in the order of the columns.
    pub const ALL: [CheckKind; 11] = [
        CheckKind::Mean,
        CheckKind::MeanSquaredDisplacement,
        CheckKind::Overlap,
        CheckKind::NonGaussian,
        CheckKind::KolmogorovSmirnov,
        CheckKind::Tails,
        CheckKind::Independence,
        CheckKind::Balance,
        CheckKind::Virial,
        CheckKind::Algebra,
        CheckKind::Divergence,
    ];

    /// The head of its column.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            CheckKind::Mean => "mean",
            CheckKind::MeanSquaredDisplacement => "mean square",
            CheckKind::Overlap => "overlap",
            CheckKind::NonGaussian => "non-Gaussian",
            CheckKind::KolmogorovSmirnov => "Kolmogorov–Smirnov",
            CheckKind::Tails => "tails",
            CheckKind::Independence => "independence",
            CheckKind::Balance => "balance",
            CheckKind::Virial => "virial",
            CheckKind::Algebra => "algebra",
            CheckKind::Divergence => "failed run",
        }
    }

    /// The kind of a check of the suite, by its name.
    #[must_use]
    pub(super) fn of(name: &str, failed: bool) -> Self {
        if failed {
            return CheckKind::Divergence;
        }
        let kinds = [
            ("mean squared displacement", CheckKind::MeanSquaredDisplacement),
            ("step bias", CheckKind::MeanSquaredDisplacement),
            ("mean displacement", CheckKind::Mean),
            ("overlap", CheckKind::Overlap),
            ("non-Gaussian", CheckKind::NonGaussian),
            ("Kolmogorov", CheckKind::KolmogorovSmirnov),
            (": tails", CheckKind::Tails),
            ("independence", CheckKind::Independence),
            ("correlation of", CheckKind::Independence),
            ("ledger", CheckKind::Balance),
            ("|W", CheckKind::Balance),
            ("virial", CheckKind::Virial),
        ];
        kinds.iter().find(|(part, _)| name.contains(part)).map_or(CheckKind::Algebra, |(_, kind)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{Level, Settings, Silent, algebra};

    #[test]
    fn names_of_the_suite_are_known() {
        let settings = Settings::new(Level::Quick, 1).unwrap();
        for evidence in algebra::run(&settings, &Silent).unwrap().evidence {
            assert_eq!(CheckKind::of(&evidence.name, false), CheckKind::Algebra, "{}", evidence.name);
        }
        for (name, kind) in [
            (
                "well, kappa dt = 0.37, stationary, 5 steps: mean squared displacement",
                CheckKind::MeanSquaredDisplacement,
            ),
            (
                "well, kappa dt = 0.37, stationary, 5 steps: step bias against continuous time",
                CheckKind::MeanSquaredDisplacement,
            ),
            ("well, kappa dt = 0.37, fixed start, 5 steps: mean displacement", CheckKind::Mean),
            ("free diffusion, 1 step: non-Gaussian parameter", CheckKind::NonGaussian),
            (
                "free diffusion: correlation of replicas, most alike: replicas 3 and 7",
                CheckKind::Independence,
            ),
            ("free diffusion: variance of sums over replicas (independence)", CheckKind::Independence),
            ("trained network, ledger of layers 1 and 2", CheckKind::Balance),
            ("hot network, stationary |W1|² − |W2|²", CheckKind::Balance),
            ("hot network, discrete virial of layer 1", CheckKind::Virial),
        ] {
            assert_eq!(CheckKind::of(name, false), kind, "{name}");
        }
    }
}
