//! The hidden helper: what an engine's backend runs as `credential_process`.
//!
//! It asks the socket of the terrane that started the engine, and prints what it hears. It knows
//! nothing itself and starts fast: no runtime, no SDK. Its standard error reaches the user, so a
//! refusal is told there with its remedy.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::Duration;

use crate::aws::HELPER_TOKEN;

/// SDKs give a `credential_process` one minute.
const ANSWERED_WITHIN: Duration = Duration::from_secs(55);

/// Answers `terrane __credentials SOCKET IDENTITY`.
///
/// `arguments` are those after the subcommand, `token` is the value of [`HELPER_TOKEN`].
pub fn run(arguments: impl Iterator<Item = OsString>, token: Option<OsString>) -> ExitCode {
    match ask(arguments, token) {
        Ok(Answer::Credentials(document)) => match io::stdout().write_all(document.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Ok(Answer::Refused(message)) | Err(message) => {
            // There is nobody left to tell when even this fails.
            let _ = writeln!(io::stderr(), "terrane: {}", message.trim_end());
            ExitCode::FAILURE
        }
    }
}

enum Answer {
    Credentials(String),
    Refused(String),
}

fn ask(
    mut arguments: impl Iterator<Item = OsString>,
    token: Option<OsString>,
) -> Result<Answer, String> {
    let (Some(socket), Some(wanted), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("this command is for engines that terrane starts".to_owned());
    };
    let token = token.ok_or_else(|| {
        format!("{HELPER_TOKEN} is not set: this program was not started by an engine of terrane's")
    })?;
    let answer = converse(&socket, &wanted, &token).map_err(|error| {
        let socket = socket.display();
        format!("the run that this engine belongs to does not answer ({socket}: {error})")
    })?;
    match answer.split_once('\n') {
        Some(("ok", document)) => Ok(Answer::Credentials(document.to_owned())),
        Some(("no", message)) => Ok(Answer::Refused(message.to_owned())),
        _ => Err("the run that this engine belongs to broke off its answer".to_owned()),
    }
}

fn converse(socket: &OsStr, wanted: &OsStr, token: &OsStr) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWERED_WITHIN))?;
    let question = [
        wanted.as_encoded_bytes(),
        b" ",
        token.as_encoded_bytes(),
        b"\n",
    ]
    .concat();
    stream.write_all(&question)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
