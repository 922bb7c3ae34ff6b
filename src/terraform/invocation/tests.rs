//! Tables of what was typed and what is called.

use super::*;

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// A block for some commands that adds arguments.
fn adds(commands: &[&str], arguments: &[&str]) -> ExtraArguments {
    ExtraArguments {
        commands: owned(commands),
        arguments: owned(arguments),
        ..ExtraArguments::default()
    }
}

/// The call of `line` in `/u`, whose working folder is `/w`, with these files about.
fn call(
    line: &str,
    extra_arguments: &[ExtraArguments],
    additions: &Additions,
    files: &[&str],
) -> String {
    let command = TerraformCommand::parse(line.split(' ')).unwrap();
    let call = Call {
        command: &command,
        extra_arguments,
        additions,
        unit_folder: "/u".into(),
        working_folder: "/w".into(),
    };
    let arguments = call.arguments(|path| files.contains(&path.as_str()));
    arguments.join(" ")
}

fn for_many() -> Additions {
    Additions {
        for_many: true,
        approve: true,
        ..Additions::default()
    }
}

#[test]
fn one_unit_gets_what_was_typed() {
    let none = Additions::default();
    let call = |line| call(line, &[], &none, &[]);
    assert_eq!(call("plan -no-color"), "plan -no-color");
    assert_eq!(call("output id -no-color"), "output -no-color id");
    assert_eq!(
        call("plan -no-color -var=x=1 -target=module.a -no-color"),
        "plan -no-color -var=x=1 -target=module.a -no-color"
    );
    assert_eq!(call("apply -destroy"), "apply -destroy");
}

#[test]
fn many_units_ask_nobody() {
    let call = |line: &str| {
        let command = TerraformCommand::parse(line.split(' ')).unwrap().for_many();
        call(&command.words().join(" "), &[], &for_many(), &[])
    };
    assert_eq!(call("plan -no-color"), "plan -no-color -input=false");
    assert_eq!(
        call("apply -no-color"),
        "apply -no-color -auto-approve -input=false"
    );
    assert_eq!(call("destroy -no-color"), "destroy -no-color -auto-approve");
    assert_eq!(
        call("plan -destroy -no-color"),
        "plan -destroy -no-color -input=false"
    );
    assert_eq!(
        call("apply -destroy -no-color"),
        "destroy -no-color -auto-approve"
    );
    assert_eq!(call("output -json -no-color"), "output -json -no-color");
    assert_eq!(call("validate -no-color"), "validate -no-color");
    assert_eq!(
        call("apply -input=true -auto-approve"),
        "apply -input=true -auto-approve"
    );
}

#[test]
fn approval_can_be_left_to_the_user() {
    let additions = Additions {
        approve: false,
        ..for_many()
    };
    assert_eq!(
        call("apply -no-color", &[], &additions, &[]),
        "apply -no-color -input=false"
    );
}

#[test]
fn extra_arguments_come_first_in_the_order_of_their_blocks() {
    let blocks = [
        adds(&["plan", "apply"], &["-lock-timeout=20m"]),
        adds(&["plan"], &["-parallelism=5", "-lock=false"]),
        adds(&["init"], &["-upgrade"]),
    ];
    let call = |line| call(line, &blocks, &Additions::default(), &[]);
    assert_eq!(
        call("plan -target=x -no-color"),
        "plan -lock-timeout=20m -parallelism=5 -lock=false -target=x -no-color"
    );
    assert_eq!(
        call("apply -auto-approve -no-color"),
        "apply -lock-timeout=20m -auto-approve -no-color"
    );
    assert_eq!(call("init -no-color"), "init -upgrade -no-color");
    assert_eq!(call("validate"), "validate");
}

#[test]
fn extra_arguments_stand_behind_a_subcommand() {
    let blocks = [adds(&["state"], &["-lock=false"])];
    assert_eq!(
        call("state mv a b", &blocks, &Additions::default(), &[]),
        "state mv -lock=false a b"
    );
}

#[test]
fn var_files_follow_the_arguments_of_their_block() {
    let common = ExtraArguments {
        required_var_files: owned(&["/u/../common.tfvars"]),
        optional_var_files: owned(&["/u/env.tfvars", "/u/absent.tfvars", "in-module.tfvars"]),
        ..adds(&["plan"], &["-var", "x=1"])
    };
    let again = ExtraArguments {
        required_var_files: owned(&["/u/../common.tfvars"]),
        ..adds(&["plan"], &["-var", "y=2"])
    };
    let files = ["/u/env.tfvars", "/w/in-module.tfvars"];
    assert_eq!(
        call("plan", &[common, again], &Additions::default(), &files),
        "plan -var x=1 -var-file=/u/../common.tfvars -var-file=/u/env.tfvars \
         -var-file=in-module.tfvars -var y=2 -var-file=/u/../common.tfvars"
    );
}

#[test]
fn of_a_var_file_that_a_block_names_twice_the_last_stays() {
    let block = ExtraArguments {
        required_var_files: owned(&["a", "b", "a"]),
        optional_var_files: owned(&["b"]),
        ..adds(&["plan"], &[])
    };
    assert_eq!(
        call("plan", &[block], &Additions::default(), &["/w/b"]),
        "plan -var-file=a -var-file=b"
    );
}

#[test]
fn a_saved_plan_has_its_variables() {
    let block = ExtraArguments {
        required_var_files: owned(&["/u/x.tfvars"]),
        ..adds(
            &["plan", "apply"],
            &["-var=b=2", "-lock=false", "-var", "c=3", "-var-file=d"],
        )
    };
    let call = |line, files: &[&str]| {
        let blocks = [block.clone()];
        call(line, &blocks, &Additions::default(), files)
    };
    assert_eq!(
        call("apply -no-color /abs.tfplan", &["/abs.tfplan"]),
        "apply -lock=false -no-color /abs.tfplan"
    );
    assert_eq!(
        call("apply -no-color in-unit.tfplan", &["/u/in-unit.tfplan"]),
        "apply -lock=false -no-color in-unit.tfplan"
    );
    assert_eq!(
        call("apply -no-color saved.tfplan", &["/w/saved.tfplan"]),
        "apply -var=b=2 -lock=false -var c=3 -var-file=d -var-file=/u/x.tfvars -no-color saved.tfplan",
        "it lies in the working folder"
    );
    assert_eq!(
        call("plan -out=saved.tfplan", &["/u/saved.tfplan"]),
        "plan -var=b=2 -lock=false -var c=3 -var-file=d -var-file=/u/x.tfvars -out=saved.tfplan"
    );
}

#[test]
fn plans_are_kept_in_a_folder_and_taken_from_there() {
    let plan = plan_file("/plans".into(), "n/b".into());
    assert_eq!(plan, "/plans/n/b/tfplan.tfplan");
    assert_eq!(
        json_plan_file("/json".into(), "n/b".into()),
        "/json/n/b/tfplan.json"
    );
    let additions = Additions {
        plan_file: Some("/plans/a/tfplan.tfplan".into()),
        ..for_many()
    };
    let blocks = [adds(&["apply"], &["-var=x=1", "-lock=false"])];
    let call = |line| call(line, &blocks, &additions, &[]);
    assert_eq!(
        call("plan -no-color"),
        "plan -no-color -input=false -out=/plans/a/tfplan.tfplan"
    );
    assert_eq!(
        call("apply -no-color"),
        "apply -lock=false -no-color -auto-approve -input=false /plans/a/tfplan.tfplan"
    );
    assert_eq!(
        call("show -no-color"),
        "show -no-color /plans/a/tfplan.tfplan"
    );
    assert_eq!(call("plan -out=mine"), "plan -out=mine -input=false");
    assert_eq!(call("validate"), "validate");
}

#[test]
fn init_is_told_where_the_state_lies() {
    let additions = Additions {
        backend: owned(&["-backend-config=bucket=b", "-backend-config=key=k"]),
        reconfigure: true,
        ..Additions::default()
    };
    let blocks = [adds(&["init"], &["-upgrade"])];
    assert_eq!(
        call("init -no-color", &blocks, &additions, &[]),
        "init -backend-config=bucket=b -backend-config=key=k -upgrade -no-color -reconfigure"
    );
    assert_eq!(call("plan", &[], &additions, &[]), "plan");
}

#[test]
fn hooks_are_found_by_their_commands() {
    let source = terrane_hcl::Source::new("x", "");
    let hook = |label: &str, commands: &[&str], enabled| Hook {
        label: label.to_owned(),
        commands: owned(commands),
        execute: owned(&["true"]),
        working_dir: None,
        run_on_error: false,
        suppress_stdout: false,
        enabled,
        place: terrane_hcl::Span::default().in_source(&source),
    };
    let hooks = [
        hook("both", &["plan", "init"], true),
        hook("apply", &["apply"], true),
        hook("off", &["plan"], false),
        hook("plan", &["plan"], true),
    ];
    let labels = |command| -> Vec<&str> {
        let found = hooks_for(&hooks, command);
        found.map(|hook| hook.label.as_str()).collect()
    };
    assert_eq!(labels("plan"), ["both", "plan"]);
    assert_eq!(labels("init"), ["both"]);
    assert_eq!(labels("validate"), [""; 0]);
}

#[test]
fn a_command_names_the_plan_that_it_saves_or_takes() {
    let saved = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let file = saved_plan_of(&words, Utf8Path::new("/w"), |file| file.ends_with("p"));
        file.map(|file| file.to_string()).unwrap_or_default()
    };
    assert_eq!(saved("plan -out=p -no-color"), "/w/p");
    assert_eq!(saved("plan --out /x/p -out=q"), "/w/q");
    assert_eq!(saved("plan -lock=false out"), "");
    assert_eq!(saved("apply -no-color /x/p"), "/x/p");
    assert_eq!(saved("apply -var a=b"), "");
}
