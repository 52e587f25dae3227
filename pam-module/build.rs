//! Keeps the module loaded once it is: an application may unload and load it again between two
//! logins, and Rust's thread-local data does not take kindly to code that has gone.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
