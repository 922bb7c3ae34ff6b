//! What may stand in a configuration file: blocks, attributes, and what their values must be.
//!
//! Tables only. Decoding, checking for unknown names, suggestions and the object that an exposed
//! include becomes all follow them.

use terrane_hcl::{Labels, Type};

/// A kind of block.
#[derive(Debug)]
pub(crate) struct BlockSchema {
    pub(crate) kind: &'static str,
    pub(crate) label: LabelRule,
    pub(crate) attributes: &'static [AttributeSchema],
    pub(crate) blocks: &'static [ChildSchema],
}

/// A block within a block.
#[derive(Debug)]
pub(crate) struct ChildSchema {
    pub(crate) schema: &'static BlockSchema,
    pub(crate) count: Count,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Count {
    AtMostOne,
    Any,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LabelRule {
    None,
    One,
    /// One or none.
    Optional,
}

#[derive(Debug)]
pub(crate) struct AttributeSchema {
    pub(crate) name: &'static str,
    pub(crate) wanted: Wanted,
    pub(crate) required: bool,
}

/// What an attribute's value must be, or be convertible to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    Any,
    /// An object or a map.
    Object,
    String,
    Bool,
    Number,
    Strings,
    StringMap,
    /// A map of elements of one type, whichever it is.
    UniformMap,
}

impl Wanted {
    pub(crate) fn ty(self) -> Type {
        match self {
            Self::Any | Self::Object => Type::Dynamic,
            Self::String => Type::String,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::Strings => Type::list(Type::String),
            Self::StringMap => Type::map(Type::String),
            Self::UniformMap => Type::map(Type::Dynamic),
        }
    }
}

impl BlockSchema {
    pub(crate) fn attribute(&self, name: &str) -> Option<&'static AttributeSchema> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    pub(crate) fn child(&self, kind: &str) -> Option<&'static ChildSchema> {
        self.blocks.iter().find(|child| child.schema.kind == kind)
    }

    fn json_block<'b>(
        &self,
        blocks: &'b [terrane_hcl::BlockSchema<'b>],
    ) -> terrane_hcl::BlockSchema<'b> {
        terrane_hcl::BlockSchema {
            kind: self.kind,
            labels: match self.label {
                LabelRule::None => Labels::Count(0),
                LabelRule::One => Labels::Count(1),
                LabelRule::Optional => Labels::Optional,
            },
            blocks,
        }
    }

    /// Whether anything may stand in the block.
    pub(crate) fn is_free(&self) -> bool {
        self.kind == "locals"
    }
}

/// The blocks of a schema as the JSON syntax must know them. A block lies within another one, and
/// nowhere deeper.
pub(crate) fn with_json_blocks<T>(
    schema: &'static BlockSchema,
    work: impl FnOnce(&[terrane_hcl::BlockSchema<'_>]) -> T,
) -> T {
    let leaf = |child: &ChildSchema| child.schema.json_block(&[]);
    let inner: Vec<Vec<_>> = schema
        .blocks
        .iter()
        .map(|child| child.schema.blocks.iter().map(leaf).collect())
        .collect();
    let blocks = schema.blocks.iter().zip(&inner);
    let blocks: Vec<_> = blocks
        .map(|(child, inner)| child.schema.json_block(inner))
        .collect();
    work(&blocks)
}

const fn optional(name: &'static str, wanted: Wanted) -> AttributeSchema {
    AttributeSchema {
        name,
        wanted,
        required: false,
    }
}

const fn required(name: &'static str, wanted: Wanted) -> AttributeSchema {
    AttributeSchema {
        name,
        wanted,
        required: true,
    }
}

const fn many(schema: &'static BlockSchema) -> ChildSchema {
    ChildSchema {
        schema,
        count: Count::Any,
    }
}

const fn at_most_one(schema: &'static BlockSchema) -> ChildSchema {
    ChildSchema {
        schema,
        count: Count::AtMostOne,
    }
}

/// A unit's file, and a file that it includes.
pub(crate) static UNIT_FILE: BlockSchema = BlockSchema {
    kind: "",
    label: LabelRule::None,
    attributes: &[
        optional("inputs", Wanted::Object),
        optional("download_dir", Wanted::String),
        optional("prevent_destroy", Wanted::Bool),
        optional("iam_role", Wanted::String),
        optional("iam_assume_role_duration", Wanted::Number),
        optional("iam_assume_role_session_name", Wanted::String),
        optional("iam_web_identity_token", Wanted::String),
        optional("terraform_binary", Wanted::String),
        optional("terraform_version_constraint", Wanted::String),
        optional("terragrunt_version_constraint", Wanted::String),
        optional("remote_state", Wanted::Object),
        optional("generate", Wanted::Object),
    ],
    blocks: &[
        many(&INCLUDE),
        at_most_one(&LOCALS),
        many(&FEATURE),
        at_most_one(&TERRAFORM),
        at_most_one(&REMOTE_STATE),
        many(&DEPENDENCY),
        at_most_one(&DEPENDENCIES),
        many(&GENERATE),
        at_most_one(&EXCLUDE),
        at_most_one(&ERRORS),
        at_most_one(&ENGINE),
        at_most_one(&CATALOG),
    ],
};

/// Attributes that Terragrunt 1.0 removed and trees still have.
pub(crate) const REMOVED_ATTRIBUTES: [&str; 4] = [
    "skip",
    "retryable_errors",
    "retry_max_attempts",
    "retry_sleep_interval_sec",
];

pub(crate) static INCLUDE: BlockSchema = BlockSchema {
    kind: "include",
    label: LabelRule::Optional,
    attributes: &[
        required("path", Wanted::String),
        optional("expose", Wanted::Bool),
        optional("merge_strategy", Wanted::String),
    ],
    blocks: &[],
};

pub(crate) static LOCALS: BlockSchema = BlockSchema {
    kind: "locals",
    label: LabelRule::None,
    attributes: &[],
    blocks: &[],
};

pub(crate) static FEATURE: BlockSchema = BlockSchema {
    kind: "feature",
    label: LabelRule::One,
    attributes: &[required("default", Wanted::Any)],
    blocks: &[],
};

pub(crate) static TERRAFORM: BlockSchema = BlockSchema {
    kind: "terraform",
    label: LabelRule::None,
    attributes: &[
        optional("source", Wanted::String),
        optional("version", Wanted::String),
        optional("include_in_copy", Wanted::Strings),
        optional("exclude_from_copy", Wanted::Strings),
        optional("copy_terraform_lock_file", Wanted::Bool),
        optional("mutable", Wanted::Bool),
        optional("update_source_with_cas", Wanted::Bool),
    ],
    blocks: &[
        many(&EXTRA_ARGUMENTS),
        many(&BEFORE_HOOK),
        many(&AFTER_HOOK),
        many(&ERROR_HOOK),
    ],
};

pub(crate) static EXTRA_ARGUMENTS: BlockSchema = BlockSchema {
    kind: "extra_arguments",
    label: LabelRule::One,
    attributes: &[
        required("commands", Wanted::Strings),
        optional("arguments", Wanted::Strings),
        optional("required_var_files", Wanted::Strings),
        optional("optional_var_files", Wanted::Strings),
        optional("env_vars", Wanted::StringMap),
    ],
    blocks: &[],
};

const HOOK_ATTRIBUTES: &[AttributeSchema] = &[
    required("commands", Wanted::Strings),
    required("execute", Wanted::Strings),
    optional("working_dir", Wanted::String),
    optional("run_on_error", Wanted::Bool),
    optional("suppress_stdout", Wanted::Bool),
    optional("if", Wanted::Bool),
];

pub(crate) static BEFORE_HOOK: BlockSchema = BlockSchema {
    kind: "before_hook",
    label: LabelRule::One,
    attributes: HOOK_ATTRIBUTES,
    blocks: &[],
};

pub(crate) static AFTER_HOOK: BlockSchema = BlockSchema {
    kind: "after_hook",
    label: LabelRule::One,
    attributes: HOOK_ATTRIBUTES,
    blocks: &[],
};

pub(crate) static ERROR_HOOK: BlockSchema = BlockSchema {
    kind: "error_hook",
    label: LabelRule::One,
    attributes: &[
        required("commands", Wanted::Strings),
        required("execute", Wanted::Strings),
        required("on_errors", Wanted::Strings),
        optional("working_dir", Wanted::String),
        optional("suppress_stdout", Wanted::Bool),
    ],
    blocks: &[],
};

pub(crate) static REMOTE_STATE: BlockSchema = BlockSchema {
    kind: "remote_state",
    label: LabelRule::None,
    attributes: &[
        required("backend", Wanted::String),
        optional("disable_init", Wanted::Bool),
        optional("disable_dependency_optimization", Wanted::Bool),
        optional("generate", Wanted::StringMap),
        required("config", Wanted::Object),
        optional("encryption", Wanted::Object),
    ],
    blocks: &[],
};

pub(crate) static DEPENDENCY: BlockSchema = BlockSchema {
    kind: "dependency",
    label: LabelRule::One,
    attributes: &[
        required("config_path", Wanted::String),
        optional("enabled", Wanted::Bool),
        optional("skip_outputs", Wanted::Bool),
        optional("mock_outputs", Wanted::Any),
        optional("mock_outputs_allowed_terraform_commands", Wanted::Strings),
        optional("mock_outputs_merge_with_state", Wanted::Bool),
        optional("mock_outputs_merge_strategy_with_state", Wanted::String),
    ],
    blocks: &[],
};

pub(crate) static DEPENDENCIES: BlockSchema = BlockSchema {
    kind: "dependencies",
    label: LabelRule::None,
    attributes: &[required("paths", Wanted::Strings)],
    blocks: &[],
};

pub(crate) static GENERATE: BlockSchema = BlockSchema {
    kind: "generate",
    label: LabelRule::One,
    attributes: &[
        required("path", Wanted::String),
        required("if_exists", Wanted::String),
        optional("if_disabled", Wanted::String),
        optional("comment_prefix", Wanted::String),
        required("contents", Wanted::String),
        optional("disable_signature", Wanted::Bool),
        optional("disable", Wanted::Bool),
        optional("hcl_fmt", Wanted::Bool),
        optional("mutable", Wanted::Bool),
    ],
    blocks: &[],
};

pub(crate) static EXCLUDE: BlockSchema = BlockSchema {
    kind: "exclude",
    label: LabelRule::None,
    attributes: &[
        required("if", Wanted::Bool),
        required("actions", Wanted::Strings),
        optional("exclude_dependencies", Wanted::Bool),
        optional("no_run", Wanted::Bool),
    ],
    blocks: &[],
};

pub(crate) static ERRORS: BlockSchema = BlockSchema {
    kind: "errors",
    label: LabelRule::None,
    attributes: &[],
    blocks: &[many(&RETRY), many(&IGNORE)],
};

pub(crate) static RETRY: BlockSchema = BlockSchema {
    kind: "retry",
    label: LabelRule::One,
    attributes: &[
        required("retryable_errors", Wanted::Strings),
        required("max_attempts", Wanted::Number),
        required("sleep_interval_sec", Wanted::Number),
    ],
    blocks: &[],
};

pub(crate) static IGNORE: BlockSchema = BlockSchema {
    kind: "ignore",
    label: LabelRule::One,
    attributes: &[
        required("ignorable_errors", Wanted::Strings),
        optional("message", Wanted::String),
        optional("signals", Wanted::UniformMap),
    ],
    blocks: &[],
};

pub(crate) static ENGINE: BlockSchema = BlockSchema {
    kind: "engine",
    label: LabelRule::None,
    attributes: &[
        required("source", Wanted::String),
        optional("version", Wanted::String),
        optional("type", Wanted::String),
        optional("meta", Wanted::Any),
    ],
    blocks: &[],
};

pub(crate) static CATALOG: BlockSchema = BlockSchema {
    kind: "catalog",
    label: LabelRule::None,
    attributes: &[
        optional("urls", Wanted::Strings),
        optional("default_template", Wanted::String),
        optional("no_shell", Wanted::Bool),
        optional("no_hooks", Wanted::Bool),
    ],
    blocks: &[],
};

/// A stack file.
pub(crate) static STACK_FILE: BlockSchema = BlockSchema {
    kind: "",
    label: LabelRule::None,
    attributes: &[],
    blocks: &[
        at_most_one(&LOCALS),
        many(&STACK_INCLUDE),
        many(&STACK_UNIT),
        many(&STACK_STACK),
    ],
};

pub(crate) static STACK_INCLUDE: BlockSchema = BlockSchema {
    kind: "include",
    label: LabelRule::One,
    attributes: &[required("path", Wanted::String)],
    blocks: &[],
};

const STACK_PART_ATTRIBUTES: &[AttributeSchema] = &[
    required("source", Wanted::String),
    required("path", Wanted::String),
    optional("values", Wanted::Object),
    optional("no_dot_terragrunt_stack", Wanted::Bool),
    optional("no_validation", Wanted::Bool),
    optional("update_source_with_cas", Wanted::Bool),
    optional("mutable", Wanted::Bool),
];

pub(crate) static STACK_UNIT: BlockSchema = BlockSchema {
    kind: "unit",
    label: LabelRule::One,
    attributes: STACK_PART_ATTRIBUTES,
    blocks: &[],
};

pub(crate) static STACK_STACK: BlockSchema = BlockSchema {
    kind: "stack",
    label: LabelRule::One,
    attributes: STACK_PART_ATTRIBUTES,
    blocks: &[],
};
