use std::path::PathBuf;

use bytes::Bytes;
use futures_util::TryStreamExt as _;

use super::*;

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("chancery-blobs-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

async fn read(blobs: &Blobs, tenant: &TenantId, id: &BlobId, range: std::ops::Range<u64>) -> Vec<u8> {
    let stream = blobs.read(tenant, id, range).await.unwrap();
    stream.try_collect::<Vec<Bytes>>().await.unwrap().concat()
}

/// Files below a folder, at any depth.
fn files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn what_is_written_is_read_whole_and_in_ranges() {
    let (blobs, tenant) = (Blobs::at(&folder()).unwrap(), TenantId::generate());
    for size in [0, 1, LOCAL_PART - 1, LOCAL_PART, 3 * LOCAL_PART + 7] {
        let id = BlobId::generate();
        let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let mut writing = blobs.write(&tenant, &id);
        for piece in bytes.chunks(100_000) {
            writing.put(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        writing.finish().await.unwrap();
        assert!(read(&blobs, &tenant, &id, 0..size as u64).await == bytes, "{size}");
        if size > 600_000 {
            assert!(read(&blobs, &tenant, &id, 10..500_010).await == bytes[10..500_010]);
        }
    }
    let lying: Vec<Lying> = blobs.all().try_collect().await.unwrap();
    assert_eq!(lying.len(), 5);
    assert!(lying.iter().all(|blob| blob.tenant == tenant));
}

#[tokio::test]
async fn f3_a_write_that_is_given_up_leaves_nothing() {
    let folder = folder();
    let (blobs, tenant, id) = (Blobs::at(&folder).unwrap(), TenantId::generate(), BlobId::generate());
    let mut writing = blobs.write(&tenant, &id);
    writing.put(Bytes::from(vec![1; 2 * LOCAL_PART])).await.unwrap();
    assert_eq!(files(&folder), 1, "it is under way");
    writing.abandon().await;
    assert!(blobs.read(&tenant, &id, 0..1).await.is_err());
    let left: Vec<Lying> = blobs.all().try_collect().await.unwrap();
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_blob_is_removed_with_what_a_killed_process_left_of_it() {
    let folder = folder();
    let (blobs, tenant, id) = (Blobs::at(&folder).unwrap(), TenantId::generate(), BlobId::generate());
    let mut writing = blobs.write(&tenant, &id);
    writing.put(Bytes::from_static(b"whole")).await.unwrap();
    writing.finish().await.unwrap();
    std::fs::write(folder.join(format!("{}#1", place(&tenant, &id))), b"half").unwrap();
    assert_eq!(files(&folder), 2);
    blobs.remove(&tenant, &id).await.unwrap();
    blobs.remove(&tenant, &id).await.unwrap();
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn a_store_that_is_away_is_a_refusal_for_now() {
    let folder = folder();
    let (blobs, tenant) = (Blobs::at(&folder).unwrap(), TenantId::generate());
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, b"not a folder").unwrap();
    let mut writing = blobs.write(&tenant, &BlobId::generate());
    writing.put(Bytes::from_static(b"x")).await.unwrap();
    let Err(Stop::Refused(refusal)) = writing.finish().await else { panic!("it was written") };
    assert_eq!(refusal.code, Code::TemporarilyUnavailable);
}

#[test]
fn a_full_disk_is_told_from_a_store_that_is_away() {
    let failed = |kind: ErrorKind| {
        let source = Box::new(std::io::Error::from(kind));
        let Stop::Refused(refusal) = unreachable(object_store::Error::Generic { store: "LocalFileSystem", source })
        else {
            panic!("it is no refusal")
        };
        refusal.code
    };
    assert_eq!(failed(ErrorKind::StorageFull), Code::InsufficientStorage);
    assert_eq!(failed(ErrorKind::QuotaExceeded), Code::InsufficientStorage);
    assert_eq!(failed(ErrorKind::ConnectionRefused), Code::TemporarilyUnavailable);
}
