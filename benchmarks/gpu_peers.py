"""The peers of benchmarks.gpu: torch, one model at a time and as one function mapped over models."""

from __future__ import annotations

from collections.abc import Callable

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
    base = mlp(config, data).to(device)
    params, _ = stack_module_state([base] * models)  # type: ignore[arg-type]
    params = {name: p.detach().requires_grad_() for name, p in params.items()}
    optimizer = torch.optim.Adam(list(params.values()), lr=config.learning_rate, fused=True)

    def loss(p: dict[str, torch.Tensor], xs: torch.Tensor, ys: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(functional_call(base, p, (xs,)), ys)

    gradient = vmap(grad(loss), in_dims=(0, None, None))

    def epoch() -> None:
        for indices in torch.randperm(len(x), device=device).split(config.batch_size):
            grads = gradient({name: p.detach() for name, p in params.items()}, x[indices], y[indices])
            for name, p in params.items():
                p.grad = grads[name]
            optimizer.step()

    return epoch


def _examples(data: Dataset, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.from_numpy(data.scaled(data.x_train)).to(device)
    return x, torch.from_numpy(data.y_train).to(device)
