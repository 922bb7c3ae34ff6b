//! Encodings of text other than UTF-8, by the names that IANA gives them.

use encoding_rs::Encoding;

/// An encoding that text can be written in and read from.
#[derive(Clone, Copy)]
pub(super) enum Charset {
    Ascii,
    /// ISO 8859-1, whose bytes are the first characters of Unicode.
    Latin1,
    /// ISO 8859-9, which is ISO 8859-1 but for six letters.
    Latin5,
    /// UTF-16 with a byte order mark, big end first unless the mark says otherwise.
    Utf16,
    Utf16Be,
    Utf16Le,
    Other(&'static Encoding),
}

/// The letters of ISO 8859-9 that ISO 8859-1 has not, with their bytes.
const TURKISH: [(char, u8); 6] = [
    ('Ğ', 0xd0),
    ('İ', 0xdd),
    ('Ş', 0xde),
    ('ğ', 0xf0),
    ('ı', 0xfd),
    ('ş', 0xfe),
];

impl Charset {
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "us-ascii" | "iso-ir-6" | "ansi_x3.4-1968" | "ansi_x3.4-1986" | "iso_646.irv:1991"
            | "iso646-us" | "us" | "ibm367" | "cp367" | "csascii" => Self::Ascii,
            "iso-8859-1" | "iso_8859-1:1987" | "iso-ir-100" | "iso_8859-1" | "latin1" | "l1"
            | "ibm819" | "cp819" | "csisolatin1" => Self::Latin1,
            "iso-8859-9" | "iso_8859-9:1989" | "iso-ir-148" | "iso_8859-9" | "latin5" | "l5"
            | "csisolatin5" => Self::Latin5,
            "utf-16" | "csutf16" => Self::Utf16,
            "utf-16be" | "csutf16be" => Self::Utf16Be,
            "utf-16le" | "csutf16le" => Self::Utf16Le,
            lower => Self::Other(other(lower)?),
        })
    }

    /// `None` if the encoding has not all characters of the text.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        let single_bytes = |byte: fn(char) -> Option<u8>| text.chars().map(byte).collect();
        let big_end = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        match self {
            Self::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Self::Latin1 => single_bytes(|c| u8::try_from(c).ok()),
            Self::Latin5 => single_bytes(turkish_byte),
            Self::Utf16 => Some(big_end(&format!("\u{feff}{text}"))),
            Self::Utf16Be => Some(big_end(text)),
            Self::Utf16Le => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Other(encoding) => match encoding.encode(text) {
                (bytes, _, false) => Some(bytes.into_owned()),
                (_, _, true) => None,
            },
        }
    }

    /// What has no meaning in the encoding becomes U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        let other = |encoding: &'static Encoding| {
            let (text, _) = encoding.decode_without_bom_handling(bytes);
            text.into_owned()
        };
        match self {
            Self::Ascii => bytes
                .iter()
                .map(|byte| {
                    if byte.is_ascii() {
                        char::from(*byte)
                    } else {
                        char::REPLACEMENT_CHARACTER
                    }
                })
                .collect(),
            Self::Latin1 => bytes.iter().copied().map(char::from).collect(),
            Self::Latin5 => bytes.iter().copied().map(turkish_letter).collect(),
            Self::Utf16 => utf16_with_mark(bytes),
            Self::Utf16Be => other(encoding_rs::UTF_16BE),
            Self::Utf16Le => other(encoding_rs::UTF_16LE),
            Self::Other(encoding) => other(encoding),
        }
    }
}

fn utf16_with_mark(bytes: &[u8]) -> String {
    let (encoding, bytes) = match bytes {
        [0xff, 0xfe, rest @ ..] => (encoding_rs::UTF_16LE, rest),
        [0xfe, 0xff, rest @ ..] => (encoding_rs::UTF_16BE, rest),
        _ => (encoding_rs::UTF_16BE, bytes),
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn turkish_byte(letter: char) -> Option<u8> {
    if let Some((_, byte)) = TURKISH.iter().find(|(other, _)| *other == letter) {
        return Some(*byte);
    }
    let byte = u8::try_from(letter).ok()?;
    TURKISH
        .iter()
        .all(|(_, other)| *other != byte)
        .then_some(byte)
}

fn turkish_letter(byte: u8) -> char {
    let found = TURKISH.iter().find(|(_, other)| *other == byte);
    found.map_or(char::from(byte), |(letter, _)| *letter)
}

/// Encodings that are the same on the web as with IANA.
fn other(lower: &str) -> Option<&'static Encoding> {
    Some(match lower {
        "utf-8" | "csutf8" => encoding_rs::UTF_8,
        "iso-8859-2" | "iso_8859-2:1987" | "iso-ir-101" | "iso_8859-2" | "latin2" | "l2"
        | "csisolatin2" => encoding_rs::ISO_8859_2,
        "iso-8859-3" | "iso_8859-3:1988" | "iso-ir-109" | "iso_8859-3" | "latin3" | "l3"
        | "csisolatin3" => encoding_rs::ISO_8859_3,
        "iso-8859-4" | "iso_8859-4:1988" | "iso-ir-110" | "iso_8859-4" | "latin4" | "l4"
        | "csisolatin4" => encoding_rs::ISO_8859_4,
        "iso-8859-5" | "iso_8859-5:1988" | "iso-ir-144" | "iso_8859-5" | "cyrillic"
        | "csisolatincyrillic" => encoding_rs::ISO_8859_5,
        "iso-8859-6" | "iso_8859-6:1987" | "iso-ir-127" | "iso_8859-6" | "ecma-114"
        | "asmo-708" | "arabic" | "csisolatinarabic" | "iso-8859-6-e" | "iso_8859-6-e"
        | "csiso88596e" | "iso-8859-6-i" | "iso_8859-6-i" | "csiso88596i" => {
            encoding_rs::ISO_8859_6
        }
        "iso-8859-7" | "iso_8859-7:1987" | "iso-ir-126" | "iso_8859-7" | "elot_928"
        | "ecma-118" | "greek" | "greek8" | "csisolatingreek" => encoding_rs::ISO_8859_7,
        "iso-8859-8" | "iso_8859-8:1988" | "iso-ir-138" | "iso_8859-8" | "hebrew"
        | "csisolatinhebrew" | "iso-8859-8-e" | "iso_8859-8-e" | "csiso88598e" => {
            encoding_rs::ISO_8859_8
        }
        "iso-8859-8-i" | "iso_8859-8-i" | "csiso88598i" => encoding_rs::ISO_8859_8_I,
        "iso-8859-10" | "iso-ir-157" | "l6" | "iso_8859-10:1992" | "csisolatin6" | "latin6" => {
            encoding_rs::ISO_8859_10
        }
        "iso-8859-13" | "csiso885913" => encoding_rs::ISO_8859_13,
        "iso-8859-14" | "iso-ir-199" | "iso_8859-14:1998" | "iso_8859-14" | "latin8"
        | "iso-celtic" | "l8" | "csiso885914" => encoding_rs::ISO_8859_14,
        "iso-8859-15" | "iso_8859-15" | "latin-9" | "csiso885915" => encoding_rs::ISO_8859_15,
        "iso-8859-16" | "iso-ir-226" | "iso_8859-16:2001" | "iso_8859-16" | "latin10" | "l10"
        | "csiso885916" => encoding_rs::ISO_8859_16,
        "windows-1250" | "cswindows1250" => encoding_rs::WINDOWS_1250,
        "windows-1251" | "cswindows1251" => encoding_rs::WINDOWS_1251,
        "windows-1252" | "cswindows1252" => encoding_rs::WINDOWS_1252,
        "windows-1253" | "cswindows1253" => encoding_rs::WINDOWS_1253,
        "windows-1254" | "cswindows1254" => encoding_rs::WINDOWS_1254,
        "windows-1255" | "cswindows1255" => encoding_rs::WINDOWS_1255,
        "windows-1256" | "cswindows1256" => encoding_rs::WINDOWS_1256,
        "windows-1257" | "cswindows1257" => encoding_rs::WINDOWS_1257,
        "windows-1258" | "cswindows1258" => encoding_rs::WINDOWS_1258,
        "windows-874" | "cswindows874" => encoding_rs::WINDOWS_874,
        "koi8-r" | "cskoi8r" => encoding_rs::KOI8_R,
        "koi8-u" | "cskoi8u" => encoding_rs::KOI8_U,
        "macintosh" | "mac" | "csmacintosh" => encoding_rs::MACINTOSH,
        "ibm866" | "cp866" | "866" | "csibm866" => encoding_rs::IBM866,
        "shift_jis" | "ms_kanji" | "csshiftjis" => encoding_rs::SHIFT_JIS,
        "euc-jp" | "extended_unix_code_packed_format_for_japanese" | "cseucpkdfmtjapanese" => {
            encoding_rs::EUC_JP
        }
        "iso-2022-jp" | "csiso2022jp" => encoding_rs::ISO_2022_JP,
        "euc-kr" | "cseuckr" => encoding_rs::EUC_KR,
        "gbk" | "cp936" | "ms936" | "windows-936" | "csgbk" => encoding_rs::GBK,
        "gb18030" | "csgb18030" => encoding_rs::GB18030,
        "big5" | "csbig5" => encoding_rs::BIG5,
        _ => return None,
    })
}
