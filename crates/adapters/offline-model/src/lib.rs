//! A receptionist that needs no key: deterministic, in English.
