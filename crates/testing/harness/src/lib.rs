//! Starts what tests need on free ports, and stops it at the end.
