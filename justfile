# Chores by name: `just` lists them. Each is one or two commands that also work typed by hand.

postgres := "postgres://chancery:chancery@127.0.0.1:54321/chancery"
redis := "redis://127.0.0.1:63799"

[private]
default:
    @just --list

# What must be clean before a commit: format and lints
check:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings

# The whole suite on SQLite; words after it filter the tests
test *FILTER:
    cargo test --locked {{ FILTER }}

# The same suite on a throw-away PostgreSQL, sessions in Redis
test-postgres *FILTER:
    scripts/services start
    TEST_POSTGRES={{ postgres }} TEST_REDIS={{ redis }} cargo test --locked {{ FILTER }}

# Everything that is checked before a merge
ci:
    .ci/run

# A server with people and clients to play with, on http://127.0.0.1
run *ARGS:
    cargo run -- serve --dev {{ ARGS }}

# Server and limit side by side: speed, memory, start-up
bench *ARGS:
    bench/run {{ ARGS }}

# Licences, advisories and duplicates of what we build on (needs cargo-deny and typos)
audit:
    cargo deny check
    typos

# Brings the documents up to the code that they show
docs:
    scripts/docs

# A new, empty migration for both databases
migration NAME:
    scripts/migration {{ NAME }}
