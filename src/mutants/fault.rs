//! What can be wrong.

/// One fault; everything else is a correct Euler–Maruyama step or gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Nothing: the correct program, which must raise no alarm.
    None,
    /// In the noise.
    Noise(NoiseFault),
    /// In the drift.
    Drift(DriftFault),
    /// In the counting of steps or the keeping of weights.
    Time(TimeFault),
    /// In the gradient of the network's loss.
    Gradient(GradientFault),
}

/// Faults of the noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoiseFault {
    /// Its variance is multiplied by this.
    Variance(f64),
    /// Its variance lacks the factor 1/P_D.
    NoDatasetSize,
    /// Its variance has T² for T.
    TemperatureSquared,
    /// Its amplitude has the mobility where its root belongs.
    MobilityForRoot,
    /// Uniform on an interval, with the right variance.
    Uniform,
    /// Signs only: +1 or −1.
    Signs,
    /// Numbers beyond this many standard deviations are drawn again.
    Truncated(f64),
    /// Rounded to multiples of this.
    Quantised(f64),
    /// With this mean, in units of its standard deviation.
    Mean(f64),
    /// With this correlation to the noise of the step before.
    Correlated(f64),
    /// Twice the variance on even steps and none on odd ones.
    EveryOtherStep,
    /// The same numbers in every step.
    SameEveryStep,
    /// The same numbers in every replica.
    SameEveryReplica,
    /// Replica r at step n has the numbers of replica 0 at step n + r.
    ShiftedSeeds,
    /// Replica 1 has the seed of replica 0.
    DuplicatedPair,
    /// Every second weight has the number of its neighbour.
    SharedByNeighbours,
    /// Decays as 1/√(1 + n/1000), the drift does not.
    OwnSchedule,
}

/// Faults of the drift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DriftFault {
    /// Multiplied by this.
    Factor(f64),
    /// Taken at the weights of the step before.
    Stale,
    /// Taken after the noise was added.
    AfterNoise,
    /// Decays as 1/(1 + n/100), the noise does not.
    OwnSchedule,
    /// The pull of the regularisation, this many times too many, on all layers.
    Regularisation(f64),
    /// No pull of the regularisation on any layer but the first.
    RegularisationOfFirstLayerOnly,
    /// Each component of the gradient is cut at this size.
    Clipped(f64),
}

/// Faults of time and precision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeFault {
    /// One step more than was asked for.
    OneStepMore,
    /// One step fewer.
    OneStepFewer,
    /// Weights are kept in 32 bits.
    SinglePrecision,
}

/// Faults of the gradient of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GradientFault {
    /// Errors pass through the hidden neurons of this layer, counted from 1, whether these are active or not.
    MaskMissing(usize),
    /// The mask of this hidden layer is that of the sample before.
    MaskOfLastSample(usize),
    /// Samples that satisfy the hinge still pull.
    HingeIgnored,
    /// Twice as large: the ½ of the loss forgotten in its derivative.
    Doubled,
    /// Of the first half of the samples, while the loss is of all.
    HalfBatch,
    /// A sum over samples where the loss is a mean.
    SumForMean,
}
