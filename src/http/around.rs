//! Layers that look at a request before it is answered and at the answer after: what `axum::middleware` does, without
//! what it allocates for each request to let a layer do more than that.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::Request;
use axum::response::Response;
use tower::{Layer, Service};

/// What such a layer does.
pub trait Around: Clone {
    /// What it remembers from the request for the answer.
    type Note: Unpin;

    /// Looks at the request.
    fn before(&self, request: &Request) -> Before<Self::Note>;

    /// Changes the answer of a request of which something was noted.
    fn after(&self, note: Self::Note, response: &mut Response);
}

/// How a request goes on.
#[derive(Debug)]
pub enum Before<N> {
    /// To its handler. Without a note the answer is not looked at.
    GoOn(Option<N>),
    /// It is answered already.
    Answer(Response),
}

/// The layer of an [`Around`].
#[derive(Clone, Copy, Debug)]
pub struct Layered<A>(pub A);

impl<A: Clone, S> Layer<S> for Layered<A> {
    type Service = With<A, S>;

    fn layer(&self, inner: S) -> With<A, S> {
        With { around: self.0.clone(), inner }
    }
}

/// A service with an [`Around`].
#[derive(Clone, Debug)]
pub struct With<A, S> {
    around: A,
    inner: S,
}

impl<A, S> Service<Request> for With<A, S>
where
    A: Around + Unpin,
    S: Service<Request, Response = Response>,
    S::Future: Unpin,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answering<A, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.around.before(&request) {
            Before::Answer(response) => Answering::Answered(Some(response)),
            Before::GoOn(note) => {
                Answering::Handling { around: self.around.clone(), note, handler: self.inner.call(request) }
            }
        }
    }
}

/// The answer of [`With`], to be.
#[derive(Debug)]
pub enum Answering<A: Around, F> {
    /// It was given before.
    Answered(Option<Response>),
    /// The handler is at it.
    Handling {
        /// The layer.
        around: A,
        /// What it noted.
        note: Option<A::Note>,
        /// The handler's work.
        handler: F,
    },
}

impl<A, F, E> Future for Answering<A, F>
where
    A: Around + Unpin,
    F: Future<Output = Result<Response, E>> + Unpin,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Answered(response) => response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Handling { around, note, handler } => {
                let mut response = ready!(Pin::new(handler).poll(context))?;
                if let Some(note) = note.take() {
                    around.after(note, &mut response);
                }
                Poll::Ready(Ok(response))
            }
        }
    }
}
