"""Lightning, whose Trainer owns the loop: a callback reports, keeps its checkpoint and stops in time.

Run it with `python examples/lightning_callback.py`.
"""

import torch
from lightning.pytorch import LightningModule, Trainer
from torch.utils.data import DataLoader, TensorDataset

import sweeps
from sweeps.integrations.lightning import Report, checkpoint

SPACE = {"rate": sweeps.LogUniform(1e-4, 0.1)}
QUIET = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}


class Model(LightningModule):
    def __init__(self, rate):
        super().__init__()
        self.rate, self.net = rate, torch.nn.Linear(64, 10)

    def training_step(self, batch):
        return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def validation_step(self, batch):
        self.log("val_loss", self.training_step(batch))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.rate)


def train(config, run):
    torch.manual_seed(run.seed)
    parts = (run.data.x_train, run.data.y_train), (run.data.x_validation, run.data.y_validation)
    batches = [DataLoader(TensorDataset(*map(torch.tensor, part)), 32) for part in parts]
    trainer = Trainer(max_epochs=run.epochs, callbacks=[Report(run)], enable_checkpointing=False, **QUIET)
    trainer.fit(Model(config["rate"]), *batches, ckpt_path=checkpoint(run))


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data="digits", trials=8, epochs=9).best)
