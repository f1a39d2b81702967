"""`python -m eval …` is `plumb eval …`."""

from eval.command import app

if __name__ == "__main__":
    app(prog_name="python -m eval")
