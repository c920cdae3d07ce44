//! Hostile and broken NumPy archives, each with the message that it gets.

use crate::files::{Archive, f64s, i64s, npy, numbers, refusal, seen};
use zip::CompressionMethod::{Deflated, Stored};

fn says(archive: &Archive, expected: &str) {
    let message = archive.refusal();
    assert!(message.contains(expected), "{message}\nshould contain\n{expected}");
}

#[test]
fn arrays_of_other_types_are_refused() {
    let weights = |descr: &str, bytes: usize| {
        Archive::sound().with("weights", npy(descr, false, "(2, 3, 4)", &vec![0; 24 * bytes]))
    };
    says(&weights("'|O'", 8), "array 'weights' is an object array, which only Python can read");
    says(&weights("[('x', '<f8')]", 8), "array 'weights' is a structured array; plain numbers are needed");
    says(&weights("'<f2'", 2), "array 'weights' has the type '<f2'; floats of 4 or 8 bytes and integers");
    says(&weights("'<f16'", 16), "has the type '<f16'");
    says(&weights("'<c16'", 16), "has the type '<c16'");
    says(&weights("'|b1'", 1), "has the type '|b1'");
    says(&weights("'<U4'", 16), "has the type '<U4'");
    says(&weights("'<M8[ns]'", 8), "has the type '<M8[ns]'");
    says(&weights("'<i8'", 8), "array 'weights' has type <i8; it must be of 32- or 64-bit floats");
    says(&weights("'|u1'", 1), "array 'weights' has type |u1; it must be of 32- or 64-bit floats");
    let times = Archive::sound().with("times", npy("'|O'", false, "(3,)", &[0; 24]));
    says(&times, "array 'times' is an object array");
    let layers = Archive::sound().with("layers", npy("[('a', '<i8')]", false, "(1,)", &[0; 8]));
    says(&layers, "array 'layers' is a structured array");
    let gradients = Archive::sound().with("gradients", i64s("(2, 3, 4)", &[0; 24]));
    says(&gradients, "array 'gradients' has type <i8");
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let weights = |shape, count| Archive::sound().with("weights", f64s(shape, &numbers(count)));
    says(&weights("(24,)", 24), "array 'weights' has shape [24]; it must be (replicas, times, weights)");
    says(&weights("()", 1), "array 'weights' has shape []");
    says(&weights("(1, 2, 3, 4)", 24), "array 'weights' has shape [1, 2, 3, 4]");
    says(&weights("(2, 4, 3)", 24), "has 4 frames a replica, but times has 3 numbers");
    says(&weights("(4, 6)", 24), "has 4 frames a replica, but times has 3 numbers");
    says(&weights("(0, 3, 4)", 0), "0 replicas of 4 weights; both must be at least 1");
    says(&weights("(2, 3, 0)", 0), "2 replicas of 0 weights; both must be at least 1");
    says(&weights("(2, 0, 4)", 0), "has 0 frames a replica, but times has 3 numbers");
    let none = weights("(2, 0, 4)", 0).with("times", i64s("(0,)", &[]));
    says(&none, "0 saved times; a trajectory needs at least 2");
    let single = weights("(2, 1, 4)", 8).with("times", i64s("(1,)", &[5]));
    says(&single, "1 saved times; a trajectory needs at least 2");
    let square = Archive::sound().with("times", i64s("(3, 1)", &[0, 10, 20]));
    says(&square, "array 'times' has shape [3, 1]; it must have one dimension");
    let gradients = Archive::sound().with("gradients", f64s("(2, 3, 3)", &numbers(18)));
    says(&gradients, "array 'gradients' has shape [2, 3, 3]; it must be that of weights, [2, 3, 4]");
}

#[test]
fn layers_must_cover_the_weights() {
    let layers = |shape, sizes: &[i64]| Archive::sound().with("layers", i64s(shape, sizes));
    says(&layers("(2,)", &[1, 2]), "the layers have 3 weights, a frame has 4");
    says(&layers("(2,)", &[4, 0]), "array 'layers' must have sizes of at least 1");
    says(&layers("(0,)", &[]), "the layers have 0 weights, a frame has 4");
    says(&layers("(2,)", &[5, -1]), "array 'layers' [1] is -1; it must be a whole number of at least 0");
    says(&layers("(1, 2)", &[2, 2]), "array 'layers' has shape [1, 2]; it must have one dimension");
    says(&layers("(2,)", &[i64::MAX, i64::MAX]), "the layers have");
}

#[test]
fn arrays_that_are_missing_are_named() {
    says(
        &Archive::sound().without("times"),
        "has no array 'times'; it needs times and weights, and has weights",
    );
    says(
        &Archive::sound().without("weights"),
        "has no array 'weights'; it needs times and weights, and has times",
    );
    let empty = Archive::sound().without("times").without("weights");
    says(&empty, "has no array 'times'; it needs times and weights, and has nothing");
}

#[test]
fn times_must_be_whole_and_ascend() {
    let whole = |times: &[i64]| Archive::sound().with("times", i64s("(3,)", times));
    says(&whole(&[0, 10, 10]), "times[2] is 10 after 10: duplicate; times must be strictly ascending");
    says(&whole(&[0, 10, 5]), "times[2] is 5 after 10: descending");
    says(&whole(&[-1, 0, 5]), "array 'times' [0] is -1; it must be a whole number of at least 0");
    let floats = |times: &[f64]| Archive::sound().with("times", f64s("(3,)", times));
    says(&floats(&[0.0, 0.5, 1.0]), "array 'times' [1] is 0.5");
    says(&floats(&[0.0, f64::NAN, 1.0]), "array 'times' [1] is NaN");
    says(&floats(&[0.0, 1.0, f64::INFINITY]), "array 'times' [2] is inf");
    says(&floats(&[0.0, 1.0, 1e300]), "array 'times' [2] is 1");
}

#[test]
fn numbers_must_be_finite() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut spoilt = numbers(24);
        spoilt[18] = value;
        let archive = Archive::sound().with("weights", f64s("(2, 3, 4)", &spoilt));
        says(
            &archive,
            &format!("the weights are {value} at replica 1, step 10, weight 2; they must be finite"),
        );
        let archive = Archive::sound().with("gradients", f64s("(2, 3, 4)", &spoilt));
        says(
            &archive,
            &format!("the gradients are {value} at replica 1, step 10, weight 2; they must be finite"),
        );
    }
}

/// A header may claim what it likes: nothing is reserved for what is not there.
#[test]
fn claims_that_the_bytes_do_not_support_are_refused() {
    let claim = |shape| Archive::sound().with("weights", f64s(shape, &numbers(24)));
    says(&claim("(2, 3, 1000000000000)"), "claims shape [2, 3, 1000000000000] of <f8, but holds 192 bytes");
    says(&claim("(9999999999999, 3, 9999999999999)"), "but holds 192 bytes");
    says(&claim("(2, 3, 3)"), "claims shape [2, 3, 3] of <f8, but holds 192 bytes");
    says(&claim("(2, 3, -4)"), "a length is needed, before '-4)");
    says(&claim("(2, 3, 99999999999999999999999)"), "a length is needed, before '99999999999999999999");
    says(&claim("[2, 3, 4]"), "'shape' is not a tuple");
    let longest = Archive::sound().with("times", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}".to_vec());
    says(&longest, "array 'times' claims a header of 4294967295 bytes");
    says(&Archive::sound().with("times", Vec::new()), "array 'times' ends within its header");
    says(
        &Archive::sound().with("times", b"0 10 20 and so on".to_vec()),
        "array 'times' is not a NumPy array",
    );
    let fortran = npy("'<f8'", true, "(2, 3, 4)", &[0; 192]);
    says(&Archive::sound().with("weights", fortran), "is in Fortran order; save numpy.ascontiguousarray");
}

#[test]
fn files_that_are_no_archives_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    for bytes in [b"".as_slice(), b"PK", b"PK\x03\x04", b"weights,times\n1,2\n", &f64s("(2, 3)", &numbers(6))]
    {
        std::fs::write(&path, bytes).unwrap();
        assert!(refusal(&path).contains("cannot be read as a NumPy archive"));
    }
    assert!(refusal(&folder.path().join("absent.npz")).contains("cannot be opened"));
    let other = folder.path().join("run.npy");
    std::fs::write(&other, f64s("(2, 3)", &numbers(6))).unwrap();
    assert!(refusal(&other).contains("must be a .npz or .parquet file, or a folder"));
}

/// Wherever the file ends early, packed or not, it is refused.
#[test]
fn truncation_at_any_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    for method in [Stored, Deflated] {
        let whole = Archive::sound().with("layers", i64s("(2,)", &[1, 3])).bytes(method);
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(seen(&path).unwrap().len(), 6);
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            refusal(&path);
        }
    }
}

/// Flipped bits of stored numbers fail the checksum of the archive.
#[test]
fn damaged_numbers_fail_the_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    let mut bytes = Archive::sound().bytes(Stored);
    let number = 2.25_f64.to_le_bytes();
    let at = bytes.windows(8).position(|window| window == number).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(refusal(&path).contains("damaged"), "{}", refusal(&path));
}

/// Of two arrays of one name, which one is meant cannot be known.
#[test]
fn doubled_arrays_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    let other = f64s("(2, 3, 4)", &[0.0; 24]);
    let mut bytes = Archive::sound().with("weightz", other).bytes(Stored);
    // The writer refuses two entries of one name, so the name is changed afterwards, in both places where it stands.
    let mut at = 0;
    while at + 11 <= bytes.len() {
        if &bytes[at..at + 11] == b"weightz.npy" {
            bytes[at + 6] = b's';
        }
        at += 1;
    }
    std::fs::write(&path, &bytes).unwrap();
    assert!(refusal(&path).contains("more than one"), "{}", refusal(&path));
}
