//! Names of files and folders that Terragrunt, the engines and git have given a meaning.

/// A unit's own file.
pub const UNIT_FILE: &str = "terragrunt.hcl";
/// The same in JSON syntax, which wins where both are there.
pub const JSON_UNIT_FILE: &str = "terragrunt.hcl.json";
/// In the order in which they are looked for.
pub const UNIT_FILES: [&str; 2] = [JSON_UNIT_FILE, UNIT_FILE];
pub const STACK_FILE: &str = "terragrunt.stack.hcl";
/// The values that a stack gives to one of its parts, in the part's folder.
pub const VALUES_FILE: &str = "terragrunt.values.hcl";
/// What is merged over a unit's own file, wherever it lies beside one.
pub const AUTO_INCLUDE_FILE: &str = "terragrunt.autoinclude.hcl";
/// The same for a stack's file.
pub const AUTO_INCLUDE_STACK_FILE: &str = "terragrunt.autoinclude.stack.hcl";

/// The folder below a stack's own in which its units are generated.
pub const GENERATED_FOLDER: &str = ".terragrunt-stack";
/// The folder below a unit's own in which its working folders lie.
pub const DOWNLOAD_FOLDER: &str = ".terragrunt-cache";
/// What an engine keeps for itself, in its working folder.
pub const DATA_FOLDER: &str = ".terraform";
/// What git keeps of a repository; a file where the repository is part of another.
pub const HISTORY: &str = ".git";

/// Folders that hold what tools made, and nothing that anybody wrote.
pub const MADE_BY_TOOLS: [&str; 3] = [HISTORY, DATA_FOLDER, DOWNLOAD_FOLDER];
