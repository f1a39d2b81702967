"""Metrics as pure functions: values in, numbers out. No files, no models, no network."""
