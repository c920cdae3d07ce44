"""Prints the table of `benches/peers/run`: least times, and how many times longer each peer takes than glassbox."""

import json
import sys

PEERS = {"torch": "PyTorch", "torch-compiled": "PyTorch compiled", "jax": "JAX"}


def main():
    least = {}
    with open(sys.argv[1], encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            key = row["peer"], row["width"], row["samples"], row["threads"]
            least[key] = min(row["seconds"], least.get(key, float("inf")))
    print("| width | samples | threads | glassbox ms |", " | ".join(f"{name} ms (ratio)" for name in PEERS.values()), "|")
    print("|---" * (4 + len(PEERS)) + "|")
    for peer, width, samples, threads in sorted(least):
        if peer != "glassbox":
            continue
        own = least[peer, width, samples, threads]
        cells = [width, samples, threads, f"{1e3 * own:.3f}"]
        for other in PEERS:
            seconds = least[other, width, samples, threads]
            cells.append(f"{1e3 * seconds:.3f} ({seconds / own:.1f})")
        print("|", " | ".join(map(str, cells)), "|")


if __name__ == "__main__":
    main()
