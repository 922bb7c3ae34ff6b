//! Small letters, capitals, and the capitals that begin words.
//!
//! The original maps each character to one other, and leaves those alone that would need several:
//! `ß` has no capital. The standard library has the longer mappings; what differs is here.

pub(super) fn upper(letter: char) -> char {
    match letter {
        _ if letter.is_ascii() => letter.to_ascii_uppercase(),
        // Greek letters with an iota beside them, whose longer mapping writes the iota out.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            shifted(letter, 8)
        }
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(letter, 9),
        _ => only(letter.to_uppercase()).unwrap_or(letter),
    }
}

pub(super) fn lower(letter: char) -> char {
    match letter {
        _ if letter.is_ascii() => letter.to_ascii_lowercase(),
        'İ' => 'i',
        _ => only(letter.to_lowercase()).unwrap_or(letter),
    }
}

pub(super) fn title(letter: char) -> char {
    match letter {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        // The capitals of Georgian are for whole words in capitals only.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => letter,
        _ => upper(letter),
    }
}

/// Whether a word may begin behind this character.
pub(super) fn separates_words(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_alphanumeric() && character != '_';
    }
    !character.is_alphanumeric() && character.is_whitespace()
}

fn only(mut mapped: impl ExactSizeIterator<Item = char>) -> Option<char> {
    if mapped.len() == 1 {
        mapped.next()
    } else {
        None
    }
}

fn shifted(letter: char, by: u32) -> char {
    char::from_u32(u32::from(letter) + by).expect("a letter of the same block")
}
