//! JSON, CSV, base64 and hashes.

use super::{complains, same};

#[test]
fn json_is_that_of_go() {
    same(&[
        (
            r#"jsonencode({a = [1, null, "<&>\u2028"]})"#,
            r#""{\"a\":[1,null,\"\\u003c\\u0026\\u003e\\u2028\"]}""#,
        ),
        (r#"jsondecode("{\"a\":1,\"a\":2}")"#, r#"{"a":2}"#),
        (r#"jsondecode("\"\\ud83d\\ude00\"")"#, r#""😀""#),
        (r#"jsondecode(" 1 ")"#, "1"),
    ]);
    complains(&[
        (
            r#"jsondecode("1 2")"#,
            r#"Invalid argument: The argument "text" of jsondecode() is not valid: not JSON: trailing characters, in line 1, column 3."#,
        ),
        (
            r#"jsondecode("01")"#,
            r#"Invalid argument: The argument "text" of jsondecode() is not valid: not JSON: invalid number, in line 1, column 2."#,
        ),
        (
            r#"jsondecode("[1,]")"#,
            r#"Invalid argument: The argument "text" of jsondecode() is not valid: not JSON: trailing comma, in line 1, column 4."#,
        ),
        (
            r#"jsondecode("")"#,
            r#"Invalid argument: The argument "text" of jsondecode() is not valid: not JSON: EOF while parsing a value, in line 1, column 0."#,
        ),
    ]);
}

#[test]
fn csv_is_read_to_the_letter() {
    same(&[
        (
            r#"csvdecode("a,b\n1,2\n3,4\n")"#,
            r#"[{"a":"1","b":"2"},{"a":"3","b":"4"}]"#,
        ),
        (
            r#"csvdecode("a,b\n\"x\"\"y\",z")"#,
            r#"[{"a":"x\"y","b":"z"}]"#,
        ),
        (r#"csvdecode("a\n\"x\ny\"\n")"#, r#"[{"a":"x\ny"}]"#),
        (r#"csvdecode("\n\na\n\n1\n")"#, r#"[{"a":"1"}]"#),
        (r#"csvdecode("a\n")"#, "[]"),
    ]);
    complains(&[
        (
            r#"csvdecode("a,b\n1\n")"#,
            r#"Invalid argument: The argument "text" of csvdecode() must have 2 fields in each line, and line 2 has 1."#,
        ),
        (
            r#"csvdecode("a,a\n1,2\n")"#,
            r#"Invalid argument: The argument "text" of csvdecode() has two columns called "a"."#,
        ),
        (
            r#"csvdecode("a\nx\"y\n")"#,
            r#"Invalid argument: The argument "text" of csvdecode() has a quote within a field that is not quoted, in line 2."#,
        ),
        (
            r#"csvdecode("")"#,
            r#"Invalid argument: The argument "text" of csvdecode() must have a first line with the names of the columns."#,
        ),
    ]);
}

#[test]
fn texts_are_encoded_and_decoded() {
    same(&[
        (r#"base64encode("héllo")"#, r#""aMOpbGxv""#),
        (r#"base64decode("aG\nk=")"#, r#""hi""#),
        (
            r#"textencodebase64("héllo", "UTF-16LE")"#,
            r#""aADpAGwAbABvAA==""#,
        ),
        (r#"textdecodebase64("aABpAA==", "UTF-16LE")"#, r#""hi""#),
        (r#"textencodebase64("日本", "Shift_JIS")"#, r#""k/qWew==""#),
        (
            r#"urlencode("a b&c=d/é~*'()!")"#,
            r#""a+b%26c%3Dd%2F%C3%A9~%2A%27%28%29%21""#,
        ),
        (
            r#"base64gzip("hello")"#,
            r#""H4sIAAAAAAAA/8pIzcnJBwAAAP//AQAA//+GphA2BQAAAA==""#,
        ),
    ]);
    complains(&[
        (
            r#"textdecodebase64("/w==", "UTF-8")"#,
            "mean nothing in this encoding",
        ),
        (
            r#"base64decode("aGk")"#,
            r#"Invalid argument: The argument "text" of base64decode() is not valid base64: its end is missing."#,
        ),
        (
            r#"base64decode("/w==")"#,
            r#"Invalid argument: The argument "text" of base64decode() does not hold text in UTF-8; for other encodings there is textdecodebase64."#,
        ),
        (
            r#"textencodebase64("日", "ISO-8859-1")"#,
            r#"Invalid argument: The argument "text" of textencodebase64() has characters in it that this encoding has not."#,
        ),
        (
            r#"textencodebase64("a", "nope")"#,
            r#"Invalid argument: The argument "encoding" of textencodebase64() must be the name of an encoding that is offered, such as "UTF-16LE", "ISO-8859-1" or "windows-1252"."#,
        ),
    ]);
}

#[test]
fn hashes_are_those_of_everybody() {
    same(&[
        (r#"md5("")"#, r#""d41d8cd98f00b204e9800998ecf8427e""#),
        (
            r#"sha1("é")"#,
            r#""bf15be717ac1b080b4f1c456692825891ff5073d""#,
        ),
        (
            r#"sha256("a")"#,
            r#""ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb""#,
        ),
        (
            r#"base64sha512("a")"#,
            r#""H0D8ktokFpR1CXnubPWC8tXX0o4YM13gWrxU0FYOD1MChgxlK/CNVgJSql50IQVG82n7u86MEs/HlXsmUv6adQ==""#,
        ),
        (
            r#"uuidv5("dns", "example.com")"#,
            r#""cfbff0d1-9375-5685-968c-48ce8b15ae17""#,
        ),
    ]);
    complains(&[(
        r#"uuidv5("foo", "x")"#,
        r#"Invalid argument: The argument "namespace" of uuidv5() must be "dns", "url", "oid", "x500" or a UUID."#,
    )]);
}
