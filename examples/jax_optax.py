"""A network in JAX with optax: of any tree of arrays, the leaves are kept.

Run it with `python examples/jax_optax.py`.
"""

import jax
import optax

import sweeps

SPACE = {"rate": sweeps.LogUniform(1e-4, 0.1), "units": sweeps.Choice([16, 64], ordered=True)}


def loss(w, x, y):
    return optax.softmax_cross_entropy_with_integer_labels(jax.nn.relu(x @ w["w1"]) @ w["w2"], y).mean()


@jax.jit  # compiled once a worker and shape: the rate is an argument
def train_epoch(state, rate, batches):
    def step(state, batch):
        updates, moments = optax.adam(rate).update(jax.grad(loss)(state[0], *batch), state[1])
        return (optax.apply_updates(state[0], updates), moments), None

    return jax.lax.scan(step, state, batches)[0]


def train(config, run):
    first, second, units = *jax.random.split(jax.random.key(run.seed)), config["units"]
    params = {"w1": jax.random.normal(first, (64, units)) / 8}
    params["w2"] = jax.random.normal(second, (units, 10)) / units**0.5
    leaves, tree = jax.tree.flatten((params, optax.adam(1.0).init(params)))
    state = jax.tree.unflatten(tree, run.restore() or leaves)
    batches = run.data.x_train[:1056].reshape(33, 32, 64), run.data.y_train[:1056].reshape(33, 32)
    for _ in range(run.start, run.epochs):
        state = train_epoch(state, config["rate"], batches)
        run.save(jax.tree.leaves(state))
        yield {"val_loss": loss(state[0], run.data.x_validation, run.data.y_validation)}


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data="digits", trials=16, epochs=9).best)
