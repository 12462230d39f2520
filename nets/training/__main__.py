"""``python -m nets.training``, alone or under ``torchrun``."""

from nets.training.command import main

if __name__ == "__main__":
    main()
