"""`python -m eval …` is `plumb eval …`."""

from rag.privacy import silence_libraries

if __name__ == "__main__":
    silence_libraries()
    from eval.command import app

    app(prog_name="python -m eval")
