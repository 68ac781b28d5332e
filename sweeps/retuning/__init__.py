"""What a retune has come to: the verdict on an earlier winner, what has moved, how the data have drifted."""

from sweeps.results.result import RETUNE_FILE
from sweeps.retuning.before import check_one_config, cost_in_words
from sweeps.retuning.conclude import conclude
from sweeps.retuning.drift import RULE, Drift, drift_between
from sweeps.retuning.holding import holding
from sweeps.retuning.moved import Agreement, Moved, agreement, moved
from sweeps.retuning.outcome import Retuned, read_retuned, write_retuned
from sweeps.retuning.search import search_after
from sweeps.retuning.verdict import Verdict, verdict_of

__all__ = [
    "RETUNE_FILE",
    "RULE",
    "Agreement",
    "Drift",
    "Moved",
    "Retuned",
    "Verdict",
    "agreement",
    "check_one_config",
    "conclude",
    "cost_in_words",
    "drift_between",
    "holding",
    "moved",
    "read_retuned",
    "search_after",
    "verdict_of",
    "write_retuned",
]
