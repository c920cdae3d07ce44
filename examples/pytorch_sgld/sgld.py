"""Stochastic gradient Langevin dynamics in PyTorch, written as a trajectory that `glassbox check` reads.

A step is  w' = w - rate * grad L(w) + sqrt(2 * rate / (inverse_temperature * n_data)) * noise,  L the mean loss.
"""

import argparse

import numpy as np
import torch


class Well(torch.nn.Module):
    """The quadratic loss k/2 |w|^2, begun at its minimum."""

    def __init__(self, replicas, stiffness, weights):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(replicas, weights))
        self.stiffness = stiffness

    def losses(self):
        """The mean loss of each replica."""
        return 0.5 * self.stiffness * self.weight.square().sum(dim=1)


class Network(torch.nn.Module):
    """A bias-free ReLU network, 4 inputs, 8 hidden units, 1 output, trained on data of a linear teacher."""

    def __init__(self, replicas, n_data, data):
        super().__init__()
        draw = lambda *shape: torch.randn(*shape, generator=data)
        self.inputs = draw(n_data, 4)
        self.targets = self.inputs @ draw(4, 1) / 2
        # Each replica begins at the same weights: replicas differ in their noise alone.
        self.first = torch.nn.Parameter((draw(8, 4) / 2).repeat(replicas, 1, 1))
        self.second = torch.nn.Parameter((draw(1, 8) / 8**0.5).repeat(replicas, 1, 1))

    def losses(self):
        """The mean loss of each replica."""
        hidden = torch.relu(torch.einsum("ni,rhi->rnh", self.inputs, self.first))
        outputs = torch.einsum("rnh,roh->rno", hidden, self.second)
        return 0.5 * (outputs - self.targets).square().mean(dim=(1, 2))


def gradient_of(model):
    """Fills .grad; the sum over replicas leaves each replica the gradient of its own loss."""
    model.zero_grad()
    model.losses().sum().backward()


def flat(tensors, replicas):
    """One row a replica: layer after layer, each row-major."""
    return torch.cat([tensor.detach().reshape(replicas, -1) for tensor in tensors], dim=1).numpy()


def run(model, options, noise):
    """The saved times, weights and gradients at these weights."""
    times, weights, gradients = [], [], []
    scale = (2 * options.learning_rate / (options.inverse_temperature * options.n_data)) ** 0.5
    if options.bug == "missing-factor-two":
        scale /= 2**0.5
    elif options.bug == "no-n-data":
        scale *= options.n_data**0.5
    for step in range(options.steps + 1):
        gradient_of(model)
        parameters = list(model.parameters())
        if step % options.save_every == 0:
            times.append(step)
            weights.append(flat(parameters, options.replicas))
            gradients.append(flat([parameter.grad for parameter in parameters], options.replicas))
        with torch.no_grad():
            for parameter in parameters:
                kick = torch.randn(parameter.shape, generator=noise)
                parameter -= options.learning_rate * parameter.grad
                parameter += scale * kick
    return np.array(times), np.stack(weights, axis=1), np.stack(gradients, axis=1)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="run.npz")
    parser.add_argument("--model", choices=["well", "network"], default="well")
    parser.add_argument("--bug", choices=["none", "missing-factor-two", "no-n-data"], default="none")
    parser.add_argument("--replicas", type=int, default=16)
    parser.add_argument("--weights", type=int, default=50, help="of the well")
    parser.add_argument("--stiffness", type=float, default=1.0, help="of the well")
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--n-data", type=int, default=1000)
    parser.add_argument("--inverse-temperature", type=float, default=1.0)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--save-every", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    options = parse_options()
    # In single precision small moves of large weights are lost before they are saved.
    torch.set_default_dtype(torch.float64)
    if options.model == "well":
        model = Well(options.replicas, options.stiffness, options.weights)
    else:
        model = Network(options.replicas, options.n_data, torch.Generator().manual_seed(options.seed + 1))
    noise = torch.Generator().manual_seed(options.seed)
    times, weights, gradients = run(model, options, noise)
    layers = [parameter[0].numel() for parameter in model.parameters()]
    np.savez(options.out, times=times, weights=weights, gradients=gradients, layers=layers)
    print(f"{options.out}: {weights.shape[0]} replicas, {times.size} times, {weights.shape[2]} weights")


if __name__ == "__main__":
    main()
