"""The Python SDK: `completion()` and its kin, on the gateway's own engine in the program's process."""
