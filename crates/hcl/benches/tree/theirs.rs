//! The tree evaluated by `hcl::eval`, used as well as one can.
//!
//! It knows variables only as whole values: the objects of locals, includes and dependencies are
//! made before what asks for them. Locals are written so that each refers only to those above it,
//! so one pass over them is enough. Functions capture nothing, so that those that look at files find
//! files and unit in a thread-local; all functions are declared once, and the context that has them
//! is copied for each file.
#![expect(
    clippy::needless_pass_by_value,
    reason = "functions of hcl::eval are given their arguments so"
)]

use std::cell::RefCell;
use std::sync::Arc;

use foldhash::HashMap;
use hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};
use hcl::{Body, Expression, Map, Value};

use super::{Place, Tree, outputs_json};
use crate::theirs::{Called, functions, text};

pub(crate) struct Files {
    bodies: HashMap<Arc<str>, Body>,
    outputs: HashMap<&'static str, Value>,
    functions: Context<'static>,
}

/// What functions ask for.
struct Now {
    files: Arc<Files>,
    place: Arc<Place>,
}

thread_local! {
    static NOW: RefCell<Option<Now>> = const { RefCell::new(None) };
}

impl Files {
    pub(crate) fn of(tree: &Tree) -> Arc<Self> {
        let parsed = |(path, text): (&Arc<str>, &String)| {
            (Arc::clone(path), hcl::parse(text).expect("a file is valid"))
        };
        let outputs = ["network", "database", "cluster"].map(|kind| {
            (
                kind,
                serde_json::from_str(&outputs_json(kind)).expect("it is JSON"),
            )
        });
        let mut functions = functions();
        let one = || FuncDef::builder().param(ParamType::Any);
        functions.declare_func(
            "find_in_parent_folders",
            one().build(find_in_parent_folders),
        );
        functions.declare_func(
            "read_terragrunt_config",
            one().build(read_terragrunt_config),
        );
        let none = FuncDef::builder().build(path_relative_to_include);
        functions.declare_func("path_relative_to_include", none);
        Arc::new(Self {
            bodies: tree.files.iter().map(parsed).collect(),
            outputs: outputs.into_iter().collect(),
            functions,
        })
    }

    /// Source, provider, backend and merged inputs of a unit.
    #[inline(never)]
    pub(crate) fn evaluate(self: &Arc<Self>, place: &Arc<Place>) -> Value {
        let now = Now {
            files: Arc::clone(self),
            place: Arc::clone(place),
        };
        NOW.set(Some(now));
        let mut unit = File::at(self, &place.file);
        let root = unit.included("root");
        let common = unit.included("common");
        let exposed = object([("locals", Value::Object(common.locals.clone()))]);
        unit.context
            .declare_var("include", object([("common", exposed)]));
        let upstreams = place.upstreams.iter().map(|kind| {
            let outputs = object([("outputs", self.outputs[kind].clone())]);
            ((*kind).to_owned(), outputs)
        });
        unit.context
            .declare_var("dependency", Value::Object(upstreams.collect()));
        unit.evaluate_locals();
        let mut inputs = Map::new();
        for file in [&root, &common, &unit] {
            let Value::Object(own) = file.attribute("inputs") else {
                panic!("inputs are an object");
            };
            inputs.extend(own);
        }
        object([
            ("source", unit.within("terraform", "source")),
            ("provider", root.within("generate", "contents")),
            ("backend", root.within("remote_state", "config")),
            ("inputs", Value::Object(inputs)),
        ])
    }
}

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
    Value::Object(attributes.into_iter().collect())
}

/// A file as one unit sees it.
struct File<'u> {
    all: &'u Arc<Files>,
    body: &'u Body,
    context: Context<'static>,
    locals: Map<String, Value>,
}

impl<'u> File<'u> {
    fn at(all: &'u Arc<Files>, path: &str) -> Self {
        Self {
            all,
            body: all.bodies.get(path).expect("the tree has the file"),
            context: all.functions.clone(),
            locals: Map::new(),
        }
    }

    /// An included file with its locals.
    fn included(&self, label: &str) -> File<'u> {
        let block = self
            .body
            .blocks()
            .find(|block| block.identifier() == "include" && block.labels()[0].as_str() == label);
        let path = in_body(block.expect("the unit has it").body(), "path");
        let path = self.value(path);
        let mut file = File::at(self.all, path.as_str().expect("a path is a text"));
        file.evaluate_locals();
        file
    }

    fn evaluate_locals(&mut self) {
        let blocks = self.body.blocks();
        let locals = blocks.filter(|block| block.identifier() == "locals");
        for local in locals.flat_map(|block| block.body().attributes()) {
            let value = self.value(local.expr());
            self.locals.insert(local.key().to_owned(), value);
            let locals = Value::Object(self.locals.clone());
            self.context.declare_var("local", locals);
        }
    }

    fn attribute(&self, name: &str) -> Value {
        self.value(in_body(self.body, name))
    }

    fn within(&self, kind: &str, name: &str) -> Value {
        let mut blocks = self.body.blocks();
        let block = blocks.find(|block| block.identifier() == kind);
        self.value(in_body(block.expect("the file has the block").body(), name))
    }

    fn value(&self, expression: &Expression) -> Value {
        let value = expression.evaluate(&self.context);
        value.unwrap_or_else(|error| panic!("{error}"))
    }
}

fn in_body<'b>(body: &'b Body, name: &str) -> &'b Expression {
    let mut attributes = body.attributes();
    let attribute = attributes.find(|attribute| attribute.key() == name);
    attribute.expect("the body has it").expr()
}

fn now<T>(ask: impl FnOnce(&Arc<Files>, &Place) -> T) -> T {
    let (files, place) = NOW.with_borrow(|now| {
        let now = now.as_ref().expect("a unit is being evaluated");
        (Arc::clone(&now.files), Arc::clone(&now.place))
    });
    ask(&files, &place)
}

fn find_in_parent_folders(args: FuncArgs) -> Called {
    let name = text(&args, 0)?;
    let found = now(|_, place| place.above(name).map(Value::from));
    found.ok_or_else(|| "there is none".to_owned())
}

fn read_terragrunt_config(args: FuncArgs) -> Called {
    let path = text(&args, 0)?;
    Ok(now(|files, _| {
        let mut file = File::at(files, path);
        file.evaluate_locals();
        object([("locals", Value::Object(file.locals))])
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "functions of hcl::eval return so")]
fn path_relative_to_include(_: FuncArgs) -> Called {
    Ok(now(|_, place| place.below_root().into()))
}
