//! All mutants.

use super::Place::{Algebra, Balance, FreeDiffusion, NetworkLimits, QuadraticWell};
use super::{DriftFault, Fault, GradientFault, NoiseFault, Place, TimeFault};

/// A fault with a name, what was typed wrong, and where it can show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mutant {
    /// Short name, unique.
    pub id: &'static str,
    /// What is wrong, in a line.
    pub description: &'static str,
    /// The fault.
    pub fault: Fault,
    /// Sections of the suite in which it can show, cheapest first.
    pub places: &'static [Place],
}

const NOISE: &[Place] = &[FreeDiffusion];
const PULL: &[Place] = &[QuadraticWell];
const DECAY: &[Place] = &[QuadraticWell, NetworkLimits];
const LAYERS: &[Place] = &[NetworkLimits, Balance];
const EVERYWHERE: &[Place] = &[FreeDiffusion, QuadraticWell, NetworkLimits, Balance, Algebra];

const fn noise(id: &'static str, description: &'static str, fault: NoiseFault) -> Mutant {
    Mutant { id, description, fault: Fault::Noise(fault), places: NOISE }
}

const fn drift(
    id: &'static str,
    description: &'static str,
    fault: DriftFault,
    places: &'static [Place],
) -> Mutant {
    Mutant { id, description, fault: Fault::Drift(fault), places }
}

const fn gradient(id: &'static str, description: &'static str, fault: GradientFault) -> Mutant {
    Mutant { id, description, fault: Fault::Gradient(fault), places: &[Algebra] }
}

/// The mutants, the correct program first.
pub const MUTANTS: [Mutant; 42] = [
    Mutant { id: "correct", description: "nothing is wrong", fault: Fault::None, places: EVERYWHERE },
    noise("variance-up-1", "noise variance 1 % too high", NoiseFault::Variance(1.01)),
    noise("variance-down-1", "noise variance 1 % too low", NoiseFault::Variance(0.99)),
    noise("root-two", "amplitude √2 too large: 4 D dt for 2 D dt", NoiseFault::Variance(2.0)),
    noise("no-two", "amplitude √2 too small: D dt for 2 D dt", NoiseFault::Variance(0.5)),
    noise("no-dataset-size", "noise without 1/P_D: loss taken for a sum", NoiseFault::NoDatasetSize),
    noise("temperature-squared", "T² for T in the noise", NoiseFault::TemperatureSquared),
    noise("step-for-root", "amplitude ∝ step where its root belongs", NoiseFault::MobilityForRoot),
    noise("uniform", "uniform noise of the right variance", NoiseFault::Uniform),
    noise("signs", "noise of ±1 of the right variance", NoiseFault::Signs),
    noise("cut-3", "noise beyond 3 standard deviations drawn again", NoiseFault::Truncated(3.0)),
    noise("cut-4", "noise beyond 4 standard deviations drawn again", NoiseFault::Truncated(4.0)),
    noise("quantised", "noise in steps of 1/16 (8 bits over ±8)", NoiseFault::Quantised(1.0 / 16.0)),
    noise("mean-1", "noise with a mean of 1 % of its width", NoiseFault::Mean(0.01)),
    noise("correlated-1", "noise correlated by 1 % from step to step", NoiseFault::Correlated(0.01)),
    noise("every-other-step", "noise on even steps only, twice the variance", NoiseFault::EveryOtherStep),
    noise("same-every-step", "generator seeded anew in every step", NoiseFault::SameEveryStep),
    noise("same-every-replica", "all replicas with one seed", NoiseFault::SameEveryReplica),
    noise("shifted-seeds", "replicas on one stream, a step apart", NoiseFault::ShiftedSeeds),
    noise("duplicated-pair", "two replicas of all with one seed", NoiseFault::DuplicatedPair),
    noise("shared-by-neighbours", "neighbouring weights share their noise", NoiseFault::SharedByNeighbours),
    noise("noise-schedule", "learning-rate schedule on noise, not on drift", NoiseFault::OwnSchedule),
    drift("drift-schedule", "learning-rate schedule on drift, not on noise", DriftFault::OwnSchedule, PULL),
    drift(
        "doubled-drift",
        "gradient twice too large: ½ of the loss forgotten",
        DriftFault::Factor(2.0),
        PULL,
    ),
    drift("halved-drift", "gradient half too small: eps/2 for eps", DriftFault::Factor(0.5), PULL),
    drift("drift-up-2", "gradient 2 % too large", DriftFault::Factor(1.02), PULL),
    drift("sign-flipped", "gradient ascent", DriftFault::Factor(-1.0), PULL),
    drift("stale", "gradient of the step before", DriftFault::Stale, PULL),
    drift("after-noise", "gradient taken after the noise", DriftFault::AfterNoise, PULL),
    drift("clipped", "components of the gradient cut at ±0.3", DriftFault::Clipped(0.3), PULL),
    drift(
        "decay-twice",
        "regularisation in the loss and in the optimiser",
        DriftFault::Regularisation(1.0),
        DECAY,
    ),
    drift("decay-missing", "regularisation forgotten", DriftFault::Regularisation(-1.0), DECAY),
    drift(
        "decay-first-layer",
        "regularisation on the first layer only",
        DriftFault::RegularisationOfFirstLayerOnly,
        LAYERS,
    ),
    Mutant {
        id: "one-step-more",
        description: "one step more than counted",
        fault: Fault::Time(TimeFault::OneStepMore),
        places: NOISE,
    },
    Mutant {
        id: "one-step-fewer",
        description: "one step fewer than counted",
        fault: Fault::Time(TimeFault::OneStepFewer),
        places: NOISE,
    },
    Mutant {
        id: "single-precision",
        description: "weights in 32 bits: small moves are lost",
        fault: Fault::Time(TimeFault::SinglePrecision),
        places: NOISE,
    },
    gradient("mask-missing", "no ReLU mask in hidden layer 3", GradientFault::MaskMissing(3)),
    gradient(
        "mask-of-last-sample",
        "ReLU mask of the sample before, layer 2",
        GradientFault::MaskOfLastSample(2),
    ),
    gradient("hinge-ignored", "satisfied samples still pull", GradientFault::HingeIgnored),
    gradient("gradient-doubled", "gradient without the ½ of the loss", GradientFault::Doubled),
    gradient("half-batch", "gradient of half the samples, loss of all", GradientFault::HalfBatch),
    gradient("sum-for-mean", "gradient summed over samples", GradientFault::SumForMean),
];

/// The mutant of this name.
#[must_use]
pub fn mutant(id: &str) -> Option<&'static Mutant> {
    MUTANTS.iter().find(|mutant| mutant.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<&str> = MUTANTS.iter().map(|mutant| mutant.id).collect();
        assert_eq!(names.len(), MUTANTS.len());
        assert!(
            MUTANTS.iter().all(|mutant| mutant.description.chars().count() <= 52),
            "too long for a figure"
        );
        assert_eq!(
            mutant("cut-3").map(|mutant| mutant.fault),
            Some(Fault::Noise(NoiseFault::Truncated(3.0)))
        );
    }
}
