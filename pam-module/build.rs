//! How the module is linked.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // An application may unload the module and load it again between two logins, and Rust's
    // thread-local data does not take kindly to code that has gone.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    link_unwinder();
}

/// Puts what unwinds the stack after a panic into the module. The standard library asks for it as
/// `gcc_s`, which the linker would find as a shared library; that one costs every login the time to
/// load it. The compiler has the same as an archive, and what it is asked for by is its name.
fn link_unwinder() {
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let linked = archive().and_then(|archive| {
        let folder = PathBuf::from(env::var_os("OUT_DIR")?);
        fs::copy(archive, folder.join("libgcc_s.a")).ok()?;
        Some(folder)
    });
    match linked {
        Some(folder) => println!("cargo::rustc-link-search=native={}", folder.display()),
        None => println!(
            "cargo::warning=there is no libgcc_eh.a where the linker is, so the module will need \
             libgcc_s.so.1: the same, but loading it slows each login down"
        ),
    }
}

/// Where the archive is, by the word of the compiler that links, which is `cc` unless cargo was told of
/// another. One that has none repeats the name.
fn archive() -> Option<PathBuf> {
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let mut ask = Command::new(linker);
    let said = ask.arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let path = Path::new(str::from_utf8(&said.stdout).ok()?.trim_ascii()).to_owned();
    path.is_absolute().then_some(path)
}
