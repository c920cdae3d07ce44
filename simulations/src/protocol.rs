//! What is done to one network, from its first weights to its saved frames.
//!
//! A [`Task`] says everything that decides the result, a [`Record`] is the result: frames of all weights at absolute
//! integer times, so that any observable can be measured afterwards. [`run`](run()) goes from one to the other, and on from a
//! checkpoint with the same bits as without a stop.

mod measurement;
mod record;
mod run;
mod schedule;
mod stages;
mod task;

pub use measurement::{Block, Convention, Population, neurons_at_rest};
pub use record::{Head, Record, RecordError, RecordReader, is_fused, verify};
pub use run::{DEFAULT_CHECKPOINT_INTERVAL, ProtocolError, Supervision, run};
pub use schedule::{Schedule, save_times};
#[doc(hidden)]
pub use task::test_tasks;
pub use task::{DataSource, Dynamics, Problem, QuenchTask, SweepTask, Task, TrajectoryTask};
pub use task::{GENERATION, MOST_FRAMES, MOST_STEPS, MOST_VALUES, MOST_WIDTH, most_frames};
