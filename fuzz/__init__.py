"""Looks for bytes that break what reads them: every decoder and every reader of requests, guided by coverage."""
