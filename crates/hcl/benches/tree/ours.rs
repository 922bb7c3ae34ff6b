//! The tree evaluated by terrane's language.
//!
//! Locals are evaluated when they are asked for, once a file and unit; of includes and of
//! dependencies only what is asked for is looked at. Nothing is kept from one unit to the next but
//! the parsed files and the outputs.

use std::cell::OnceCell;
use std::sync::Arc;

use foldhash::HashMap;
use terrane_hcl::{
    Arguments, Attribute, Body, Budget, CallError, Context, Expression, Host, Limits, Reference,
    Resolved, RootError, Source, Text, Value, evaluate, parse,
};

use super::{Place, Tree, outputs_json};

struct Parsed {
    source: Arc<Source>,
    body: Body,
    /// Names and numbers of the attributes of its only block of locals, ordered by name.
    locals: Vec<(Text, usize)>,
}

impl Parsed {
    fn new(path: &str, text: &str) -> Self {
        let source = Source::new(path, text);
        let body = parse(&source, &Limits::default()).into_result();
        let body = body.unwrap_or_else(|error| panic!("{error}"));
        let names = locals_of(&body).iter().map(|local| local.name.clone());
        let mut locals: Vec<(Text, usize)> = names.zip(0..).collect();
        locals.sort();
        Self {
            source,
            body,
            locals,
        }
    }
}

fn locals_of(body: &Body) -> &[Attribute] {
    let block = body.blocks_of("locals").next();
    block.map_or(&[], |block| &block.body.attributes)
}

pub(crate) struct Files {
    files: HashMap<Arc<str>, Parsed>,
    outputs: [(&'static str, Value); 3],
}

impl Files {
    pub(crate) fn of(tree: &Tree) -> Self {
        let parsed =
            |(path, text): (&Arc<str>, &String)| (Arc::clone(path), Parsed::new(path, text));
        let outputs = ["network", "database", "cluster"].map(|kind| {
            (
                kind,
                Value::from_json(&outputs_json(kind)).expect("it is JSON"),
            )
        });
        Self {
            files: tree.files.iter().map(parsed).collect(),
            outputs,
        }
    }

    /// Source, provider, backend and merged inputs of a unit.
    #[inline(never)]
    pub(crate) fn evaluate(&self, place: &Place) -> Value {
        let budget = Budget::new(Limits::default());
        let unit = File::at(self, place, &budget, &place.file);
        let root = unit.included("root");
        let common = unit.included("common");
        let unit = File {
            common: Some(&common),
            ..unit
        };
        let inputs = [&root, &common, &unit].map(|file| file.attribute("inputs"));
        Value::object([
            ("source", unit.within("terraform", "source")),
            ("provider", root.within("generate", "contents")),
            ("backend", root.within("remote_state", "config")),
            ("inputs", Value::merged(&inputs)),
        ])
    }
}

/// A file as one unit sees it.
struct File<'u> {
    all: &'u Files,
    place: &'u Place,
    budget: &'u Budget,
    parsed: &'u Parsed,
    attributes: &'u [Attribute],
    /// What is known of the locals, in the order of their names.
    known: Vec<OnceCell<Value>>,
    /// The included file that the unit's own file may look into.
    common: Option<&'u File<'u>>,
}

impl<'u> File<'u> {
    fn at(all: &'u Files, place: &'u Place, budget: &'u Budget, path: &str) -> Self {
        let parsed = all.files.get(path).expect("the tree has the file");
        Self {
            all,
            place,
            budget,
            parsed,
            attributes: locals_of(&parsed.body),
            known: vec![OnceCell::new(); parsed.locals.len()],
            common: None,
        }
    }

    fn included(&self, label: &str) -> File<'u> {
        let mut blocks = self.parsed.body.blocks_of("include");
        let block = blocks.find(|block| &*block.labels[0].text == label);
        let path = &block.expect("the unit has it").body.attribute("path");
        let path = self.value(&path.expect("an include has a path").expression);
        File::at(
            self.all,
            self.place,
            self.budget,
            path.as_str().expect("a path is a text"),
        )
    }

    fn attribute(&self, name: &str) -> Value {
        let attribute = self.parsed.body.attribute(name);
        self.value(&attribute.expect("the file has it").expression)
    }

    fn within(&self, kind: &str, name: &str) -> Value {
        let block = self.parsed.body.blocks_of(kind).next();
        let attribute = block.expect("the file has the block").body.attribute(name);
        self.value(&attribute.expect("the block has it").expression)
    }

    fn value(&self, expression: &Expression) -> Value {
        let value = self.evaluate(expression);
        value.unwrap_or_else(|error| panic!("{error}"))
    }

    fn evaluate(&self, expression: &Expression) -> Result<Value, terrane_hcl::Diagnostics> {
        let context = Context {
            source: &self.parsed.source,
            host: self,
            budget: self.budget,
        };
        evaluate(expression, &context)
    }

    fn local(&self, name: &str) -> Result<Value, RootError> {
        let mut locals = self.parsed.locals.iter();
        match locals.position(|(local, _)| local == name) {
            Some(number) => self.local_at(number).map_err(RootError::Failed),
            None => Err(RootError::Unknown),
        }
    }

    fn local_at(&self, number: usize) -> Result<Value, terrane_hcl::Diagnostics> {
        let known = &self.known[number];
        if let Some(known) = known.get() {
            return Ok(known.clone());
        }
        let (_, index) = self.parsed.locals[number];
        let value = self.evaluate(&self.attributes[index].expression)?;
        Ok(known.get_or_init(|| value).clone())
    }

    fn all_locals(&self) -> Result<Value, terrane_hcl::Diagnostics> {
        let mut locals = Vec::with_capacity(self.known.len());
        for (number, (name, _)) in self.parsed.locals.iter().enumerate() {
            locals.push((name, self.local_at(number)?));
        }
        Ok(Value::object(locals))
    }

    fn find_in_parent_folders(&self, arguments: &Arguments<'_>) -> Result<Value, CallError> {
        let found = self.place.above(text(arguments)?).map(Value::from);
        found.ok_or_else(|| CallError::failed("There is none."))
    }

    fn read_terragrunt_config(&self, arguments: &Arguments<'_>) -> Result<Value, CallError> {
        let file = File::at(self.all, self.place, self.budget, text(arguments)?);
        Ok(Value::object([("locals", file.all_locals()?)]))
    }
}

fn text<'a>(arguments: &'a Arguments<'_>) -> Result<&'a str, CallError> {
    let text = arguments.get(0).and_then(Value::as_str);
    text.ok_or_else(|| CallError::argument(0, "must be a text"))
}

impl Host for File<'_> {
    fn root(&self, asked: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        match (asked.name, asked.step_name(0)) {
            ("local", Some(name)) => Ok(Resolved::after(1, self.local(name)?)),
            ("dependency", Some(kind)) => {
                let mut outputs = self.all.outputs.iter();
                match outputs.find(|(upstream, _)| *upstream == kind) {
                    Some((_, outputs)) => Ok(Resolved::after(2, outputs.clone())),
                    None => Err(RootError::Unknown),
                }
            }
            ("include", Some("common")) => match (self.common, asked.step_name(2)) {
                (Some(common), Some(name)) => Ok(Resolved::after(3, common.local(name)?)),
                _ => Err(RootError::Unknown),
            },
            _ => Err(RootError::Unknown),
        }
    }

    fn root_names(&self) -> Vec<String> {
        ["local", "dependency", "include"].map(str::to_owned).into()
    }

    fn call(&self, name: &str, arguments: &Arguments<'_>) -> Option<Result<Value, CallError>> {
        match name {
            "find_in_parent_folders" => Some(self.find_in_parent_folders(arguments)),
            "read_terragrunt_config" => Some(self.read_terragrunt_config(arguments)),
            "path_relative_to_include" => Some(Ok(self.place.below_root().into())),
            _ => None,
        }
    }
}
