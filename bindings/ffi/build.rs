//! Aligns the shared library's segments to pages of 16 KB, which newer phones with Android have. The linker of a recent NDK does so by
//! itself, that of an older one does not; and an archive that is laid out from a desktop's library is checked by the same rule.

#![allow(clippy::print_stdout, reason = "how a build script speaks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of_target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if matches!(of_target("OS").as_str(), "linux" | "android") && of_target("POINTER_WIDTH") == "64" {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,max-page-size=16384");
    }
}
