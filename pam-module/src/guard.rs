//! Stops a panic before it reaches C, where it would take sshd or sudo down.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// The work panicked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Panicked;

/// Does the work and turns a panic into an error.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    // The caller drops everything that the work touched, so nobody sees what it left half-done.
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        // Dropping a payload runs code that may panic again, with nobody left to catch it. A
        // leak of a few bytes, once, is the better end.
        std::mem::forget(payload);
        Panicked
    })
}

/// Makes panics silent. The default hook prints the panic's text, which may quote a code, to the
/// host's standard error, and obeys `RUST_BACKTRACE` out of the caller's environment.
///
/// The standard library is private to this shared object, so no hook of the host is replaced.
pub fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(|_| ())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_a_result_passes() {
        assert_eq!(catch(|| 7), Ok(7));
        assert_eq!(
            catch(|| -> u8 { panic!("the code was 123456") }),
            Err(Panicked)
        );
    }

    #[test]
    fn a_payload_that_panics_on_drop_does_not_abort() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        assert_eq!(catch(|| panic::panic_any(Bomb)), Err(Panicked));
    }
}
