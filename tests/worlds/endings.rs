//! What is told in the same words whenever the same part of the estate fails. Each function asserts
//! all of that, and what must hold of such a run, and gives back what its test alone shows.

use crate::estate::{ASSUMER, DEV_DOER, Done, Estate, STATE};

/// A line that is `…` stands for lines of the test's own.
const OWN: char = '…';

const DEV_FAILED_ALONE: &str = "\
identity  keys of the environment → infrastructure-assumer-role → 2 doers, state-mgmt-role
✗ dev/vpc: could not assume the doer role (after [TIME])
  chain    base → infrastructure-assumer-role → doer-role, stopped at the last hop
  role     arn:aws:iam::234567890123:role/doer-role  (from root.hcl:6)
  …
  next     terrane doctor
  doer     doer-role @ 1-dev
  blocked  dev/eks
…
✗ dev/vpc  could not assume the doer role

account  units  changed  unchanged  failed  blocked  add  change  destroy
1-dev        2        0          0       1        1    0       0        0
3-prod       1        0          1       0        0    0       0        0

3 units in [TIME]: 1 unchanged, 1 failed, 1 blocked (by dev/vpc)  exit 1
…
exit 1";

const VPC_NOT_APPLIED: &str = "\
…
✗ dev/vpc  could not assume the doer role

account  units  changed  unchanged  failed  blocked  add  change  destroy
1-dev        1        0          0       1        0    0       0        0

1 unit in [TIME]: 1 failed  exit 1
next  terrane run-all apply --non-interactive --filter '1-dev/vpc'
exit 1";

const PROD_WITHOUT_STATE: &str = "\
identity  keys of the environment → infrastructure-assumer-role → doer-role, state-mgmt-role
✗ prod/vpc: could not assume the state-management role (after [TIME])
  chain    base → infrastructure-assumer-role → state-mgmt-role, stopped at the last hop
  role     arn:aws:iam::123456789011:role/state-mgmt-role  (from root.hcl:8)
  …
  next     terrane doctor
  doer     doer-role @ 3-prod
✗ prod/vpc  could not assume the state-management role

account  units  changed  unchanged  failed  blocked  add  change  destroy
3-prod       1        0          0       1        0    0       0        0

1 unit in [TIME]: 1 failed  exit 1
next  terrane run-all plan -C 3-prod --filter './vpc'
exit 1";

const NOBODY_CAN_ACT: &str = "\
error: nobody can act for these units
 |
 …
 = help: run: terrane doctor
exit 1";

impl Estate {
    /// After a plan of everything: dev's doer could not be assumed, nothing was started there, and
    /// prod went on. Gives who asked, why not, and what helps, what was said of waiting, and how to go
    /// on.
    pub(crate) fn dev_failed_alone(&self, done: &Done) -> String {
        let own = own_lines(&self.told(done), DEV_FAILED_ALONE);
        self.nothing_was_started("1-dev", DEV_DOER);
        self.went_on("3-prod/vpc", "plan");
        own
    }

    /// After an apply of dev's `vpc` alone: its doer could not be assumed, and nothing was started.
    /// Gives what was said before the closing table.
    pub(crate) fn vpc_was_not_applied(&self, done: &Done) -> String {
        let own = own_lines(&self.told(done), VPC_NOT_APPLIED);
        self.nothing_was_started("1-dev", DEV_DOER);
        own
    }

    /// After a plan in prod: the state role could not be assumed, and nothing was started. Gives
    /// who asked, why not, and what helps.
    pub(crate) fn prod_had_no_state_role(&self, done: &Done) -> String {
        let own = own_lines(&self.told(done), PROD_WITHOUT_STATE);
        self.nothing_was_started("", STATE);
        own
    }

    /// The run ended before any unit, since not even the hub could be had. Gives why, and what
    /// helps.
    pub(crate) fn nobody_could_act(&self, done: &Done) -> String {
        let own = own_lines(&self.told(done), NOBODY_CAN_ACT);
        self.nothing_was_started("", ASSUMER);
        own
    }
}

/// The lines that stand where the frame has `…`, without the indentation that this one has; all
/// others must be those of the frame.
fn own_lines(told: &str, frame: &str) -> String {
    let mut own = Vec::new();
    let (mut lines, mut known) = (told.lines().peekable(), frame.lines().peekable());
    while let Some(expected) = known.next() {
        let Some(indentation) = expected.strip_suffix(OWN) else {
            assert_eq!(lines.next(), Some(expected), "in:\n{told}");
            continue;
        };
        while let Some(line) = lines.next_if(|line| Some(line) != known.peek()) {
            let line = line.strip_prefix(indentation);
            own.push(line.unwrap_or_else(|| panic!("not indented as all of these:\n{told}")));
        }
    }
    assert_eq!(lines.next(), None, "in:\n{told}");
    own.join("\n")
}

#[test]
fn own_lines_are_given_and_others_must_be_those_of_the_frame() {
    let frame = "head\n  …\nfoot";
    assert_eq!(own_lines("head\n  one\n    two\nfoot", frame), "one\n  two");
    assert_eq!(own_lines("head\nfoot", frame), "");
    for wrong in [
        "head\n  one",
        "head\n  one\nfoot\nmore",
        "heat\nfoot",
        "head\none\nfoot",
    ] {
        let refused = std::panic::catch_unwind(|| own_lines(wrong, frame));
        assert!(refused.is_err(), "{wrong}");
    }
}
