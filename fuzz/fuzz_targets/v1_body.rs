#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzing::v1_body(data));
