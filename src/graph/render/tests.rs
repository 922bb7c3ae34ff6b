//! Graphs as people and programs get to see them.

use insta::assert_snapshot;

use super::{Format, render};
use crate::graph::Graph;
use crate::graph::sketch::{accounts, graph, units};

fn landing_zone() -> Graph {
    graph(
        "0-shared/opensearch | 0-shared/transit_gateway | 0-shared/vpc \
         | 1-dev/eks: 1-dev/vpc \
         | 1-dev/eks_controllers: 1-dev/eks 0-shared/opensearch \
         | 1-dev/transit_gateway_attachments: 1-dev/vpc 0-shared/transit_gateway \
         | 1-dev/vpc",
    )
}

fn drawn(graph: &Graph, format: Format) -> String {
    render(graph, &accounts(graph), format)
}

fn drawn_without_accounts(graph: &Graph, format: Format) -> String {
    render(graph, &graph.paths().map(|_| None), format)
}

#[test]
fn a_tree_groups_units_by_account_and_marks_what_crosses() {
    assert_snapshot!(drawn(&landing_zone(), Format::Tree), @"
    0-shared  000000000000
      opensearch
      transit_gateway
      vpc
    1-dev     111111111111
      eks                            ← vpc
      eks_controllers                ← eks  ⇠ shared/opensearch
      transit_gateway_attachments    ← vpc  ⇠ shared/transit_gateway
      vpc
    7 units, 5 edges, 2 across accounts (⇠), deepest 3
    ");
}

#[test]
fn a_tree_without_accounts_is_a_plain_list() {
    let graph = graph("app: data/db net | data/db: net | net");
    assert_snapshot!(drawn_without_accounts(&graph, Format::Tree), @"
    app        ← data/db, net
    data/db    ← net
    net
    3 units, 3 edges, deepest 3
    ");
}

#[test]
fn a_selection_shows_what_it_leaves_outside() {
    let whole = landing_zone();
    let dev = whole.restricted_to(&units(&whole, "1-dev/eks_controllers 1-dev/eks"));
    assert_snapshot!(drawn(&dev, Format::Tree), @"
    1-dev  111111111111
      eks                ← vpc (outside)
      eks_controllers    ← eks  ⇠ shared/opensearch (outside)
    2 units, 1 edge, 0 across accounts (⇠), deepest 2, 2 edges from outside the selection
    ");
}

#[test]
fn two_units_with_one_alias_are_told_apart_by_their_paths() {
    let graph = graph("1-dev/vpc | 2-dev/vpc | 3-app/web: 1-dev/vpc 2-dev/vpc");
    assert_snapshot!(drawn(&graph, Format::Tree), @"
    1-dev  111111111111
      vpc
    2-dev  222222222222
      vpc
    3-app  333333333333
      web    ⇠ 1-dev/vpc, 2-dev/vpc
    3 units, 2 edges, 2 across accounts (⇠), deepest 2
    ");
}

#[test]
fn dot_without_accounts_is_what_terragrunt_prints() {
    let graph = graph("app: data/db net | data/db: net | net");
    assert_snapshot!(drawn_without_accounts(&graph, Format::Dot), @r#"
    digraph {
    	"app" ;
    	"app" -> "data/db";
    	"app" -> "net";
    	"data/db" ;
    	"data/db" -> "net";
    	"net" ;
    }
    "#);
}

#[test]
fn dot_draws_accounts_as_clusters() {
    let graph = graph("0-shared/vpc | 1-dev/eks: 1-dev/vpc 0-shared/vpc | 1-dev/vpc");
    assert_snapshot!(drawn(&graph, Format::Dot), @r#"
    digraph {
    	subgraph "cluster_0-shared" {
    		label="0-shared 000000000000";
    		"0-shared/vpc" ;
    	}
    	subgraph "cluster_1-dev" {
    		label="1-dev 111111111111";
    		"1-dev/eks" ;
    		"1-dev/vpc" ;
    	}
    	"1-dev/eks" -> "0-shared/vpc" [style=dashed];
    	"1-dev/eks" -> "1-dev/vpc";
    }
    "#);
}

#[test]
fn mermaid_draws_accounts_as_subgraphs() {
    let whole =
        graph("0-shared/vpc | 1-dev/eks: 1-dev/vpc 0-shared/vpc | 1-dev/vpc: 2-out | 2-out");
    let chosen = whole.restricted_to(&units(&whole, "0-shared/vpc 1-dev/eks 1-dev/vpc"));
    assert_snapshot!(drawn(&chosen, Format::Mermaid), @r#"
    flowchart LR
      subgraph account0["0-shared 000000000000"]
        u0["0-shared/vpc"]
      end
      subgraph account1["1-dev 111111111111"]
        u1["1-dev/eks"]
        u2["1-dev/vpc"]
      end
      u1 -.-> u0
      u1 --> u2
      u2 -.-> u3["2-out (outside)"]
    "#);
}

#[test]
fn names_cannot_break_out_of_their_quotes() {
    let graph = graph(r#"a"];x["b"#);
    assert_snapshot!(drawn_without_accounts(&graph, Format::Dot), @r#"
    digraph {
    	"a\"];x[\"b" ;
    }
    "#);
    assert_snapshot!(drawn_without_accounts(&graph, Format::Mermaid), @r#"
    flowchart LR
      u0["a#quot;];x[#quot;b"]
    "#);
}

#[test]
fn json_says_where_each_edge_is_written() {
    let graph = graph("0-shared/vpc | 1-dev/eks: ~0-shared/vpc");
    assert_snapshot!(drawn(&graph, Format::Json), @r#"
    {
      "version": 1,
      "units": [
        {
          "path": "0-shared/vpc",
          "account": {
            "folder": "0-shared",
            "id": "000000000000"
          },
          "upstreams": []
        },
        {
          "path": "1-dev/eks",
          "account": {
            "folder": "1-dev",
            "id": "111111111111"
          },
          "upstreams": [
            {
              "unit": "0-shared/vpc",
              "purpose": "order",
              "across_accounts": true,
              "outside": false,
              "file": "1-dev/eks/terragrunt.hcl",
              "line": 1
            }
          ]
        }
      ],
      "edges": 1,
      "cross_account_edges": 1,
      "depth": 2
    }
    "#);
}
