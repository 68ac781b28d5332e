"""Your own torch models, many trained as one: jobs of one `pack_key` share a pack.

Run it with `python examples/vectorised.py`.
"""

import torch
from torch.func import functional_call, grad, stack_module_state, vmap

import sweeps


class Nets:
    """seats: how many train at once. config: `units`, which they have in common, and each its own `rate`."""

    seats = 16

    def __init__(self, config, run):
        self.x, self.y = (torch.tensor(part) for part in run.data)
        self.build = lambda: torch.nn.Sequential(
            torch.nn.Linear(self.x.shape[1], config["units"]),
            torch.nn.Tanh(),
            torch.nn.Linear(config["units"], 1),
        ).to(self.x.dtype)
        self.nets, self.rates, base = {}, {}, self.build()

        def loss(params, x, y):
            return torch.nn.functional.mse_loss(functional_call(base, params, (x,))[:, 0], y)

        self.losses, self.gradients = vmap(loss, (0, None, None)), vmap(grad(loss), (0, None, None))

    def enter(self, seat, config, run):
        torch.manual_seed(run.seed)
        net, saved = (
            self.build(),
            run.restore(),
        )  # what `save` gave after epoch run.start, None at the beginning
        if saved is not None:
            net.load_state_dict({name: torch.tensor(array) for name, array in saved.items()})
        self.nets[seat], self.rates[seat] = net, config["rate"]

    def leave(self, seat):
        del self.nets[seat], self.rates[seat]

    def epoch(self):
        params = {name: p.detach() for name, p in stack_module_state(list(self.nets.values()))[0].items()}
        rates = torch.tensor(list(self.rates.values()), dtype=self.x.dtype)
        for x, y in zip(self.x.split(32), self.y.split(32), strict=True):
            for name, g in self.gradients(params, x, y).items():
                params[name] = params[name] - rates.view(-1, *[1] * (g.ndim - 1)) * g
        for row, net in enumerate(self.nets.values()):
            net.load_state_dict({name: p[row] for name, p in params.items()})
        losses = self.losses(params, self.x, self.y).tolist()
        return {seat: {"val_loss": loss} for seat, loss in zip(self.nets, losses, strict=True)}

    def save(self, seat):
        return {name: p.numpy() for name, p in self.nets[seat].state_dict().items()}


class Trainable:
    """What a sweep is given; a spec beside this file says `trainable: vectorised:train`."""

    def pack_key(self, config, run):
        return run.device, config["units"]

    pack = staticmethod(Nets)


train = Trainable()
SPACE = {"rate": sweeps.LogUniform(1e-3, 0.3), "units": sweeps.Choice([8, 16])}


def data():
    draws = torch.Generator().manual_seed(0)
    x = torch.randn(256, 4, generator=draws, dtype=torch.float64)
    return x.numpy(), torch.sin(x.sum(1)).numpy()


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data=data(), trials=64, epochs=27, serial=True).best)
