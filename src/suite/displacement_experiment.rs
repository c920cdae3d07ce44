//! An ensemble whose weights are independent and follow one law: simulated, tested and drawn.

use super::findings::SuiteError;
use super::progress::Progress;
use glassbox_oracle::verdict::{
    DisplacementChecks, Evidence, VerdictError, autocorrelation, overlap, replica_correlation, second_moment,
};
use glassbox_oracle::{Displacement, DisplacementLaw, OracleError, ParameterisedLaw};
use glassbox_reports::{Curve, Observed, Series};
use glassbox_simulations::ensemble::Ensemble;
use glassbox_simulations::integrator::Integrator;
use glassbox_simulations::landscape::Landscape;
use glassbox_simulations::observables::DisplacementRecorder;

/// A correlation of rho between replicas multiplies the variance of their sum by `1 + (replicas − 1) rho`: half as much
/// again is a correlation of 0.2 % among 256 replicas.
const SHARED_NOISE_TOLERANCE: f64 = 0.5;

/// Independent weights on a landscape, beside the law that each of them should follow.
pub struct DisplacementExperiment<'a, L: ?Sized> {
    /// Name of the experiment, as verdicts and legends carry it.
    pub name: String,
    /// Where the weights live.
    pub landscape: &'a L,
    /// The law of every weight's displacement after the waiting time.
    pub law: &'a dyn ParameterisedLaw,
    /// Half width of the overlap.
    pub half_width: f64,
    /// Length of a step, in units of time.
    pub dt: f64,
    /// Steps before displacements are measured.
    pub waiting_steps: u64,
    /// Lags in steps at which the law is tested, ascending.
    pub lags: Vec<u64>,
    /// Number of replicas.
    pub replicas: u32,
    /// Seed of the noise.
    pub seed: u64,
    /// Practical tolerance of the checks.
    pub tolerance: f64,
}

/// Weights by which replicas are compared pair by pair: enough to see half of the noise in common.
const COMPARED_WEIGHTS: usize = 512;

/// What an experiment measured.
pub struct Measured {
    /// The checks made.
    pub evidence: Vec<Evidence>,
    /// Displacements of all weights of all replicas, for every lag; empty if a replica diverged.
    pub displacements: Vec<Vec<f64>>,
}

impl<L: Landscape + ?Sized> DisplacementExperiment<'_, L> {
    /// Simulates and tests; `start` and `integrator` are functions of the replica's number.
    ///
    /// # Errors
    /// [`SuiteError`] for an experiment that cannot be made; a diverged replica is evidence instead.
    pub fn run<I: Integrator<L>>(
        &self,
        start: impl Fn(u32) -> Vec<f64> + Sync,
        integrator: impl Fn(u32) -> I + Sync,
        progress: &dyn Progress,
    ) -> Result<Measured, SuiteError> {
        let steps = self.waiting_steps + self.lags.last().copied().unwrap_or(0);
        progress.begin(&self.name, steps * u64::from(self.replicas));
        let advance = |steps| progress.advance(steps);
        let replicas = Ensemble::new(self.landscape, self.replicas, self.seed).with_progress(&advance).run(
            steps,
            start,
            integrator,
            |_| DisplacementRecorder::new(self.waiting_steps, self.lags.clone()),
        )?;
        let records = match replicas.completed() {
            Ok(records) => records,
            Err(diverged) => {
                let evidence = vec![Evidence::failed(&self.name, self.seed, diverged.to_string())];
                return Ok(Measured { evidence, displacements: Vec::new() });
            }
        };
        let pooled = |lag: usize| -> Vec<f64> {
            records.iter().flat_map(|record| record.displacements[lag].iter().copied()).collect()
        };
        let displacements: Vec<Vec<f64>> = (0..self.lags.len()).map(pooled).collect();
        let mut evidence = Vec::new();
        for (lag, displacements) in self.lags.iter().zip(&displacements) {
            evidence.extend(self.or_failed(&self.at(*lag), self.check_lag(*lag, displacements))?);
        }
        if let Some(last) = self.lags.last() {
            let by_replica: Vec<&[f64]> =
                records.iter().filter_map(|record| record.displacements.last().map(Vec::as_slice)).collect();
            evidence.extend(self.or_failed(
                &format!("{}: independence", self.name),
                self.check_independence(*last, &by_replica),
            )?);
        }
        Ok(Measured { evidence, displacements })
    }

    /// Displacements that no test can use, because nothing has moved or all values are alike, are a failure of the
    /// simulation and not of the suite.
    fn or_failed(
        &self,
        name: &str,
        checks: Result<Vec<Evidence>, SuiteError>,
    ) -> Result<Vec<Evidence>, SuiteError> {
        match checks {
            Err(SuiteError::Verdict(
                error @ (VerdictError::UnsuitableSample { .. } | VerdictError::UnsuitableLaw { .. }),
            )) => Ok(vec![Evidence::failed(name, self.seed, error.to_string())]),
            checks => checks,
        }
    }

    fn check_lag(&self, lag: u64, displacements: &[f64]) -> Result<Vec<Evidence>, SuiteError> {
        let checks = DisplacementChecks::of_law(self.at(lag), self.law, self.time(lag), self.seed)?
            .with_half_width(self.half_width)
            .with_practical_tolerance(self.tolerance);
        Ok(checks.check(displacements)?)
    }

    /// Whether replicas and weights are independent of each other, by the displacements at one lag.
    fn check_independence(&self, lag: u64, by_replica: &[&[f64]]) -> Result<Vec<Evidence>, SuiteError> {
        let law = self.law.displacement(self.time(lag))?;
        let weights = self.landscape.dimension();
        if weights < 30 || by_replica.len() < 2 {
            return Ok(Vec::new());
        }
        let centred: Vec<Vec<f64>> = by_replica
            .iter()
            .map(|replica| replica.iter().map(|displacement| displacement - law.mean()).collect())
            .collect();
        // Sums over replicas, weight by weight, have the variance of independent replicas; a shared noise multiplies it
        // by the number of replicas.
        let scale = 1.0 / (by_replica.len() as f64).sqrt();
        let sums: Vec<f64> = (0..weights)
            .map(|weight| centred.iter().map(|replica| replica[weight]).sum::<f64>() * scale)
            .collect();
        let name = |what: &str| format!("{}: {what}", self.name);
        let what = name("variance of sums over replicas (independence)");
        let sums =
            second_moment::check(what, self.seed, &sums, &Displacement::gaussian(0.0, law.variance())?)?;
        // A pair of equal replicas among many shows in no sum.
        let compared: Vec<&[f64]> = centred.iter().map(|one| &one[..weights.min(COMPARED_WEIGHTS)]).collect();
        let what = name("correlation of replicas");
        let replicas = replica_correlation::check(what, self.seed, &compared)?;
        let (even, odd): (Vec<f64>, Vec<f64>) =
            centred.iter().flat_map(|one| one.chunks_exact(2)).map(|pair| (pair[0], pair[1])).unzip();
        let what = name("correlation of neighbouring weights");
        let neighbours = autocorrelation::check(what, self.seed, &even, &odd, 0.0, 0.0)?;
        Ok(vec![sums.with_practical_tolerance(SHARED_NOISE_TOLERANCE), replicas, neighbours])
    }

    /// Name of what is measured at a lag.
    fn at(&self, lag: u64) -> String {
        let steps = if lag == 1 { "1 step".to_owned() } else { format!("{lag} steps") };
        format!("{}, {steps}", self.name)
    }

    fn time(&self, lag: u64) -> f64 {
        lag as f64 * self.dt
    }

    /// The law as a curve over all tested lags, on whole steps.
    ///
    /// # Errors
    /// Those of the law.
    pub fn curve(
        &self,
        law: &dyn DisplacementLaw,
        observable: impl Fn(&Displacement) -> f64,
    ) -> Result<Vec<(f64, f64)>, OracleError> {
        let last = self.lags.last().copied().unwrap_or(1) as f64;
        let points = 160.0;
        let mut steps: Vec<f64> = (0..=160).map(|i| last.powf(f64::from(i) / points).round()).collect();
        steps.dedup();
        steps.into_iter().map(|step| Ok((step, observable(&law.displacement(step * self.dt)?)))).collect()
    }

    /// The measured mean squared displacement at every lag.
    ///
    /// # Errors
    /// Those of the law.
    pub fn mean_squared_displacement(
        &self,
        measured: &Measured,
        colour: usize,
    ) -> Result<Series, SuiteError> {
        self.series(colour, measured, |displacements, law| {
            second_moment::check(self.name.as_str(), self.seed, displacements, law)
        })
    }

    /// The measured overlap at every lag.
    ///
    /// # Errors
    /// Those of the law.
    pub fn overlap(&self, measured: &Measured, colour: usize) -> Result<Series, SuiteError> {
        self.series(colour, measured, |displacements, law| {
            overlap::check(self.name.as_str(), self.seed, displacements, law, self.half_width)
        })
    }

    fn series(
        &self,
        colour: usize,
        measured: &Measured,
        check: impl Fn(&[f64], &Displacement) -> Result<Evidence, glassbox_oracle::verdict::VerdictError>,
    ) -> Result<Series, SuiteError> {
        let points: Result<Vec<Observed>, SuiteError> = self
            .lags
            .iter()
            .zip(&measured.displacements)
            .map(|(lag, displacements)| {
                let evidence = check(displacements, &self.law.displacement(self.time(*lag))?)?;
                Ok(Observed {
                    at: *lag as f64,
                    observed: evidence.observed,
                    standard_error: evidence.standard_error.unwrap_or(f64::NAN),
                    predicted: evidence.predicted,
                })
            })
            .collect();
        Ok(Series::new(self.name.clone(), points?, colour))
    }

    /// The two curves of the law, mean squared displacement and overlap, under this experiment's name.
    ///
    /// # Errors
    /// Those of the law.
    pub fn prediction(&self, colour: usize) -> Result<(Curve, Curve), OracleError> {
        let displacement = self.curve(self.law, Displacement::mean_squared_displacement)?;
        let overlap = self.curve(self.law, |law| law.overlap(self.half_width))?;
        Ok((
            Curve::prediction(self.name.clone(), displacement, colour),
            Curve::prediction(self.name.clone(), overlap, colour),
        ))
    }
}
