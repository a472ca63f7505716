"""The scoring core: phases, evidence, posterior, group, forecast, fit, explain.

Pure functions over Narwhals lazy frames and NumPy arrays. No I/O but the packaged prior, no clock, no environment:
the instant `as_of` is an argument. It imports nothing of the other rooms.
"""
