//! A new surface file is a reason to build again; the compiler itself would not notice it.

fn main() {
    println!("cargo::rerun-if-changed=surfaces");
    println!("cargo::rerun-if-changed=build.rs");
}
