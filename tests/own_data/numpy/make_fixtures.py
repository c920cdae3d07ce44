"""Data sets that NumPy itself writes: sound ones, and what NumPy can write but is no data set.

Run in this folder: python make_fixtures.py (the committed files are from NumPy 2.4.6).
"""

import numpy

INPUTS = 0.25 * numpy.arange(18.0).reshape(6, 3) - 1.5
LABELS = numpy.array([1, -1, 1, 1, -1, -1])


def changed(array, index, value):
    array = array.astype(float)
    array[index] = value
    return array


SOUND = {
    "double": dict(inputs=INPUTS, labels=LABELS),
    "single_scores": dict(scores=INPUTS.astype("<f4"), labels=LABELS.astype("<f4")),
    "big_endian": dict(inputs=INPUTS.astype(">f8"), labels=LABELS.astype(">i2")),
    "big_endian_single": dict(inputs=INPUTS.astype(">f4"), labels=LABELS.astype(">f8")),
    "small_labels": dict(inputs=INPUTS, labels=LABELS.astype("i1"), classes=numpy.arange(6)),
}

BROKEN = {
    "labels_from_zero": dict(inputs=INPUTS, labels=(LABELS + 1) // 2),
    "label_not_a_number": dict(inputs=INPUTS, labels=changed(LABELS, 3, numpy.nan)),
    "label_nearly_one": dict(inputs=INPUTS, labels=changed(LABELS, 5, -1 - 1e-15)),
    "labels_too_few": dict(inputs=INPUTS, labels=LABELS[:5]),
    "labels_in_a_column": dict(inputs=INPUTS, labels=LABELS[:, None]),
    "labels_true_or_false": dict(inputs=INPUTS, labels=LABELS > 0),
    "labels_in_words": dict(inputs=INPUTS, labels=numpy.where(LABELS > 0, "cat", "dog")),
    "labels_as_objects": dict(inputs=INPUTS, labels=LABELS.astype(object)),
    "two_names": dict(inputs=INPUTS, scores=INPUTS, labels=LABELS),
    "no_inputs": dict(features=INPUTS, labels=LABELS),
    "no_labels": dict(inputs=INPUTS),
    "fortran_order": dict(inputs=numpy.asfortranarray(INPUTS), labels=LABELS),
    "integer_inputs": dict(inputs=INPUTS.astype(int), labels=LABELS),
    "half_precision": dict(inputs=INPUTS.astype("<f2"), labels=LABELS),
    "images": dict(inputs=INPUTS.reshape(6, 1, 3), labels=LABELS),
    "no_samples": dict(inputs=INPUTS[:0], labels=LABELS[:0]),
    "input_not_a_number": dict(inputs=changed(INPUTS, (4, 2), numpy.nan), labels=LABELS),
    "input_too_large": dict(inputs=changed(INPUTS, (1, 0), -1e39), labels=LABELS),
}

for name, arrays in {**SOUND, **BROKEN}.items():
    numpy.savez(f"{name}.npz", **arrays)
numpy.savez_compressed("compressed.npz", inputs=INPUTS, labels=LABELS)
