//! Every operator of MongoDB by name: what is spoken here, and what is refused by name and why.

/// Why an operator of MongoDB is not spoken here.
#[must_use]
pub fn refusal(name: &str) -> &'static str {
    match name {
        "$where" | "$function" | "$accumulator" => "runs code of the caller",
        "$out" | "$merge" => "writes while reading",
        "$text" | "$search" | "$searchMeta" | "$vectorSearch" => "needs a text index",
        _ if UNSPOKEN.contains(&name) => "is not supported",
        _ => "is no operator",
    }
}

/// Operators of filters.
#[rustfmt::skip]
pub const FILTER: &[&str] = &[
    "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$type", "$regex", "$options", "$not",
    "$all", "$elemMatch", "$size", "$mod", "$and", "$or", "$nor", "$expr",
];

/// Operators of updates, the modifiers of `$push` included.
#[rustfmt::skip]
pub const UPDATE: &[&str] = &[
    "$set", "$unset", "$inc", "$mul", "$min", "$max", "$rename", "$push", "$addToSet", "$pop", "$pull", "$pullAll",
    "$currentDate", "$setOnInsert", "$each", "$position", "$slice", "$sort",
];

/// Stages of pipelines.
#[rustfmt::skip]
pub const STAGES: &[&str] = &[
    "$match", "$project", "$addFields", "$set", "$unset", "$group", "$sort", "$limit", "$skip", "$unwind", "$count",
    "$lookup", "$sortByCount", "$replaceRoot", "$replaceWith", "$facet", "$bucket", "$sample", "$unionWith",
];

/// Accumulators of `$group` and `$bucket`.
pub const ACCUMULATORS: &[&str] = &["$sum", "$avg", "$min", "$max", "$push", "$addToSet", "$first", "$last", "$count"];

/// Operators of expressions.
#[rustfmt::skip]
pub const EXPRESSIONS: &[&str] = &[
    "$abs", "$add", "$and", "$arrayElemAt", "$arrayToObject", "$avg", "$ceil", "$cmp", "$concat", "$concatArrays",
    "$cond", "$dateAdd", "$dateDiff", "$dateToString", "$dateTrunc", "$dayOfMonth", "$dayOfWeek", "$dayOfYear",
    "$divide", "$eq", "$filter", "$first", "$floor", "$gt", "$gte", "$hour", "$ifNull", "$in", "$indexOfArray",
    "$indexOfCP", "$isArray", "$isNumber", "$last", "$let", "$literal", "$ltrim", "$lt", "$lte", "$map", "$max",
    "$mergeObjects", "$min", "$minute", "$mod", "$month", "$multiply", "$ne", "$not", "$objectToArray", "$or", "$pow",
    "$range", "$reduce", "$regexMatch", "$replaceAll", "$replaceOne", "$reverseArray", "$round", "$rtrim", "$second",
    "$setDifference", "$setIntersection", "$setUnion", "$size", "$slice", "$split", "$sqrt", "$strLenCP",
    "$strcasecmp", "$substrCP", "$subtract", "$sum", "$switch", "$toBool", "$toDouble", "$toInt", "$toLower",
    "$toString", "$toUpper", "$trim", "$trunc", "$type", "$year",
];

/// What MongoDB has besides.
#[rustfmt::skip]
pub const UNSPOKEN: &[&str] = &[
    // filters
    "$bitsAllClear", "$bitsAllSet", "$bitsAnyClear", "$bitsAnySet", "$box", "$center", "$centerSphere", "$comment",
    "$geoIntersects", "$geoWithin", "$geometry", "$jsonSchema", "$maxDistance", "$meta", "$minDistance", "$natural",
    "$near", "$nearSphere", "$polygon", "$rand", "$sampleRate", "$text", "$uniqueDocs", "$where", "$query",
    // updates
    "$bit", "$isolated", "$pushAll",
    // stages
    "$bucketAuto", "$changeStream", "$changeStreamSplitLargeEvent", "$collStats", "$currentOp", "$densify",
    "$documents", "$fill", "$geoNear", "$graphLookup", "$indexStats", "$listLocalSessions", "$listSampledQueries",
    "$listSearchIndexes", "$listSessions", "$merge", "$out", "$planCacheStats", "$querySettings", "$queryStats",
    "$redact", "$search", "$searchMeta", "$setWindowFields", "$shardedDataDistribution", "$vectorSearch",
    "$rankFusion", "$scoreFusion", "$score",
    // accumulators and window operators
    "$accumulator", "$bottom", "$bottomN", "$covariancePop", "$covarianceSamp", "$denseRank", "$derivative",
    "$documentNumber", "$expMovingAvg", "$firstN", "$integral", "$lastN", "$linearFill", "$locf", "$maxN", "$median",
    "$minN", "$minMaxScaler", "$percentile", "$rank", "$shift", "$stdDevPop", "$stdDevSamp", "$top", "$topN",
    "$concatArraysAccumulator", "$setUnionAccumulator",
    // expressions
    "$acos", "$acosh", "$allElementsTrue", "$anyElementTrue", "$asin", "$asinh", "$atan", "$atan2", "$atanh",
    "$binarySize", "$bitAnd", "$bitNot", "$bitOr", "$bitXor", "$bsonSize", "$convert", "$cos", "$cosh",
    "$dateFromParts", "$dateFromString", "$dateSubtract", "$dateToParts", "$degreesToRadians", "$encStrContains",
    "$encStrEndsWith", "$encStrNormalizedEq", "$encStrStartsWith", "$exp", "$function", "$getField", "$indexOfBytes",
    "$isoDayOfWeek", "$isoWeek", "$isoWeekYear", "$ln", "$log", "$log10", "$millisecond", "$radiansToDegrees",
    "$regexFind", "$regexFindAll", "$setEquals", "$setField", "$setIsSubset", "$sigmoid", "$sin", "$sinh",
    "$sortArray", "$strLenBytes", "$substr", "$substrBytes", "$tan", "$tanh", "$toArray", "$toDate", "$toDecimal",
    "$toHashedIndexKey", "$toLong", "$toObject", "$toObjectId", "$toUUID", "$tsIncrement", "$tsSecond", "$unsetField",
    "$week", "$zip", "$createObjectId", "$subtype", "$hash", "$hexHash",
];
