//! How often somebody may ask and guess, and what a repeated request gets.

mod everywhere;
mod guesses;
mod rates;
mod redis;
mod redis_wiring;
mod repeats;
mod repeats_in_trouble;
mod repeats_of_conflicts;
