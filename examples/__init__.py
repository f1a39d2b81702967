"""The example documents, their questions, and the script that makes the binary ones."""
