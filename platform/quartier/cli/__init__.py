"""The commands behind `./quartier`, each a few lines over an action. Exit 0 is done, 1 failed, 2 misused."""
