//! The integrator under test, and how it is made.

use super::error::ProfileError;
use glassbox_oracle::{Bath, Scheme};
use glassbox_simulations::integrator::IntegratorError;

/// An integrator under a name, made anew for every bath and step.
///
/// ```
/// use glassbox::oracle::Scheme;
/// use glassbox::profile::Subject;
/// use glassbox::simulations::integrator::Heun;
/// let heun = Subject::new("my-heun", |bath, dt| Heun::new(bath, dt)).of_scheme(Scheme::Heun);
/// assert_eq!(heun.name(), "my-heun");
/// ```
#[derive(Clone, Debug)]
pub struct Subject<M> {
    name: String,
    scheme: Option<Scheme>,
    unit_roundoff: f64,
    pub(crate) make: M,
}

/// Largest relative error of one rounding to a double, 2⁻⁵³.
const DOUBLE: f64 = 0.5 * f64::EPSILON;
/// The same in single precision, 2⁻²⁴.
const SINGLE: f64 = 0.5 * f32::EPSILON as f64;

impl<M> Subject<M> {
    /// The integrator `name` (lower-case letters, digits and single hyphens: it becomes a file), which `make` makes for a
    /// bath and a step dt.
    pub fn new<I>(name: impl Into<String>, make: M) -> Self
    where
        M: Fn(Bath, f64) -> Result<I, IntegratorError>,
    {
        Self { name: name.into(), scheme: None, unit_roundoff: DOUBLE, make }
    }

    /// The same integrator, of which it is known that it implements `scheme`: the profile then holds the exact error of
    /// that scheme beside every measured one, where the problem knows it.
    #[must_use]
    pub fn of_scheme(self, scheme: Scheme) -> Self {
        Self { scheme: Some(scheme), ..self }
    }

    /// The same integrator, of which it is known that it keeps weights in single precision: the floor of what rounding
    /// explains is higher.
    #[must_use]
    pub fn in_single_precision(self) -> Self {
        Self { unit_roundoff: SINGLE, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    pub(crate) const fn unit_roundoff(&self) -> f64 {
        self.unit_roundoff
    }

    pub(crate) fn require_name(&self) -> Result<(), ProfileError> {
        let name = &self.name;
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let whole = !name.starts_with('-') && !name.ends_with('-') && !name.contains("--");
        let valid = (1..=100).contains(&name.len()) && name.bytes().all(allowed) && whole;
        if valid { Ok(()) } else { Err(ProfileError::Name(name.clone())) }
    }
}
