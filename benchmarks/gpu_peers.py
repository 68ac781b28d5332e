"""The peers of benchmarks.gpu, as users would write them: torch, one model at a time and mapped, and JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch.func import functional_call, grad, stack_module_state, vmap

from benchmarks.training_peers import mlp
from trainer import Dataset, MLPConfig


def eager_epoch(config: MLPConfig, data: Dataset, device: str) -> Callable[[], None]:
    """An epoch of one model, data on the device, with torch's own fused Adam."""
    x, y = _examples(data, device)
    model = mlp(config, data).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate, fused=True)

    def epoch() -> None:
        for indices in torch.randperm(len(x), device=device).split(config.batch_size):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x[indices]), y[indices]).backward()
            optimizer.step()

    return epoch


def vmap_epoch(config: MLPConfig, data: Dataset, models: int, device: str) -> Callable[[], None]:
    """An epoch of all models: gradients by vmap, and torch's own fused Adam on the stacked parameters."""
    x, y = _examples(data, device)
    params, gradient = _mapped(config, data, models, device)
    optimizer = torch.optim.Adam(list(params.values()), lr=config.learning_rate, fused=True)

    def epoch() -> None:
        for indices in torch.randperm(len(x), device=device).split(config.batch_size):
            _descend(params, gradient, optimizer, x[indices], y[indices])

    return epoch


def graph_epoch(config: MLPConfig, data: Dataset, models: int, device: str) -> Callable[[], None]:
    """The same with the gradient compiled, and the step captured once as a CUDA graph and replayed.

    Its minibatches are all of one size, as a captured step's have to be. On a CPU, compiled alone.
    """
    x, y = _examples(data, device)
    params, gradient = _mapped(config, data, models, device)
    gradient, gpu = torch.compile(gradient), device.startswith("cuda")
    optimizer = torch.optim.Adam(list(params.values()), lr=config.learning_rate, fused=True, capturable=gpu)
    at = torch.zeros(config.batch_size, dtype=torch.int64, device=device)

    def step() -> None:
        _descend(params, gradient, optimizer, x[at], y[at])

    replay = _captured(step) if gpu else step

    def epoch() -> None:
        order = torch.randperm(len(x), device=device)
        for indices in order[: len(x) // len(at) * len(at)].split(len(at)):
            at.copy_(indices)
            replay()

    return epoch


def _captured(step: Callable[[], None]) -> Callable[[], None]:
    """A few steps beside the current stream, as torch's notes on graphs ask, then one that is captured."""
    stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def jax_epoch(config: MLPConfig, data: Dataset, models: int) -> Callable[[], float]:
    """An epoch of all models, on JAX's own choice of a device."""
    from benchmarks.training_jax import jax_epochs

    return jax_epochs(config, data, models, 1)


Params: TypeAlias = dict[str, torch.Tensor]
Gradient: TypeAlias = Callable[[Params, torch.Tensor, torch.Tensor], Params]


def _mapped(config: MLPConfig, data: Dataset, models: int, device: str) -> tuple[Params, Gradient]:
    """Parameters of all models, and what maps them and a minibatch to their gradients."""
    base = mlp(config, data).to(device)
    params, _ = stack_module_state([base] * models)  # type: ignore[arg-type]

    def loss(p: Params, xs: torch.Tensor, ys: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(functional_call(base, p, (xs,)), ys)

    leaves = {name: p.detach().requires_grad_() for name, p in params.items()}
    return leaves, vmap(grad(loss), in_dims=(0, None, None))


def _descend(
    params: Params, gradient: Gradient, optimizer: torch.optim.Optimizer, xs: torch.Tensor, ys: torch.Tensor
) -> None:
    grads = gradient({name: p.detach() for name, p in params.items()}, xs, ys)
    for name, p in params.items():
        p.grad = grads[name]
    optimizer.step()


def _examples(data: Dataset, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.from_numpy(data.scaled(data.x_train)).to(device)
    return x, torch.from_numpy(data.y_train).to(device)
