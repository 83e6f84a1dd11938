"""Notebooks run by papermill's own engine and by ours, after a rehearsal: the same outputs, counts, order, statuses.

Each rule of nbclient and of IPython is a few cells and a piece of what they show, so that two failures do not pass for
agreement; the rules of a book are one notebook, which each engine runs once. What differs on purpose stands below.
"""

from __future__ import annotations

import copy
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import papermill
import pytest
from jupyter_client.kernelspec import NoSuchKernel
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from pupitre.run import engine
from pupitre.run.inputs import Order

Json = dict[str, Any]
ALLOWED, SKIPPED = "raises-exception", "skip-execution"


@dataclass(frozen=True)
class Rule:
    """Cells, and what must be read in what they give."""

    shows: str
    cells: tuple[Json, ...]


def rule(shows: str, *sources: str | Json, tags: tuple[str, ...] = ()) -> Rule:
    """Cells by their sources, all with the same tags."""
    made = (new_code_cell(one, metadata={"tags": list(tags)}) if isinstance(one, str) else one for one in sources)
    return Rule(shows, tuple(made))


def allowed(shows: str, *sources: str) -> Rule:
    """Cells whose errors stop nothing."""
    return rule(shows, *sources, tags=(ALLOWED,))


IMPORTS = """\
import asyncio, atexit, logging, multiprocessing, os, random, subprocess, sys, tempfile, threading, time, warnings
from IPython.display import *
"""
FORK = "multiprocessing.get_context('fork')"
BOOKS: dict[str, dict[str, Rule]] = {
    "cells": {
        "only code that is not blank runs": rule(
            "brut", new_markdown_cell("# Titre"), new_raw_cell("brut"), "", "  \n\t", IMPORTS
        ),
        "a skipped cell is not sent": rule(SKIPPED, "1/0", tags=(SKIPPED,)),
        "stdout and stderr": rule("o 0", "for i in range(4):\n  print('o', i)\n  print('e', i, file=sys.stderr)"),
        "stdout and stderr alternate when flushed": rule(
            "e 1",
            "for i in range(4):\n  print('o', i, flush=True)\n  print('e', i, file=sys.stderr, flush=True)",
        ),
        "what is printed after a pause": rule("b\\n", "print('a'); time.sleep(.5); print('b')"),
        "unusual text": rule("é€😀", "print('é€😀', end='')", "sys.stdout.write('abc\\r\\ndef\\b\\n')"),
        "results and history": rule("8: 3", "1+1", "_+1", "Out, In[1:3], _, __", "5;", "None", "%history -n 1-3"),
        "a display and a result": rule(
            "<b>1</b>", "print('t'); display(HTML('<b>1</b>')); display(1, 2, metadata={'text/plain': {'a': 1}}); 3"
        ),
        "a display updated later": rule(
            "<i>y</i>",
            "d = display({'text/plain': 'x'}, raw=True, display_id='k')",
            "update_display({'text/plain': 'y', 'text/html': '<i>y</i>'}, raw=True, display_id='k')\n"
            "update_display(2, display_id='unknown')",
        ),
        "a handle": rule(
            "'last'", "h = display('a', display_id=True); h.update('b'); h.display('c')", "h.update('last')"
        ),
        "output cleared": rule(
            '"text": "2\\n"',
            "print(1); clear_output(); print(2)",
            "print(1); clear_output(wait=True); print(2); clear_output(wait=True)",
            "print(1); display(2, display_id='q'); clear_output(wait=True)",
            "display(3, display_id='q')",
            "update_display(4, display_id='q')",
        ),
        "top-level await": rule(
            "now",
            "async def late(): await asyncio.sleep(.2); print('task done')\n"
            "t = asyncio.create_task(late())\nawait asyncio.sleep(.01); print('now')",
            "await t; await asyncio.sleep(.1)",
            "t = asyncio.create_task(late())",
            "print('busy'); time.sleep(.1)",
            "await asyncio.sleep(.3)",
            "asyncio.get_event_loop() is asyncio.get_running_loop()",
        ),
        "commands": rule("bonjour", "!echo bonjour; echo err >&2", "x = !echo a b\nx", "%%bash\necho bash", "!exit 3"),
        "what goes round Python's streams": rule(
            "round stderr",
            "os.write(1, b'round stdout\\n'); time.sleep(.2)",
            "os.write(2, b'round stderr\\n'); time.sleep(.2)",
            "subprocess.run('echo sub', shell=True); time.sleep(.1)",
        ),
        "processes that print": rule(
            "child",
            f"def g(i): print('child', i, flush=True); return i\np = {FORK}.Process(target=g, args=(1,))\n"
            "p.start(); p.join(); time.sleep(.1)",
            f"with {FORK}.Pool(1) as pool: r = pool.map(g, [2, 3])\ntime.sleep(.1); r",
            "from concurrent.futures import ProcessPoolExecutor\n"
            "with ProcessPoolExecutor(2) as pool: print([*pool.map(len, ['a', 'bb'])])",
        ),
        "threads that print": rule(
            "joined",
            "def late(): time.sleep(.4); print('late')\nth = threading.Thread(target=late); th.start(); print('first')",
            "th.join(); print('joined')",
            "th = threading.Thread(target=late); th.start()",
            "time.sleep(.6)",
        ),
        "a warning once a cell": rule(
            "DeprecationWarning",
            "def w(): warnings.warn('un'); warnings.warn('un', DeprecationWarning)\nw(); w()",
            "w()",
            "warnings.warn('deux')\nwarnings.warn('deux')",
        ),
        "logging": rule(
            "ERROR:a:e",
            "logging.warning('w'); logging.getLogger('a').error('e'); logging.info('i')",
            "log = logging.getLogger(); log.setLevel(20); logging.info('i2'); [type(h).__name__ for h in log.handlers]",
        ),
        "tqdm": rule(
            "3/3",
            "from tqdm import tqdm\nfor i in tqdm(range(3), mininterval=99, bar_format='{desc}{n}/{total}'): pass",
            "from tqdm.auto import tqdm as auto\nfor i in auto(range(3), bar_format='{n}/{total}'): pass",
        ),
        "tables": rule(
            "background-color",
            "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']}); df",
            "df.style.highlight_max(subset=['a'])",
            "pd.get_option('display.max_rows')",
        ),
        "the ways to show an object": rule(
            "image/png",
            "class A:\n  def _repr_mimebundle_(self, **k): return {'text/x': 'x'}, {'text/x': {'m': 1}}\nA()",
            "display(JSON({'a': 1}), Markdown('**a**'), Latex('$a$'), Javascript('1'))",
            "Image(data=b'\\x89PNG\\r\\n\\x1a\\n' + b'0' * 20, format='png')",
            "get_ipython().ast_node_interactivity = 'all'",
            "1\n2",
            "get_ipython().ast_node_interactivity = 'last_expr'",
        ),
        "magics": rule(
            "%alias_magic", "%lsmagic", "%who", "?len", "%%capture c\nprint(1)\ndisplay(2)\n3", "c.stdout", "c()"
        ),
        "a comm that nobody answers": rule(
            "execution_count", "from ipykernel.comm import Comm\nc = Comm(target_name='x', data={'a': 1}); c.send({})"
        ),
        "where and with what it runs": rule(
            "xterm-color",
            "os.getcwd(), sys.argv[0], sys.path, tempfile.gettempdir(), time.tzname, os.umask(0o22)",
            "[os.environ.get(name) for name in ('MPLBACKEND', 'TERM', 'PAGER', 'OMP_NUM_THREADS', 'PYTHONPATH')]",
            "sorted(os.environ.keys() - {'PYDEVD_USE_FRAME_EVAL'})",
            "sorted(name for name in globals() if not name[1:].isdigit())",
            "sys.modules['__main__'].__dict__ is globals()",
            "get_ipython().execution_count, get_ipython().history_manager.hist_file",
        ),
        "the state of the interpreter": rule(
            "OutStream",
            "import decimal, faulthandler, gc, locale, resource, signal",
            "[signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGALRM)]",
            "sys.stdout, sys.stdout.isatty(), sys.stdin.closed, sys.displayhook.__class__, sys.flags, __name__",
            "[resource.getrlimit(one) for one in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE)]",
            "os.sched_getaffinity(0), os.nice(0), threading.current_thread().name",
            "gc.isenabled(), sys.getrecursionlimit(), locale.getlocale(), faulthandler.is_enabled()",
            "decimal.getcontext(), logging.root.level, sys.breakpointhook.__module__",
        ),
        "what libraries keep": rule(
            "precision",
            "import matplotlib.pyplot as plt, numpy as np\nplt.get_fignums(), np.geterr(), np.get_printoptions()",
            "print(pd.describe_option(_print_desc=False).upper().split('CURRENTLY')[1:])",
            "shell = get_ipython(); shell.extension_manager.loaded, shell.events.callbacks, logging.root.handlers",
        ),
        "the end of the kernel": rule(
            "touch",
            "def touch(name): open(name, 'w').close()\natexit.register(touch, 'atexit')",
            "def slow(): time.sleep(.2); touch('thread')\nthreading.Thread(target=slow).start()\n"
            "import builtins; builtins.kept = tempfile.TemporaryDirectory(dir='.')",
        ),
    },
    "large": {
        "five megabytes in one message": rule("x 5000000 times", "print('x' * 5_000_000)"),
        "two megabytes of source": rule("2000000", f"z = '{'z' * 2_000_000}'\nlen(z)"),
    },
    "widgets": {
        "a widget": rule(
            "widget-view", "import ipywidgets as w\ns = w.IntSlider(value=3, description='S')\ns", "s.value = 7"
        ),
        "an Output widget": rule(
            "out\\n",
            "o = w.Output()\nwith o:\n  print('inside'); display(5)\no",
            "with o: print('again')\nprint('out')",
            "@o.capture()\ndef g(): raise ValueError('in output')\ng()",
        ),
        "interact and bytes": rule(
            "widget-view", "@w.interact(x=(0, 3))\ndef f(x=1): return x", "w.Image(value=b'123', format='png')"
        ),
    },
    "charts": {
        "figures after the result": rule(
            "image/png", "import matplotlib as mpl, matplotlib.pyplot as plt\nplt.plot([1, 2]); print('before')\n7"
        ),
        "figures shown and several": rule(
            "after",
            "plt.plot([1]); plt.show(); print('after'); plt.plot([2]);",
            "for i in 1, 2: plt.figure(); plt.plot([i])",
        ),
        "a figure as the result": rule("Figure size", "plt.subplots(figsize=(1, 1))[0]", "plt.get_fignums()"),
        "style": rule("figure.figsize", "plt.rcParams", "plt.rcParams['figure.figsize'] = 1, 1\nplt.plot([1]);"),
        "the inline magic": rule("Line2D", "%matplotlib inline", "plt.plot([1])", "plt.rcParams['figure.figsize']"),
        "the format of figures": rule(
            "image/svg",
            "plt.rcParams['svg.hashsalt'] = 'a'\n%config InlineBackend.figure_formats = ['svg']\nplt.plot([1]);",
            "%config InlineBackend.figure_formats",
            "%config InlineBackend.print_figure_kwargs = {'bbox_inches': None}\nplt.plot([1]);",
            "%config InlineBackend.close_figures = False\nplt.plot([1]); plt.gcf().number",
            "plt.get_fignums()",
        ),
        "another backend": rule("agg", "plt.close('all')\n%matplotlib agg\nplt.plot([1])", "mpl.get_backend()"),
    },
    "agg": {
        "the backend of the environment": rule(
            "'agg'", "import matplotlib.pyplot as plt\nplt.plot([1])", "plt.show()", "plt.get_backend()"
        )
    },
    "errors": {
        "an error allowed": allowed("ZeroDivisionError", "1/0", "def a(n): return a(n - 1) if n else 1/0\na(3)"),
        "an error after outputs": allowed(
            "undefined", "import sys\nprint('o'); print('e', file=sys.stderr); undefined"
        ),
        "wrong syntax": allowed("SyntaxError", "def f(:\n  pass", "x = 1\n   y = 2"),
        "wrong magics": allowed("UsageError", "%nomagic", "%%nomagic\n1", "%matplotlib nope", "%%bash\nexit 2"),
        "groups and causes": allowed(
            "ExceptionGroup",
            "raise ExceptionGroup('g', [ValueError('a'), ExceptionGroup('h', [KeyError('b')])])",
            "try:\n  1/0\nexcept ZeroDivisionError as e: raise ValueError('x') from e",
        ),
        "nobody answers": allowed("StdinNotImplementedError", "input('q')", "import getpass; getpass.getpass()"),
        "exits": allowed("SystemExit", "sys.exit()", "sys.exit(0)", "sys.exit(3)", "sys.exit('msg')"),
        "errors in a library": allowed("KeyError", "import pandas as pd\npd.DataFrame({'a': [1]})['b']"),
        "an error in a task": allowed(
            "never", "import asyncio\nasync def f(): raise ValueError('async')\nawait f()", "'never'"
        ),
        "an interruption": allowed(
            "KeyboardInterrupt",
            "raise KeyboardInterrupt",
            "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT); time.sleep(1)",
            "raise GeneratorExit",
        ),
        "objects that cannot be told": allowed(
            "ValueError",
            "class E(Exception):\n  def __str__(self): raise ValueError('s')\nraise E",
            "class B:\n  def _repr_html_(self): raise ValueError('no')\nB()",
        ),
        "other tracebacks": allowed("z/0", "%xmode Plain\n1/0", "%xmode Verbose\nz = 1; z/0", "%tb", "sys.last_value"),
        "the count goes on": rule("execution_count", "1+1"),
    },
    "first error": {"the next cells wait": rule("pending", "1", "print('a'); 1/0", "2")},
    "exit": {"the next cells wait": rule("SystemExit", "1", "import sys; sys.exit()", "2")},
    "exit 0": {"the next cells wait": rule("SystemExit", "1", "import sys; sys.exit(0)", "2")},
    "exit 3": {"the next cells wait": rule("SystemExit", "1", "import sys; sys.exit(3)", "2")},
    "quit": {"the kernel leaves": rule("completed", "1", "quit()")},
}
FATAL = (
    ("print('a', flush=True); import os, time; time.sleep(.3); os._exit(1)", "DeadKernelError"),
    ("import os, time; time.sleep(.3); os.kill(os.getpid(), 9)", "DeadKernelError"),
    ("print('a', flush=True); import time\nwhile True: time.sleep(1)", "CellTimeoutError"),
)
KERNEL = {"name": "python3", "display_name": "", "language": "python"}
CHANGING = (
    (r"ipykernel_\d+/\d+\.py", "a cell"),
    (r"0x[0-9a-f]{6,}", "an address"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?", "a time"),
    (r'"duration": [\d.]+', '"duration": 0'),
    (r"T_[0-9a-f]{5}", "a table"),
    (r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "an id"),
)
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Ran:
    """What became of a notebook: as it was written, the error that papermill raised, the files left in its folder."""

    written: Json
    error: str
    files: frozenset[str]

    @property
    def cells(self) -> list[Json]:
        """Its cells, without those that papermill adds to tell an error."""
        return [
            one for one in self.written["cells"] if "papermill-error-cell-tag" not in one["metadata"].get("tags", [])
        ]

    @property
    def metadata(self) -> Json:
        """What is told of the whole; the widgets as a list, for their names change."""
        told_of_all = dict(self.written["metadata"])
        for kind, widgets in told_of_all.pop("widgets", {}).items():
            told_of_all[kind] = sorted(json.dumps(told(state), sort_keys=True) for state in widgets["state"].values())
        return told_of_all

    @property
    def statuses(self) -> list[str]:
        """What papermill says of each cell."""
        return [one["metadata"]["papermill"]["status"] for one in self.cells]

    @property
    def outputs(self) -> list[Json]:
        """The outputs of each cell, with its count."""
        return [{key: one.get(key) for key in ("outputs", "execution_count")} for one in self.cells]


def told(said: object) -> Any:
    """The same, without what changes from one run to the next; pieces of one stream are one."""
    text = re.sub(r"(\w)\1{999,}", lambda run: f"{run[1]} {len(run[0])} times", json.dumps(said, sort_keys=True))
    for pattern, word in CHANGING:
        text = re.sub(pattern, word, text)
    return json.loads(text, object_hook=_joined)


def _joined(said: Json) -> Json:
    outputs: list[Json] = []
    for one in said.get("outputs", []):
        whole = {**one, "text": "".join(one["text"])} if one["output_type"] == "stream" else one
        if outputs and "name" in whole and whole["name"] == outputs[-1].get("name"):
            whole["text"] = outputs.pop()["text"] + whole["text"]
        outputs.append(whole)
    return {**said, "outputs": outputs} if "outputs" in said else said


def executed(
    folder: Path, engine_name: str | None, cells: list[Json], execution_timeout: float | None = None, **env: str
) -> Ran:
    """Run cells in a folder and with an environment of their own."""
    notebook = new_notebook(cells=copy.deepcopy(cells), metadata={"kernelspec": KERNEL})
    error = ""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PYTEST_CURRENT_TEST", "MPLBACKEND"):  # under pytest a kernel leaves its streams alone
            patch.delenv(name, raising=False)
        for name, value in {"TZ": "America/Cayenne", **env}.items():
            patch.setenv(name, value)
        try:
            papermill.execute_notebook(
                notebook,
                str(folder / "written.ipynb"),
                engine_name=engine_name,
                cwd=folder,
                execution_timeout=execution_timeout,
                progress_bar=False,
                autosave_cell_every=0,
            )
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
    text = (folder / "written.ipynb").read_text(encoding="utf-8").replace(str(folder), "folder")
    return Ran(json.loads(text), error, frozenset(one.name for one in folder.iterdir()))


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run cells by an engine: `run("warm", cells, 1, MPLBACKEND="agg")`, with a time limit in seconds."""
    return lambda *options, **env: executed(tmp_path_factory.mktemp("engine"), *options, **env)


@pytest.fixture(scope="module", autouse=True)
def rehearsed(store: Path, root: Path, on: date, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Json]:
    """The process that forks, after it has made a report and run its notebooks: nothing of that may be seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUPITRE_HOME", str(root))
        engine._close()
        parent = engine.WarmParent()
        order = Order("09194", on.isoformat(), str(store), str(tmp_path_factory.mktemp("out")), str(root))
        answer = parent.ask({"kind": "prepare", "order": asdict(order), "rehearse": True})
        engine._parents[os.getpid()] = parent
        yield answer
        engine._close()


@pytest.fixture(scope="module")
def both(run: Run) -> Callable[[str], tuple[Ran, Ran]]:
    """A book as papermill's engine runs it, and as ours does."""

    @cache
    def _both(book: str) -> tuple[Ran, Ran]:
        cells = [cell for rule in BOOKS[book].values() for cell in rule.cells]
        env = {"MPLBACKEND": "agg"} if book == "agg" else {}
        stock = run(None, cells, PATIENCE_SECONDS, **env)
        if "CellTimeoutError" in stock.error:  # seen once: it waits for ever for a reply when a widget writes meanwhile
            stock = run(None, cells, PATIENCE_SECONDS, **env)
        return stock, run("warm", cells, PATIENCE_SECONDS, **env)

    return _both


Both = Callable[[str], tuple[Ran, Ran]]


def test_one_thread_is_left_after_a_rehearsal(rehearsed: Json) -> None:
    """A process with two threads could not be forked."""
    assert rehearsed["threads"] == 1


@pytest.mark.parametrize(("book", "name"), [(book, name) for book, rules in BOOKS.items() for name in rules])
def test_both_engines_give_the_same_cells(book: str, name: str, both: Both) -> None:
    """Outputs, their order, counts, statuses; and they show what the rule is about."""
    names = [each for each, rule in BOOKS[book].items() for _ in rule.cells]
    stock, warm = ([cell for cell, each in zip(ran.cells, names, strict=True) if each == name] for ran in both(book))
    assert BOOKS[book][name].shows in json.dumps(told(warm), ensure_ascii=False)
    assert told(warm) == told(stock)


@pytest.mark.parametrize("book", BOOKS)
def test_both_engines_tell_the_same_of_the_notebook(book: str, both: Both) -> None:
    """The language, the widgets, papermill's account, its error; and exit functions left the same files."""
    stock, warm = both(book)
    assert told(warm.metadata) == told(stock.metadata)
    assert told(warm.error) == told(stock.error)
    assert warm.files == stock.files


def test_a_pause_cuts_a_stream_in_two(both: Both) -> None:
    """What is printed leaves within a fifth of a second, not at the end of the cell."""
    for ran in both("cells"):
        paused = next(cell for cell in ran.cells if "print('b')" in "".join(cell["source"]))
        assert [one["text"] for one in paused["outputs"]] == [["a\n"], ["b\n"]]


def test_exit_functions_and_threads_end_their_work(both: Both) -> None:
    """A kernel that is let go ends as an interpreter does, and removes its temporary folders."""
    assert both("cells")[1].files == {"written.ipynb", "atexit", "thread"}


def test_two_kernels_do_not_draw_the_same_numbers(run: Run) -> None:
    """They come from one process, which has its luck too."""
    cells = [new_code_cell("import random, numpy as np\nrandom.random(), np.random.rand()")]
    assert run("warm", cells).outputs != run("warm", cells).outputs


@pytest.mark.parametrize(("death", "kind"), FATAL)
def test_a_kernel_that_dies_or_is_too_slow_leaves_an_honest_account(death: str, kind: str, run: Run) -> None:
    """The same outputs and error; but papermill says that all cells completed, those that never ran too."""
    cells = [new_code_cell(source) for source in ("1", death, "2")]
    stock, warm = (run(name, cells, execution_timeout=1) for name in (None, "warm"))
    assert told(warm.outputs) == told(stock.outputs)
    assert warm.error == stock.error
    assert warm.error.startswith(kind)
    assert (stock.statuses, stock.metadata["papermill"]["exception"]) == (["completed"] * 3, None)
    assert (warm.statuses, warm.metadata["papermill"]["exception"]) == (["completed", "failed", "pending"], True)


def test_what_a_kernel_started_dies_with_it(run: Run) -> None:
    """A command left running would outlive the batch."""
    ran = run("warm", [new_code_cell("import subprocess\nprint(subprocess.Popen(['sleep', '60']).pid)")])
    started = Path("/proc", ran.outputs[0]["outputs"][0]["text"][0].strip())
    deadline = time.monotonic() + 5
    while started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not started.exists()


def test_where_no_kernel_can_be_forked_papermill_runs_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its kernel has a connection file, ours has none; a warning says why."""
    monkeypatch.setattr(engine, "_parents", {})
    monkeypatch.setattr(engine, "WarmParent", refuse)
    ran = run("warm", [new_code_cell("import sys; '-f' in sys.argv")])
    assert ran.outputs[0]["outputs"][0]["data"]["text/plain"] == ["True"]
    assert caplog.messages.count(engine.SLOW.format("trop de fils")) == 1


def refuse() -> None:
    """A process that cannot be forked."""
    raise engine.NoFork("trop de fils")


def test_another_kernel_is_papermill_s(caplog: pytest.LogCaptureFixture) -> None:
    """We fork Python only."""
    with pytest.raises(NoSuchKernel):
        papermill.execute_notebook(new_notebook(), None, engine_name="warm", kernel_name="ir", progress_bar=False)
    assert engine.SLOW.format("le noyau ir n'est pas le sien") in caplog.messages
