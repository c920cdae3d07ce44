//! Damage to Parquet tables: the counts and sizes of the footer and of the headers of pages.

use super::Mutator;
use super::thrift::{Integer, integers, varint};
use std::ops::Range;

const MARK: usize = 4;

/// Where the footer is.
fn footer(bytes: &[u8]) -> Option<Range<usize>> {
    let end = bytes.len().checked_sub(2 * MARK)?;
    let length = u32::from_le_bytes(*bytes.get(end..)?.first_chunk()?);
    Some(end.checked_sub(usize::try_from(length).ok()?)?..end)
}

/// A page: the integers of its header, and where its body is.
struct Page {
    header: Vec<Integer>,
    body: Range<usize>,
}

/// The pages that follow one another from the start of the file: all of them, in files of the usual writers.
fn pages(bytes: &[u8], end: usize) -> Vec<Page> {
    let (mut place, mut found) = (MARK, Vec::new());
    while place < end
        && let Some((header, start)) = integers(bytes, place)
    {
        // Field 3 of the header: bytes of the body as they lie in the file.
        let size = header.iter().find(|integer| integer.fields == [3]);
        let size = size.and_then(|size| usize::try_from(read(&bytes[size.place.clone()]) >> 1).ok());
        let Some(next) = size.and_then(|size| start.checked_add(size)).filter(|next| *next <= end) else {
            break;
        };
        found.push(Page { header, body: start..next });
        place = next;
    }
    found
}

/// Flips a bit of the body of a page.
pub fn damage_page_body(mutator: &mut Mutator, bytes: &mut [u8]) {
    let Some(footer) = footer(bytes) else { return };
    let bodies = pages(bytes, footer.start).into_iter().flat_map(|page| page.body).collect::<Vec<usize>>();
    if !bodies.is_empty() {
        bytes[*mutator.pick(&bodies)] ^= 1 << mutator.below(8);
    }
}

fn read(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f))
}

/// Puts another number in place of an integer of the footer or of a page's header, or damages the footer as bytes. The length
/// that the file says of its footer stays right more often than not.
pub fn damage_table(mutator: &mut Mutator, bytes: &mut Vec<u8>) {
    let Some(footer) = footer(bytes) else { return };
    let of_footer = integers(bytes, footer.start).map(|(found, _)| found).unwrap_or_default();
    let of_pages: Vec<Integer> =
        pages(bytes, footer.start).into_iter().flat_map(|page| page.header).collect();
    match mutator.below(8) {
        0 => {
            let place = bytes.len() - 2 * MARK;
            mutator.damage_integer(bytes, place, 4, false);
        }
        1 => {
            let mut text = bytes[footer.clone()].to_vec();
            mutator.damage_bytes(&mut text, &[Vec::new()]);
            put_footer(bytes, footer, &text);
        }
        2 | 3 if !of_pages.is_empty() => {
            let integer = mutator.pick(&of_pages);
            let new = number(mutator, bytes, integer);
            // Of the same length, as places of pages are counted from the start of the file.
            let width = integer.place.len();
            for (index, place) in integer.place.clone().enumerate() {
                let more = if index + 1 < width { 0x80 } else { 0 };
                bytes[place] = (new >> (7 * index)).to_le_bytes()[0] & 0x7f | more;
            }
        }
        _ if !of_footer.is_empty() => {
            let integer = mutator.pick(&of_footer);
            put(mutator, bytes, &footer, integer);
        }
        _ => mutator.damage_bytes(bytes, &[Vec::new()]),
    }
}

/// Puts another number in place of one count of rows in the footer: of the whole table (field 3), or of a row group (field 3 of an
/// entry of field 4). No table that says two numbers is sound.
pub fn damage_footer_counts(mutator: &mut Mutator, bytes: &mut Vec<u8>) {
    let Some(footer) = footer(bytes) else { return };
    let Some((mut found, _)) = integers(bytes, footer.start) else { return };
    found.retain(|integer| integer.fields == [3] || integer.fields == [4, 3]);
    if !found.is_empty() {
        let integer = mutator.pick(&found);
        put(mutator, bytes, &footer, integer);
    }
}

/// Another number, in Thrift's alternation of signs.
fn number(mutator: &mut Mutator, bytes: &[u8], integer: &Integer) -> u64 {
    let old = read(&bytes[integer.place.clone()]);
    if mutator.one_in(4) { mutator.size(old) } else { mutator.size(old >> 1) << 1 }
}

fn put(mutator: &mut Mutator, bytes: &mut Vec<u8>, footer: &Range<usize>, integer: &Integer) {
    let new = number(mutator, bytes, integer);
    let within = integer.place.start - footer.start..integer.place.end - footer.start;
    let mut text = bytes[footer.clone()].to_vec();
    text.splice(within, varint(new));
    put_footer(bytes, footer.clone(), &text);
}

fn put_footer(bytes: &mut Vec<u8>, footer: Range<usize>, text: &[u8]) {
    let end = footer.end;
    if let Ok(length) = u32::try_from(text.len()) {
        bytes[end..end + MARK].copy_from_slice(&length.to_le_bytes());
    }
    bytes.splice(footer, text.iter().copied());
}
