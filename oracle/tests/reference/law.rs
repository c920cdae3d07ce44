//! The law that a row of a reference table is about.

use super::reference::number;
use glassbox_oracle::laws::{FreeBrownian, QuadraticWell, StationaryWell};
use glassbox_oracle::{Bath, Clock, JointDisplacementLaw};
use std::collections::HashMap;

pub(crate) fn law(row: &HashMap<&str, &str>) -> Box<dyn JointDisplacementLaw> {
    let value = |column| number(row, column);
    let clock = match row["clock"] {
        "continuous" => Clock::Continuous,
        _ => Clock::steps(value("dt")).unwrap(),
    };
    let bath = Bath::new(value("mobility"), value("temperature"), value("dataset_size")).unwrap();
    match row["law"] {
        "free_brownian" => Box::new(FreeBrownian::new(bath, clock).unwrap()),
        "stationary_well" => Box::new(StationaryWell::new(bath, value("stiffness"), clock).unwrap()),
        "quadratic_well" => {
            let well = QuadraticWell::new(bath, value("stiffness"), clock).unwrap();
            let well = well.from_gaussian(value("start_mean"), value("start_standard_deviation")).unwrap();
            Box::new(well.after_waiting(value("waiting_time")).unwrap())
        }
        other => panic!("unknown law {other}"),
    }
}
