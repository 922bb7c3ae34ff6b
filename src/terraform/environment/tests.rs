//! What inputs and extra arguments become in an environment.

use super::*;
use crate::terraform::written::values as inputs;

fn environment(variables: &[(&str, &str)]) -> BTreeMap<OsString, OsString> {
    let variables = variables.iter();
    variables
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn with(inputs: &BTreeMap<String, Value>) -> UnitEnvironment<'_> {
    UnitEnvironment {
        base: const { &BTreeMap::new() },
        withheld: &[],
        extra_arguments: &[],
        commands: &["plan"],
        inputs,
        code: None,
    }
}

/// Every variable that comes out, one a line.
fn lines(environment: &UnitEnvironment<'_>) -> String {
    let all = environment.variables().unwrap();
    let lines = all
        .variables
        .iter()
        .map(|(name, value)| format!("{}={}", name.to_str().unwrap(), value.to_str().unwrap()));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn strings_are_raw_and_the_rest_is_json() {
    let inputs = inputs(
        r#"{
            s     = "plain $HOME \"quoted\""
            multi = "line1\nline2\ttab"
            empty = ""
            n     = 3
            f     = 2.50
            big   = 123456789012345678901
            small = 0.000001
            exp   = 1e30
            third = 1 / 3
            b     = true
            list  = ["a", 1, null, ["x"]]
            map   = { z = 1, a = { deep = [] }, "key with space" = "v" }
            html  = ["<a>&b"]
            uni   = ["é", "中", "😀"]
            elist = []
            emap  = {}
            set   = toset(["b", "a"])
            dash-ed = "yes"
        }"#,
    );
    insta::assert_snapshot!(lines(&with(&inputs)), @r#"
    TF_VAR_b=true
    TF_VAR_big=123456789012345678901
    TF_VAR_dash-ed=yes
    TF_VAR_elist=[]
    TF_VAR_emap={}
    TF_VAR_empty=
    TF_VAR_exp=1000000000000000000000000000000
    TF_VAR_f=2.5
    TF_VAR_html=["\u003ca\u003e\u0026b"]
    TF_VAR_list=["a",1,null,["x"]]
    TF_VAR_map={"a":{"deep":[]},"key with space":"v","z":1}
    TF_VAR_multi=line1
    line2	tab
    TF_VAR_n=3
    TF_VAR_s=plain $HOME "quoted"
    TF_VAR_set=["a","b"]
    TF_VAR_small=0.000001
    TF_VAR_third=0.33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333335
    TF_VAR_uni=["é","中","😀"]
    "#);
}

#[test]
fn a_dollar_is_escaped_where_the_engine_reads_an_expression() {
    let code = ModuleCode::read([(
        "main.tf",
        "variable \"text\" {\n type = string\n}\nvariable \"map\" {\n type = map(string)\n}\nvariable \"any\" {}\n",
    )]);
    let inputs = inputs(
        r#"{
            text    = "a $${b} c"
            any     = "a $${b} c"
            map     = "{\"p\":\"$${v}\"}"
            list    = ["a $${b}", "$$${x}", "$${y}$${z}"]
            keys    = { "$${k}" = "$${v}" }
            percent = ["%%{if}"]
        }"#,
    );
    assert!(needs_code(&inputs));
    let environment = UnitEnvironment {
        code: Some(&code),
        ..with(&inputs)
    };
    insta::assert_snapshot!(lines(&environment), @r#"
    TF_VAR_any=a ${b} c
    TF_VAR_keys={"${k}":"$${v}"}
    TF_VAR_list=["a $${b}","$${x}","$${y}$${z}"]
    TF_VAR_map={"p":"$${v}"}
    TF_VAR_percent=["%{if}"]
    TF_VAR_text=a ${b} c
    "#);
}

#[test]
fn code_is_only_needed_for_a_string_with_an_interpolation() {
    assert!(!needs_code(&inputs(
        r#"{ a = "$HOME", b = ["$${x}"], c = 1 }"#
    )));
    assert!(needs_code(&inputs(r#"{ a = "$${x}" }"#)));
}

#[test]
fn what_is_null_is_named_apart() {
    let inputs = inputs("{ a = null, b = 1, c = null }");
    let all = with(&inputs).variables().unwrap();
    assert_eq!(lines(&with(&inputs)), "TF_VAR_b=1");
    assert_eq!(null_file(&all.nulls), "{\n  \"a\": null,\n  \"c\": null\n}");
}

#[test]
fn the_environment_wins_over_inputs() {
    let inputs = inputs("{ region = \"input\", size = \"input\", other = \"input\", gone = null }");
    let base = environment(&[("TF_VAR_region", "environment"), ("TF_VAR_gone", "")]);
    let block = ExtraArguments {
        commands: vec!["plan".to_owned()],
        env_vars: [("TF_VAR_size".to_owned(), "extra".to_owned())].into(),
        ..ExtraArguments::default()
    };
    let environment = UnitEnvironment {
        base: &base,
        extra_arguments: &[block],
        ..with(&inputs)
    };
    insta::assert_snapshot!(lines(&environment), @r"
    TF_VAR_gone=
    TF_VAR_other=input
    TF_VAR_region=environment
    TF_VAR_size=extra
    ");
    assert!(environment.variables().unwrap().nulls.is_empty());
}

fn sets(command: &str, name: &str, value: &str) -> ExtraArguments {
    ExtraArguments {
        commands: vec![command.to_owned()],
        env_vars: [(name.to_owned(), value.to_owned())].into(),
        ..ExtraArguments::default()
    }
}

#[test]
fn variables_of_extra_arguments_are_for_their_commands() {
    let blocks = [
        sets("plan", "A", "of plan"),
        sets("init", "B", "of init"),
        sets("apply", "C", "of apply"),
        sets("plan", "A", "of plan, later"),
    ];
    let base = environment(&[("A", "of base"), ("Z", "z")]);
    let none = BTreeMap::new();
    let of = |commands: &[&str]| {
        lines(&UnitEnvironment {
            base: &base,
            extra_arguments: &blocks,
            commands,
            ..with(&none)
        })
    };
    assert_eq!(of(&["plan"]), "A=of plan, later\nZ=z");
    assert_eq!(of(&["plan", "init"]), "A=of plan, later\nB=of init\nZ=z");
    assert_eq!(of(&["validate"]), "A=of base\nZ=z");
}

#[test]
fn an_identity_that_is_given_cannot_be_replaced() {
    let blocks = [sets("plan", "AWS_PROFILE", "mine"), sets("plan", "OK", "1")];
    let base = environment(&[("AWS_CONFIG_FILE", "/run/x")]);
    let none = BTreeMap::new();
    let given = UnitEnvironment {
        base: &base,
        withheld: &["AWS_PROFILE", "AWS_CONFIG_FILE"],
        extra_arguments: &blocks,
        ..with(&none)
    };
    assert_eq!(lines(&given), "AWS_CONFIG_FILE=/run/x\nOK=1");
    let all = given.variables().unwrap();
    assert_eq!(all.withheld, ["AWS_PROFILE".to_owned()].into());
    let not_given = UnitEnvironment {
        withheld: &[],
        ..given
    };
    assert_eq!(
        lines(&not_given),
        "AWS_CONFIG_FILE=/run/x\nAWS_PROFILE=mine\nOK=1"
    );
}

#[test]
fn what_cannot_be_written_down_is_named() {
    let refused = |name: &str, value| {
        let inputs = [(name.to_owned(), value)].into();
        with(&inputs).variables().unwrap_err().to_string()
    };
    let infinite = inputs("{ a = [1 / 0] }").remove("a").unwrap();
    assert_eq!(
        refused("a", infinite),
        "the input a holds infinity, which terraform cannot take"
    );
    assert_eq!(refused("b", Value::unknown()), "the input b is not known");
    assert_eq!(
        refused("c", Value::string("a\0b")),
        "the input c holds a null character, which an environment cannot"
    );
}

#[test]
fn values_are_not_shown_by_accident() {
    let inputs = inputs("{ password = \"hunter2\" }");
    let base = environment(&[("TOKEN", "hunter2")]);
    let environment = UnitEnvironment {
        base: &base,
        ..with(&inputs)
    };
    let shown = format!("{environment:?} {:?}", environment.variables().unwrap());
    assert!(shown.contains("TOKEN") && shown.contains("TF_VAR_password"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn only_an_engine_that_copes_with_it_shares_a_plugin_cache() {
    let cache = |version, base: &[(&str, &str)]| {
        let engine = Engine::parse(version, "".into()).unwrap();
        plugin_cache(&engine, &environment(base), "/cache".into())
    };
    assert_eq!(
        cache("OpenTofu v1.10.6", &[]),
        Some(("TF_PLUGIN_CACHE_DIR", "/cache".into()))
    );
    assert_eq!(
        cache("OpenTofu v1.10.6", &[("TF_PLUGIN_CACHE_DIR", "")]),
        None
    );
    assert_eq!(cache("Terraform v1.11.4", &[]), None);
}

#[test]
fn hooks_are_told_what_they_run_around() {
    let variables = hook_variables("/bin/terraform", "plan", "before");
    assert_eq!(
        variables.map(|(name, value)| format!("{name}={value}")),
        [
            "TG_CTX_TF_PATH=/bin/terraform",
            "TG_CTX_COMMAND=plan",
            "TG_CTX_HOOK_NAME=before"
        ]
    );
}

#[test]
fn the_debug_file_holds_what_the_module_declares() {
    let code = ModuleCode::read([("main.tf", "variable \"a\" {}\nvariable \"b\" {}\n")]);
    let inputs = inputs(r#"{ a = [1, { k = "v<" }], b = [], undeclared = true }"#);
    insta::assert_snapshot!(debug_file(&inputs, &code).unwrap(), @r#"
    {
      "a": [
        1,
        {
          "k": "v\u003c"
        }
      ],
      "b": []
    }
    "#);
}
