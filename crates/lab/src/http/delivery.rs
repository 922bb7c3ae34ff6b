//! How an answer reaches its caller: whole, or broken in one of the ways networks have.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Response;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use thiserror::Error;
use tokio::time::Sleep;

use super::answer::Answer;

/// What becomes of an answer.
#[derive(Debug)]
pub(crate) enum Delivery {
    Whole(Answer),
    /// The connection ends after so many bytes of a longer body.
    Truncated(Answer, usize),
    /// The body trickles.
    Slow(Answer, BytesPerSecond),
    /// The connection ends without an answer.
    Lost,
}

pub(crate) type BytesPerSecond = u32;

/// The reason for which a connection ends without a proper answer.
#[derive(Debug, Error)]
#[error("the answer is lost on purpose")]
pub(crate) struct Lost;

/// A body in pieces with pauses before them, which may end before its announced length.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    waiting: VecDeque<Piece>,
    announced: u64,
    pause: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug)]
struct Piece {
    after: Duration,
    bytes: Option<Bytes>,
}

/// Long enough for what was already written to leave before the connection breaks.
const FLUSH: Duration = Duration::from_millis(5);
const SLOW_STEPS_PER_SECOND: u32 = 10;

impl Delivery {
    pub(crate) fn into_response(self) -> Result<Response<Pieces>, Lost> {
        let (answer, waiting) = match self {
            Self::Lost => return Err(Lost),
            Self::Whole(answer) => {
                let whole = Piece {
                    after: Duration::ZERO,
                    bytes: Some(answer.body.clone()),
                };
                (answer, VecDeque::from([whole]))
            }
            Self::Truncated(answer, kept) => {
                let pieces = truncated(&answer.body, kept);
                (answer, pieces)
            }
            Self::Slow(answer, bytes_per_second) => {
                let pieces = trickle(&answer.body, bytes_per_second);
                (answer, pieces)
            }
        };
        let announced = answer.body.len() as u64;
        let mut response = Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        let body = Pieces {
            waiting,
            announced,
            pause: None,
        };
        // Status and headers may come from a fault or from the request, and be impossible.
        Ok(response.body(body).unwrap_or_else(|_| impossible()))
    }
}

fn impossible() -> Response<Pieces> {
    let mut response = Response::new(Pieces::default());
    *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

fn truncated(body: &Bytes, kept: usize) -> VecDeque<Piece> {
    if kept >= body.len() {
        return VecDeque::from([Piece {
            after: Duration::ZERO,
            bytes: Some(body.clone()),
        }]);
    }
    let start = Piece {
        after: Duration::ZERO,
        bytes: Some(body.slice(..kept)),
    };
    VecDeque::from([
        start,
        Piece {
            after: FLUSH,
            bytes: None,
        },
    ])
}

fn trickle(body: &Bytes, bytes_per_second: BytesPerSecond) -> VecDeque<Piece> {
    // So slow that a step has no whole byte: then a byte at a time, and fewer steps.
    let steps_per_second = bytes_per_second.clamp(1, SLOW_STEPS_PER_SECOND);
    let step = usize::try_from((bytes_per_second / steps_per_second).max(1)).unwrap_or(usize::MAX);
    let after = Duration::from_secs(1) / steps_per_second;
    let starts = (0..body.len()).step_by(step);
    starts
        .map(|start| {
            let end = start.saturating_add(step).min(body.len());
            Piece {
                after,
                bytes: Some(body.slice(start..end)),
            }
        })
        .collect()
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Lost;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Lost>>> {
        let Some(next) = self.waiting.front() else {
            return Poll::Ready(None);
        };
        if !next.after.is_zero() {
            let after = next.after;
            let pause = self
                .pause
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
            if pause.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.pause = None;
        }
        let piece = self.waiting.pop_front().and_then(|piece| piece.bytes);
        Poll::Ready(Some(piece.map(Frame::data).ok_or(Lost)))
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
