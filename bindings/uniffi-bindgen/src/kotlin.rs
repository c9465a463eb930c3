//! uniffi's generator, of the version that `byway-ffi` is built with. `cargo xtask bindings` runs it.

fn main() {
    uniffi::uniffi_bindgen_main();
}
