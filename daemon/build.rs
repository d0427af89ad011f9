//! A new file of the web page is a reason to build again; the compiler itself would not notice it.

fn main() {
    println!("cargo::rerun-if-changed=../clients/web");
    println!("cargo::rerun-if-changed=build.rs");
}
