//! uniffi's generator for Swift, of the version that `byway-ffi` is built with. `cargo xtask bindings` runs it.

fn main() {
    uniffi::uniffi_bindgen_swift();
}
