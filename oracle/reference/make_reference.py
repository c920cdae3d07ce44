#!/usr/bin/env python3
"""Writes the multiple-precision reference tables of the oracle: laws.csv, relaxation.csv, special.csv and
transition.csv.
mode_coupling.csv.

Every input is a double and is taken as exact; every expected value is computed with mpmath and printed with 25
significant digits, with its condition number beside it: the sum over the continuous inputs of
|d ln(output) / d ln(input)|, by central differences. See README.md in this folder.

Nothing here is shared with the Rust code. Moments of a step clock come from the recursion of the moments, step by
step or by a matrix power; those of continuous time from their closed form. Either is compared with a second route
while the tables are made (`closed_moments`, `exponential_moments`), and a disagreement stops the script. Relaxation
times are roots of the overlap, compared with closed forms where there are any.

Usage: make_reference.py [FOLDER]        (default: the folder of this script)
"""

import sys
from dataclasses import replace
from pathlib import Path

# Leave no byte code among the committed files.
sys.dont_write_bytecode = True

from mpmath import mp, mpf  # noqa: E402

from displacement import CONTINUOUS, WELL, Setting  # noqa: E402
from integrators import write_integrators  # noqa: E402
from joint import write_joint  # noqa: E402
from law_rows import write_laws  # noqa: E402
from mode_coupling import write_mode_coupling  # noqa: E402
from relaxation_times import root_of_overlap, write_relaxation  # noqa: E402
from special_functions import inverse_erf, write_special  # noqa: E402
from transition import write_transition  # noqa: E402


def check_known_points():
    """Numbers of PHYSICS.md: sections 0, D.2 and C.6."""
    x90 = inverse_erf(mpf("0.9"))
    assert abs(x90 - mpf("1.163087153677")) < 1e-12
    paper = Setting(WELL, CONTINUOUS, 0.0, 1e-3, 8e-6, 6e4, 0.01, half_width=1.9e-4).exact()
    divergence = paper.half_width**2 * paper.stiffness * paper.dataset_size / (2 * x90**2)
    assert abs(divergence - mpf("8.0e-6")) < 5e-8
    steep = Setting(WELL, CONTINUOUS, 0.0, 1.0, 0.5, 1.0, 100.0, 1.0, half_width=0.1)
    flat = replace(steep, stiffness=0.01)
    for setting, expected, margin in ((steep, 6.97e-4, 5e-7), (flat, 3.696e-3, 5e-7)):
        tau90 = mp.exp(root_of_overlap(setting.exact(), mpf(0.9)))
        assert abs(tau90 - expected) < margin, tau90


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    check_known_points()
    write_special(folder)
    write_relaxation(folder)
    write_laws(folder)
    write_transition(folder)
    write_integrators(folder)
    write_mode_coupling(folder)
    write_joint(folder)


if __name__ == "__main__":
    main()
