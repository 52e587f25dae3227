//! What the store promises, on a disk that keeps none of its own promises.

mod backups;
mod blocks;
mod contention;
mod crash;
mod damage;
mod failure;
mod fake_disk;
mod fake_file;
mod meanwhile;
mod model;
mod real;
mod rekeying;
mod scale;
mod sealing;
mod setup;
mod soon;
