//! Texts that are mostly right, out of random bytes: bytes alone hardly ever get past the parser.

use arbitrary::{Result, Unstructured};

const NAMES: [&str; 12] = [
    "x", "y", "a", "b", "name", "n-1", "größe", "for", "in", "null", "true", "else",
];
const VARIABLES: [&str; 9] = [
    "text", "number", "flag", "list", "object", "unknown", "secret", "x", "y",
];
const LITERALS: [&str; 20] = [
    "0",
    "1",
    "2.5",
    "10",
    "0.1",
    "1e3",
    "-1",
    "123456789012345678901234567890",
    "3",
    "7",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    "\"é b\"",
    "\"1\"",
    "\"true\"",
    "[]",
    "{}",
];
const OPERATORS: [&str; 13] = [
    "||", "&&", "==", "!=", ">", ">=", "<", "<=", "+", "-", "*", "/", "%",
];
const WORDS: [&str; 14] = [
    "a", " ", "\\n", "\\\"", "$ ", "% ", "$${", "%%{", "é", "\\u00e9", "x = ", "/", "{", "~",
];
const PLAIN: [&str; 6] = ["a", " ", "é", "x = ", "/", "{"];
const LINES: [&str; 8] = [
    "a\n",
    "  a\n",
    "\tb c\n",
    "\n",
    "   \n",
    "x = \\n\n",
    "é\n",
    "    \"q\"\n",
];

/// Which texts are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All that there is.
    Everything,
    /// What hcl-edit is meant to read the same way: no trimmed whitespace, no heredocs whose
    /// indentation is taken away, no key twice in an object, no splat behind
    /// another, and no line breaks within operations.
    Common,
}

pub struct Generator<'u, 'd> {
    bytes: &'u mut Unstructured<'d>,
    wanted: Wanted,
    functions: Vec<&'static str>,
    depth: u32,
    out: String,
}

/// A whole file.
pub fn body(bytes: &mut Unstructured<'_>, wanted: Wanted) -> Result<String> {
    let mut generator = Generator::new(bytes, wanted);
    generator.body()?;
    Ok(generator.out)
}

/// An expression on lines of its own.
pub fn expression(bytes: &mut Unstructured<'_>, wanted: Wanted) -> Result<String> {
    let mut generator = Generator::new(bytes, wanted);
    generator.expression()?;
    Ok(generator.out)
}

impl<'u, 'd> Generator<'u, 'd> {
    fn new(bytes: &'u mut Unstructured<'d>, wanted: Wanted) -> Self {
        let mut functions: Vec<_> = terrane_hcl::function_names().collect();
        functions.extend(["nope", "a::b"]);
        Self {
            bytes,
            wanted,
            functions,
            depth: 0,
            out: String::new(),
        }
    }

    fn one_of(&mut self, all: &[&str]) -> Result<()> {
        let chosen = *self.bytes.choose(all)?;
        self.out.push_str(chosen);
        Ok(())
    }

    fn several(
        &mut self,
        most: u32,
        mut each: impl FnMut(&mut Self, u32) -> Result<()>,
    ) -> Result<()> {
        let count = self.bytes.int_in_range(0..=most)?;
        (0..count).try_for_each(|index| each(self, index))
    }

    fn maybe(&mut self) -> Result<bool> {
        self.bytes.arbitrary()
    }

    fn body(&mut self) -> Result<()> {
        // The same attribute twice is an error, so names are numbered.
        self.several(5, |it, index| {
            if it.depth < 4 && it.bytes.ratio(1, 3)? {
                return it.block();
            }
            it.one_of(&NAMES)?;
            it.out.push_str(&format!("_{index} = "));
            it.expression()?;
            it.comment()?;
            it.out.push('\n');
            Ok(())
        })
    }

    fn block(&mut self) -> Result<()> {
        self.one_of(&NAMES)?;
        self.several(2, |it, _| {
            it.out.push(' ');
            it.one_of(&["\"label\"", "bare", "\"é\"", "\"\""])
        })?;
        self.out.push_str(" {\n");
        self.depth += 1;
        self.body()?;
        self.depth -= 1;
        self.out.push_str("}\n");
        Ok(())
    }

    fn comment(&mut self) -> Result<()> {
        if self.bytes.ratio(1, 8)? {
            self.one_of(&[" # c", " // é", " /* { */", " # \"${"])?;
        }
        Ok(())
    }

    fn expression(&mut self) -> Result<()> {
        if self.depth > 12 || self.bytes.is_empty() {
            return self.leaf();
        }
        self.depth += 1;
        match self.bytes.int_in_range(0..=13)? {
            0 | 1 => self.leaf(),
            2 => self.within("(", Self::expression, ")"),
            3 => self.operation(),
            4 => self.operand().and_then(|()| self.steps()),
            5 => self.tuple(),
            6 => self.object(),
            7 | 8 => self.call(),
            9 => self.for_expression(),
            10 => self.conditional(),
            11 => self.within("\"", |it| it.parts(&WORDS), "\""),
            12 => self.heredoc(),
            _ => {
                self.one_of(&["!", "-"])?;
                self.operand()
            }
        }?;
        self.depth -= 1;
        Ok(())
    }

    /// An expression that nothing around it can take apart.
    fn operand(&mut self) -> Result<()> {
        if self.maybe()? {
            self.one_of(&VARIABLES)
        } else {
            self.within("(", Self::expression, ")")
        }
    }

    fn leaf(&mut self) -> Result<()> {
        if self.maybe()? {
            self.one_of(&LITERALS)
        } else {
            self.one_of(&VARIABLES)
        }
    }

    fn within(
        &mut self,
        open: &str,
        inner: impl FnOnce(&mut Self) -> Result<()>,
        close: &str,
    ) -> Result<()> {
        self.out.push_str(open);
        inner(self)?;
        self.out.push_str(close);
        Ok(())
    }

    fn operation(&mut self) -> Result<()> {
        self.operand()?;
        self.several(3, |it, _| {
            it.out.push(' ');
            it.one_of(&OPERATORS)?;
            it.out.push(' ');
            it.operand()
        })
    }

    fn steps(&mut self) -> Result<()> {
        let mut may_splat = true;
        self.several(4, |it, _| match it.bytes.int_in_range(0..=5)? {
            0 | 1 => it.one_of(&[".a", ".b", ".name", ".größe", ".for"]),
            2 => it.one_of(&["[0]", "[1]", "[\"a\"]", "[9]"]),
            4 | 5 if may_splat => {
                may_splat = it.wanted == Wanted::Everything;
                it.one_of(&["[*]", ".*"])
            }
            _ => it.within("[", Self::expression, "]"),
        })
    }

    fn tuple(&mut self) -> Result<()> {
        self.out.push('[');
        self.several(4, |it, index| {
            if index > 0 {
                it.one_of(&[", ", ",\n", " ,"])?;
            }
            it.expression()
        })?;
        self.out.push(']');
        Ok(())
    }

    fn object(&mut self) -> Result<()> {
        self.out.push_str("{\n");
        self.several(4, |it, index| {
            match it.bytes.int_in_range(0..=3)? {
                0 => it.out.push_str(&format!("a{index}")),
                1 => it.out.push_str(&format!("\"é{index}\"")),
                2 => it.out.push_str(&format!("(\"b${{{index}}}\")")),
                _ if it.wanted == Wanted::Common => it.out.push_str(&format!("c{index}")),
                _ => it.within("(", Self::expression, ")")?,
            }
            it.one_of(&[" = ", " : ", "="])?;
            it.expression()?;
            it.one_of(&["\n", ",\n"])
        })?;
        self.out.push('}');
        Ok(())
    }

    fn call(&mut self) -> Result<()> {
        let functions = std::mem::take(&mut self.functions);
        let chosen = self.one_of(&functions);
        self.functions = functions;
        chosen?;
        self.out.push('(');
        let mut count = 0;
        self.several(4, |it, index| {
            count = index + 1;
            if index > 0 {
                it.out.push_str(", ");
            }
            it.expression()
        })?;
        if count > 0 && self.bytes.ratio(1, 6)? {
            self.out.push_str("...");
        }
        self.out.push(')');
        Ok(())
    }

    fn for_expression(&mut self) -> Result<()> {
        let is_object = self.maybe()?;
        self.out
            .push_str(if is_object { "{ for " } else { "[ for " });
        self.one_of(&["x", "y", "x, y", "y, x"])?;
        self.out.push_str(" in ");
        self.expression()?;
        self.out.push_str(" : ");
        if is_object {
            self.expression()?;
            self.out.push_str(" => ");
        }
        self.expression()?;
        if is_object && self.maybe()? {
            self.out.push_str("...");
        }
        if self.bytes.ratio(1, 3)? {
            self.out.push_str(" if ");
            self.expression()?;
        }
        self.out.push_str(if is_object { " }" } else { " ]" });
        Ok(())
    }

    fn conditional(&mut self) -> Result<()> {
        self.operand()?;
        self.out.push_str(" ? ");
        self.expression()?;
        self.out.push_str(" : ");
        self.expression()
    }

    fn heredoc(&mut self) -> Result<()> {
        let is_indented = self.wanted == Wanted::Everything && self.maybe()?;
        self.out
            .push_str(if is_indented { "(<<-E\n" } else { "(<<E\n" });
        self.parts(&LINES)?;
        self.out.push_str("\nE\n)");
        Ok(())
    }

    /// What stands within quotes, or in the lines of a heredoc.
    fn parts(&mut self, literals: &[&str]) -> Result<()> {
        self.depth += 1;
        self.several(4, |it, _| match it.bytes.int_in_range(0..=5)? {
            0..=2 => it.one_of(literals),
            3 | 4 => it.sequence("${", Self::expression),
            _ if it.depth > 8 => Ok(()),
            _ => it.directive(literals),
        })?;
        self.depth -= 1;
        Ok(())
    }

    fn sequence(&mut self, open: &str, inner: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let may_trim = self.wanted == Wanted::Everything;
        self.out.push_str(open);
        if may_trim && self.bytes.ratio(1, 4)? {
            self.out.push('~');
        }
        self.out.push(' ');
        inner(self)?;
        self.out.push(' ');
        if may_trim && self.bytes.ratio(1, 4)? {
            self.out.push('~');
        }
        self.out.push('}');
        Ok(())
    }

    fn directive(&mut self, literals: &[&str]) -> Result<()> {
        // hcl-edit leaves escapes within directives as they are.
        let literals = if self.wanted == Wanted::Common {
            &PLAIN
        } else {
            literals
        };
        let word = |text: &'static str| {
            move |it: &mut Self| {
                it.out.push_str(text);
                Ok(())
            }
        };
        if self.maybe()? {
            self.sequence("%{", |it| {
                it.out.push_str("if ");
                it.expression()
            })?;
            self.parts(literals)?;
            if self.maybe()? {
                self.sequence("%{", word("else"))?;
                self.parts(literals)?;
            }
            return self.sequence("%{", word("endif"));
        }
        self.sequence("%{", |it| {
            it.one_of(&["for x in ", "for x, y in "])?;
            it.expression()
        })?;
        self.parts(literals)?;
        self.sequence("%{", word("endfor"))
    }
}
