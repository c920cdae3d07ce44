"""SGLD in PyTorch on a quadratic loss, its trajectory saved for `glassbox check`.

Loss of all samples: L(w) = k |w|² / 2. A step of learning rate η at temperature T with N samples is
    w' = w − η ∇L + sqrt(2 η T / N) ξ,   ξ standard normal.
All replicas start at the same weights and differ in their noise alone.
"""

import argparse
import math

import numpy as np
import torch


def loss_of(weights: torch.Tensor, stiffness: float) -> torch.Tensor:
    return 0.5 * stiffness * (weights**2).sum()


def noise_amplitude(options: argparse.Namespace) -> float:
    factor = 1.0 if options.bug == "missing-half" else 2.0
    samples = 1.0 if options.bug == "no-samples" else options.n_data
    return math.sqrt(factor * options.learning_rate * options.temperature / samples)


def trajectory(replica: int, times: list[int], options: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Weights, and gradients at these weights, of one replica: (times, weights) each."""
    noise = torch.Generator().manual_seed(1_000_003 * options.seed + (0 if options.bug == "shared-seed" else replica))
    weights = torch.full((options.weights,), options.start, dtype=torch.float64, requires_grad=True)
    amplitude = noise_amplitude(options)
    saved, gradients = [], []
    for step in range(times[-1] + 1):
        (gradient,) = torch.autograd.grad(loss_of(weights, options.stiffness), weights)
        if step % options.every == 0:
            saved.append(weights.detach().numpy().copy())
            gradients.append(gradient.numpy().copy())
        with torch.no_grad():
            kick = torch.randn(weights.shape, generator=noise, dtype=torch.float64)
            weights += -options.learning_rate * gradient + amplitude * kick
    return np.stack(saved), np.stack(gradients)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="the .npz file to write")
    parser.add_argument("--replicas", type=int, default=8)
    parser.add_argument("--weights", type=int, default=200)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--every", type=int, default=1, help="steps between saved states")
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--temperature", type=float, default=0.5)
    parser.add_argument("--n-data", type=float, default=100.0)
    parser.add_argument("--stiffness", type=float, default=2.0)
    parser.add_argument("--start", type=float, default=0.3, help="where every weight starts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--bug",
        choices=["none", "missing-half", "no-samples", "shared-seed"],
        default="none",
        help="missing-half: noise sqrt(ηT/N); no-samples: noise sqrt(2ηT); shared-seed: equal noise in all replicas",
    )
    options = parser.parse_args()
    if options.every < 1 or options.steps < options.every or min(options.replicas, options.weights) < 1:
        parser.error("at least one replica, one weight and two saved states are needed")
    times = list(range(0, options.steps + 1, options.every))
    runs = [trajectory(replica, times, options) for replica in range(options.replicas)]
    weights, gradients = (np.stack(arrays) for arrays in zip(*runs))
    np.savez(options.output, times=np.array(times), weights=weights, gradients=gradients)
    print(f"{options.output}: {weights.shape[0]} replicas, {weights.shape[1]} times, {weights.shape[2]} weights")


if __name__ == "__main__":
    main()
