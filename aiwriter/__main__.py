"""`python -m aiwriter` is the command line."""

from aiwriter.cli import main

if __name__ == "__main__":
    main()
