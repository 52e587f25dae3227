//! Reads over values of any type: a newer daemon may say more than this module knows.

use super::reader::{Reader, Unreadable};

/// How deep types may stand within types, variants counted: this bounds the stack. A bus lets 64 of
/// them through ("Valid Signatures"), and anybody may send us a message by it. Were that one not
/// passed over, it would end a login, so there is room to spare.
const MAX_DEPTH: u8 = 128;

/// Reads over the value of a variant, whose type is this.
pub fn skip(reader: &mut Reader<'_>, signature: &str) -> Result<(), Unreadable> {
    single(reader, signature.as_bytes(), 0)
}

/// Reads over one value, of a signature that has one type.
fn single(reader: &mut Reader<'_>, types: &[u8], depth: u8) -> Result<(), Unreadable> {
    if behind(types, depth)?.is_empty() {
        value(reader, types, depth).map(drop)
    } else {
        Err(Unreadable::Type)
    }
}

/// Reads over a value of the first of these types, and returns the types behind that.
fn value<'t>(reader: &mut Reader<'_>, types: &'t [u8], depth: u8) -> Result<&'t [u8], Unreadable> {
    let deeper = deeper(depth)?;
    let (kind, rest) = types.split_first().ok_or(Unreadable::Type)?;
    match kind {
        b'y' => reader.byte().map(drop),
        b'b' => match reader.number()? {
            0 | 1 => Ok(()),
            _ => Err(Unreadable::Bool),
        },
        b'n' | b'q' => reader.fixed::<2>().map(drop),
        b'i' | b'u' | b'h' => reader.fixed::<4>().map(drop),
        b'x' | b't' | b'd' => reader.fixed::<8>().map(drop),
        b's' | b'o' => reader.text().map(drop),
        b'g' => reader.signature().map(drop),
        b'v' => {
            let signature = reader.signature()?;
            single(reader, signature.as_bytes(), deeper)
        }
        b'a' => {
            reader.array(alignment(rest), &mut |reader| {
                value(reader, rest, deeper).map(drop)
            })?;
            return behind(types, depth);
        }
        b'(' | b'{' => {
            reader.align(8)?;
            let mut fields = rest;
            loop {
                match fields {
                    [b')' | b'}', rest @ ..] => return Ok(rest),
                    _ => fields = value(reader, fields, deeper)?,
                }
            }
        }
        _ => Err(Unreadable::Type),
    }?;
    Ok(rest)
}

/// The types behind the first one, which must be one that can be.
fn behind(types: &[u8], depth: u8) -> Result<&[u8], Unreadable> {
    let deeper = deeper(depth)?;
    match types {
        [kind, rest @ ..] if is_basic(*kind) || *kind == b'v' => Ok(rest),
        [b'a', b'{', key, rest @ ..] if is_basic(*key) => match behind(rest, deeper)? {
            [b'}', rest @ ..] => Ok(rest),
            _ => Err(Unreadable::Type),
        },
        [b'a', element @ ..] => behind(element, deeper),
        [b'(', fields @ ..] => {
            let mut rest = behind(fields, deeper)?;
            loop {
                match rest {
                    [b')', rest @ ..] => return Ok(rest),
                    fields => rest = behind(fields, deeper)?,
                }
            }
        }
        _ => Err(Unreadable::Type),
    }
}

fn is_basic(kind: u8) -> bool {
    b"ybnqiuhxtdsog".contains(&kind)
}

/// Where values of the first of these types begin.
fn alignment(types: &[u8]) -> usize {
    match types {
        [b'n' | b'q', ..] => 2,
        [b'b' | b'i' | b'u' | b'h' | b's' | b'o' | b'a', ..] => 4,
        [b'x' | b't' | b'd' | b'(' | b'{', ..] => 8,
        _ => 1,
    }
}

fn deeper(depth: u8) -> Result<u8, Unreadable> {
    if depth < MAX_DEPTH {
        Ok(depth + 1)
    } else {
        Err(Unreadable::Depth)
    }
}
