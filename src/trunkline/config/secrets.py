"""Keys: telling a real one from a placeholder, and finding the one to use. No I/O, no value is ever shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trunkline.catalog.provider import Provider
from trunkline.config.environment import Environment
from trunkline.config.schema import Secret

_REFERENCE = re.compile(
    r"^(os\.(environ|getenv)\b.*|env[.:/].*|process\.env\..*|\$[A-Za-z_]\w*|\$[{(].*[})]|%\w+%|\{\{.*\}\}|secret/.*)$",
    re.DOTALL,
)
"""Ways of naming a variable that nobody expanded."""
_VARIABLE_NAME = re.compile(r"^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*_(KEY|TOKEN|SECRET)$")
_ONLY_PREFIX = re.compile(r"^(sk|pk|gsk|xai|sk-ant|sk-proj|sk-or|sk-or-v1|sk-ant-api\d\d|AIza)[-_]?$", re.IGNORECASE)
_ONLY_X = re.compile(r"^([a-z]{1,5}\d{0,2}[-_]){0,3}(x{3,}[-_.]?)+$", re.IGNORECASE)
_VERBS = {"your", "insert", "put", "enter", "paste", "replace", "change", "add"}
_NOUNS = {"key", "apikey", "token", "secret", "here", "me", "this", "it", "password", "credential", "credentials"}
_JOINED = re.compile(r"^(sk)?(your|insert|enter|paste|replace|change)[a-z]{0,24}(key|token|secret|here|me|this)$")
_WHOLE = {
    "apikey", "changeit", "fixme", "key", "keyhere", "na", "none", "null", "placeholder", "skplaceholder", "tbd",
    "todo", "token", "undefined", "unset",
}  # fmt: skip
_MASKS = ("...", "\u2026", "***", "\u2022\u2022")


def fault(value: str) -> str:
    """Why a value cannot be a key, as the end of a sentence that begins with its name; empty for what may be one.

    It errs on the side of believing: keys that vendors hand out are long, random, and have none of these shapes.
    """
    text = clean(value)
    if not text:
        return "is empty"
    if _REFERENCE.match(text):
        return "holds a reference that nothing has expanded"
    if _VARIABLE_NAME.match(text):
        return "holds a variable's name instead of a key (write `os.environ/NAME`)"
    if not text.isascii() or any(ord(sign) < 32 for sign in text):
        return "is still a placeholder" if any(mask in text for mask in _MASKS) else "holds signs that no key has"
    return "is still a placeholder" if _is_placeholder(text) else ""


def _is_placeholder(text: str) -> bool:
    if ("<" in text and ">" in text) or any(mask in text for mask in _MASKS) or text.startswith("["):
        return True
    if _ONLY_PREFIX.match(text) or _ONLY_X.match(text):
        return True
    lowered = text.lower()
    words = {word for word in re.split(r"[^a-z0-9]+", lowered) if word}
    if len(text) <= 60 and words & _VERBS and words & _NOUNS:
        return True
    letters = "".join(sign for sign in lowered if sign.isalpha())
    joined = len(letters) >= len(text) * 3 // 4 and _JOINED.match(letters) is not None
    return joined or lowered.replace("-", "").replace("_", "") in _WHOLE


def clean(value: str) -> str:
    """A key without the blanks and quotes that copying brings along."""
    text = value.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'`":
        text = text[1:-1].strip()
    return text


@dataclass(frozen=True, slots=True)
class Found:
    """A key, or the sentence that says why there is none. `where` names what is to be mended, for a warning."""

    key: Secret | None = None
    missing: str = ""
    where: str = ""


def from_file(value: str, variable: str, where: str, provider: Provider, environment: Environment) -> Found:
    """The key that the file gives: `variable` is the name it referred to, empty when it was written out."""
    name = environment.called(variable) if variable else f"{where} `api_key`"
    wrong = fault(value) if not variable or variable in environment else "is not set"
    if wrong:
        return Found(missing=_missing(name, wrong, provider, variable), where=name if variable else where)
    return Found(key=Secret(clean(value), variable or f"{where} api_key"))


def from_environment(provider: Provider, environment: Environment) -> Found:
    """The first usable key among the provider's variables; a placeholder is passed over, and named if it was all."""
    wrong: Found | None = None
    for name in provider.key_names:
        if name not in environment:
            continue
        because = fault(environment[name])
        if not because:
            return Found(key=Secret(clean(environment[name]), name))
        called = environment.called(name)
        wrong = wrong or Found(missing=_missing(called, because, provider, name), where=called)
    if wrong:
        return wrong
    names = " or ".join(provider.key_names[:2]) or "`api_key`"
    return Found(missing=_missing(names, "is not set", provider, names), where=names)


def _missing(name: str, wrong: str, provider: Provider, variable: str) -> str:
    remedy = f"Set {variable} in the environment or in `.env`" if variable else "Put the key there"
    page = f"; a key is made at {provider.key_page}" if provider.key_page else ""
    return f"No key for {provider.title}: {name} {wrong}. {remedy}{page}."
