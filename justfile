# Short names for what cargo and `cargo xtask` do; nothing happens only here.

# Hands arguments on as they were quoted.
set positional-arguments

# Lists the recipes.
default:
    @just --list

# Starts the server with its embedded database, or runs another command of it.
run *arguments:
    cargo run -- "$@"

# Runs every test, installing what they need first.
test *arguments:
    cargo xtask test "$@"

# Starts a Postgres and a Redis for trying things out, until Ctrl-C.
services:
    cargo xtask services

# Runs what continuous integration runs.
ci:
    cargo xtask ci

# Measures a release build on both databases.
bench *arguments:
    cargo xtask bench "$@"

# Formats the whole workspace.
fmt:
    cargo fmt --all

# Checks the lints of every target.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Prints the OpenAPI description of the HTTP interface.
openapi:
    cargo run -p server -- openapi
