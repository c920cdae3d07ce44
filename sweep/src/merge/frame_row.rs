//! `frames.parquet`: a row for each task, waiting time and frame at or after it.

use super::table::{Cell, Column};
use crate::Entry;
use glassbox_simulations::network::Architecture;
use glassbox_simulations::observables::{
    displacement, mean_squared_displacement, non_gaussian_parameter, overlap,
};
use glassbox_simulations::protocol::{Convention, Population, RecordError, RecordReader, Task};
use parquet::data_type::ByteArray;

/// A frame, seen from a waiting time.
#[derive(Clone)]
pub(super) struct FrameRow {
    task: ByteArray,
    waiting_time: u64,
    lag: u64,
    regularisation: f64,
    loss: f64,
    mean_squared_displacement: f64,
    non_gaussian_parameter: f64,
    overlap: f64,
    overlap_without_output: f64,
    spread: f64,
    spread_without_output: f64,
    mean_squared_weight: f64,
}

const fn column(
    name: &'static str,
    unit: &'static str,
    value: Cell<FrameRow>,
    about: &'static str,
) -> Column<FrameRow> {
    Column { name, unit, about, value }
}

/// 0/0 is no number, and null in the table.
fn number(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

/// The columns, in their order.
pub(super) const COLUMNS: &[Column<FrameRow>] = &[
    column("task", "", Cell::Text(|row| Some(row.task.clone())), "identifier, as in tasks.parquet"),
    column(
        "waiting_time",
        "steps",
        Cell::Integer(|row| Some(row.waiting_time)),
        "origin of the displacements, since the start of the task; the first frame unless a trajectory",
    ),
    column("lag", "steps", Cell::Integer(|row| Some(row.lag)), "from the waiting time to the frame"),
    column("regularisation", "1", Cell::Real(|row| Some(row.regularisation)), "lambda in force at the frame"),
    column("loss", "1", Cell::Real(|row| Some(row.loss)), "on all samples, with the regularisation"),
    column(
        "mean_squared_displacement",
        "weight²",
        Cell::Real(|row| number(row.mean_squared_displacement)),
        "over all weights",
    ),
    column(
        "non_gaussian_parameter",
        "1",
        Cell::Real(|row| number(row.non_gaussian_parameter)),
        "<dw⁴> / (3 <dw²>²) - 1 over all weights; null where nothing moved",
    ),
    column(
        "overlap",
        "1",
        Cell::Real(|row| number(row.overlap)),
        "share of all weights that moved at most the half width of the task; null without one",
    ),
    column(
        "overlap_without_output",
        "1",
        Cell::Real(|row| number(row.overlap_without_output)),
        "the same over the weights of the first six matrices, without the output layer",
    ),
    column(
        "spread",
        "weight",
        Cell::Real(|row| number(row.spread)),
        "standard deviation of all weights at the frame",
    ),
    column(
        "spread_without_output",
        "weight",
        Cell::Real(|row| number(row.spread_without_output)),
        "the same of the weights of the first six matrices, without the output layer",
    ),
    column(
        "mean_squared_weight",
        "weight²",
        Cell::Real(|row| number(row.mean_squared_weight)),
        "mean square of all weights at the frame",
    ),
];

/// The rows of a record: waiting time by waiting time, each in the order of its frames. The frames are read once.
pub(super) fn rows(entry: &Entry, record: &mut RecordReader) -> Result<Vec<FrameRow>, RecordError> {
    let waiting_times = match &entry.task {
        Task::Trajectory(task) => {
            let mut times = task.waiting_times.clone();
            times.sort_unstable();
            times.dedup();
            times
        }
        _ => record.times().first().copied().into_iter().collect(),
    };
    let task = ByteArray::from(entry.identifier.as_str());
    // Weights at the waiting times so far, and rows since.
    let mut blocks: Vec<(u64, Vec<f64>, Vec<FrameRow>)> = Vec::new();
    let (mut weights, mut everything) = (Vec::new(), Population { chosen: Vec::new() });
    // A width that no network has comes with no frame either.
    let without_output = Architecture::paper(entry.task.quench().problem.width).map_or_else(
        |_| everything.clone(),
        |network| Population::of_overlap(&network, Convention::PaperCompatible),
    );
    let overlap_of =
        |moved: &[f64]| entry.half_width.map_or(f64::NAN, |half_width| overlap(moved, half_width));
    for index in 0..record.len() {
        record.frame(index, &mut weights)?;
        everything.chosen.resize(weights.len(), true);
        let (time, loss) = (record.times()[index], record.losses()[index]);
        if waiting_times.binary_search(&time).is_ok() {
            blocks.push((time, weights.clone(), Vec::new()));
        }
        let (spread, spread_without_output) = (everything.spread(&weights), without_output.spread(&weights));
        let mean_squared_weight =
            weights.iter().map(|weight| weight * weight).sum::<f64>() / weights.len() as f64;
        for (waiting_time, origin, rows) in &mut blocks {
            let moved = displacement(origin, &weights);
            rows.push(FrameRow {
                task: task.clone(),
                waiting_time: *waiting_time,
                lag: time - *waiting_time,
                regularisation: regularisation(&entry.task, time),
                loss,
                mean_squared_displacement: mean_squared_displacement(&moved),
                non_gaussian_parameter: non_gaussian_parameter(&moved),
                overlap: overlap_of(&moved),
                overlap_without_output: overlap_of(&without_output.of(&moved)),
                spread,
                spread_without_output,
                mean_squared_weight,
            });
        }
    }
    Ok(blocks.into_iter().flat_map(|(_, _, rows)| rows).collect())
}

/// A frame of a sweep is the last of its stage.
fn regularisation(task: &Task, time: u64) -> f64 {
    let problem = task.quench().problem.regularisation;
    let Task::Sweep(sweep) = task else { return problem };
    let stage = time.div_ceil(sweep.steps.max(1)).saturating_sub(1);
    usize::try_from(stage).ok().and_then(|stage| sweep.regularisations.get(stage)).copied().unwrap_or(problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_simulations::dataset::Dataset;
    use glassbox_simulations::landscape::{Landscape, NetworkLandscape};
    use glassbox_simulations::protocol::test_tasks::{quench, trajectory};
    use glassbox_simulations::protocol::{Block, Record, SweepTask};

    fn architecture() -> Architecture {
        Architecture::paper(quench(1).problem.width).unwrap()
    }

    /// Frames of two waiting times, 0 and 4, with numbers that no rounding leaves alone.
    fn record() -> Record {
        let weights = (0..5 * 124).map(|index| f64::from(index * index % 7 + index % 5) / 3.0).collect();
        Record {
            times: vec![0, 1, 4, 5, 10],
            losses: vec![0.5, 0.4, 0.3, 0.2, 0.1],
            weights,
            ..Record::default()
        }
    }

    fn rows_of(entry: &Entry, record: &Record) -> Vec<FrameRow> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record");
        record.write(&path, &entry.task).unwrap();
        rows(entry, &mut RecordReader::open(&path).unwrap()).unwrap()
    }

    #[test]
    fn rows_have_the_numbers_of_blocks() {
        let entry = Entry { half_width: Some(0.7), ..Entry::of(trajectory(1, 0.1)) };
        let rows = rows_of(&entry, &record());
        let places: Vec<[u64; 2]> = rows.iter().map(|row| [row.waiting_time, row.lag]).collect();
        assert_eq!(places, [[0, 0], [0, 1], [0, 4], [0, 5], [0, 10], [4, 0], [4, 1], [4, 6]]);
        let record = record();
        let everything = Population::all(&architecture());
        let first_six = Population::of_overlap(&architecture(), Convention::PaperCompatible);
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        for waiting_time in [0, 4] {
            let block = Block::new(&record, waiting_time).unwrap();
            let rows: Vec<_> =
                rows.iter().filter(|row| row.waiting_time == waiting_time && row.lag > 0).collect();
            let lags = block.lags();
            let told =
                |value: fn(&FrameRow) -> f64| bits(&rows.iter().map(|row| value(row)).collect::<Vec<_>>());
            assert_eq!(
                told(|row| row.mean_squared_displacement),
                bits(&block.mean_squared_displacement(&lags, &everything))
            );
            assert_eq!(told(|row| row.overlap), bits(&block.overlap(&lags, &everything, 0.7)));
            assert_eq!(told(|row| row.overlap_without_output), bits(&block.overlap(&lags, &first_six, 0.7)));
            let curve = block.curve(&lags, &everything, non_gaussian_parameter);
            assert_eq!(told(|row| row.non_gaussian_parameter), bits(&curve));
            for row in rows {
                let frame = record.at(waiting_time + row.lag).unwrap();
                assert_eq!(row.spread.to_bits(), everything.spread(frame).to_bits());
                assert_eq!(row.spread_without_output.to_bits(), first_six.spread(frame).to_bits());
                assert_ne!(row.spread, row.spread_without_output);
                let index = record.times.binary_search(&(waiting_time + row.lag)).unwrap();
                assert_eq!((row.loss, row.regularisation), (record.losses[index], 0.01));
            }
        }
        // Nothing has moved at lag 0.
        assert_eq!((number(rows[0].non_gaussian_parameter), rows[0].overlap), (None, 1.0));
        assert!(rows.iter().any(|row| row.overlap != row.overlap_without_output));
    }

    /// As the documentation has it: loss - lambda/2 N mean_squared_weight.
    #[test]
    fn the_loss_without_regularisation_follows() {
        let inputs: Vec<f32> = (0..60_u16).map(|index| f32::from(index * 37 % 11) / 5.0 - 1.0).collect();
        let data = Dataset::new(inputs, vec![1.0, -1.0, 1.0, -1.0, -1.0, 1.0], 10).unwrap();
        let weights: Vec<f64> = (0..124).map(|index| f64::from(index * index % 7) / 6.0 - 0.4).collect();
        let loss = |lambda| {
            let landscape = NetworkLandscape::new(architecture(), data.clone(), lambda).unwrap();
            landscape.loss_and_gradient(&weights, &mut vec![0.0; 124])
        };
        let record = Record {
            times: vec![0],
            losses: vec![loss(0.01)],
            weights: weights.clone(),
            ..Record::default()
        };
        let rows = rows_of(&Entry::of(Task::Quench(quench(1))), &record);
        let (row, lambda) = (&rows[0], quench(1).problem.regularisation);
        let without = row.loss - lambda / 2.0 * 124.0 * row.mean_squared_weight;
        assert!(
            (without - loss(0.0)).abs() <= 124.0 * f64::EPSILON * row.loss,
            "{without} is not {}",
            loss(0.0)
        );
        assert!(row.loss - loss(0.0) > 0.01 * row.loss);
    }

    #[test]
    fn a_quench_counts_from_its_first_frame_and_a_sweep_has_its_lambdas() {
        let rows = rows_of(&Entry::of(Task::Quench(quench(1))), &record());
        assert!(rows.iter().all(|row| row.waiting_time == 0 && row.overlap.is_nan()));
        assert_eq!(rows.len(), 5);
        let sweep = SweepTask {
            quench: quench(1),
            learning_rate: 0.1,
            regularisations: vec![0.1, 0.3, 0.2],
            steps: 5,
        };
        let record = Record {
            times: vec![5, 10, 15],
            losses: vec![0.0; 3],
            weights: vec![1.0; 3],
            ..Record::default()
        };
        let rows = rows_of(&Entry::of(Task::Sweep(sweep)), &record);
        let told: Vec<_> = rows.iter().map(|row| (row.waiting_time, row.lag, row.regularisation)).collect();
        assert_eq!(told, [(5, 0, 0.1), (5, 5, 0.3), (5, 10, 0.2)]);
    }

    #[test]
    fn a_record_without_frames_has_no_rows() {
        let record = Record { diverged: Some(3), ..Record::default() };
        assert!(rows_of(&Entry::of(trajectory(1, 0.1)), &record).is_empty());
    }
}
