"""The same loss and gradient in PyTorch and JAX: one JSON line a measurement, `{"peer", "width", "samples", "threads", "seconds"}`.

A network of the paper: 10 inputs, six hidden layers of one width, no biases, one output, squared hinge loss, single
precision. Seconds are the least of several runs, as in the Rust bench.
"""

import argparse
import json
import os
import sys
import time


def least(step, repeats, rounds=15):
    step()
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(repeats):
            step()
        best = min(best, (time.perf_counter() - start) / repeats)
    return best


def shapes(width):
    sizes = [10] + 6 * [width] + [1]
    return list(zip(sizes[1:], sizes[:-1]))


def arrays(width, samples):
    import numpy

    generator = numpy.random.default_rng(1)
    inputs = generator.standard_normal((samples, 10), dtype=numpy.float32)
    labels = generator.choice([-1.0, 1.0], samples).astype(numpy.float32)
    # Small weights leave every sample unsatisfied, as in the Rust bench.
    matrices = [
        (generator.uniform(-1, 1, shape) / shape[1] ** 0.5).astype(numpy.float32) for shape in shapes(width)
    ]
    return inputs, labels, matrices


def torch_step(width, samples, threads, compiled):
    import torch

    torch.set_num_threads(threads)
    inputs, labels, matrices = arrays(width, samples)
    inputs, labels = torch.from_numpy(inputs), torch.from_numpy(labels)
    matrices = [torch.from_numpy(matrix).requires_grad_() for matrix in matrices]

    def loss(inputs, labels, *matrices):
        activations = inputs
        for matrix in matrices[:-1]:
            activations = torch.relu(activations @ matrix.T)
        outputs = (activations @ matrices[-1].T).squeeze(1)
        return 0.5 * torch.clamp(1 - labels * outputs, min=0).square().mean()

    evaluate = torch.compile(loss) if compiled else loss

    # A step of descent as one writes it: gradient, then weights changed in place. The learning rate is so small that
    # all runs work on the same weights.
    def step():
        for matrix in matrices:
            matrix.grad = None
        evaluate(inputs, labels, *matrices).backward()
        with torch.no_grad():
            for matrix in matrices:
                matrix -= 1e-12 * matrix.grad

    return step


def jax_step(width, samples, threads):
    import jax
    import jax.numpy as numpy

    inputs, labels, matrices = arrays(width, samples)
    inputs, labels = jax.device_put(inputs), jax.device_put(labels)
    matrices = [jax.device_put(matrix) for matrix in matrices]

    def loss(matrices):
        activations = inputs
        for matrix in matrices[:-1]:
            activations = jax.nn.relu(activations @ matrix.T)
        outputs = (activations @ matrices[-1].T)[:, 0]
        return 0.5 * numpy.mean(numpy.maximum(1 - labels * outputs, 0) ** 2)

    @jax.jit
    def descend(matrices):
        gradients = jax.grad(loss)(matrices)
        return [matrix - 1e-12 * gradient for matrix, gradient in zip(matrices, gradients)]

    return lambda: jax.block_until_ready(descend(matrices))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=["torch", "torch-compiled", "jax"], required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--widths", type=int, nargs="+", default=[30, 72])
    parser.add_argument("--samples", type=int, nargs="+", default=[60_000, 6_000, 100])
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    for width in options.widths:
        for samples in options.samples:
            if options.peer == "jax":
                step = jax_step(width, samples, options.threads)
            else:
                step = torch_step(width, samples, options.threads, options.peer == "torch-compiled")
            seconds = least(step, max(1, 20_000 // samples))
            row = {"peer": options.peer, "width": width, "samples": samples}
            print(json.dumps(row | {"threads": options.threads, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
