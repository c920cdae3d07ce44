"""The lines of transition.csv: the one-sample transition, single-precision diffusion, the two-weight network.

Branches are roots of the stationarity of one layer; spinodals are roots of its derivative. The diffusion
ratio is the plain sum over jumps. Averages of the two-weight network are integrals over both weights of the density as
it stands.
"""

from mpmath import mp, mpf

from numbers_and_tables import SEED, Draw, cells, double, plain, require_agreement, write_table
from special_functions import sensitivity

COLUMNS = ["quantity", "first", "second", "third", "fourth", "value", "value_condition"]


def line(quantity, arguments, value, condition):
    """One line; arguments are doubles."""
    inputs = [plain(argument) for argument in arguments]
    return [quantity, *inputs, *[""] * (4 - len(inputs)), *cells(value, condition)]


# --- the one-sample transition -------------------------------------------------------------------------------------


def root(function, low, high):
    """A root between two points of different sign: bisection, then the secant from both ends of what is left."""
    rising = function(high) > 0
    for _ in range(70):
        middle = (low + high) / 2
        if (function(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    for _ in range(30):
        rise = function(high) - function(low)
        if rise == 0:
            break
        following = high - function(high) * (high - low) / rise
        low, high = high, following
        if abs(high - low) <= abs(high) * mpf(10) ** (5 - mp.dps):
            break
    return high


def force(scale, layers, norm):
    """The regularisation that holds layers of norm `scale`: (1 − x s^H) x s^(H−2)."""
    return (1 - norm * scale**layers) * norm * scale ** (layers - 2)


def spinodal_scale(layers, norm):
    """Where the force is largest; its output m_s is the second route."""
    top = norm ** (-mpf(1) / layers)
    scale = top * root(lambda s: (2 * layers - 2) * s**layers - (layers - 2), mpf(0), mpf(1))
    closed = mpf(layers - 2) / (2 * (layers - 1))
    require_agreement(norm * scale**layers, closed, f"spinodal of {layers} layers")
    return scale


def point(layers, norm, regularisation, upper):
    """Output, shortfall, squared norm, loss and curvature of a stationary point."""
    layers = int(layers)
    if layers == 1:
        scale = norm / (norm**2 + regularisation)
    elif layers == 2:
        scale = mp.sqrt((norm - regularisation) / norm**2)
    else:
        fold = spinodal_scale(layers, norm)
        top = norm ** (-mpf(1) / layers)
        low, high = (fold, top) if upper else (mpf(0), fold)
        # In the logarithm of the scale: the saddle may be tiny.
        bottom = mpf(10) ** -120 * top if low == 0 else low
        residual = lambda t: force(mp.exp(t), layers, norm) - regularisation  # noqa: E731
        scale = mp.exp(root(residual, mp.log(bottom), mp.log(high)))
    output = norm * scale**layers
    loss = (1 - output) ** 2 / 2 + regularisation * layers * scale**2 / 2
    # d²/ds² of ½ (1 − x s^H)² + (lambda/2) H s², over H: the distance along all layers is √H s.
    curvature = (
        (norm * scale ** (layers - 1)) ** 2 * layers
        - (1 - output) * norm * (layers - 1) * (scale ** (layers - 2) if layers > 1 else 0)
        + regularisation
    )
    return {
        "output": output,
        "shortfall": 1 - output,
        "squared_layer_norm": scale**2,
        "loss": loss,
        "curvature": curvature,
    }


def branch_lines():
    """Spinodals, coexistence and both branches."""
    draw = Draw(SEED + 40)
    for layers in (3, 4, 7, 20, 100):
        for norm in (1e-80, 0.01, 1.0, 3.7, 14.0, 1e60):
            exact = mpf(norm)
            scale = spinodal_scale(layers, exact)
            value = lambda x: force(spinodal_scale(layers, x), layers, x)  # noqa: E731
            end = force(scale, layers, exact)
            yield line("spinodal_regularisation", [float(layers), norm], end, sensitivity(value, [exact]))
            loss = (1 - exact * scale**layers) ** 2 / 2 + end * layers * scale**2 / 2
            yield line("spinodal_loss", [float(layers), norm], loss, mpf(0))
            # Coexistence: L = ½ and force = lambda together.
            equal = lambda s: (1 - exact * s**layers) ** 2 + force(s, layers, exact) * layers * s**2 - 1  # noqa: E731
            there = root(equal, scale, exact ** (-mpf(1) / layers))
            yield line("coexistence_regularisation", [float(layers), norm], force(there, layers, exact), mpf(2) / layers)
    for layers in (1, 2, 3, 5, 7, 31):
        for index in range(9):
            norm = (1.0, 1.0, draw.log(1e-3, 1e3))[index % 3]
            end = mpf(norm) if layers < 3 else force(spinodal_scale(layers, mpf(norm)), layers, mpf(norm))
            share = (0.999999, 0.5, 0.9, 1e-3, 1 - 1e-10, 0.3, 0.6, 0.99, 1e-12)[index]
            regularisation = double(end * mpf(share), 17 if share > 0.9999 else 8)
            for upper, name in ((True, "minimum"), (False, "saddle")):
                if layers < 3 and not upper:
                    continue
                yield from point_lines(f"{name}_", float(layers), norm, regularisation, upper)
    # By relative distance to the spinodal, however small.
    for layers in (3, 7, 31):
        for gap in (1e-300, 1e-40, 1e-16, 1e-9, 1e-3, 0.2, 0.39, 0.4, 0.9, 0.999999):
            for upper, name in ((True, "gap_minimum"), (False, "gap_saddle")):
                yield from gap_lines(name, layers, gap, upper)


def point_lines(prefix, layers, norm, regularisation, upper):
    """All numbers of a point, with the sensitivities to input norm and regularisation."""
    arguments = [mpf(norm), mpf(regularisation)]
    for name in ("output", "shortfall", "squared_layer_norm", "loss", "curvature"):
        value = lambda x, k: point(layers, x, k, upper)[name]  # noqa: B023, E731
        with mp.workdps(mp.dps + 10):
            yield line(prefix + name, [layers, norm, regularisation], value(*arguments), sensitivity(value, arguments))


def gap_lines(name, layers, gap, upper):
    """`m − m_s` by the logarithm of the curve, with digits enough for any gap."""
    with mp.workdps(mp.dps + 340):
        exponent = mpf(layers - 2) / layers
        tip = mpf(layers - 2) / (2 * (layers - 1))
        wanted = (1 - mpf(gap)) * (1 - tip) * tip**exponent
        # The distance from the tip on a logarithmic scale; both ends of the curve have lambda = 0.
        at = lambda t: tip + (1 - tip) * mp.exp(t) if upper else tip - tip * mp.exp(t)  # noqa: E731
        output = at(root(lambda t: (1 - at(t)) * at(t) ** exponent - wanted, mpf(-400), -mpf(10) ** -30))
        loss = (1 - output) * (1 + (layers - 1) * output) / 2
        regularisation = wanted
        curvature = regularisation * (2 * (layers - 1) * output - (layers - 2)) / (1 - output)
        values = {"output": output, "loss": loss, "curvature": curvature}
    # The condition is at most ½ near the spinodal and that of the logarithms far from it.
    for quantity, value in values.items():
        yield line(f"{name}_{quantity}", [float(layers), 1.0, gap], +value, mpf(0))


# --- single precision ----------------------------------------------------------------------------------------------


def jump_sum(q):
    """(2/q²) Σ j² [Φ((j + ½)/q) − Φ((j − ½)/q)], in as many digits more as Φ has zeros after its nines."""
    with mp.workdps(mp.dps + 20 + int(1 / (18 * q * q)) * 3 if q < 1 else mp.dps + 20):
        total, j, tail = mpf(0), 1, mp.erfc(1 / (2 * q * mp.sqrt(2))) / 2
        while True:
            following = mp.erfc((j + mpf("0.5")) / (q * mp.sqrt(2))) / 2
            term = j * j * (tail - following)
            total += term
            if term < total * mpf(10) ** -(mp.dps - 5):
                return 2 * total / q**2
            j, tail = j + 1, following


def lattice_sum(q):
    """The same by Poisson's sum."""
    total = 1 + 1 / (12 * q * q)
    for k in range(1, 60):
        wave = 2 * mp.pi * k * q
        total += 4 * (-1) ** k * mp.exp(-wave * wave / 2) * (1 + 1 / wave**2)
    return total


def diffusion_lines():
    """The ratio of diffusion constants from 0.02 to 1e4, and the probability of moving."""
    values = [0.02, 0.03, 0.05, 0.07, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.42, 0.45, 0.49, 0.4999, 0.5]
    values += [0.5001, 0.55, 0.6, 0.7, 0.75, 0.9, 1.0, 1.3, 1.7, 2.0, 3.0, 5.0, 10.0, 20.0, 100.0, 1e3, 1e4]
    for q in values:
        exact = mpf(q)
        ratio = lattice_sum if q > 20 else jump_sum
        if 0.5 <= q <= 20:
            require_agreement(jump_sum(exact), lattice_sum(exact), f"diffusion ratio at {q}")
        yield line("diffusion_ratio", [q], ratio(exact), sensitivity(ratio, [exact]))
        moving = lambda x: mp.erfc(1 / (2 * x * mp.sqrt(2)))  # noqa: E731
        yield line("probability_of_moving", [q], moving(exact), sensitivity(moving, [exact]))


# --- two weights ---------------------------------------------------------------------------------------------------

TWO_WEIGHT_DIGITS = 22
TWO_WEIGHT_AGREEMENT = mpf(10) ** -14


def legendre_nodes(count):
    """Nodes and weights of Gauss and Legendre on [0, 1]."""
    nodes = []
    for i in range(count):
        x = mp.cos(mp.pi * (i + mpf("0.75")) / (count + mpf("0.5")))
        for _ in range(8):
            before, value = mpf(1), x
            for n in range(2, count + 1):
                before, value = value, ((2 * n - 1) * x * value - (n - 1) * before) / n
            slope = count * (x * value - before) / (x * x - 1)
            x -= value / slope
        nodes.append(((1 + x) / 2, 1 / ((1 - x * x) * slope * slope)))
    return nodes


def panels(edges, low, high):
    """Ascending pairs of edges within a range."""
    inside = sorted({low, high, *(edge for edge in edges if low < edge < high)})
    return list(zip(inside, inside[1:]))


def plane_integrals(beta, x, lam, nodes):
    """∫∫ of 1, L, w1², w2², f over both weights, panel by panel; the dead half plane w1 < 0 like the rest."""
    width = 1 / mp.sqrt(beta * lam)
    reach = 13 * width + 2 / mp.sqrt(x)
    marks = [k * width for k in (1, 3, 6, 9)]
    # The curve f = 1 bends about |w| = x^(−1/2); at low temperature the minimum is there.
    sharp = 1 / mp.sqrt(beta * x * (x + lam))
    centre = mp.sqrt(max(1 - lam / x, 0) / x)
    sharp_edges = [centre + s * k * (sharp + width / 8) for k in (1, 2, 4, 8) for s in (-1, 1)] + [centre]
    bends = [k / mp.sqrt(x) for k in (mpf("0.1"), mpf("0.3"), mpf("0.6"), 1, mpf("1.5"), 3)]
    sums = [mpf(0)] * 5
    for side in (-1, 1):
        for low, high in panels(marks + (bends + sharp_edges if side > 0 else []), mpf(0), reach):
            for node, weight in nodes:
                first = side * (low + (high - low) * node)
                edges = [sign * mark for mark in marks for sign in (-1, 1)] + [mpf(0)]
                if side > 0:
                    total = x * x * first * first + lam
                    valley, narrow = x * first / total, 1 / mp.sqrt(beta * total)
                    edges += [1 / (x * first)] + [valley + s * k * narrow for k in (2, 5, 9) for s in (-1, 1)]
                for bottom, top in panels(edges, -reach, reach):
                    for inner, inner_weight in nodes:
                        second = bottom + (top - bottom) * inner
                        output = second * x * max(first, 0)
                        loss = max(0, 1 - output) ** 2 / 2 + lam * (first * first + second * second) / 2
                        exponent = beta * loss
                        value = mp.exp(-exponent) * weight * inner_weight * (high - low) * (top - bottom)
                        for k, factor in enumerate((1, loss, first * first, second * second, output)):
                            sums[k] += factor * value
    return sums


def marginal(beta, x, lam, which, w):
    """The density of one weight, by error functions, without scaling."""
    gauss = mp.sqrt(2 * mp.pi / (beta * lam)) * mp.exp(-beta * lam * w * w / 2)
    total = x * x * w * w + lam
    narrow = mp.sqrt(2 * mp.pi / (beta * total)) * mp.exp(-beta * (lam * w * w + lam / total) / 2)
    phi = lambda z: mp.erfc(-z / mp.sqrt(2)) / 2  # noqa: E731
    scale, valley = mp.sqrt(beta * total), x * w / total
    if which == 0:
        if w <= 0:
            return gauss * mp.exp(-beta / 2)
        cut = 1 / (x * w)
        return narrow * phi((cut - valley) * scale) + gauss * phi(-cut * mp.sqrt(beta * lam))
    dead = gauss * mp.exp(-beta / 2) / 2
    if w <= 0:
        return dead + narrow * phi(valley * scale)
    cut = 1 / (x * w)
    live = narrow * (phi((cut - valley) * scale) - phi(-valley * scale))
    return dead + live + gauss * phi(-cut * mp.sqrt(beta * lam))


def overlap(beta, x, lam, which, half_width, nodes):
    """∫∫ p(w) p(w + d) over w and |d| ≤ half_width, over (∫ p)²."""
    width = 1 / mp.sqrt(beta * lam)
    reach = 13 * width + 2 / mp.sqrt(x)
    edges = [sign * k * width for k in (mpf("0.3"), 1, 2, 4, 7, 10) for sign in (-1, 1)] + [mpf(0)]
    edges += [k / mp.sqrt(x) for k in (mpf("0.1"), mpf("0.3"), mpf("0.6"), 1, mpf("1.5"), 3)]
    density = lambda w: marginal(beta, x, lam, which, w)  # noqa: E731
    mass, pairs = mpf(0), mpf(0)
    inner_edges = edges + [edge - half_width for edge in (mpf(0),)] + [half_width]
    for low, high in panels(inner_edges, -reach, reach):
        for node, weight in nodes:
            w = low + (high - low) * node
            value = density(w) * weight * (high - low)
            mass += value
            for bottom, top in panels(edges, w - half_width, w + half_width):
                for inner, inner_weight in nodes:
                    pairs += value * density(bottom + (top - bottom) * inner) * inner_weight * (top - bottom)
    return pairs / mass**2


def two_weight_lines():
    """Averages at five settings, overlaps at two of them."""
    settings = [(0.01, 1.0, 50.0), (5.0, 1.0, 0.3), (20.0, 3.0, 0.6), (200.0, 1.0, 1.0), (1000.0, 0.5, 0.25)]
    names = ("loss", "first_square", "second_square", "output")
    with mp.workdps(TWO_WEIGHT_DIGITS):
        rules = [legendre_nodes(count) for count in (14, 18)]
        for beta, x, lam in settings:
            exact = [mpf(beta), mpf(x), mpf(lam)]
            coarse, fine = (plane_integrals(*exact, nodes) for nodes in rules)
            for name, rough, sum_ in zip(names, coarse[1:], fine[1:]):
                value = sum_ / fine[0]
                difference = abs(rough / coarse[0] / value - 1)
                if difference > TWO_WEIGHT_AGREEMENT:
                    raise SystemExit(f"two_weight_{name} at {beta}, {x}, {lam}: {mp.nstr(difference, 3)}")
                yield [f"two_weight_{name}", plain(beta), plain(x), plain(lam), "", mp.nstr(value, 17), ""]
        for (beta, x, lam), half_width in ((settings[1], 0.3), (settings[2], 0.05)):
            exact = [mpf(beta), mpf(x), mpf(lam)]
            for which, name in enumerate(("first", "second")):
                rough, value = (overlap(*exact, which, mpf(half_width), nodes) for nodes in rules)
                difference = abs(rough / value - 1)
                if difference > TWO_WEIGHT_AGREEMENT:
                    raise SystemExit(f"overlap of {name} at {beta}, {x}, {lam}: {mp.nstr(difference, 3)}")
                arguments = [plain(beta), plain(x), plain(lam), plain(half_width)]
                yield [f"two_weight_{name}_overlap", *arguments, mp.nstr(value, 17), ""]


def write_transition(folder):
    """One-sample transition, single-precision diffusion, two-weight network."""
    header = [
        "The one-sample transition, diffusion in single precision, and the network of two weights.",
        "Empty arguments are unused; the meaning of the others: README.md, transition.csv.",
        "Lines two_weight_... have 17 digits, the others 25; two_weight_... have no condition number.",
    ]
    rows = [*branch_lines(), *diffusion_lines(), *two_weight_lines()]
    write_table(folder / "transition.csv", header, COLUMNS, rows)
