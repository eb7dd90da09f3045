"""Where in a user's file something stands, for error messages."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ketascope.errors import InputError
from ketascope.models.structure import Structure


@dataclass(frozen=True)
class Places:
    """Places of a model, in its file where that is known.

    Parameters
    ----------
    model : Structure
    file : str or None
        Name of the file as the user gave it; None for a model that was made elsewhere.
    text : str
        What the file holds.
    """

    model: Structure
    file: str | None = None
    text: str = ""

    def of(self, member: str, word: str | None = None, *, line: int | None = None) -> str:
        """Return the place of an attribute or method, at a word in it if one is given.

        ``line``, where the caller knows it, goes before what is found here.
        """
        owner = type(self.model).__name__
        if self.file is None:
            return f"model {self.model.name or owner}, {member}"
        line = line if line is not None else self._line(owner, member, word)
        at = f", line {line}" if line is not None else ""
        return f"{self.file}{at}, {owner}.{member}"

    def refuse(
        self,
        member: str,
        message: str,
        *,
        hint: str | None = None,
        word: str | None = None,
        line: int | None = None,
    ) -> InputError:
        """Return the error for something wrong with a member."""
        return InputError(message, where=self.of(member, word, line=line), hint=hint)

    def last_line(self, error: BaseException) -> int | None:
        """Return the last line of the file that an exception passed through."""
        found = None
        trace = error.__traceback__
        while trace is not None:
            if self.file is not None and trace.tb_frame.f_code.co_filename == self.file:
                found = trace.tb_lineno
            trace = trace.tb_next
        return found

    def _line(self, owner: str, member: str, word: str | None) -> int | None:
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == owner:
                part = _member(node, member)
                return _word(part, word) or getattr(part, "lineno", None) or node.lineno
        return None


def _member(owner: ast.ClassDef | ast.FunctionDef, name: str) -> ast.AST:
    """Find what a class, or the decorator of a function, says under a name; else the owner."""
    if isinstance(owner, ast.ClassDef):
        for node in owner.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return node
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return node
        return owner
    for call in owner.decorator_list:
        for keyword in call.keywords if isinstance(call, ast.Call) else []:
            if keyword.arg == name:
                return keyword.value
    return owner


def _word(part: ast.AST, word: str | None) -> int | None:
    """Find the last line that holds a text as a literal, within a part of the file.

    The last, because what is said twice is wrong where it is said again.
    """
    lines = [n.lineno for n in ast.walk(part) if isinstance(n, ast.Constant) and n.value == word]
    return max(lines, default=None)
