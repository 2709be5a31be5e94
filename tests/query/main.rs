//! The language of documents held against itself: what the SQL of both databases answers, and what the evaluator in
//! Rust says, over documents and texts of the language that are generated from a fixed seed.

#![cfg(test)]

mod databases;
mod filters;
mod generate;
mod generate_changes;
mod indexes;
mod mutated;
mod pipelines;
mod sorts;
mod totality;
mod updates;
