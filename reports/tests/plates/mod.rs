//! Plates made of laws and a little noise from a counter: what the paper's figures look like.

use glassbox_reports::figures::plate::{
    ColourBar, Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone,
};
use glassbox_reports::{ClaimVerdict, Provenance, Scale};

pub(crate) fn provenance() -> Provenance {
    Provenance::new("0.2.0", "desk", 20_240_513, "glassbox reproduce --scale desk --seed 20240513")
}

pub(crate) fn temperatures() -> Vec<f64> {
    std::iter::once(0.0)
        .chain((0..13).map(|index| 10f64.powf(-10.0 + 10.0 * f64::from(index) / 12.0)))
        .collect()
}

pub(crate) fn times(count: u32) -> Vec<f64> {
    (0..count).map(|index| 10f64.powf(5.5 * f64::from(index) / f64::from(count - 1))).collect()
}

/// Numbers between −1 and 1 that look random and are always the same.
fn noise(index: usize) -> f64 {
    ((index as f64 * 12.9898).sin() * 43_758.545_3).fract()
}

/// erf of half width over root of 4Dt, and a phase that also falls without noise after `own` steps.
fn overlap(temperature: f64, time: f64, own: f64) -> f64 {
    let free = libm::erf(0.057 / (4.0 * 1e-3 * temperature / 60_000.0 * time * 4e4).sqrt().max(1e-12));
    free.min(1.0) * libm::erf((own / time).powf(0.8) * 1.2)
}

fn relaxation_time(temperature: f64, own: f64) -> f64 {
    let curve: Vec<f64> = times(2000);
    curve.iter().copied().find(|time| overlap(temperature, *time, own) < 0.9).unwrap_or(f64::NAN)
}

fn measured(temperature: f64, own: f64, index: usize) -> Measurement {
    let value = relaxation_time(temperature, own) * 10f64.powf(0.05 * noise(index));
    Measurement::new(temperature, value, value * 0.8, value * 1.25)
}

pub(crate) fn overlaps(points: u32, noisy: f64) -> Plate {
    let phases = [
        ("Regularised", 5e3, ClaimVerdict::ExplainedByNull, "null: erf with the run's own D"),
        ("Underparameterised", 3e4, ClaimVerdict::Agrees, "noise and plateau"),
        ("Overparameterised", f64::INFINITY, ClaimVerdict::NotResolved, "noise only"),
    ];
    let mut plate = Plate::new(
        "3a-f",
        "Overlap and its relaxation time in the three phases",
        "Above: overlap of weights a time apart. Below: time at which it has fallen to 0.9.",
        provenance(),
    )
    .unwrap()
    .with_colour_bar(ColourBar::logarithmic("temperature").within(1e-10, 1.0).with_zero_label("T = 0"));
    for (letter, (title, own, verdict, note)) in ["a", "b", "c"].into_iter().zip(phases) {
        let time = PlateAxis::logarithmic("time since t_w (steps)").within(1.0, 3e5);
        let mut panel = PlatePanel::new(letter, title, time, PlateAxis::linear("overlap").within(0.0, 1.0))
            .with_verdict(verdict)
            .with_note(note);
        for (number, temperature) in temperatures().into_iter().enumerate() {
            let curve = times(points).into_iter().enumerate().map(|(index, time)| {
                (time, overlap(temperature, time, own) + noisy * noise(index + 1000 * number))
            });
            panel = panel.with_mark(Mark::line(
                format!("T = {temperature:.1e}"),
                curve.collect(),
                Tone::Ordered(temperature),
            ));
        }
        let level = Mark::level("0.9", Level::Horizontal(0.9), Tone::Guide);
        plate = plate.with_panel(panel.with_mark(level));
    }
    for (letter, (title, own, _, _)) in ["d", "e", "f"].into_iter().zip(phases) {
        let axis = PlateAxis::logarithmic("temperature").within(3e-8, 2.0);
        let relaxation = PlateAxis::logarithmic("relaxation time τ₉₀ (steps)").within(1.0, 1e6);
        let mut panel = PlatePanel::new(letter, title, axis, relaxation);
        let grid: Vec<f64> = (0..60).map(|index| 10f64.powf(-8.0 + 8.3 * f64::from(index) / 59.0)).collect();
        let band = grid.iter().map(|t| (*t, 0.25 / t, 0.5 / t)).collect();
        let null = grid.iter().map(|t| (*t, 0.36 / t)).collect();
        panel = panel.with_mark(Mark::band("free diffusion", band, Tone::Null)).with_mark(Mark::line(
            "free diffusion",
            null,
            Tone::Null,
        ));
        if own.is_finite() {
            let plateau = relaxation_time(0.0, own);
            panel = panel.with_mark(Mark::level("T = 0", Level::Horizontal(plateau), Tone::Paper));
        }
        for (index, temperature) in temperatures().into_iter().enumerate().skip(3) {
            let point = vec![measured(temperature, own, index)];
            panel = panel.with_mark(Mark::points(
                format!("T = {temperature:.1e}"),
                point,
                Tone::Ordered(temperature),
            ));
        }
        panel = panel.with_mark(Mark::slope("slope −1", (1e-3, 30.0), -1.0, (1e-4, 1e-2)));
        plate = plate.with_panel(panel);
    }
    plate
}

/// Heat map, histogram, few named curves, a bar of its own.
pub(crate) fn phases() -> Plate {
    let (x, y): (Vec<f64>, Vec<f64>) = (
        (0..24).map(|index| 10f64.powf(-4.0 + 4.0 * f64::from(index) / 23.0)).collect(),
        (0..16).map(|index| 0.02 + 0.6 * f64::from(index) / 15.0).collect(),
    );
    let loss = |lambda: f64, load: f64| {
        (0.5 / (1.0 + (0.03 / lambda).powi(3)) + 0.2 * (0.18 - load).max(0.0)).max(1e-9)
    };
    let values = y.iter().enumerate().map(|(row, load)| {
        let cell = |(column, lambda): (usize, &f64)| (row * 7 + column != 90).then(|| loss(*lambda, *load));
        x.iter().enumerate().map(cell).collect()
    });
    let edge = y
        .iter()
        .step_by(3)
        .map(|load| Measurement::new(0.03 * (1.0 + 0.3 * load), *load, load - 0.02, load + 0.02));
    let map = PlatePanel::new(
        "a",
        "Loss at the end of descent",
        PlateAxis::logarithmic("regularisation λ"),
        PlateAxis::linear("weights per example N/P"),
    )
    .with_mark(
        Mark::heat_map("training loss", x.clone(), y.clone(), values.collect(), Scale::Logarithmic)
            .with_value_range(1e-3, 0.5),
    )
    .with_mark(Mark::joined("transition", edge.collect(), Tone::Measured))
    .with_mark(Mark::level("paper: λ* = 0.03", Level::Vertical(0.03), Tone::Paper))
    .with_verdict(ClaimVerdict::Agrees);

    let edges: Vec<f64> = (0..41).map(|index| -8.0 + 0.2 * f64::from(index)).collect();
    let density = |middle: f64, width: f64| {
        let height = |pair: &[f64]| (-(0.5 * (pair[0] + pair[1]) - middle).powi(2) / width).exp();
        edges.windows(2).map(height).collect::<Vec<f64>>()
    };
    let histogram = PlatePanel::new(
        "b",
        "Displacements after 2×10⁵ steps",
        PlateAxis::linear("log₁₀ of the displacement"),
        PlateAxis::linear("density"),
    )
    .with_colour_bar(ColourBar::logarithmic("temperature").with_zero_label("0"))
    .with_marks([(0.0, -6.0), (1e-7, -5.0), (1e-5, -4.0), (1e-3, -3.0), (1e-1, -2.0)].map(
        |(temperature, middle)| {
            Mark::steps(
                format!("T = {temperature}"),
                edges.clone(),
                density(middle, 0.8),
                Tone::Ordered(temperature),
            )
        },
    ));

    let curve =
        |power: f64| times(40).into_iter().map(|time| (time - 1.0, 1e-9 * time.powf(power))).collect();
    let named = PlatePanel::new(
        "c",
        "Mean squared displacement at four batch sizes with a heading that needs two lines",
        PlateAxis::logarithmic("time (steps)"),
        PlateAxis::logarithmic("mean squared displacement"),
    )
    .with_marks(
        [(1.0, "batch 1"), (0.98, "batch 10"), (0.6, "batch 1000"), (0.3, "all examples")]
            .into_iter()
            .enumerate()
            .map(|(index, (power, name))| {
                Mark::line(name, curve(power), Tone::Category(index)).with_direct_label()
            }),
    )
    .with_mark(Mark::slope("slope 1", (1e3, 1e-5), 1.0, (1e2, 1e4)))
    .with_verdict(ClaimVerdict::Differs)
    .with_note("plateau at 10⁻⁴ in the paper");

    let empty = PlatePanel::new(
        "d",
        "Not measured",
        PlateAxis::logarithmic("waiting time (steps)"),
        PlateAxis::linear("exponent"),
    );
    Plate::new("1a", "Phases of descent", "Loss, displacements and batch sizes.", provenance())
        .unwrap()
        .with_columns(2)
        .with_panel(map)
        .with_panel(histogram)
        .with_panel(named)
        .with_panel(empty)
}
