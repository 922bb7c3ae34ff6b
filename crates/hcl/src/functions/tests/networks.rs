//! Address prefixes.

use super::{complains, same};

#[test]
fn hosts_are_counted_from_either_end() {
    same(&[
        (r#"cidrhost("10.0.0.0/8", 256)"#, r#""10.0.1.0""#),
        (r#"cidrhost("10.0.0.0/30", -1)"#, r#""10.0.0.3""#),
        (
            r#"cidrhost("fd00::/64", 1234567890123)"#,
            r#""fd00::11f:71fb:4cb""#,
        ),
        (
            r#"cidrhost("0.0.0.0/0", 4294967295)"#,
            r#""255.255.255.255""#,
        ),
        (
            r#"cidrhost("::/0", 340282366920938463463374607431768211455)"#,
            r#""ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff""#,
        ),
    ]);
    complains(&[
        (
            r#"cidrhost("10.0.0.0/30", 4)"#,
            r#"Invalid argument: The argument "hostnum" of cidrhost() must be a host of 10.0.0.0/30, and 4 is beyond it."#,
        ),
        (
            r#"cidrhost("10.0.0.0/30", -5)"#,
            r#"Invalid argument: The argument "hostnum" of cidrhost() must be a host of 10.0.0.0/30, and -5 is beyond it."#,
        ),
        (
            r#"cidrhost("10.0.0.1/24", 1.5)"#,
            r#"Invalid argument: The argument "hostnum" of cidrhost() must be a whole number."#,
        ),
    ]);
}

#[test]
fn subnets_lie_within_their_prefix() {
    same(&[
        (r#"cidrsubnet("10.1.2.3/16", 4, 15)"#, r#""10.1.240.0/20""#),
        (
            r#"cidrsubnet("fd00::/16", 32, 4294967295)"#,
            r#""fd00:ffff:ffff::/48""#,
        ),
        (r#"cidrsubnet("10.0.0.0/16", 0, 0)"#, r#""10.0.0.0/16""#),
        (r#"cidrsubnet("fd00::/16", 33, 0)"#, r#""fd00::/49""#),
        (r#"cidrsubnet("10.0.0.0/16", 8, -1)"#, r#""0.0.1.0/24""#),
    ]);
    complains(&[
        (
            r#"cidrsubnet("10.0.0.0/16", 8, 256)"#,
            r#"Invalid argument: The argument "netnum" of cidrsubnet() must be at most 255, as it has 8 bits."#,
        ),
        (
            r#"cidrsubnet("10.0.0.0/16", 17, 0)"#,
            r#"Invalid argument: The argument "newbits" of cidrsubnet() must leave a prefix of 0 to 32 bits, and 10.0.0.0/16 has 16 already."#,
        ),
    ]);
}

#[test]
fn subnets_follow_one_another() {
    same(&[
        (
            r#"cidrsubnets("10.0.0.0/16", 8, 4, 4, 8)"#,
            r#"["10.0.0.0/24","10.0.16.0/20","10.0.32.0/20","10.0.48.0/24"]"#,
        ),
        (
            r#"cidrsubnets("fd00::/48", 16, 16)"#,
            r#"["fd00::/64","fd00:0:0:1::/64"]"#,
        ),
        (r#"cidrsubnets("10.0.0.0/16")"#, "[]"),
    ]);
    complains(&[
        (
            r#"cidrsubnets("10.0.0.0/30", 1, 1, 1)"#,
            r#"Invalid argument: The argument "newbits" of cidrsubnets() asks for more than what is left of 10.0.0.0/30."#,
        ),
        (
            r#"cidrsubnets("10.0.0.0/16", 0)"#,
            r#"Invalid argument: The argument "newbits" of cidrsubnets() must be between 1 and 32."#,
        ),
    ]);
}

#[test]
fn prefixes_are_written_in_full() {
    same(&[(r#"cidrnetmask("10.0.0.0/12")"#, r#""255.240.0.0""#)]);
    complains(&[
        (
            r#"cidrhost("10.0.0.0/33", 1)"#,
            r#"Invalid argument: The argument "prefix" of cidrhost() must be an address prefix such as "10.0.0.0/16"."#,
        ),
        (
            r#"cidrhost("10.0.0/8", 1)"#,
            r#"Invalid argument: The argument "prefix" of cidrhost() must be an address prefix such as "10.0.0.0/16"."#,
        ),
        (
            r#"cidrhost("10.0.0.0", 1)"#,
            r#"Invalid argument: The argument "prefix" of cidrhost() must be an address prefix such as "10.0.0.0/16"."#,
        ),
    ]);
}
