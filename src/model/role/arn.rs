//! Accounts, role ARNs, and the ARN that a caller is known by.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The twelve digits of an AWS account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

/// The ARN of an IAM role, path included: `arn:aws:iam::111111111111:role/team/doer-role`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    partition: Box<str>,
    account: AccountId,
    path: Box<str>,
    name: Box<str>,
}

/// Who a session says it is, as `GetCallerIdentity` answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    arn: Box<str>,
    account: AccountId,
    kind: PrincipalKind,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum PrincipalKind {
    /// A session of a role. Its ARN has lost the role's path.
    AssumedRole {
        role_name: Box<str>,
    },
    Root,
    /// A user or a federated user.
    Person,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error(
    "{text:?} is not an account id, which is twelve digits{}",
    leading_zero_hint(text)
)]
pub struct AccountIdError {
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{text:?} is not the ARN of a role: {problem}")]
pub struct RoleArnError {
    pub text: String,
    pub problem: RoleArnProblem,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum RoleArnProblem {
    #[error("it is empty")]
    Empty,
    #[error("it does not begin with \"arn:\"; write arn:aws:iam::ACCOUNT:role/NAME")]
    NoArn,
    #[error("character {position} is the typographic quote {quote}; use a straight one")]
    TypographicQuote { quote: char, position: usize },
    #[error("{0:?} is no partition of AWS")]
    Partition(String),
    #[error("it is a session's ARN; name the role itself, arn:aws:iam::ACCOUNT:role/NAME")]
    SessionArn,
    #[error("it belongs to the service {0:?}, a role to \"iam\"")]
    Service(String),
    #[error("it names the region {0:?}; IAM has none, so that part stays empty")]
    Region(String),
    #[error("{0}")]
    Account(AccountIdError),
    #[error("it names a {0}, not a role")]
    NotARole(String),
    #[error("the role's name is missing")]
    NoName,
    #[error("the role's name has {0} characters, 64 are allowed")]
    NameTooLong(usize),
    #[error("character {position}, {character:?}, cannot stand in a role's name or path")]
    Character { character: char, position: usize },
}

impl AccountId {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an account id is made of ASCII digits")
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(AccountIdError { text: text.into() }),
        }
    }
}

/// A number in HCL loses its leading zeros, and then looks like a wrong account.
fn leading_zero_hint(text: &str) -> &'static str {
    let is_short_number =
        !text.is_empty() && text.len() < 12 && text.bytes().all(|b| b.is_ascii_digit());
    if is_short_number {
        "; leading zeros count, so write it in quotes"
    } else {
        ""
    }
}

impl RoleArn {
    pub fn partition(&self) -> &str {
        &self.partition
    }

    pub fn account(&self) -> AccountId {
        self.account
    }

    /// `/`, or `/team/` for a role in a path.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for RoleArn {
    type Err = RoleArnError;

    fn from_str(text: &str) -> Result<Self, RoleArnError> {
        parse_role(text).map_err(|problem| RoleArnError {
            text: text.into(),
            problem,
        })
    }
}

fn parse_role(text: &str) -> Result<RoleArn, RoleArnProblem> {
    if text.is_empty() {
        return Err(RoleArnProblem::Empty);
    }
    if let Some((position, quote)) = numbered(text).find(|(_, c)| "“”„‟‘’‚«»".contains(*c))
    {
        return Err(RoleArnProblem::TypographicQuote { quote, position });
    }
    let mut parts = text.splitn(6, ':');
    let mut part = || parts.next().unwrap_or_default();
    if part() != "arn" {
        return Err(RoleArnProblem::NoArn);
    }
    let partition = part();
    if !partition.starts_with("aws") || !partition.bytes().all(is_partition_byte) {
        return Err(RoleArnProblem::Partition(partition.into()));
    }
    let (service, region, account, resource) = (part(), part(), part(), part());
    if service == "sts" && resource.starts_with("assumed-role/") {
        return Err(RoleArnProblem::SessionArn);
    }
    if service != "iam" {
        return Err(RoleArnProblem::Service(service.into()));
    }
    if !region.is_empty() {
        return Err(RoleArnProblem::Region(region.into()));
    }
    let account = account.parse().map_err(RoleArnProblem::Account)?;
    let (kind, path_and_name) = resource.split_once('/').unwrap_or((resource, ""));
    if kind != "role" {
        return Err(match kind {
            "" => RoleArnProblem::NoName,
            kind => RoleArnProblem::NotARole(kind.into()),
        });
    }
    let first = text.chars().count() - path_and_name.chars().count();
    check_name(path_and_name, first)?;
    let (path, name) = match path_and_name.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), path_and_name),
    };
    Ok(RoleArn {
        partition: partition.into(),
        account,
        path: path.into(),
        name: name.into(),
    })
}

/// `first` is how many characters stand before the path.
fn check_name(path_and_name: &str, first: usize) -> Result<(), RoleArnProblem> {
    let name = path_and_name.rsplit('/').next().unwrap_or_default();
    if name.is_empty() {
        return Err(RoleArnProblem::NoName);
    }
    let name_starts = path_and_name.chars().count() - name.chars().count();
    let wrong = numbered(path_and_name).find(|(position, character)| {
        if *position > name_starts {
            !is_name_char(*character)
        } else {
            !character.is_ascii_graphic()
        }
    });
    if let Some((position, character)) = wrong {
        return Err(RoleArnProblem::Character {
            character,
            position: first + position,
        });
    }
    if name.len() > 64 {
        return Err(RoleArnProblem::NameTooLong(name.len()));
    }
    Ok(())
}

/// The characters of a text, counted from one, as people count.
fn numbered(text: &str) -> impl Iterator<Item = (usize, char)> {
    text.chars()
        .enumerate()
        .map(|(index, character)| (index + 1, character))
}

fn is_partition_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// What IAM allows in names, and STS in session names.
pub(super) fn is_name_char(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_+=,.@-".contains(character)
}

impl Principal {
    /// Reads the ARN that AWS gives; `None` when it is none that AWS would give.
    pub fn parse(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (head, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (_region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        if head != "arn" {
            return None;
        }
        let kind = match (service, resource.split_once('/')) {
            ("sts", Some(("assumed-role", rest))) => {
                let (role_name, _session) = rest.split_once('/')?;
                PrincipalKind::AssumedRole {
                    role_name: role_name.into(),
                }
            }
            ("iam", None) if resource == "root" => PrincipalKind::Root,
            _ => PrincipalKind::Person,
        };
        Some(Self {
            arn: arn.into(),
            account: account.parse().ok()?,
            kind,
        })
    }

    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// As policies name whom they let in: a session stands for its role, whose path it has lost.
    pub fn in_policies(&self) -> String {
        match &self.kind {
            PrincipalKind::AssumedRole { role_name } => {
                format!("the role {role_name} of account {}", self.account)
            }
            PrincipalKind::Root | PrincipalKind::Person => self.arn.to_string(),
        }
    }

    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Whether this is already a session of that role.
    ///
    /// A session's ARN does not carry the role's path, and does not have to: within an account
    /// the name alone is unique.
    pub fn is_session_of(&self, role: &RoleArn) -> bool {
        match &self.kind {
            PrincipalKind::AssumedRole { role_name } => {
                self.account == role.account && role_name.eq_ignore_ascii_case(&role.name)
            }
            PrincipalKind::Root | PrincipalKind::Person => false,
        }
    }

    /// Whether a role assumed from here is *chained*, which AWS caps at one hour.
    pub fn is_role_session(&self) -> bool {
        matches!(self.kind, PrincipalKind::AssumedRole { .. })
    }

    /// The account's root user, whom AWS lets assume nothing.
    pub fn is_root(&self) -> bool {
        self.kind == PrincipalKind::Root
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            account,
            path,
            name,
        } = self;
        write!(f, "arn:{partition}:iam::{account}:role{path}{name}")
    }
}

impl fmt::Debug for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(text: &str) -> RoleArn {
        text.parse().expect("a role's ARN")
    }

    #[test]
    fn a_role_arn_falls_into_its_parts_and_prints_as_written() {
        for (text, path, name) in [
            ("arn:aws:iam::111111111111:role/doer-role", "/", "doer-role"),
            ("arn:aws-us-gov:iam::000000000001:role/a/b/c", "/a/b/", "c"),
        ] {
            let role = role(text);
            assert_eq!((role.path(), role.name()), (path, name));
            assert_eq!(role.to_string(), text);
        }
    }

    #[test]
    fn a_wrong_role_arn_says_what_is_wrong() {
        let said: Vec<String> = [
            "",
            "doer-role",
            "arn:aws:iam::111111111111:role/state-mgmt-role”",
            "arn:gcp:iam::111111111111:role/x",
            "arn:aws:sts::111111111111:assumed-role/doer/me",
            "arn:aws:s3:::bucket",
            "arn:aws:iam:eu-central-1:111111111111:role/x",
            "arn:aws:iam::SHARED-ACCOUNT-ID:role/x",
            "arn:aws:iam::12345678901:role/x",
            "arn:aws:iam::111111111111:user/jane",
            "arn:aws:iam::111111111111:role/",
            "arn:aws:iam::111111111111:role/doer role",
            "arn:aws:iam::111111111111:role/team/",
            "arn:aws:iam::111111111111",
        ]
        .iter()
        .map(|text| {
            text.parse::<RoleArn>()
                .expect_err("not a role's ARN")
                .problem
                .to_string()
        })
        .collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        it is empty
        it does not begin with "arn:"; write arn:aws:iam::ACCOUNT:role/NAME
        character 47 is the typographic quote ”; use a straight one
        "gcp" is no partition of AWS
        it is a session's ARN; name the role itself, arn:aws:iam::ACCOUNT:role/NAME
        it belongs to the service "s3", a role to "iam"
        it names the region "eu-central-1"; IAM has none, so that part stays empty
        "SHARED-ACCOUNT-ID" is not an account id, which is twelve digits
        "12345678901" is not an account id, which is twelve digits; leading zeros count, so write it in quotes
        it names a user, not a role
        the role's name is missing
        character 36, ' ', cannot stand in a role's name or path
        the role's name is missing
        the role's name is missing
        "#);
        let long = format!("arn:aws:iam::111111111111:role/{}", "x".repeat(65));
        assert_eq!(
            long.parse::<RoleArn>().expect_err("too long").problem,
            RoleArnProblem::NameTooLong(65)
        );
    }

    #[test]
    fn a_session_is_of_its_role_whatever_the_path() {
        let session = Principal::parse("arn:aws:sts::111111111111:assumed-role/doer/build-42")
            .expect("a session's ARN");
        assert!(session.is_session_of(&role("arn:aws:iam::111111111111:role/team/doer")));
        assert!(!session.is_session_of(&role("arn:aws:iam::222222222222:role/team/doer")));
        assert!(!session.is_session_of(&role("arn:aws:iam::111111111111:role/doer-role")));
        assert!(session.is_role_session());
    }

    #[test]
    fn root_and_users_are_no_role_sessions() {
        let root = Principal::parse("arn:aws:iam::111111111111:root").expect("root");
        let user = Principal::parse("arn:aws:iam::111111111111:user/jane").expect("a user");
        assert!(root.is_root() && !root.is_role_session());
        assert!(!user.is_root() && !user.is_role_session());
        assert_eq!(Principal::parse("jane"), None);
    }
}
