//! PAM stacks as libpam reads and runs them: which modules are asked, in which order, and what
//! comes of it. Nothing here writes, and nothing asks the system but through [`files::Files`].
//!
//! The reference is Linux-PAM 1.5.2, `libpam/pam_handlers.c` and `libpam/pam_dispatch.c`, with
//! Debian's `@include`; `tests/tests/pam_stacks.rs` compares the two.

pub mod chain;
pub mod control;
pub mod exposed;
pub mod file;
pub mod files;
pub mod line;
pub mod module;
pub mod reach;
pub mod run;

#[cfg(test)]
pub mod tests;
