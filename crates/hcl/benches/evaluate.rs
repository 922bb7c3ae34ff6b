//! Evaluating typical units, whose dependencies have about forty outputs each, beside `hcl::eval`.
//!
//! Parsing is not counted: each file is parsed once, before. Nor is the reading of outputs from
//! JSON, which each side has as values. Both come to the same values, which is looked at first.
//!
//! - `tree`: 100, 1,000 or 10,000 units of a tree of accounts, regions and environments. A unit is
//!   its own file, two included ones, and three kinds of files that those read; each is evaluated
//!   anew for each unit. Wanted are source, provider, backend, and the inputs of all three files
//!   merged.
//! - `three_dependencies`: those units of such a tree that depend on three others.
//! - `single_file`: the inputs of a unit that stands alone, with two dependencies.
//!
//! Beside this file `take_turns.py` has both sides evaluate in turns, each in a process of its own,
//! and `count_instructions.py` counts the instructions that a unit takes.

mod theirs;
mod tree;
mod units;

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use divan::Bencher;
use divan::counter::ItemsCount;
use terrane_hcl::{
    Attribute, Body, Budget, Context, Expression, Host, Limits, Reference, Resolved, RootError,
    Source, Value, evaluate, parse,
};

/// The trees of a hundred units stay in the caches of a processor, those of more do not.
const UNITS: [usize; 3] = [100, 1_000, 10_000];

/// So many units are evaluated by both sides to see that they come to the same.
const COMPARED: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, bench, side, count] = arguments.as_slice()
        && word == "passes"
    {
        let count = count.parse().expect("a number of units");
        return answer(&*pass(bench, side, count));
    }
    for bench in ["tree", "three_dependencies", "single_file"] {
        compare(bench);
    }
    divan::main();
}

/// Does a pass for each line that comes, and answers with the nanoseconds that it took.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a script asks for times and reads them"
)]
fn answer(pass: &dyn Fn()) {
    for line in std::io::stdin().lines() {
        line.expect("lines can be read");
        let start = Instant::now();
        pass();
        println!("{}", start.elapsed().as_nanos());
    }
}

/// What evaluates all units of a bench once, by one side.
fn pass(bench: &str, side: &str, count: usize) -> Box<dyn Fn()> {
    let tree = || match bench {
        "tree" => tree::Tree::of(count),
        "three_dependencies" => tree::Tree::of_three_dependencies(count),
        _ => panic!("there is no bench {bench}"),
    };
    match (bench, side) {
        ("single_file", "terrane") => {
            let dependencies = dependencies();
            let units: Vec<Unit> = (0..count).map(Unit::new).collect();
            let evaluate = move |unit: &Unit| counted(|| unit.inputs(&dependencies));
            Box::new(move || units.iter().for_each(&evaluate))
        }
        ("single_file", "hcl::eval") => {
            let evaluator = theirs::Evaluator::new(&outputs_json());
            let units: Vec<hcl::Body> = (0..count).map(theirs::parsed).collect();
            let evaluate = move |unit: &hcl::Body| counted(|| evaluator.inputs(unit));
            Box::new(move || units.iter().for_each(&evaluate))
        }
        (_, "terrane") => {
            let tree = tree();
            let files = tree::ours::Files::of(&tree);
            let evaluate = move |place: &Arc<tree::Place>| counted(|| files.evaluate(place));
            Box::new(move || tree.units.iter().for_each(&evaluate))
        }
        (_, "hcl::eval") => {
            let tree = tree();
            let files = tree::theirs::Files::of(&tree);
            let evaluate = move |place: &Arc<tree::Place>| counted(|| files.evaluate(place));
            Box::new(move || tree.units.iter().for_each(&evaluate))
        }
        _ => panic!("there is no side {side}"),
    }
}

/// Evaluates, and throws away what came of it: the instructions within this are counted.
#[inline(never)]
fn counted<T>(evaluate: impl FnOnce() -> T) {
    divan::black_box(evaluate());
}

fn compare(bench: &str) {
    match bench {
        "tree" => compare_trees(&tree::Tree::of(COMPARED)),
        "three_dependencies" => compare_trees(&tree::Tree::of_three_dependencies(COMPARED)),
        "single_file" => compare_single_files(),
        _ => panic!("there is no bench {bench}"),
    }
}

fn compare_trees(tree: &tree::Tree) {
    let (ours, theirs) = (tree::ours::Files::of(tree), tree::theirs::Files::of(tree));
    for place in &tree.units {
        assert_same(&ours.evaluate(place), &theirs.evaluate(place));
    }
}

fn compare_single_files() {
    let dependencies = dependencies();
    let evaluator = theirs::Evaluator::new(&outputs_json());
    for number in 0..COMPARED {
        let ours = Unit::new(number).inputs(&dependencies);
        assert_same(&ours, &evaluator.inputs(&theirs::parsed(number)));
    }
}

fn assert_same(ours: &Value, theirs: &hcl::Value) {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("it is JSON");
    let ours = ours.to_json().expect("all is known");
    let theirs = serde_json::to_string(theirs).expect("it has a JSON");
    assert_eq!(json(&ours), json(&theirs));
}

#[divan::bench(args = UNITS)]
fn tree(bencher: Bencher<'_, '_>, count: usize) {
    evaluate_tree(bencher, &tree::Tree::of(count));
}

#[divan::bench(args = UNITS)]
fn three_dependencies(bencher: Bencher<'_, '_>, count: usize) {
    evaluate_tree(bencher, &tree::Tree::of_three_dependencies(count));
}

fn evaluate_tree(bencher: Bencher<'_, '_>, tree: &tree::Tree) {
    let files = tree::ours::Files::of(tree);
    bencher
        .counter(ItemsCount::new(tree.units.len()))
        .bench(|| {
            for place in &tree.units {
                divan::black_box(files.evaluate(place));
            }
        });
}

#[divan::bench(args = UNITS, sample_count = 3, sample_size = 1)]
fn tree_by_hcl_eval(bencher: Bencher<'_, '_>, count: usize) {
    evaluate_tree_by_hcl_eval(bencher, &tree::Tree::of(count));
}

#[divan::bench(args = UNITS, sample_count = 3, sample_size = 1)]
fn three_dependencies_by_hcl_eval(bencher: Bencher<'_, '_>, count: usize) {
    evaluate_tree_by_hcl_eval(bencher, &tree::Tree::of_three_dependencies(count));
}

fn evaluate_tree_by_hcl_eval(bencher: Bencher<'_, '_>, tree: &tree::Tree) {
    let files = tree::theirs::Files::of(tree);
    bencher
        .counter(ItemsCount::new(tree.units.len()))
        .bench(|| {
            for place in &tree.units {
                divan::black_box(files.evaluate(place));
            }
        });
}

#[divan::bench(args = UNITS)]
fn single_file(bencher: Bencher<'_, '_>, count: usize) {
    let units: Vec<Unit> = (0..count).map(Unit::new).collect();
    let dependencies = dependencies();
    bencher.counter(ItemsCount::new(count)).bench(|| {
        for unit in &units {
            divan::black_box(unit.inputs(&dependencies));
        }
    });
}

#[divan::bench(args = UNITS, sample_count = 3, sample_size = 1)]
fn single_file_by_hcl_eval(bencher: Bencher<'_, '_>, count: usize) {
    let units: Vec<hcl::Body> = (0..count).map(theirs::parsed).collect();
    let outputs = outputs_json();
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let evaluator = theirs::Evaluator::new(&outputs);
        for unit in &units {
            divan::black_box(evaluator.inputs(unit));
        }
    });
}

/// What the state of the two dependencies says.
fn outputs_json() -> String {
    let many: Vec<String> = (0..37)
        .map(|number| format!("\"output_{number}\": \"value-{number}-0123456789abcdef\""))
        .collect();
    let many = many.join(", ");
    format!(
        r#"{{
            "account": {{ "outputs": {{
                {many}, "account_id": "123456789012", "name": "shop",
                "tags": {{ "Team": "shop", "CostCentre": "4711", "Owner": "shop@example.com" }}
            }} }},
            "network": {{ "outputs": {{
                {many}, "vpc_id": "vpc-0123456789abcdef0", "cidr": "10.12.0.0/16",
                "subnet_ids": ["subnet-0a", "subnet-0b", "", "subnet-0c"]
            }} }}
        }}"#
    )
}

fn dependencies() -> Value {
    Value::from_json(&outputs_json()).expect("it is JSON")
}

struct Unit {
    source: Arc<Source>,
    body: Body,
}

impl Unit {
    fn new(number: usize) -> Self {
        let source = Source::new("terragrunt.hcl", units::unit(number));
        let body = parse(&source, &Limits::default()).into_result();
        let body = body.unwrap_or_else(|error| panic!("{error}"));
        Self { source, body }
    }

    #[inline(never)]
    fn inputs(&self, dependencies: &Value) -> Value {
        let locals = self
            .body
            .blocks_of("locals")
            .flat_map(|block| &block.body.attributes);
        let scope = Scope {
            source: &self.source,
            locals: locals.map(Local::new).collect(),
            dependencies,
        };
        let inputs = self.body.attribute("inputs").expect("a unit has inputs");
        let budget = Budget::new(Limits::default());
        let value = scope.evaluate(&inputs.expression, &budget);
        value.unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Locals are evaluated when they are asked for, once.
struct Scope<'u> {
    source: &'u Arc<Source>,
    locals: Vec<Local<'u>>,
    dependencies: &'u Value,
}

struct Local<'u> {
    name: &'u str,
    expression: &'u Expression,
    known: OnceCell<Value>,
}

impl<'u> Local<'u> {
    fn new(attribute: &'u Attribute) -> Self {
        Self {
            name: &attribute.name,
            expression: &attribute.expression,
            known: OnceCell::new(),
        }
    }
}

impl Scope<'_> {
    fn evaluate(
        &self,
        expression: &Expression,
        budget: &Budget,
    ) -> Result<Value, terrane_hcl::Diagnostics> {
        let context = Context {
            source: self.source,
            host: self,
            budget,
        };
        evaluate(expression, &context)
    }

    fn local(&self, name: &str, budget: &Budget) -> Result<Value, RootError> {
        let Some(local) = self.locals.iter().find(|local| local.name == name) else {
            return Err(RootError::NoAttribute {
                step: 0,
                names: Vec::new(),
            });
        };
        if let Some(known) = local.known.get() {
            return Ok(known.clone());
        }
        let value = self
            .evaluate(local.expression, budget)
            .map_err(RootError::Failed)?;
        Ok(local.known.get_or_init(|| value).clone())
    }
}

impl Host for Scope<'_> {
    fn root(&self, asked: &Reference<'_>, context: &Context<'_>) -> Result<Resolved, RootError> {
        match (asked.name, asked.step_name(0)) {
            ("local", Some(name)) => Ok(Resolved::after(1, self.local(name, context.budget)?)),
            ("dependency", _) => Ok(Resolved::whole(self.dependencies.clone())),
            _ => Err(RootError::Unknown),
        }
    }

    fn root_names(&self) -> Vec<String> {
        vec!["local".to_owned(), "dependency".to_owned()]
    }
}
