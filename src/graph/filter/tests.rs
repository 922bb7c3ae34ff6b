//! What filters choose, and what they ask for.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use insta::assert_snapshot;

use super::{Answers, Candidate, CandidateKind, Edges, Filters, GitRange};
use crate::model::UnitIx;

/// Five units in two folders, one outside the start folder, and a stack.
const PATHS: [&str; 7] = [
    "../shared/tgw",
    "dev/app",
    "dev/eks",
    "dev/vpc",
    "prod/db replica",
    "prod/vpc",
    "stacks",
];

fn candidates() -> Vec<Candidate> {
    let candidates = PATHS.iter().enumerate().map(|(index, path)| Candidate {
        path: Utf8PathBuf::from(path),
        kind: if *path == "stacks" {
            CandidateKind::Stack
        } else {
            CandidateKind::Unit(UnitIx::new(index))
        },
        external: path.starts_with(".."),
    });
    candidates.collect()
}

/// The application needs the cluster, that the network, that the gateway; production apart.
fn edges() -> Edges {
    let edges = [(0, 3), (3, 2), (2, 1), (3, 1), (5, 4)];
    let edges = edges.into_iter();
    edges
        .map(|(up, down)| (UnitIx::new(up), UnitIx::new(down)))
        .collect()
}

/// The networks read the regions, and they are what changed.
struct Networks;

impl Answers for Networks {
    fn files_read(&self, unit: UnitIx) -> Vec<Utf8PathBuf> {
        let is_network = PATHS[unit.index()].ends_with("vpc");
        is_network
            .then(|| "dev/region.hcl".into())
            .into_iter()
            .collect()
    }

    fn source(&self, unit: UnitIx) -> Option<String> {
        let name = candidates()[unit.index()].path.file_name()?.to_owned();
        Some(format!("git::https://example.org/modules.git//{name}"))
    }

    fn changed(&self, range: &GitRange) -> Result<BTreeSet<UnitIx>, String> {
        match range.from.as_str() {
            "main" => Ok([UnitIx::new(3), UnitIx::new(5)].into()),
            other => Err(format!("there is no {other}")),
        }
    }
}

#[track_caller]
fn chosen(filters: &[&str]) -> String {
    let filters = Filters::parse(filters).expect("they can be understood");
    let chosen = filters.choose(&candidates(), &edges(), &Networks);
    let chosen = chosen.expect("the range is known");
    chosen
        .into_iter()
        .map(|place| PATHS[place])
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn a_word_is_a_name_and_a_word_with_a_slash_a_path() {
    assert_eq!(chosen(&["vpc"]), "dev/vpc, prod/vpc");
    assert_eq!(chosen(&["db*"]), "prod/db replica");
    assert_eq!(chosen(&["./dev/*"]), "dev/app, dev/eks, dev/vpc");
    assert_eq!(chosen(&["dev"]), "");
    assert_eq!(chosen(&["./dev"]), "");
    assert_eq!(chosen(&["{./prod/db replica}"]), "prod/db replica");
    assert_eq!(chosen(&["./dev/../prod/vpc/"]), "prod/vpc");
    assert_eq!(chosen(&["**/v?c"]), "dev/vpc, prod/vpc");
}

#[test]
fn one_star_stays_within_a_folder_and_two_do_not() {
    assert_eq!(chosen(&["source=*vpc"]), "");
    assert_eq!(chosen(&["source=**vpc"]), "dev/vpc, prod/vpc");
}

#[test]
fn keys_choose_by_what_a_unit_is() {
    assert_eq!(chosen(&["type=stack"]), "stacks");
    assert_eq!(chosen(&["reading=dev/*.hcl"]), "dev/vpc, prod/vpc");
    assert_eq!(chosen(&["external=true"]), "");
    assert_eq!(chosen(&["colour=red"]), "");
}

#[test]
fn edges_are_followed_as_far_as_is_said() {
    assert_eq!(chosen(&["eks..."]), "../shared/tgw, dev/eks, dev/vpc");
    assert_eq!(chosen(&["eks...1"]), "dev/eks, dev/vpc");
    assert_eq!(chosen(&["...{./dev/vpc}"]), "dev/app, dev/eks, dev/vpc");
    assert_eq!(chosen(&["1...^eks"]), "dev/app");
    assert_eq!(chosen(&["^eks..."]), "../shared/tgw, dev/vpc");
    assert_eq!(chosen(&["...^eks..."]), "../shared/tgw, dev/app, dev/vpc");
}

#[test]
fn a_bar_narrows_and_an_exclamation_mark_leaves_out() {
    assert_eq!(chosen(&["vpc | ./dev/**"]), "dev/vpc");
    assert_eq!(chosen(&["./dev/** | !vpc"]), "dev/app, dev/eks");
    assert_eq!(chosen(&["eks... | external=true"]), "../shared/tgw");
    assert_eq!(chosen(&["!./dev/**"]), "prod/db replica, prod/vpc, stacks");
    assert_eq!(chosen(&["!!eks"]), "dev/eks");
    assert_eq!(chosen(&["!vpc | !eks"]), "dev/app, prod/db replica, stacks");
}

#[test]
fn several_filters_are_joined_and_what_leaves_out_comes_last() {
    assert_eq!(chosen(&["vpc", "eks"]), "dev/eks, dev/vpc, prod/vpc");
    assert_eq!(chosen(&["!./prod/**", "vpc"]), "dev/vpc");
    assert_eq!(
        chosen(&["!vpc", "!eks"]),
        "dev/app, prod/db replica, stacks"
    );
}

#[test]
fn what_changed_is_chosen_and_left_out() {
    assert_eq!(chosen(&["[main...HEAD]"]), "dev/vpc, prod/vpc");
    assert_eq!(
        chosen(&["...[main]"]),
        "dev/app, dev/eks, dev/vpc, prod/db replica, prod/vpc"
    );
    assert_eq!(
        chosen(&["![main]"]),
        "dev/app, dev/eks, prod/db replica, stacks"
    );
    let filters = Filters::parse(&["[nope...HEAD]"]).expect("it can be understood");
    let error = filters.choose(&candidates(), &edges(), &Networks);
    assert_snapshot!(error.expect_err("there is no such state"), @"[nope...HEAD]: there is no nope");
}

#[test]
fn filters_say_what_they_need_to_know() {
    let needs = |filter: &str| {
        let filters = Filters::parse(&[filter]).expect("it can be understood");
        filters.needs()
    };
    assert_eq!(needs("vpc | ./dev/**"), super::Needs::default());
    assert!(needs("...vpc").downstreams && !needs("...vpc").upstreams);
    assert!(needs("reading=x").files_read);
    assert!(needs("source=x").sources);
    let range = needs("[a...b]").ranges.into_iter().next().expect("a range");
    assert_eq!((range.from.as_str(), range.to.as_str()), ("a", "b"));
}

#[test]
fn circles_end() {
    let edges: Edges = [
        (UnitIx::new(1), UnitIx::new(2)),
        (UnitIx::new(2), UnitIx::new(1)),
    ]
    .into_iter()
    .collect();
    let filters = Filters::parse(&["app..."]).expect("it can be understood");
    let chosen = filters.choose(&candidates(), &edges, &Networks);
    assert_eq!(chosen, Ok([1, 2].into()));
}

#[test]
fn what_cannot_be_understood_is_told() {
    let said: Vec<String> = [
        "",
        "vpc |",
        "!",
        "{vpc",
        "name=",
        "=vpc",
        "a=b=c",
        "[main...",
        "vpc...eks",
        "...",
        "[v]*",
        "./{dev,prod}/vpc",
        "[...HEAD]",
    ]
    .into_iter()
    .map(|text| match Filters::parse(&[text]) {
        Ok(_) => format!("{text}: understood"),
        Err(error) => error.to_string(),
    })
    .collect();
    assert_snapshot!(said.join("\n"), @r#"
    the filter "" cannot be understood: there is nothing in it
    the filter "vpc |" cannot be understood: there is nothing on one side of |
    the filter "!" cannot be understood: there is nothing to look for
    the filter "{vpc" cannot be understood: a { is never closed by }
    the filter "name=" cannot be understood: a key and a value are written KEY=VALUE, with one =
    the filter "=vpc" cannot be understood: a key and a value are written KEY=VALUE, with one =
    the filter "a=b=c" cannot be understood: a key and a value are written KEY=VALUE, with one =
    the filter "[main..." cannot be understood: a [ is never closed by ]
    the filter "vpc...eks" cannot be understood: what is looked for may have ... before and behind it, and nothing else
    the filter "..." cannot be understood: there is nothing to look for
    the filter "[v]*" cannot be understood: what is looked for may have ... before and behind it, and nothing else
    the filter "./{dev,prod}/vpc" cannot be understood: { has no meaning here; alternatives are filters of their own
    the filter "[...HEAD]" cannot be understood: two states of the repository are written [FROM...TO] or [FROM]
    "#);
}
