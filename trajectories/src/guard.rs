//! Calls into code that may panic on damaged input, which is then an error like any other.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use thiserror::Error;

/// A guarded call panicked.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Panicked(String);

thread_local! {
    static IN_GUARD: Cell<bool> = const { Cell::new(false) };
}

/// The value of `work`, or the message of its panic, of which nothing is printed.
///
/// For calls into other crates only: what `work` has half done when it panics must not be used again. The first call puts a
/// panic hook before the one that is there; panics outside of guarded calls, and on other threads, go to that one as before.
///
/// ```
/// use glassbox_trajectories::guard::guarded;
/// assert_eq!(guarded(|| 1 + 1).unwrap(), 2);
/// let empty: Vec<u8> = Vec::new();
/// assert!(guarded(|| empty[0]).unwrap_err().to_string().contains("the len is 0"));
/// ```
///
/// # Errors
/// [`Panicked`] where `work` panicked.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    static SILENCED: Once = Once::new();
    SILENCED.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |panic| {
            if !IN_GUARD.get() {
                hook(panic);
            }
        }));
    });
    let outer = IN_GUARD.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IN_GUARD.set(outer);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Panicked(text.unwrap_or_else(|| "it gave no reason".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_the_guard_ends_with_the_call() {
        let error = guarded(|| guarded(|| panic!("inner")).map_err(|_| panic!("outer {}", 1))).unwrap_err();
        assert_eq!(error.to_string(), "outer 1");
        assert!(!IN_GUARD.get());
    }
}
