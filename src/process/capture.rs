//! Short commands whose answer is wanted in memory: a version, outputs as JSON, a git commit.
//!
//! Over pipes, because an answer may be a secret and must not touch a disk; so never for a command
//! that changes things. They are killed when their time is up, when they say too much, and when
//! nobody waits for them any more.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use super::child::Child;
use super::program::{Program, StartError};
use crate::model::ChildEnd;

/// How long it may take, and how much it may say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CaptureLimits {
    pub time: Duration,
    pub stdout_bytes: usize,
    /// Of more than this the last part is kept.
    pub stderr_bytes: usize,
}

/// What it said, whatever its exit code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Captured {
    pub end: ChildEnd,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("it took longer than {} s", .limit.as_secs_f32())]
    TimedOut { limit: Duration, stderr: Vec<u8> },
    #[error("it said more than {limit} bytes")]
    TooMuch { limit: usize },
    #[error("its answer could not be read: {0}")]
    Read(#[from] io::Error),
}

/// How long after its end its last words may still arrive.
const GRACE_AFTER_EXIT: Duration = Duration::from_millis(200);

/// Runs `program` to its end and returns what it said.
pub async fn capture(program: &Program, limits: &CaptureLimits) -> Result<Captured, CaptureError> {
    capture_telling(program, limits, |_| {}).await
}

/// The same, and tells the number of the process as soon as there is one.
pub async fn capture_telling(
    program: &Program,
    limits: &CaptureLimits,
    started: impl FnOnce(u32),
) -> Result<Captured, CaptureError> {
    let mut stdout = Vec::new();
    let mut stderr = Vec::new();
    let run = run(program, limits, started, &mut stdout, &mut stderr);
    match timeout(limits.time, run).await {
        Ok(end) => Ok(Captured {
            end: end?,
            stdout,
            stderr,
        }),
        Err(_) => Err(CaptureError::TimedOut {
            limit: limits.time,
            stderr,
        }),
    }
}

/// The same for callers that cannot wait as others do, in a runtime of its own on a thread of its
/// own, so that it may be called from within ours.
pub fn capture_blocking(
    program: &Program,
    limits: &CaptureLimits,
) -> Result<Captured, CaptureError> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(capture(program, limits))
    };
    std::thread::scope(|scope| {
        let answer = scope.spawn(run).join();
        answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

async fn run(
    program: &Program,
    limits: &CaptureLimits,
    started: impl FnOnce(u32),
    stdout: &mut Vec<u8>,
    stderr: &mut Vec<u8>,
) -> Result<ChildEnd, CaptureError> {
    let mut child = Child::start_captured(program)?;
    started(child.id());
    let (out_pipe, err_pipe) = child.take_pipes();
    let mut words = pin!(async {
        tokio::try_join!(
            read_all(out_pipe, stdout, limits.stdout_bytes),
            read_last(err_pipe, stderr, limits.stderr_bytes),
        )
    });
    tokio::select! {
        said = &mut words => {
            said?;
            Ok(child.wait().await?)
        }
        end = child.wait() => {
            let end = end?;
            // A background process that it left behind may hold the pipes open for ever.
            if let Ok(said) = timeout(GRACE_AFTER_EXIT, words).await {
                said?;
            }
            Ok(end)
        }
    }
}

async fn read_all(
    mut pipe: impl AsyncRead + Unpin,
    bytes: &mut Vec<u8>,
    limit: usize,
) -> Result<(), CaptureError> {
    while pipe.read_buf(bytes).await? > 0 {
        if bytes.len() > limit {
            return Err(CaptureError::TooMuch { limit });
        }
    }
    Ok(())
}

async fn read_last(
    mut pipe: impl AsyncRead + Unpin,
    bytes: &mut Vec<u8>,
    limit: usize,
) -> Result<(), CaptureError> {
    while pipe.read_buf(bytes).await? > 0 {
        let excess = bytes.len().saturating_sub(limit);
        bytes.drain(..excess);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
