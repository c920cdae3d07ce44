//! Section 5: algebra of the network that is exact to rounding.

use super::findings::{Findings, SuiteError};
use super::progress::Progress;
use super::settings::Settings;
use glassbox_oracle::verdict::{Evidence, identity};
use glassbox_reports::{Axis, Comparison, Curve, Observed, Series};
use glassbox_simulations::dataset::{self, Dataset};
use glassbox_simulations::network::reference::{self, Samples};
use glassbox_simulations::network::{Architecture, GradientEvaluator, Initialisation};
use glassbox_simulations::noise::{NoiseStream, Purpose};

const WIDTH: usize = 30;
/// Images of the checks in double precision.
const IMAGES: usize = 500;
/// Weights whose slope is compared with a central difference.
const SLOPES: usize = 100;
/// What the single-precision gradient promises: relative error in norm.
const SINGLE_PRECISION_PROMISE: f64 = 5e-6;

/// A gradient of the data loss: (weights, gradient) → loss. Tests pass broken ones.
pub type DataGradient<'a> = &'a dyn Fn(&Problem, &[f64], &mut [f64]) -> Result<f64, SuiteError>;

/// A network and its data.
pub struct Problem {
    /// The network.
    pub architecture: Architecture,
    /// The data.
    pub data: Dataset,
}

impl Problem {
    fn samples(&self) -> Samples<'_> {
        Samples { inputs: self.data.inputs(), labels: self.data.labels() }
    }

    /// Upper bounds on the outputs: the network of absolute weights on absolute inputs.
    fn absolute_outputs(&self, weights: &[f64]) -> Result<Vec<f64>, SuiteError> {
        let inputs: Vec<f32> = self.data.inputs().iter().map(|value| value.abs()).collect();
        let weights: Vec<f64> = weights.iter().map(|weight| weight.abs()).collect();
        let samples = Samples { inputs: &inputs, labels: self.data.labels() };
        Ok(reference::outputs(&self.architecture, samples, &weights)?)
    }

    /// Roundings along the longest chain of the gradient: sums over every layer forward and backward, and over samples.
    fn roundings(&self) -> f64 {
        let sums: usize = self.architecture.layers().iter().map(|layer| layer.inputs + layer.outputs).sum();
        2.0 * (sums + self.data.sample_count() + self.architecture.weight_count()) as f64
    }
}

/// The section with glassbox's own reference gradient.
///
/// # Errors
/// [`SuiteError`] where the network cannot be made.
pub fn run(settings: &Settings, progress: &dyn Progress) -> Result<Findings, SuiteError> {
    run_with(settings, progress, &reference_gradient)
}

/// The reference gradient in double precision.
///
/// # Errors
/// [`SuiteError`] for slices that do not fit.
pub fn reference_gradient(
    problem: &Problem,
    weights: &[f64],
    gradient: &mut [f64],
) -> Result<f64, SuiteError> {
    Ok(reference::loss_and_gradient(&problem.architecture, problem.samples(), weights, gradient)?)
}

/// The section with any gradient.
///
/// # Errors
/// [`SuiteError`] where the network cannot be made.
pub fn run_with(
    settings: &Settings,
    progress: &dyn Progress,
    data_gradient: DataGradient<'_>,
) -> Result<Findings, SuiteError> {
    progress.begin("algebra of the network", 1);
    let seed = settings.seed_of("algebra");
    let all = dataset::mnist()?;
    let problem = Problem { architecture: Architecture::paper(WIDTH)?, data: all.subset(IMAGES, seed)? };
    let weights = Initialisation::HE.draw(&problem.architecture, seed, 0);
    let mut gradient = vec![0.0; weights.len()];
    data_gradient(&problem, &weights, &mut gradient)?;

    let (mut evidence, figure) = layer_identity(&problem, &weights, &gradient, seed)?;
    evidence.extend(neuron_identity(&problem, &weights, &gradient, seed)?);
    evidence.push(central_differences(&problem, &weights, &gradient, data_gradient, seed)?);
    let whole = Problem { architecture: problem.architecture, data: all };
    evidence.push(dead_network(&whole, data_gradient, seed)?);
    evidence.push(single_precision(&whole, &weights, seed)?);
    progress.advance(1);
    Ok(Findings {
        id: "algebra",
        title: "Algebra exact to rounding",
        statement: format!(
            "The output of a bias-free ReLU network is homogeneous in every layer, so W·∂L/∂W is the same number for all \
             layers, −<max(0, 1 − yf) yf>, and for every hidden neuron incoming and outgoing weights agree. The \
             gradient equals central differences wherever no kink is crossed, where the loss is quadratic in each \
             weight. At W = 0 the loss is exactly 1/2. Deviations are judged by bounds derived from the number and size \
             of the rounded terms, differences by the rounding that two widths of them show ({IMAGES} images in double \
             precision), and the single-precision gradient on all \
             batches of 1,000 of all 60,000 images by its promise of 5e-6."
        ),
        evidence,
        comparisons: vec![figure],
    })
}

/// Unit rounding error of double precision.
const UNIT: f64 = 0.5 * f64::EPSILON;

/// Bound on the rounding error of W·∂L/∂W: roundings times the same sum with absolute values throughout.
fn product_bound(problem: &Problem, weights: &[f64]) -> Result<f64, SuiteError> {
    let outputs = problem.absolute_outputs(weights)?;
    let mean = outputs.iter().map(|output| (1.0 + output) * output).sum::<f64>() / outputs.len() as f64;
    Ok(problem.roundings() * UNIT * mean)
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn layer_identity(
    problem: &Problem,
    weights: &[f64],
    gradient: &[f64],
    seed: u64,
) -> Result<(Vec<Evidence>, Comparison), SuiteError> {
    let outputs = reference::outputs(&problem.architecture, problem.samples(), weights)?;
    let pull = outputs.iter().zip(problem.data.labels()).map(|(output, label)| {
        let aligned = f64::from(*label) * output;
        (1.0 - aligned).max(0.0) * aligned
    });
    let predicted = -pull.sum::<f64>() / outputs.len() as f64;
    let bound = product_bound(problem, weights)?;
    let mut evidence = Vec::new();
    let mut points = Vec::new();
    for (index, layer) in problem.architecture.layers().iter().enumerate() {
        let observed = dot(&weights[layer.range.clone()], &gradient[layer.range.clone()]);
        let name = format!("layer {}: W·∂L/∂W", index + 1);
        evidence.push(identity::check(name, seed, observed, predicted, bound, layer.range.len())?);
        points.push(Observed { at: (index + 1) as f64, observed, standard_error: bound, predicted });
    }
    let last = points.len() as f64;
    let figure = Comparison::new(
        "layer-identity",
        "W·∂L/∂W of every layer",
        "One number for all layers. Error bars and residuals are in units of the rounding bound, not of a standard error.",
        Axis::linear("layer"),
        Axis::linear("W·∂L/∂W"),
    )?
    .with_law(Curve::prediction("−<max(0, 1 − yf) yf>", vec![(1.0, predicted), (last, predicted)], 0))
    .with_series(Series::new("network", points, 0));
    Ok((evidence, figure))
}

/// Incoming row · its gradient = outgoing column · its gradient, for the neuron of each layer that deviates most.
fn neuron_identity(
    problem: &Problem,
    weights: &[f64],
    gradient: &[f64],
    seed: u64,
) -> Result<Vec<Evidence>, SuiteError> {
    let bound = product_bound(problem, weights)?;
    let layers = problem.architecture.layers();
    let mut evidence = Vec::new();
    for (index, pair) in layers.windows(2).enumerate() {
        let (incoming, outgoing) = (&pair[0], &pair[1]);
        let deviation = |neuron: usize| {
            let row = incoming.range.start + neuron * incoming.inputs;
            let row = row..row + incoming.inputs;
            let column = outgoing.range.clone().skip(neuron).step_by(outgoing.inputs);
            dot(&weights[row.clone()], &gradient[row])
                - column.map(|weight| weights[weight] * gradient[weight]).sum::<f64>()
        };
        let largest =
            (0..incoming.outputs).map(deviation).fold(0.0_f64, |a, b| if b.abs() > a.abs() { b } else { a });
        let name = format!("hidden layer {}: incoming less outgoing w·∂L/∂w, worst neuron", index + 1);
        evidence.push(identity::check(name, seed, largest, 0.0, bound, incoming.outputs)?);
    }
    Ok(evidence)
}

/// A slope of the loss along one weight, by two central differences of an interval without a kink and of its middle half.
struct Slope {
    half_width: f64,
    whole: f64,
    middle: f64,
    gradient: f64,
}

/// How far beyond the rounding that the differences themselves show the gradient may be.
const ROUNDING_FACTOR: f64 = 16.0;

/// The worst of [`SLOPES`] randomly chosen weights, in units of what rounding can make.
///
/// Between kinks the loss is quadratic in each weight, so that a central difference is the slope at any width. Two widths
/// differ by rounding alone: the largest such difference, as an error of the loss, is the measure. (A bound that follows
/// every rounding through the absolute network is a million times too large to see a fault.)
fn central_differences(
    problem: &Problem,
    weights: &[f64],
    gradient: &[f64],
    data_gradient: DataGradient<'_>,
    seed: u64,
) -> Result<Evidence, SuiteError> {
    #[allow(clippy::cast_possible_truncation, reason = "a network has fewer than 2^32 weights")]
    let order = NoiseStream::new(seed, Purpose::Subset, 1).permutation(0, weights.len() as u32);
    let mut discard = vec![0.0; weights.len()];
    let mut slopes = Vec::new();
    let loss = data_gradient(problem, weights, &mut discard)?;
    for index in order.into_iter().map(|index| index as usize).take(SLOPES) {
        let moved = |by: f64| {
            let mut moved = weights.to_vec();
            moved[index] += by;
            moved
        };
        let pattern = |weights: &[f64]| {
            reference::activation_pattern(&problem.architecture, problem.samples(), weights)
        };
        // The widest interval without a kink gives the smallest rounding error.
        for exponent in 6..30 {
            let half_width = 2.0_f64.powi(-exponent);
            if pattern(&moved(half_width))? != pattern(&moved(-half_width))? {
                continue;
            }
            let mut difference = |by: f64| -> Result<f64, SuiteError> {
                let up = data_gradient(problem, &moved(by), &mut discard)?;
                Ok((up - data_gradient(problem, &moved(-by), &mut discard)?) / (2.0 * by))
            };
            let (whole, middle) = (difference(half_width)?, difference(0.5 * half_width)?);
            slopes.push(Slope { half_width, whole, middle, gradient: gradient[index] });
            break;
        }
    }
    let in_loss = |slope: &Slope| (slope.whole - slope.middle).abs() * slope.half_width;
    let rounding = slopes.iter().map(in_loss).fold(UNIT * loss, f64::max);
    let beyond = |slope: &Slope| {
        (slope.whole - slope.gradient).abs() * slope.half_width / (ROUNDING_FACTOR * rounding)
    };
    let worst = slopes.iter().map(beyond).fold(0.0, f64::max);
    let name = "gradient less central difference, worst weight, in units of rounding";
    let evidence = identity::check(name, seed, worst, 0.0, 1.0, slopes.len())?;
    Ok(if slopes.is_empty() { evidence.doubted("every weight lies at a kink") } else { evidence })
}

fn dead_network(whole: &Problem, data_gradient: DataGradient<'_>, seed: u64) -> Result<Evidence, SuiteError> {
    let zeros = vec![0.0; whole.architecture.weight_count()];
    let loss = data_gradient(whole, &zeros, &mut zeros.clone())?;
    Ok(identity::check("loss at W = 0 on all images", seed, loss, 0.5, 0.0, whole.data.sample_count())?)
}

/// Images of a batch on which the two precisions are compared.
const BATCH: usize = 1000;

/// The median over batches: a neuron within rounding of its kink is active in one precision and not in the other, which
/// moves the gradient of its batch by the whole share of a sample, and is no error of either.
fn single_precision(whole: &Problem, weights: &[f64], seed: u64) -> Result<Evidence, SuiteError> {
    let evaluator = GradientEvaluator::new(whole.architecture.clone());
    let (mut exact, mut fast) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    let square = |vector: &mut dyn Iterator<Item = f64>| vector.map(|x| x * x).sum::<f64>();
    let mut errors = Vec::new();
    let inputs = whole.data.inputs().chunks(BATCH * whole.data.input_dimension());
    for (inputs, labels) in inputs.zip(whole.data.labels().chunks(BATCH)) {
        let samples = Samples { inputs, labels };
        reference::loss_and_gradient(&whole.architecture, samples, weights, &mut exact)?;
        evaluator.loss_and_gradient(samples, None, weights, &mut fast)?;
        let difference = square(&mut fast.iter().zip(&exact).map(|(a, b)| a - b)).sqrt();
        errors.push(difference / square(&mut exact.iter().copied()).sqrt());
    }
    errors.sort_by(f64::total_cmp);
    let median = errors[errors.len() / 2];
    let name = "single-precision gradient: relative error in norm, median of batches of 1,000 images";
    Ok(identity::check(name, seed, median, 0.0, SINGLE_PRECISION_PROMISE, whole.data.sample_count())?)
}
