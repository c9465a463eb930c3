#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| byway_fuzz::run("cards", bytes));
