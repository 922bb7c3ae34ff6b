#[cfg(unix)]
fn main() -> std::process::ExitCode {
    terrane::cli::main()
}

#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    use std::io::Write as _;

    let sentence = "error: terrane runs on Linux and macOS; on Windows use it within WSL";
    // There is nobody to tell when even this fails.
    let _ = writeln!(std::io::stderr(), "{sentence}");
    std::process::ExitCode::FAILURE
}
