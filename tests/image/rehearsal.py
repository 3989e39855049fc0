"""Builds an image without an engine: each instruction of the Dockerfile is carried out, in a copy of this machine's system.

The copy is an overlay over `/` in a mount namespace of its own, so nothing outside is touched; this machine's Debian stands where
the base image would. `RUN` runs as it is written, `COPY` copies what `.dockerignore` lets through. Needs root.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).resolve().parents[2]
_BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CannotRehearse(Exception):
    """This machine does not let us mount."""


class Image:
    """`with Image() as image:` is built; `image.start([...])` runs its entry point as the engine would."""

    def __enter__(self) -> Self:
        self._at = Path(tempfile.mkdtemp(prefix="trunkline-image-"))
        self._holder: subprocess.Popen[bytes] | None = None
        self._stages: list[_Stage] = []
        try:
            self._hold()
            self._build()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._holder is not None:
            # The mounts are the namespace's: they go with its last process.
            self._holder.kill()
            self._holder.communicate(timeout=10)
        shutil.rmtree(self._at, ignore_errors=True)

    @property
    def config(self) -> _Stage:
        """The last stage: what the image says of itself."""
        return self._stages[-1]

    def start(
        self,
        command: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
        *,
        netns: str = "",
        **pipes: Any,
    ) -> subprocess.Popen[str]:
        """The entry point with a command in the place of the image's own, as its user and in its environment."""
        stage = self.config
        args = [*stage.entrypoint, *(stage.command if command is None else command)]
        return self._popen(stage, args, {**stage.env, **(env or {})}, stage.user, netns, **pipes)

    def run(self, args: Sequence[str], env: Mapping[str, str] | None = None, *, netns: str = "") -> tuple[int, str]:
        """A command beside the entry point (`docker exec`): its exit code and what it printed."""
        stage = self.config
        out = subprocess.PIPE
        with self._popen(
            stage, args, {**stage.env, **(env or {})}, stage.user, netns, stdout=out, stderr=subprocess.STDOUT
        ) as ran:
            told, _ = ran.communicate(timeout=120)
        return ran.returncode, told

    def put(self, path: str, text: str) -> None:
        """A file that is mounted into the container, readable by all."""
        self._write(self.config, path, text)

    def _hold(self) -> None:
        script = f"set -e; mount -t tmpfs tmpfs {self._at}; echo held; exec sleep 1200"
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script], stdout=subprocess.PIPE
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"held\n":
            raise CannotRehearse("`unshare --mount` and `mount` are not allowed here: run it as root.")

    def _inside(self, script: str) -> None:
        """A step in the namespace, outside of the copies."""
        assert self._holder is not None
        subprocess.run(["nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt", "sh", "-ec", script], check=True)

    def _write(self, stage: _Stage, path: str, text: str) -> None:
        target = shlex.quote(f"{stage.root}{path}")
        script = f"mkdir -p $(dirname {target}); cat > {target}; chmod 644 {target}"
        assert self._holder is not None
        inside = ["nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt", "sh", "-ec", script]
        subprocess.run(inside, input=text.encode(), check=True)

    def _popen(
        self, stage: _Stage, args: Sequence[str], env: Mapping[str, str], user: str, netns: str, **pipes: Any
    ) -> subprocess.Popen[str]:
        assert self._holder is not None
        there = f"cd {shlex.quote(stage.folder)} && exec {shlex.join(args)}"
        enter = ["nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt"]
        root = ["chroot", *([f"--userspec={user}:{user}", "--groups="] if user else []), stage.root]
        net = [f"--net=/run/netns/{netns}"] if netns else []
        clean = ["env", "-i", *(f"{name}={value}" for name, value in env.items())]
        return subprocess.Popen([*enter, *net, *root, *clean, "sh", "-c", there], text=True, **pipes)

    def _build(self) -> None:
        parser = DockerfileParser(fileobj=io.BytesIO((ROOT / "Dockerfile").read_bytes()))
        for step in parser.structure:
            name, value = step["instruction"], step["value"]
            if name == "FROM":
                self._stages.append(self._stage(value))
            elif name != "COMMENT":
                self._step(self._stages[-1], name, value)

    def _stage(self, value: str) -> _Stage:
        at = self._at / f"stage{len(self._stages)}"
        self._inside(
            f"mkdir -p {at}/upper {at}/work {at}/root; "
            f"mount -t overlay overlay -o lowerdir=/,upperdir={at}/upper,workdir={at}/work {at}/root; "
            f"mount --rbind /proc {at}/root/proc; mount --rbind /dev {at}/root/dev; "
            # An interpreter that this machine keeps under a private home is the base image's for everybody.
            f"chmod a+x {at}/root/root; rm -rf {at}/root/app"
        )
        words = value.split()
        path = f"{Path(shutil.which('python3') or '/usr/bin/python3').parent}:{_BASE_PATH}"
        return _Stage(name=words[2] if len(words) == 3 else "", root=f"{at}/root", env={"PATH": path})

    def _step(self, stage: _Stage, name: str, value: str) -> None:
        if name == "RUN":
            with self._popen(
                stage,
                ["sh", "-ec", value],
                {**_network(), **stage.env},
                "",
                "",
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            ) as ran:
                _, told = ran.communicate(timeout=600)
            if ran.returncode:
                raise AssertionError(f"RUN {value[:80]} … ended with {ran.returncode}:\n{told[-3000:]}")
        elif name == "COPY":
            self._copy(stage, value.split())
        elif name == "ENV":
            for pair in shlex.split(value):
                key, _, text = pair.partition("=")
                stage.env[key] = text.replace("$PATH", stage.env["PATH"])
        elif name == "WORKDIR":
            stage.folder = value
            self._inside(f"mkdir -p {stage.root}{value}")
        elif name == "USER":
            stage.user = value
        elif name in ("ENTRYPOINT", "CMD"):
            setattr(stage, {"ENTRYPOINT": "entrypoint", "CMD": "command"}[name], json.loads(value))
        elif name == "HEALTHCHECK":
            stage.health = json.loads(value[value.index("CMD") + 3 :])
        else:
            assert name in ("VOLUME", "EXPOSE"), f"the rehearsal does not know {name}"
            stage.said[name] = value

    def _copy(self, stage: _Stage, words: list[str]) -> None:
        source = next((word.partition("=")[2] for word in words if word.startswith("--from=")), "")
        *what, to = [word for word in words if not word.startswith("--")]
        target = f"{stage.root}{to}" if to.startswith("/") else f"{stage.root}{stage.folder}/{to}"
        if source:
            base = next(each for each in self._stages if each.name == source)
            self._inside(f"mkdir -p $(dirname {target}); cp -a {base.root}{what[0]} {target}")
            return
        allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        assert set(what) <= allowed, f".dockerignore keeps back {set(what) - allowed}"
        for each in what:
            # A folder's content is copied, a file under its own name.
            found = ROOT / each
            kind = (
                f"mkdir -p {target}; cp -r {found}/. {target}"
                if found.is_dir()
                else f"mkdir -p {target}; cp {found} {target}"
            )
            self._inside(kind)


class _Stage:
    """One `FROM` and what follows it."""

    def __init__(self, name: str, root: str, env: dict[str, str]) -> None:
        self.name, self.root, self.env = name, root, env
        self.folder, self.user = "/", ""
        self.entrypoint: list[str] = []
        self.command: list[str] = []
        self.health: list[str] = []
        self.said: dict[str, str] = {}


def _network() -> dict[str, str]:
    """How this machine reaches its package registries: the engine's affair, and needed only while building."""
    return {
        name: value for name, value in os.environ.items() if name.lower().endswith("_proxy") or name.startswith("PIP_")
    }
