//! What a graph promises.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::sketch::{graph, names, path, try_graph, unit, units};
use super::{Edge, Graph, Purpose, Reason};
use crate::model::{Place, UnitIx, UnitMap};

#[test]
fn neighbours_are_listed_by_path() {
    let graph = graph("a | d: c b a | b | c: a | e: a");
    assert_eq!(names(&graph, graph.upstreams(unit(&graph, "d"))), "a b c");
    assert_eq!(names(&graph, graph.downstreams(unit(&graph, "a"))), "c d e");
}

#[test]
fn upstreams_come_first_and_then_the_path_decides() {
    let graph = graph("a: z | b | c: b | m: c a | z");
    assert_eq!(names(&graph, graph.topological_order()), "b c z a m");
}

#[test]
fn of_two_edges_between_two_units_the_one_for_outputs_stays() {
    for text in ["app: ~net net | net", "app: net ~net | net"] {
        let graph = graph(text);
        assert_eq!(graph.edge_count(), 1);
        let edge = graph.edges().next().expect("there is one edge");
        assert_eq!(edge.reason.purpose, Purpose::Outputs);
    }
}

#[test]
fn depth_counts_the_units_of_the_longest_chain() {
    assert_eq!(graph("a").depth(), 1);
    assert_eq!(graph("a | b: a | c: b a | d: a").depth(), 3);
}

#[test]
fn a_selection_keeps_direct_edges_only() {
    let whole = graph("a | b: a | c: b | d: c a");
    let some = whole.restricted_to(&units(&whole, "a c d"));
    assert_eq!(names(&some, some.units()), "a c d");
    assert_eq!(names(&some, some.upstreams(unit(&some, "c"))), "");
    assert_eq!(names(&some, some.upstreams(unit(&some, "d"))), "a c");
    assert_eq!(unit(&some, "d"), unit(&whole, "d"), "numbers stay");
}

#[test]
fn a_selection_remembers_what_it_cut_off() {
    let whole = graph("a | b: a | c: b | d: c | e: d");
    let outside = |graph: &Graph| -> Vec<String> {
        graph
            .outside_edges()
            .map(|edge| names(graph, [edge.downstream, edge.upstream]))
            .collect()
    };
    let three = whole.restricted_to(&units(&whole, "b c d"));
    assert_eq!(outside(&three), ["b a", "e d"]);
    let one = three.restricted_to(&units(&whole, "d"));
    assert_eq!(outside(&one), ["d c", "e d"]);
    assert_eq!(outside(&one.reversed()), ["c d", "d e"]);
}

#[test]
fn a_reversed_graph_waits_the_other_way_round() {
    let graph = graph("a | b: a | c: b a").reversed();
    assert_eq!(names(&graph, graph.topological_order()), "c b a");
    assert_eq!(names(&graph, graph.upstreams(unit(&graph, "a"))), "b c");
}

#[test]
fn the_shortest_cycle_is_told_whole() {
    let cycle = try_graph("a: c | b: a | c: b | d: e | e: d | f: a d").expect_err("it has cycles");
    assert_snapshot!(cycle, @"
    units wait for each other in a circle
      d waits for e (d/terragrunt.hcl:1)
      e waits for d (e/terragrunt.hcl:1)
    ");
}

#[test]
fn a_long_cycle_begins_with_its_first_unit() {
    let cycle = try_graph("x | b: x c | c: d | d: b").expect_err("it has a cycle");
    assert_snapshot!(cycle, @"
    units wait for each other in a circle
      b waits for c (b/terragrunt.hcl:2)
      c waits for d (c/terragrunt.hcl:1)
      d waits for b (d/terragrunt.hcl:1)
    ");
}

#[test]
fn a_unit_that_waits_for_itself_is_a_cycle() {
    let cycle = try_graph("a: a").expect_err("it waits for itself");
    assert_snapshot!(cycle, @"
    units wait for each other in a circle
      a waits for a (a/terragrunt.hcl:1)
    ");
}

/// Ten thousand units with four upstreams each: a walk that is not linear would be felt here.
#[test]
fn ten_thousand_units_are_sorted() {
    let paths: UnitMap<_> = (0..10_000)
        .map(|number| path(&format!("u{number:05}")))
        .collect();
    let edges = (1..10_000usize).flat_map(|unit| (0..4).map(move |way| edge(unit * way / 4, unit)));
    let graph = Graph::build(paths, edges).expect("every edge leads to a higher number");
    assert_eq!(graph.topological_order().len(), 10_000);
}

/// A chain as deep as the estate must not run into the end of the stack.
#[test]
fn a_chain_or_circle_of_ten_thousand_units_is_no_trouble() {
    let paths: UnitMap<_> = (0..10_000)
        .map(|number| path(&format!("u{number:05}")))
        .collect();
    let chain = || (1..10_000usize).map(|unit| edge(unit - 1, unit));
    let graph = Graph::build(paths.clone(), chain()).expect("a chain has no cycle");
    assert_eq!(graph.depth(), 10_000);
    let cycle = Graph::build(paths, chain().chain([edge(9_999, 0)])).expect_err("a ring");
    assert_eq!(cycle.waits().len(), 10_000);
}

fn edge(upstream: usize, downstream: usize) -> Edge {
    Edge {
        upstream: UnitIx::new(upstream),
        downstream: UnitIx::new(downstream),
        reason: Reason {
            purpose: Purpose::Outputs,
            place: Place {
                file: "terragrunt.hcl".into(),
                line: 1,
            },
        },
    }
}

proptest! {
    #[test]
    fn either_an_order_or_a_real_cycle_comes_out(
        edges in prop::collection::vec((0..9usize, 0..9usize), 0..16)
    ) {
        let paths: UnitMap<_> = (0..9).map(|number| path(&format!("u{number}"))).collect();
        let known: Vec<Edge> = edges.iter().map(|(from, to)| edge(*from, *to)).collect();
        match Graph::build(paths, known) {
            Ok(graph) => {
                let order = graph.topological_order();
                let position = |unit| order.iter().position(|known| *known == unit);
                prop_assert_eq!(order.len(), 9);
                for edge in graph.edges() {
                    prop_assert!(position(edge.upstream) < position(edge.downstream));
                }
            }
            Err(cycle) => {
                let number = |path: &crate::model::UnitPath| path.as_str()[1..].parse().unwrap();
                let waits = cycle.waits();
                for (wait, next) in waits.iter().zip(waits.iter().cycle().skip(1)) {
                    prop_assert_eq!(&wait.upstream, &next.downstream);
                    let edge = (number(&wait.upstream), number(&wait.downstream));
                    prop_assert!(edges.contains(&edge));
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_edges_does_not_matter(
        edges in prop::collection::vec((0..9usize, 0..9usize), 0..16).prop_shuffle()
    ) {
        let build = |edges: &mut dyn Iterator<Item = &(usize, usize)>| {
            let paths: UnitMap<_> = (0..9).map(|number| path(&format!("u{number}"))).collect();
            let upwards = edges.filter(|(a, b)| a != b).map(|(a, b)| edge(*a.min(b), *a.max(b)));
            let graph = Graph::build(paths, upwards.collect::<Vec<_>>()).expect("edges only go up");
            graph.edges().map(|edge| (edge.upstream, edge.downstream)).collect::<Vec<_>>()
        };
        prop_assert_eq!(build(&mut edges.iter()), build(&mut edges.iter().rev()));
    }
}
