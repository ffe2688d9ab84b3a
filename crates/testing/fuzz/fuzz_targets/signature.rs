//! Lets the fuzzer look for bytes for which `fuzz_checks::check_signature` panics.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_checks::check_signature(data));
