"""The command line: one verb per file. Every module here is cheap to import; what is heavy is imported by the verb."""
