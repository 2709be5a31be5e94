//! The operators whose arguments stand in a row, or by name.

/// How arguments are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One after the other, so many at least and at most; one alone needs no brackets.
    Row(usize, usize),
    /// By name; those after the first number may be left out.
    Named(&'static [&'static str], usize),
}

macro_rules! operators {
    ($($name:ident $text:literal $form:expr;)*) => {
        /// An operator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "their names are MongoDB's")]
        pub enum Operator { $($name,)* }

        impl Operator {
            /// The operator of that name, and how it is given its arguments.
            #[must_use]
            pub fn named(name: &str) -> Option<(Self, Form)> {
                match name {
                    $($text => Some((Self::$name, $form)),)*
                    _ => None,
                }
            }

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

const ANY: usize = usize::MAX;

operators! {
    Abs "$abs" Form::Row(1, 1);
    Add "$add" Form::Row(1, ANY);
    And "$and" Form::Row(0, ANY);
    ArrayElemAt "$arrayElemAt" Form::Row(2, 2);
    ArrayToObject "$arrayToObject" Form::Row(1, 1);
    Avg "$avg" Form::Row(0, ANY);
    Ceil "$ceil" Form::Row(1, 1);
    Cmp "$cmp" Form::Row(2, 2);
    Concat "$concat" Form::Row(0, ANY);
    ConcatArrays "$concatArrays" Form::Row(0, ANY);
    Cond "$cond" Form::Row(3, 3);
    DateAdd "$dateAdd" Form::Named(&["startDate", "unit", "amount"], 3);
    DateDiff "$dateDiff" Form::Named(&["startDate", "endDate", "unit"], 3);
    DateToString "$dateToString" Form::Named(&["date", "format"], 1);
    DateTrunc "$dateTrunc" Form::Named(&["date", "unit"], 2);
    DayOfMonth "$dayOfMonth" Form::Row(1, 1);
    DayOfWeek "$dayOfWeek" Form::Row(1, 1);
    DayOfYear "$dayOfYear" Form::Row(1, 1);
    Divide "$divide" Form::Row(2, 2);
    Eq "$eq" Form::Row(2, 2);
    First "$first" Form::Row(1, 1);
    Floor "$floor" Form::Row(1, 1);
    Gt "$gt" Form::Row(2, 2);
    Gte "$gte" Form::Row(2, 2);
    Hour "$hour" Form::Row(1, 1);
    IfNull "$ifNull" Form::Row(2, ANY);
    In "$in" Form::Row(2, 2);
    IndexOfArray "$indexOfArray" Form::Row(2, 2);
    IndexOfCp "$indexOfCP" Form::Row(2, 2);
    IsArray "$isArray" Form::Row(1, 1);
    IsNumber "$isNumber" Form::Row(1, 1);
    Last "$last" Form::Row(1, 1);
    Ltrim "$ltrim" Form::Named(&["input", "chars"], 1);
    Lt "$lt" Form::Row(2, 2);
    Lte "$lte" Form::Row(2, 2);
    Max "$max" Form::Row(0, ANY);
    MergeObjects "$mergeObjects" Form::Row(0, ANY);
    Min "$min" Form::Row(0, ANY);
    Minute "$minute" Form::Row(1, 1);
    Mod "$mod" Form::Row(2, 2);
    Month "$month" Form::Row(1, 1);
    Multiply "$multiply" Form::Row(1, ANY);
    Ne "$ne" Form::Row(2, 2);
    Not "$not" Form::Row(1, 1);
    ObjectToArray "$objectToArray" Form::Row(1, 1);
    Or "$or" Form::Row(0, ANY);
    Pow "$pow" Form::Row(2, 2);
    Range "$range" Form::Row(2, 3);
    ReplaceAll "$replaceAll" Form::Named(&["input", "find", "replacement"], 3);
    ReplaceOne "$replaceOne" Form::Named(&["input", "find", "replacement"], 3);
    ReverseArray "$reverseArray" Form::Row(1, 1);
    Round "$round" Form::Row(1, 2);
    Rtrim "$rtrim" Form::Named(&["input", "chars"], 1);
    Second "$second" Form::Row(1, 1);
    SetDifference "$setDifference" Form::Row(2, 2);
    SetIntersection "$setIntersection" Form::Row(1, ANY);
    SetUnion "$setUnion" Form::Row(1, ANY);
    Size "$size" Form::Row(1, 1);
    Slice "$slice" Form::Row(2, 3);
    Split "$split" Form::Row(2, 2);
    Sqrt "$sqrt" Form::Row(1, 1);
    StrLenCp "$strLenCP" Form::Row(1, 1);
    Strcasecmp "$strcasecmp" Form::Row(2, 2);
    SubstrCp "$substrCP" Form::Row(3, 3);
    Subtract "$subtract" Form::Row(2, 2);
    Sum "$sum" Form::Row(0, ANY);
    ToBool "$toBool" Form::Row(1, 1);
    ToDouble "$toDouble" Form::Row(1, 1);
    ToInt "$toInt" Form::Row(1, 1);
    ToLower "$toLower" Form::Row(1, 1);
    ToString "$toString" Form::Row(1, 1);
    ToUpper "$toUpper" Form::Row(1, 1);
    Trim "$trim" Form::Named(&["input", "chars"], 1);
    Trunc "$trunc" Form::Row(1, 2);
    Type "$type" Form::Row(1, 1);
    Year "$year" Form::Row(1, 1);
}
