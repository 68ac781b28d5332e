"""A network in torch: weights and optimizer are kept as they are, and a promoted trial goes on from them.

Run it with `python examples/torch_mlp.py`.
"""

import torch
from torch.nn.functional import cross_entropy

import sweeps

SPACE = {"rate": sweeps.LogUniform(1e-4, 0.1), "units": sweeps.LogIntUniform(16, 128)}


def train(config, run):
    x, y = torch.tensor(run.data.x_train), torch.tensor(run.data.y_train).long()
    x_val, y_val = torch.tensor(run.data.x_validation), torch.tensor(run.data.y_validation).long()
    torch.manual_seed(run.seed)
    layers = torch.nn.Linear(64, config["units"]), torch.nn.ReLU(), torch.nn.Linear(config["units"], 10)
    model = torch.nn.Sequential(*layers).to(x.dtype)
    optimizer = torch.optim.Adam(model.parameters(), lr=config["rate"])
    if saved := run.restore():
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        optimizer.param_groups[0]["lr"] = config["rate"]  # a nudge or a population may have changed it
    for epoch in range(run.start, run.epochs):
        shuffle = torch.Generator().manual_seed(run.seed + epoch)
        for batch in torch.randperm(len(x), generator=shuffle).split(32):
            optimizer.zero_grad()
            cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
        run.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()})
        yield {"val_loss": cross_entropy(model(x_val), y_val)}


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data="digits", trials=32, epochs=9).best)
