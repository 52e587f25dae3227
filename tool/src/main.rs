//! The program `countersign`. What it does is in the library beside it.

fn main() -> std::process::ExitCode {
    countersign::run(std::env::args_os())
}
