//! Whether what is kept in files can be written, and for how long.

use std::path::{Path, PathBuf};

use super::Finding;
use crate::config::Config;

/// Less than this is soon nothing.
const SCARCE: u64 = 1024 * MIB;
/// Less than this is nothing: a database needs room to clean up, too.
const NOTHING: u64 = 128 * MIB;
const MIB: u64 = 1024 * 1024;

/// Whether the data directory can be written to.
pub(super) fn writable(config: &Config) -> Finding {
    let dir = config.data_dir.display();
    let probe = config.data_dir.join(format!(".probe-{}", std::process::id()));
    let tried = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::ok("data directory", format!("{dir} can be written to")),
        Err(error) => {
            let advice = "make the directory belong to whoever runs the server, or set `data_dir` to another one";
            Finding::fail("data directory", format!("{dir}: {error}"), advice)
        }
    }
}

/// How much room there is where things are kept.
pub(super) fn room(config: &Config) -> Vec<Finding> {
    let mut places: Vec<PathBuf> = vec![config.data_dir.clone()];
    let blobs = config.archive_folder();
    if !config.archive.store.starts_with("s3://") && !blobs.starts_with(&config.data_dir) {
        places.push(blobs);
    }
    places.iter().map(|place| of(place)).collect()
}

fn of(place: &Path) -> Finding {
    match rustix::fs::statvfs(place) {
        Ok(about) => judged(place, about.f_bavail.saturating_mul(about.f_frsize)),
        Err(error) => {
            let detail = format!("{}: {}", place.display(), std::io::Error::from(error));
            Finding::warn("disk", detail, "make the directory, or mount what belongs there")
        }
    }
}

fn judged(place: &Path, free: u64) -> Finding {
    let detail = format!("{} MiB are free at {}", free / MIB, place.display());
    let advice = "make room, or move `data_dir` or `archive.store` to a larger disk: a full one stops every sign-in";
    match free {
        free if free < NOTHING => Finding::fail("disk", detail, advice),
        free if free < SCARCE => Finding::warn("disk", detail, advice),
        _ => Finding::ok("disk", detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_disk_that_fills_up_is_told_of_before_it_is_full() {
        let verdict = |free: u64| judged(Path::new("/data"), free).verdict;
        assert_eq!(verdict(2_000 * MIB), Verdict::Ok);
        assert_eq!(verdict(1_023 * MIB), Verdict::Warn);
        assert_eq!(verdict(127 * MIB), Verdict::Fail);
        assert!(judged(Path::new("/data"), 5 * MIB).detail.contains("5 MiB"));
    }

    #[test]
    fn a_place_that_is_not_there_is_told_of() {
        assert_eq!(of(Path::new("/nowhere/at/all")).verdict, Verdict::Warn);
        assert!(of(&std::env::temp_dir()).detail.contains("MiB"));
    }
}
