"""The demo provider: a model that answers inside the gateway's process, without a key and without a network.

It stands where a connection pool stands: `await Demo().send(outgoing)` gives an answer to read piece by piece. Each
wire has a file that parses and renders; `mind` alone decides what is said. Imports nothing of ours but errors.

What a person can ask of it, besides anything at all:

    call Bash {"command": "ls"}     calls that tool, if it was offered, with those arguments
    call Bash ls                    the same, where the tool needs just one string
    call apply_patch *** Begin …    the text that follows, for a tool that takes free text
    several such lines              several calls, 16 at most: in one answer, or in turn where parallel calls are off
"""

from trunkline.upstream.demo.provider import BASE, Demo

__all__ = ["BASE", "Demo"]
