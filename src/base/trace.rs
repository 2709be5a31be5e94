//! Traces (W3C Trace Context, level 1): to which call of which caller the work at hand belongs, and how long its parts
//! took. Off unless somebody takes the spans; then nothing is measured.

use std::fmt;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use rand::RngExt as _;
use tokio::sync::mpsc;

/// Spans that wait to be taken; further ones are dropped, because nobody waits for a trace.
const WAITING: usize = 4_096;

static SINK: OnceLock<Sink> = OnceLock::new();

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// Where spans go.
#[derive(Debug)]
struct Sink {
    spans: mpsc::Sender<Span>,
    /// The share that is recorded of what brings no decision of its own.
    share: f64,
}

/// Which trace something belongs to, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace: u128,
    span: u64,
    recorded: bool,
}

/// What a span is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Work of our own.
    Internal,
    /// A request that was answered.
    Server,
    /// A request that was made.
    Client,
}

/// A value of an attribute. Never a secret, a person or an address of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// Words.
    Text(String),
    /// A number.
    Number(i64),
}

/// Something that took time.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its place.
    pub context: TraceContext,
    /// The span that it is part of.
    pub parent: Option<u64>,
    /// What it was.
    pub name: String,
    /// What it was about.
    pub kind: Kind,
    /// When it began, and when it ended, in nanoseconds since 1970.
    pub time: (u64, u64),
    /// More about it.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// Whether it went wrong.
    pub failed: bool,
}

/// A span that has begun.
#[derive(Debug)]
pub struct Open {
    context: TraceContext,
    parent: Option<u64>,
    kind: Kind,
    begun: u64,
}

/// Begins to record this share of all traces; the spans come out of the receiver. Once per process.
pub fn record(share: f64) -> Option<mpsc::Receiver<Span>> {
    let (spans, taken) = mpsc::channel(WAITING);
    SINK.set(Sink { spans, share }).ok().map(|()| taken)
}

impl TraceContext {
    /// Reads a `traceparent` header (§3.2); of versions to come as much as is known (§3.2.4).
    #[must_use]
    pub fn of_header(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let [version, trace, span, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        let is_hex = |text: &str, long: usize| {
            text.len() == long && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let known = is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
        if !known || version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let trace = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
        let span = u64::from_str_radix(span, 16).ok().filter(|id| *id != 0)?;
        let recorded = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        Some(Self { trace, span, recorded })
    }

    /// The ids of trace and span, as they are written.
    #[must_use]
    pub fn ids(self) -> (String, String) {
        (format!("{:032x}", self.trace), format!("{:016x}", self.span))
    }

    fn root(share: f64) -> Self {
        let mut random = rand::rng();
        let trace = random.random_range(1..=u128::MAX);
        Self { trace, span: random.random_range(1..=u64::MAX), recorded: random.random::<f64>() < share }
    }

    fn child(self) -> Self {
        Self { span: rand::rng().random_range(1..=u64::MAX), ..self }
    }
}

/// As `traceparent` has it (§3.2).
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.recorded))
    }
}

impl Open {
    /// Begins a span for a request that brought this `traceparent`, or for work that nobody asked for.
    #[must_use]
    pub fn begin(kind: Kind, brought: Option<&str>) -> Option<Self> {
        let sink = SINK.get()?;
        let parent = brought.and_then(TraceContext::of_header);
        let context = parent.map_or_else(|| TraceContext::root(sink.share), TraceContext::child);
        Some(Self { context, parent: parent.map(|parent| parent.span), kind, begun: now() })
    }

    /// Begins a span within the work at hand, if that is traced.
    #[must_use]
    pub fn within(kind: Kind) -> Option<Self> {
        let parent = CURRENT.try_with(|current| *current).ok()?;
        Some(Self { context: parent.child(), parent: Some(parent.span), kind, begun: now() })
    }

    /// Its place, for who is called in it.
    #[must_use]
    pub const fn context(&self) -> TraceContext {
        self.context
    }

    /// Ends it. What it is called and more about it is asked for only if it is recorded.
    pub fn end(self, failed: bool, about: impl FnOnce() -> (String, Vec<(&'static str, Attribute)>)) {
        let Some(sink) = SINK.get().filter(|_| self.context.recorded) else { return };
        let (name, attributes) = about();
        let Self { context, parent, kind, begun } = self;
        let span = Span { context, parent, name, kind, time: (begun, now().max(begun)), attributes, failed };
        if sink.spans.try_send(span).is_err() {
            metrics::counter!("chancery_spans_total", "outcome" => "dropped").increment(1);
        }
    }
}

/// Does work as part of this trace.
pub async fn within<F: Future>(context: TraceContext, work: F) -> F::Output {
    CURRENT.scope(context, work).await
}

#[expect(clippy::disallowed_methods, reason = "what is measured has the machine's time, in nanoseconds")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_read_and_written_as_the_standard_says() {
        let read = TraceContext::of_header(GIVEN).unwrap();
        assert_eq!(read.to_string(), GIVEN);
        assert_eq!(read.ids().0, "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(!TraceContext::of_header(&GIVEN.replace("-01", "-00")).unwrap().recorded);
        assert!(TraceContext::of_header(&GIVEN.replace("00-4", "cc-4").replace("-01", "-01-more")).is_some());
        let (zero, upper) = ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", GIVEN.to_uppercase());
        let more = format!("{GIVEN}-x");
        let version = GIVEN.replacen("00-", "ff-", 1);
        for bad in ["", "00", zero, &upper, &more, &version, &GIVEN[1..], &GIVEN.replace('b', "g")] {
            assert_eq!(TraceContext::of_header(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_child_stays_in_its_trace_and_has_an_id_of_its_own() {
        let parent = TraceContext::of_header(GIVEN).unwrap();
        let child = parent.child();
        assert!(child.trace == parent.trace && child.span != parent.span && child.recorded);
        assert!(TraceContext::root(1.0).recorded && !TraceContext::root(0.0).recorded);
    }

    #[tokio::test]
    async fn nothing_begins_while_nobody_takes_spans() {
        assert!(Open::begin(Kind::Server, Some(GIVEN)).is_none());
        assert!(Open::within(Kind::Client).is_none());
        let parent = TraceContext::of_header(GIVEN).unwrap();
        let open = within(parent, async { Open::within(Kind::Client).unwrap() }).await;
        assert_eq!((open.context().trace, open.parent), (parent.trace, Some(parent.span)));
    }
}
