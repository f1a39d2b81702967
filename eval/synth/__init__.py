"""Questions made from a collection by the language model, checked, and given to people to mend.

`generate` proposes, `checks` sifts, `review` writes the page to accept, mend or reject, `export`
turns what was accepted into fine-tuning pairs.
"""
