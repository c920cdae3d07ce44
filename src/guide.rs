//! The examples of the guide run as doctests.

macro_rules! pages {
    ($($page:ident: $file:literal),* $(,)?) => {
        $(#[doc = include_str!(concat!("../docs/guide/", $file, ".md"))] struct $page;)*
    };
}

pages! {
    Autocorrelation: "autocorrelation",
    ByReplica: "by-replica",
    Curve: "curve",
    DesignEffect: "design-effect",
    EffectiveSampleSize: "effective-sample-size",
    Equilibration: "equilibration",
    Identity: "identity",
    KolmogorovSmirnov: "kolmogorov-smirnov",
    Mean: "mean",
    MeanSquaredDisplacement: "mean-squared-displacement",
    NonGaussianParameter: "non-gaussian-parameter",
    ReplicaCorrelation: "replica-correlation",
    Overlap: "overlap",
    OwnStatistic: "own-statistic",
    Tails: "tails",
    TwoSample: "two-sample",
    Variance: "variance",
}
