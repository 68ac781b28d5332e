#!/usr/bin/env bash
# All that is to be seen on a GPU, in at most eight minutes, on a machine with torch and without us or Ray:
#   bash benchmarks/gpu_check.sh [--device cuda] [--fashion PATH] [--small]
# What is importable; the trainer's tests on the device; stacks against torch and JAX; a serial sweep. A part that fails
# does not end it. All output is kept in $OUT (./gpu_check_out). --small: minutes less, to try the script out.
# PYTHON: the interpreter, by default python3.
set -u
device=cuda fashion=() small=
while [ $# -gt 0 ]; do
    case $1 in
        --device) device=$2; shift 2 ;;
        --fashion) fashion=(--fashion "$2"); shift 2 ;;
        --small) small=1; shift ;;
        *) echo "unknown: $1; usage: bash benchmarks/gpu_check.sh [--device cuda] [--fashion PATH] [--small]"; exit 2 ;;
    esac
done
cd "$(dirname "$0")/.." || exit 1
OUT=${OUT:-$PWD/gpu_check_out}
mkdir -p "$OUT" && OUT=$(cd "$OUT" && pwd) || exit 1
exec > >(tee "$OUT/output.txt") 2>&1
python=${PYTHON:-python3}
export PYTHONPATH=$PWD:$PWD/benchmarks/bare${PYTHONPATH:+:$PYTHONPATH} PYTHONDONTWRITEBYTECODE=1 XLA_PYTHON_CLIENT_PREALLOCATE=false
export TORCHINDUCTOR_COMPILE_THREADS=1 # or each part ends by waiting for a pool of compilers that is still starting
ends=$((SECONDS + (${small:-0} ? 170 : 470)))
failed=()

# Seconds at most, name, command: runs it for no longer than is left. Interrupted, pytest tells what it has seen by then.
part() {
    local most=$1 name=$2 left=$((ends - SECONDS)) began=$SECONDS
    shift 2
    [ "$most" -gt "$left" ] && most=$left
    echo; echo "== $name (at most $most s)"
    if [ "$most" -lt 5 ]; then failed+=("$name: no time left"); return; fi
    timeout --signal=INT --kill-after=8 "$most" "$@" 2>&1 | tee "$OUT/${name//[^a-z0-9]/-}.txt"
    local rc=${PIPESTATUS[0]}
    echo "-- $name: exit $rc after $((SECONDS - began)) s"
    [ "$rc" -eq 0 ] || failed+=("$name: exit $rc")
}
has() { "$python" -c 'import importlib.util, sys; sys.exit(any(importlib.util.find_spec(n) is None for n in sys.argv[1:]))' "$@"; }

part 60 machine "$python" -m benchmarks.bare.look
if ! has numpy torch; then echo "nothing can be done without numpy and torch"; exit 1; fi

has pytest hypothesis || timeout 25 "$python" -m pip install -q --disable-pip-version-check --retries 0 pytest hypothesis >/dev/null 2>&1
if has pytest; then
    options=(-o addopts= -o filterwarnings=default -p no:cacheprovider -q --tb=short --continue-on-collection-errors)
    has hypothesis || { echo "hypothesis is missing: its tests are left out"; options+=(--noconftest); }
    has xdist && options+=(-p no:xdist)
    [ "$device" = torch-cpu ] || export CAVIAR_TEST_DEVICE=$device
    if [ -n "$small" ]; then
        part 60 tests "$python" -m pytest "${options[@]}" -k "torch-cpu and (divergence or layers or heads)" \
            tests/trainer/backends tests/trainer/layers tests/trainer/heads
    else
        part 60 captured "$python" -m pytest "${options[@]}" -k "$device and (adam- or nesterov-)" \
            tests/trainer/backends/test_gpu.py
        part 80 tests "$python" -m pytest "${options[@]}" -k "$device" tests/trainer/layers tests/trainer/heads \
            tests/trainer/network tests/trainer/stack/test_padding.py tests/trainer/stack/test_checkpoints.py \
            tests/trainer/backends/test_torch.py tests/trainer/backends/test_backends.py
    fi
else
    echo "pytest is missing and cannot be installed: no tests"; failed+=("tests: no pytest")
fi

models=1,16,256,1024,4096 size=(--examples 12800 --repeats 3) sweep=(--trials 64)
[ -n "$small" ] && models=1,4 size=(--examples 640 --repeats 1) sweep=(--trials 4 --epochs 2 --examples 640)
rows=$OUT/rows.jsonl; : > "$rows"
bench=("$python" -m benchmarks.gpu --device "$device" --rows "$rows" "${size[@]}" ${fashion[@]+"${fashion[@]}"})
part 75 caviar "${bench[@]}" --models "$models" --sides caviar
part 50 sweep "$python" -m benchmarks.gpu_sweep --device "$device" "${sweep[@]}" ${fashion[@]+"${fashion[@]}"}
part 25 eager "${bench[@]}" --sides eager
part 70 graph "${bench[@]}" --models "$models" --sides graph
if has jax; then part 110 jax "${bench[@]}" --models "$models" --sides jax; else echo "JAX is missing: not compared"; fi
part 50 vmap "${bench[@]}" --models "$models" --sides vmap
part 45 sweep-alone "$python" -m benchmarks.gpu_sweep --alone --device "$device" "${sweep[@]}" ${fashion[@]+"${fashion[@]}"}
part 30 compared "${bench[@]}" --sides ""

echo; echo "== $SECONDS s; all output in $OUT"
if [ ${#failed[@]} -gt 0 ]; then printf 'failed: %s\n' "${failed[@]}"; exit 1; fi
echo "all parts went through"
