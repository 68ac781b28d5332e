"""`python -m sweeps` is the `caviar` command."""

from sweeps.command import main

if __name__ == "__main__":
    main()
