//! What is known of terraform and tofu beforehand: which commands take what, and which of their
//! errors pass by themselves. Configuration files ask for these lists by functions, and the run
//! goes by them.

use std::time::Duration;

/// Commands that read variables: `get_terraform_commands_that_need_vars()`.
pub const COMMANDS_THAT_NEED_VARS: [&str; 7] = [
    "apply", "console", "destroy", "import", "plan", "push", "refresh",
];

/// Commands that lock the state: `get_terraform_commands_that_need_locking()`.
pub const COMMANDS_THAT_NEED_LOCKING: [&str; 7] = [
    "apply", "destroy", "import", "plan", "refresh", "taint", "untaint",
];

/// Commands that may ask for missing values: `get_terraform_commands_that_need_input()`.
pub const COMMANDS_THAT_NEED_INPUT: [&str; 5] = ["apply", "import", "init", "plan", "refresh"];

/// Commands that walk over resources side by side:
/// `get_terraform_commands_that_need_parallelism()`.
pub const COMMANDS_THAT_NEED_PARALLELISM: [&str; 3] = ["apply", "plan", "destroy"];

/// How often a unit is tried whose error is one of [`DEFAULT_RETRYABLE_ERRORS`].
pub const DEFAULT_RETRY_ATTEMPTS: u32 = 3;

/// How long to wait between these attempts.
pub const DEFAULT_RETRY_SLEEP: Duration = Duration::from_secs(5);

/// Errors that are worth another try where a unit has no rules of its own:
/// `get_default_retryable_errors()`. Regular expressions.
///
/// They are about the network on the way to state, modules and providers, and about services that
/// ask to come back later. None of them matches an error that is the same the next time.
pub const DEFAULT_RETRYABLE_ERRORS: [&str; 16] = [
    r"(?s)(load|read|refresh|inspect)\w* (the )?(remote )?states?\b.*(i/o timeout|timed out|TLS handshake timeout|connection reset by peer)",
    r"(?s)(initializ|configur|load)ing (the )?backend\b.*(i/o timeout|timed out|TLS handshake timeout|connection reset by peer)",
    r"(?s)(install|download|quer)\w*\b.*\bproviders?\b.*(i/o timeout|timed out|TLS handshake timeout|connection reset by peer|unexpected EOF)",
    r"(?s)(install|download|quer)\w*\b.*\bproviders?\b.*\b(429|500|502|503|504) [A-Z]",
    r"(?s)(download|install)\w* (the )?modules?\b.*(i/o timeout|timed out|TLS handshake timeout|connection reset by peer|unexpected EOF)",
    r"(?s)(download|install)\w* (the )?modules?\b.*\b(429|500|502|503|504)\b",
    r"(?s)failed to request discovery document.*(i/o timeout|timed out|TLS handshake timeout|connection reset by peer)",
    r"Client\.Timeout exceeded while awaiting headers",
    r"net/http: (TLS handshake timeout|request canceled while waiting for connection)",
    r"(?s)app\.terraform\.io.*\b429 Too Many Requests",
    r"(?s)(kex|ssh)_exchange_identification.*(closed|reset)",
    r"(?s)NoSuchBucket.*The specified bucket does not exist",
    r"(?s)TooManyUpdates",
    r"(?s)(ThrottlingException|Throttling: |RequestLimitExceeded|TooManyRequestsException).*(Rate|rate|limit|Limit)",
    r"(?s)request to update this alarm is in progress",
    r"(?s)\bS3\b.*\b(SlowDown|InternalError|503 Service Unavailable)\b",
];
