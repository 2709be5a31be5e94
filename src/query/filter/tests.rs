//! Filters: what is read, refused and taken.
