//! Values that wait for one another, and limits.

use super::*;
use crate::parse_expression;
use crate::testing::repeated;

/// Locals that refer to one another, evaluated when they are asked for.
struct Locals {
    source: Arc<Source>,
    body: crate::Body,
}

impl Locals {
    fn new(text: &str) -> Self {
        let source = Source::new("locals.hcl", text);
        let body = parse(&source, &Limits::default()).into_result().unwrap();
        Self { source, body }
    }

    fn evaluate(&self, name: &str, budget: &Budget) -> Result<Value, RootError> {
        let Some(attribute) = self.body.attribute(name) else {
            let names = self
                .body
                .attributes
                .iter()
                .map(|a| a.name.to_string())
                .collect();
            return Err(RootError::NoAttribute { step: 0, names });
        };
        let context = Context {
            source: &self.source,
            host: self,
            budget,
        };
        evaluate(&attribute.expression, &context).map_err(RootError::Failed)
    }
}

impl Host for Locals {
    fn root(
        &self,
        reference: &Reference<'_>,
        context: &Context<'_>,
    ) -> Result<Resolved, RootError> {
        match (reference.name, reference.step_name(0)) {
            ("local", Some(name)) => Ok(Resolved::after(1, self.evaluate(name, context.budget)?)),
            _ => Err(RootError::Unknown),
        }
    }

    fn root_names(&self) -> Vec<String> {
        vec!["local".to_owned()]
    }
}

#[test]
fn only_what_is_needed_is_asked_for() {
    let locals = Locals::new("a = { b = [local.c] }\nc = 7\nbroken = nope\n");
    let value = evaluate_with("local.a.b[0] + local.c", &locals, Limits::default());
    assert_eq!(value.unwrap(), Value::number(14));
}

#[test]
fn errors_elsewhere_keep_their_own_place() {
    let locals = Locals::new("a = local.b\nb = 1 + \"x\"\n");
    let error = evaluate_with("[local.a]", &locals, Limits::default()).unwrap_err();
    assert_eq!(
        error.first().unwrap().subject.as_ref().unwrap().to_string(),
        "locals.hcl:2:9"
    );
    let error = evaluate_with("local.bb", &locals, Limits::default()).unwrap_err();
    insta::assert_snapshot!(told(&error), @r#"
    1:6 Unknown attribute
      `local` has no attribute "bb".
      here: no such attribute
      help: its attributes are: a, b
    "#);
}

#[test]
fn every_limit_ends_in_a_diagnostic_that_try_does_not_catch() {
    let limits = Limits {
        steps: 5_000,
        value_bytes: 1 << 16,
        total_bytes: 4 << 20,
        value_depth: 20,
        collection_items: 1_000,
        ..Limits::default()
    };
    let ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
    let loops = |depth: usize| {
        let open = format!("[for x in {ten} : ").repeat(depth);
        format!("{open}1{}", "]".repeat(depth))
    };
    let doubled = |start: &str, twice: &str| {
        let mut text = format!("[for x in [{start}] : x]");
        for _ in 0..20 {
            text = format!("[for x in {text} : {twice}]");
        }
        text
    };
    for (text, name) in [
        (loops(8), "steps"),
        (doubled("\"xxxx\"", "\"${x}${x}\""), "value_bytes"),
        (doubled("[]", "[x]"), "value_depth"),
        (doubled("[]", "[x, x]"), "value_bytes"),
        (
            format!("[for x in concat({}) : x]", vec![ten; 101].join(", ")),
            "collection_items",
        ),
    ] {
        for text in [
            text.clone(),
            format!("try({text}, 1)"),
            format!("can({text})"),
            format!("true ? 1 : {text}"),
        ] {
            let errors = evaluate_with(&text, &Variables::default(), limits).expect_err(&text);
            assert!(told(&errors).contains(name), "{name}: {}", told(&errors));
        }
    }
}

#[test]
fn each_limit_is_told_with_its_place_its_size_and_its_name() {
    const LIMIT: u16 = 9;
    let tell = |limits: Limits, text: &str| {
        let locals = Locals::new("a0 = local.a1\na1 = local.a2\na2 = 1\n");
        let errors = evaluate_with(text, &locals, limits).expect_err(text);
        told(&errors)
    };
    let small = |set: fn(&mut Limits)| {
        let mut limits = Limits::default();
        set(&mut limits);
        limits
    };
    let twenty = "1, ".repeat(20);
    for (name, limits, text) in [
        (
            "source_bytes",
            small(|it| it.source_bytes = LIMIT.into()),
            "1 + 2 + 3 + 4",
        ),
        (
            "nesting",
            small(|it| it.nesting = LIMIT.into()),
            "[[[[[[[[[[1]]]]]]]]]]",
        ),
        (
            "items",
            small(|it| it.items = LIMIT.into()),
            &*format!("[{twenty}]"),
        ),
        (
            "steps",
            small(|it| it.steps = LIMIT.into()),
            &*format!("[for x in [{twenty}] : x]"),
        ),
        (
            "evaluation_depth",
            small(|it| it.evaluation_depth = LIMIT.into()),
            "((((((((((1))))))))))",
        ),
        (
            "stack_bytes",
            small(|it| it.stack_bytes = LIMIT.into()),
            "((((local.a0))))",
        ),
        (
            "value_bytes",
            small(|it| it.value_bytes = LIMIT.into()),
            "[\"1234567890\"]",
        ),
        (
            "total_bytes",
            small(|it| it.total_bytes = LIMIT.into()),
            "[\"1234567890\"]",
        ),
        (
            "value_depth",
            small(|it| it.value_depth = LIMIT.into()),
            "[[[[[[[[[[1]]]]]]]]]]",
        ),
        (
            "collection_items",
            small(|it| it.collection_items = LIMIT.into()),
            &*format!("[for x in [{twenty}] : x]"),
        ),
    ] {
        let told = tell(limits, text);
        assert!(told.starts_with("1:"), "{name}: {told}");
        assert!(
            told.contains(&format!(" {LIMIT} ")) || told.contains(&format!(" {LIMIT}.")),
            "{told}"
        );
        assert!(
            told.contains(&format!("raise the limit `{name}`")),
            "{name}: {told}"
        );
    }
}

/// No clock is needed to see that twice as much takes twice as long.
#[test]
fn the_work_grows_as_the_text_does() {
    let steps = |text: &str| {
        let source = Source::new("test.hcl", format!("{text}\n"));
        let limits = Limits::default();
        let expression = parse_expression(&source, &limits).unwrap();
        let budget = Budget::new(limits);
        let context = Context {
            source: &source,
            host: &Variables::default(),
            budget: &budget,
        };
        evaluate(&expression, &context).unwrap_or_else(|error| panic!("{error}"));
        budget.steps_taken()
    };
    let object = |count| format!("{{\n{}}}", repeated(count, |n| format!("key_{n} = {n}\n")));
    for form in [
        "OBJECT",
        "{ for k, v in OBJECT : v => k }",
        "[for x in [OBJECT][*] : merge(x, x)]",
        "\"%{ for k, v in OBJECT }${k} = ${v}%{ endfor }\"",
        "jsonencode(tomap(OBJECT))",
        "OBJECT == OBJECT",
    ] {
        let work = |count| steps(&form.replace("OBJECT", &object(count)));
        let (some, twice) = (work(10_000), work(20_000));
        assert!(
            twice <= some * 21 / 10 + 1_000,
            "{form}: {some} became {twice}"
        );
        assert!(twice < 1_000_000, "{form}: {twice}");
    }
}

#[test]
fn nothing_overflows_the_stack_of_a_thread() {
    const DEEP: usize = 3_000;
    for form in [
        "local.aN",
        "[local.aN]",
        "{ b = [\"${local.aN}x\"] }",
        "true ? local.aN : 2",
        "try(local.aN, 1)",
        "{ for x in [1] : x => local.aN }",
        "upper(\"%{ if true }${local.aN}%{ endif }\")",
    ] {
        let text = repeated(DEEP, |n| {
            format!(
                "a{n} = {}
",
                form.replace("aN", &format!("a{}", n + 1))
            )
        }) + &format!(
            "a{DEEP} = 1
"
        );
        // Without the limit on depth the guard on the stack has to do.
        for evaluation_depth in [Limits::default().evaluation_depth, u32::MAX] {
            let limits = Limits {
                evaluation_depth,
                value_depth: u32::MAX,
                ..Limits::default()
            };
            let text = text.clone();
            let thread = std::thread::Builder::new()
                .stack_size(2 << 20)
                .spawn(move || {
                    let locals = Locals::new(&text);
                    let result = evaluate_with("local.a0", &locals, limits);
                    result.unwrap_err().first().unwrap().summary.clone()
                });
            assert_eq!(thread.unwrap().join().unwrap(), "Limit reached", "{form}");
        }
    }
}

#[test]
fn the_deepest_text_that_is_parsed_is_evaluated_on_any_thread() {
    let nesting = Limits::default().nesting as usize;
    for (open, inner, close, each) in [
        ("[", "1", "]", 1),
        ("(", "1", ")", 1),
        ("{ a = ", "1", " }", 1),
        ("\"${", "1", "}\"", 1),
        ("-", "1", "", 1),
        ("true ? 1 : ", "1", "", 1),
        ("try(", "1", ")", 1),
        ("[for x in [1] : ", "1", "]", 1),
        ("upper(\"${", "\"a\"", "}x\")", 2),
        ("[1][", "0", "]", 1),
    ] {
        let depth = (nesting - 2) / each;
        let text = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
        let thread = std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(move || drop(result(&text)));
        thread.unwrap().join().unwrap();
    }
}
