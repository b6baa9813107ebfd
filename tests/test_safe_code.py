"""What must not be in the code: things that run what they are given."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import PROJECT

ROOMS = ("index", "qa", "eval", "ui_assets", "bench", "examples", "train")
MODULES = {"pickle", "cPickle", "dill", "shelve", "marshal", "joblib", "cloudpickle", "code", "codeop"}
CALLS = {"eval", "exec", "compile", "__import__"}
ATTRIBUTES = {
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "yaml.load",
    "yaml.unsafe_load",
}
KEYWORDS = {"shell": True, "trust_remote_code": True, "allow_pickle": True, "weights_only": False}


def unsafe(tree: ast.AST) -> Iterator[str]:
    """What of the above a module holds, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"{node.lineno}: {name.name}" for name in node.names if name.name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in MODULES:
            yield f"{node.lineno}: {node.module}"
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in CALLS:
                yield f"{node.lineno}: {node.func.id}()"
            if isinstance(node.func, ast.Attribute) and ast.unparse(node.func) in ATTRIBUTES:
                yield f"{node.lineno}: {ast.unparse(node.func)}()"
            for keyword in node.keywords:
                value = getattr(keyword.value, "value", None)
                if keyword.arg in KEYWORDS and value is KEYWORDS[keyword.arg]:
                    yield f"{node.lineno}: {keyword.arg}={value}"


def test_the_code_runs_nothing_that_it_is_given() -> None:
    files = [PROJECT / "ui.py", *(file for room in ROOMS for file in sorted((PROJECT / room).rglob("*.py")))]
    assert len(files) > 40
    found = {str(file.relative_to(PROJECT)): list(unsafe(ast.parse(file.read_text("utf-8")))) for file in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from pickle import loads",
        "eval(x)",
        "exec('x')",
        "subprocess.run(x, shell=True)",
        "AutoModel.from_pretrained(x, trust_remote_code=True)",
        "np.load(x, allow_pickle=True)",
        "os.system(x)",
        "def f():\n    import marshal as m",
    ],
)
def test_the_check_finds_each_of_them(code: str) -> None:
    assert list(unsafe(ast.parse(code)))


def test_the_check_lets_their_safe_forms_be() -> None:
    code = "re.compile(x)\nsubprocess.run(x, shell=False)\nmodel.eval()\nfunctools.partial(run, shell=s)"
    assert not list(unsafe(ast.parse(code)))
