//! How much of the language one request may use. Every limit is tried one below, at, and one above it.

/// Tests, branches and expression nodes of one filter.
pub const FILTER_NODES: usize = 200;
/// How deep filters and expressions nest.
pub const NESTING: usize = 16;
/// Values of one `$in`, `$nin`, `$all`, `$pullAll` or `$each`.
pub const LIST_VALUES: usize = 1_000;
/// Components of a path.
pub const PATH_STEPS: usize = 8;
/// Fields of a sort.
pub const SORT_FIELDS: usize = 8;
/// Characters of a pattern.
pub const REGEX_LENGTH: usize = 256;
/// Bytes of a compiled pattern.
pub const REGEX_PROGRAM: usize = 1 << 20;
/// What a repetition in a pattern may count to, all nested ones multiplied.
pub const REGEX_REPEATS: u32 = 255;
/// Stages of a pipeline, those of facets and unions counted.
pub const PIPELINE_STAGES: usize = 50;
/// Expression nodes of a pipeline.
pub const PIPELINE_NODES: usize = 2_000;
/// `$lookup` and `$unionWith` of a pipeline.
pub const PIPELINE_LOOKUPS: usize = 3;
/// Groups of a `$group`.
pub const GROUPS: usize = 100_000;
/// Documents that a pipeline answers.
pub const OUTPUT_DOCUMENTS: usize = 10_000;
/// Bytes of values that a pipeline holds at a time.
pub const PIPELINE_MEMORY: usize = 64 << 20;
/// Steps of work of a pipeline: documents through stages and expression nodes evaluated.
pub const PIPELINE_STEPS: u64 = 50_000_000;
/// Elements that `$range` makes.
pub const RANGE_ELEMENTS: usize = 100_000;
/// Operators of an update.
pub const UPDATE_ACTIONS: usize = 200;
/// The highest index that an update may write into an array.
pub const ARRAY_INDEX: usize = 10_000;
/// How deep a document nests.
pub const DOCUMENT_DEPTH: usize = 64;
/// Members of one object.
pub const OBJECT_MEMBERS: usize = 10_000;
/// Bytes of a field's name.
pub const NAME_LENGTH: usize = 256;
/// Bytes of the SQL that one request may become.
pub const SQL_LENGTH: usize = 256 << 10;
/// Values bound to one statement.
pub const SQL_BINDS: usize = 16_000;
/// Indexes of a collection.
pub const COLLECTION_INDEXES: usize = 16;
/// Bytes of an index's name.
pub const INDEX_NAME_LENGTH: usize = 64;
/// Fields of an index.
pub const INDEX_FIELDS: usize = 4;
/// Keys that one index keeps of one document.
pub const INDEX_ENTRIES: usize = 1_000;
/// Bytes of text in a key, all fields together; what is longer is cut.
pub const INDEX_KEY_LENGTH: usize = 1_024;
/// Places in an index where one query looks.
pub const INDEX_RANGES: usize = 64;
