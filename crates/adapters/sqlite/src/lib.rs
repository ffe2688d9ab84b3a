//! The stores on SQLite, embedded.
