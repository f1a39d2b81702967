"""How the shipped scorer was fitted. Not installed with the program; see docs/scorer.md."""
