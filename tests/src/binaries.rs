//! Where the programs under test are: beside the test itself, as `make test` builds them.

use std::path::PathBuf;

/// The path of one of this workspace's programs.
///
/// # Panics
/// When it has not been built; the message says how to.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().find(|dir| dir.join(".fingerprint").is_dir()).expect("a cargo target directory");
    let path = profile.join(name);
    assert!(path.is_file(), "{} is not built: run `make build-for-tests`", path.display());
    path
}

/// The root of the source tree.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root").into()
}
