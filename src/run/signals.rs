//! The signals that mean "please end", as a stream of interrupts.

use std::future::ready;
use std::io;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

use super::event::Interrupt;

/// One press of Ctrl-C can reach us twice, from the terminal and from a program that started us
/// and passes it on. No human presses twice in so short a time.
const ONE_PRESS: Duration = Duration::from_millis(100);

/// From now on these signals no longer end the program; whoever holds the stream decides.
///
/// Must be called within the runtime.
pub fn interrupts() -> io::Result<impl Stream<Item = Interrupt> + Unpin> {
    Ok(once_per_press(every_signal()?).boxed_local())
}

/// The same, where each signal counts, however soon it follows another: for programs that send them.
pub fn every_signal() -> io::Result<impl Stream<Item = Interrupt> + Unpin> {
    let signals = [
        each(SignalKind::interrupt(), Interrupt::CtrlC)?,
        each(SignalKind::terminate(), Interrupt::Terminate)?,
        each(SignalKind::hangup(), Interrupt::HangUp)?,
    ];
    Ok(stream::select_all(signals))
}

fn each(
    kind: SignalKind,
    interrupt: Interrupt,
) -> io::Result<impl Stream<Item = Interrupt> + Unpin> {
    let mut arrivals = signal(kind)?;
    Ok(stream::poll_fn(move |context| {
        let arrived = arrivals.poll_recv(context);
        arrived.map(|arrived| arrived.map(|()| interrupt))
    }))
}

fn once_per_press(interrupts: impl Stream<Item = Interrupt>) -> impl Stream<Item = Interrupt> {
    let mut last_press: Option<Instant> = None;
    interrupts.filter(move |_| {
        let now = Instant::now();
        let is_echo = last_press.is_some_and(|press| now - press < ONE_PRESS);
        if !is_echo {
            last_press = Some(now);
        }
        ready(!is_echo)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_echo_of_the_same_press_is_not_a_second_one() {
        let arrivals = [
            (0, Interrupt::CtrlC),
            (3, Interrupt::CtrlC),
            (150, Interrupt::Terminate),
        ];
        let timed = stream::iter(arrivals).then(|(millis, interrupt)| async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            interrupt
        });
        let seen: Vec<Interrupt> = once_per_press(timed).collect().await;
        assert_eq!(seen, [Interrupt::CtrlC, Interrupt::Terminate]);
    }
}
