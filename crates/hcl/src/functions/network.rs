//! Functions of address prefixes such as `10.0.0.0/16`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Arguments, Called, Function, Parameter, STRING, STRINGS};
use crate::host::CallError;
use crate::number::Number;
use crate::ty::Type;
use crate::value::Value;

/// A subnet may be longer than the one before by no more bits than this.
const MOST_NEW_BITS: i64 = 32;

const PREFIX: Parameter = Parameter::string("prefix");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "cidrhost",
        &[PREFIX, Parameter::number("hostnum")],
        STRING,
        cidrhost,
    ),
    Function::new("cidrnetmask", &[PREFIX], STRING, cidrnetmask),
    Function::new(
        "cidrsubnet",
        &[
            PREFIX,
            Parameter::number("newbits"),
            Parameter::number("netnum"),
        ],
        STRING,
        cidrsubnet,
    ),
    Function::new("cidrsubnets", &[PREFIX], STRINGS, cidrsubnets)
        .and_more(Parameter::number("newbits")),
];

/// A range of addresses that share their first bits.
#[derive(Clone, Copy)]
struct Prefix {
    family: Family,
    /// The first address; the bits behind the prefix are zero.
    network: u128,
    length: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

impl Family {
    fn bits(self) -> u32 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    fn all_ones(self) -> u128 {
        u128::MAX >> (128 - self.bits())
    }

    fn address(self, value: u128) -> IpAddr {
        match self {
            Self::V4 => {
                let value = u32::try_from(value).expect("an address of IPv4 has 32 bits");
                Ipv4Addr::from_bits(value).into()
            }
            Self::V6 => Ipv6Addr::from_bits(value).into(),
        }
    }
}

impl Prefix {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let (family, address) = match address.parse().ok()? {
            IpAddr::V4(address) => (Family::V4, u128::from(address.to_bits())),
            IpAddr::V6(address) => (Family::V6, address.to_bits()),
        };
        let is_number = !length.is_empty() && length.bytes().all(|digit| digit.is_ascii_digit());
        let length: u32 = length.parse().ok().filter(|_| is_number)?;
        (length <= family.bits()).then(|| Self::containing(family, address, length))
    }

    fn containing(family: Family, address: u128, length: u32) -> Self {
        let network = address & !host_bits(family, length);
        Self {
            family,
            network,
            length,
        }
    }

    /// The last address.
    fn last(&self) -> u128 {
        self.network | host_bits(self.family, self.length)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.family.address(self.network), self.length)
    }
}

/// Ones where a prefix of this length leaves the host its bits.
fn host_bits(family: Family, length: u32) -> u128 {
    family.all_ones().checked_shr(length).unwrap_or(0)
}

fn prefix(arguments: &Arguments<'_>) -> Result<Prefix, CallError> {
    Prefix::parse(arguments.text(0)).ok_or_else(|| {
        let message = "must be an address prefix such as \"10.0.0.0/16\"";
        CallError::argument(0, message)
    })
}

/// A whole number's sign and magnitude; a larger one than any address counts as the largest.
fn whole(arguments: &Arguments<'_>, index: usize) -> Result<(bool, u128), CallError> {
    let number: Number = arguments.number(index)?;
    let magnitude = number
        .magnitude()
        .ok_or_else(|| CallError::argument(index, "must be a whole number"))?;
    let magnitude = u128::try_from(magnitude).unwrap_or(u128::MAX);
    Ok((number.is_negative() && magnitude != 0, magnitude))
}

/// The address with this number in a prefix; negative numbers count from its end.
fn cidrhost(arguments: &Arguments<'_>) -> Called {
    let prefix = prefix(arguments)?;
    let hosts = host_bits(prefix.family, prefix.length);
    let offset = match whole(arguments, 1)? {
        (false, number) => Some(number),
        (true, number) => hosts.checked_sub(number - 1),
    };
    let Some(offset) = offset.filter(|offset| *offset <= hosts) else {
        let number = arguments.number(1)?;
        let message = format!("must be a host of {prefix}, and {number} is beyond it");
        return Err(CallError::argument(1, message));
    };
    let address = prefix.family.address(prefix.network | offset);
    Ok(Value::string(address.to_string()))
}

fn cidrnetmask(arguments: &Arguments<'_>) -> Called {
    let prefix = prefix(arguments)?;
    let mask = prefix.family.all_ones() & !host_bits(prefix.family, prefix.length);
    Ok(Value::string(prefix.family.address(mask).to_string()))
}

/// The subnet with this number, as long as the prefix and so many bits.
fn cidrsubnet(arguments: &Arguments<'_>) -> Called {
    let prefix = prefix(arguments)?;
    let new_bits = arguments.integer(1)?;
    let (is_negative, number) = whole(arguments, 2)?;
    let bits = prefix.family.bits();
    let length = i64::from(prefix.length).checked_add(new_bits);
    let length = length.and_then(|length| u32::try_from(length).ok());
    let Some(length) = length.filter(|length| *length <= bits) else {
        let message = format!(
            "must leave a prefix of 0 to {bits} bits, and {} has {} already",
            prefix, prefix.length
        );
        return Err(CallError::argument(1, message));
    };
    // A shorter prefix than the given one has room for any number that fits the address.
    let added = length.checked_sub(prefix.length).unwrap_or(length);
    let most = u128::MAX.checked_shr(128 - added).unwrap_or(0);
    if number > most {
        let message = format!("must be at most {most}, as it has {added} bits");
        return Err(CallError::argument(2, message));
    }
    let position = number.checked_shl(bits - length).unwrap_or(0);
    let network = if is_negative {
        // What the original makes of it: the number with its sign beside the network, then the
        // amount of that without the sign.
        let both = prefix.network | position.wrapping_neg();
        both.wrapping_neg() & prefix.family.all_ones()
    } else {
        prefix.network | position
    };
    let subnet = Prefix {
        network,
        length,
        ..prefix
    };
    Ok(Value::string(subnet.to_string()))
}

/// One subnet after the other, each as long as the prefix and so many bits.
fn cidrsubnets(arguments: &Arguments<'_>) -> Called {
    let prefix = prefix(arguments)?;
    let bits = prefix.family.bits();
    let count = arguments.len() - 1;
    arguments.count_items(count, count)?;
    let mut subnets = Vec::with_capacity(count);
    let mut before: Option<Prefix> = None;
    for index in 1..arguments.len() {
        let new_bits = arguments.integer(index)?;
        if !(1..=MOST_NEW_BITS).contains(&new_bits) {
            let message = format!("must be between 1 and {MOST_NEW_BITS}");
            return Err(CallError::argument(index, message));
        }
        let length = prefix.length + u32::try_from(new_bits).expect("it is between 1 and 32");
        if length > bits {
            let message = format!("makes a prefix of {length} bits, and {bits} are the most");
            return Err(CallError::argument(index, message));
        }
        let next = match before {
            None => Some(Prefix { length, ..prefix }),
            Some(before) => following(before, length),
        };
        let Some(next) = next.filter(|next| next.network <= prefix.last()) else {
            let message = format!("asks for more than what is left of {prefix}");
            return Err(CallError::argument(index, message));
        };
        subnets.push(Value::string(next.to_string()));
        before = Some(next);
    }
    Ok(Value::list_from(Type::String, subnets))
}

/// The first subnet of some length that lies behind another one.
fn following(before: Prefix, length: u32) -> Option<Prefix> {
    let family = before.family;
    let occupied = Prefix::containing(family, before.last(), length);
    let start = occupied.last().checked_add(1)?;
    (start <= family.all_ones()).then_some(Prefix {
        family,
        network: start,
        length,
    })
}
