"""The `caviar` command."""

import signal

__all__ = ["main"]


def main() -> None:
    """Run the command. Until it is loaded, which takes a second, Ctrl-C ends it without a traceback."""
    from sweeps.interrupt import end_without_a_word

    before = signal.signal(signal.SIGINT, end_without_a_word)
    from sweeps.command.app import main as run_command

    signal.signal(signal.SIGINT, before)
    run_command()
