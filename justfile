# What one types all day. `just` alone lists it.

set shell := ["bash", "-uc"]

_list:
    @just --list --unsorted

# Fast checks, under a minute once built
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --quiet -- -D warnings
    cargo test --workspace --quiet --lib --test it

# Take new snapshots; read the diff (needs cargo-insta)
snap *args:
    cargo insta test --accept --workspace {{ args }}

# The landing zone, end to end, without an account and without a network
demo *args:
    cargo run --release --example landing_zone -- {{ args }}

# Everything that CI runs
ci *steps:
    .ci/run {{ steps }}

# The conformance kit; with prefixes only those cases
kit *prefixes:
    cargo build --quiet
    .ci/kit "${TERRANE_SHARED:-../shared}/conformance" {{ prefixes }}

# How long reading 100, 1,000 and 10,000 units takes, beside merely parsing them (release build)
load *folders:
    cargo bench --bench load_estate -- {{ folders }}

# What a run over 200 and 1,000 units costs: CPU, memory, the wait at each link (release build)
cost *args:
    benches/run_estate.py {{ args }}
