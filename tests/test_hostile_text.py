"""Text of a set is text everywhere: in a notebook's cell, in a page, in a cell of a table, on a terminal."""

import ast
import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from papermill.iorw import read_yaml_file
from papermill.translators import papermill_translators

from costmodel import ParameterError, load
from costmodel.errors import FORMULA, HIDDEN, visible
from costmodel.locations import evidence_folder, notebooks_folder
from costmodel.parameters.sources import sources
from costmodel.printing import harmless, write_csv
from costmodel.report import NAMES, begin
from costmodel.reporting.planning import Settings, stated
from costmodel.translator import DataTranslator
from hostile_text import ALL, FIELDS, FORMULAS, HOST, MARK, SOURCES, hostile_set

TESTS = Path(__file__).parent


@pytest.fixture
def params(tmp_path, monkeypatch):
    """A folder `params/` with the small sets and hostile sources."""
    return made(tmp_path, monkeypatch)


def made(above, patch):
    """The folder `params/` below another, which is that of all commands then."""
    folder = above / "params"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "sources.csv").write_text(SOURCES, encoding="utf-8")
    for file in (TESTS / "sets").glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    patch.setenv("COSTMODEL_PARAMS", str(folder))
    patch.chdir(above)
    return folder


def written(folder, first=0, texts=ALL):
    file = folder / "hostile.yaml"
    file.write_text(hostile_set(texts, first), encoding="utf-8")
    return file


def assigned(cell):
    """Values by name of a cell that does nothing but assign literals; anything else fails."""
    found = {}
    for statement in ast.parse(cell).body:
        assert isinstance(statement, ast.Assign), ast.unparse(statement)
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        found[target.id] = ast.literal_eval(statement.value)
    return found


# -- notebooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ALL)
def test_the_injected_cell_is_data_alone(params, text):
    file = written(params, texts=(text,))
    case = load(file)
    assert case.title == text
    assert text in json.dumps(stated(file), ensure_ascii=False) or json.dumps(text) in json.dumps(stated(file))
    for parameters in (stated(file), read_yaml_file(str(file))):
        found = assigned(DataTranslator.codify(parameters))
        assert found == parameters
        assert set(found) <= set(NAMES)
        assert begin({**dict.fromkeys(NAMES), **found}).title == text


# What YAML 1.1, which papermill reads, makes of tags: values that are no text.
_TAGGED = {
    "bytes": b'x"+str(open("%s", "w"))+"' % MARK.encode(),
    "set": {f'x"+str(open("{MARK}", "w"))+"'},
    "tuple": (f'x"+str(open("{MARK}", "w"))+"',),
}


@pytest.mark.parametrize("name", _TAGGED)
def test_values_that_are_no_text_are_escaped(name):
    value = _TAGGED[name]
    assert assigned(DataTranslator.codify({"title": value, "run": {"a": [value]}}))["title"] == str(value)
    key = (f'"+str(open("{MARK}", "w"))+"',)
    assert assigned(DataTranslator.codify({"run": {key: 1}})) == {"run": {str(key): 1}}


@pytest.mark.parametrize(
    "name",
    [
        f"x = 1; open('{MARK}', 'w'); y",
        "x\nimport os\ny",
        "import os #",
        "a.b",
        "x[0]",
        "class",
        "",
        "1",
        5,
        "x: int",
        "\x0c",
    ],
)
def test_names_that_are_code_are_refused(name):
    with pytest.raises(ValueError, match="cannot be the name of a parameter"):
        DataTranslator.codify({name: 1})


def test_papermill_is_given_the_translator():
    import costmodel.translator

    assert papermill_translators.find_translator("python3", "python") is costmodel.translator.DataTranslator


def test_a_notebook_s_parameters_name_no_file_elsewhere(params, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_bytes((params / "baseline.yaml").read_bytes())
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    for name in ("../elsewhere.yaml", str(elsewhere), "/etc/passwd"):
        with pytest.raises(ParameterError, match="neither in params/ nor below"):
            begin({**dict.fromkeys(NAMES), "name": "mine", "extends": name})
    monkeypatch.chdir(tmp_path)
    assert begin({**dict.fromkeys(NAMES), "name": "mine", "extends": str(elsewhere)}).extends == "elsewhere"


_HOSTILE_FILES = {
    "name": f"extends: baseline\n\"x = 1; open('{MARK}', 'w'); y\": 1\n",
    "bytes": "extends: baseline\ntitle: !!binary eCIrc3RyKG9wZW4oIml0X3JhbiIsICJ3IikpKyI=\n",
    "text": hostile_set().replace("extends: timeline", "extends: baseline"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", _HOSTILE_FILES)
def test_plain_papermill_runs_no_code_of_a_parameter_file(params, tmp_path, name):
    """By the entry point that an installed package has; here it is one of a package that is only that."""
    package = tmp_path / "site" / "guard-0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: guard\nVersion: 0\n")
    (package / "entry_points.txt").write_text("[papermill.engine]\nguard = costmodel.translator:Engine\n")
    (tmp_path / "hostile.yaml").write_text(_HOSTILE_FILES[name], encoding="utf-8")
    source = str(Path(sys.modules["costmodel"].__file__).parents[1])
    words = [str(notebooks_folder() / "report.ipynb"), "out.ipynb", "-f", "hostile.yaml", "--no-progress-bar"]
    subprocess.run(
        [sys.executable, "-m", "papermill", *words],
        cwd=tmp_path, timeout=120, check=False, capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([source, str(tmp_path / "site")])},
    )  # fmt: skip
    assert not list(tmp_path.rglob(f"*{MARK}*"))


# -- tables -----------------------------------------------------------------------------------------------------------


def test_cells_of_a_csv_are_no_formulas_and_numbers_stay_numbers():
    file = io.StringIO()
    rows = [
        {"=name": text, "number": -1.5, "whole": -3, "none": None, "yes": True} for text in (*FORMULAS, "\t=1", "a=b")
    ]
    write_csv(rows, file)
    head, *body = csv.reader(io.StringIO(file.getvalue()))
    assert head[0] == "'=name"
    assert [row[1:] for row in body] == [["-1.5", "-3", "", "True"]] * len(rows)
    for (text, *_), row in zip(body, rows, strict=True):
        assert not text.startswith(FORMULA)
        assert text.removeprefix("'") == row["=name"]
    assert harmless(-0.5) == -0.5


def cells(text):
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def assert_no_formula(text):
    assert [cell for cell in cells(text) if cell.startswith(FORMULA) and not is_number(cell)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    ["params {}", "costs {}", "simulate {}", "path {} --no-controls", "market {}", "voi {}", "frontier {} --draws 64",
     "tornado {} --outcome gray", "heatmap {} --outcome gray"],
)  # fmt: skip
def test_commands_write_no_formula_and_no_escape(params, command_line, words):
    written(params, texts=FORMULAS)
    for form in ("csv", "table"):
        code, out, err = command_line(*words.format("hostile").split(), "--format", form)
        assert (code, err) == (0, "")
        assert not HIDDEN.search(out.replace("\n", " "))
        if form == "csv":
            assert out
            assert_no_formula(out)


def test_evidence_of_the_project_holds_no_formula_and_nothing_hidden():
    for file in evidence_folder().glob("*.csv"):
        text = file.read_text(encoding="utf-8")
        assert not HIDDEN.search(text.replace("\r\n", "\n")), file
        assert_no_formula(text)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("E,=HYPERLINK(1),p,https://ok.example,2026,A", "E: `=HYPERLINK(1)` would be a formula in a spreadsheet"),
        ("E,t,@SUM(1),https://ok.example,2026,A", "would be a formula"),
        ("E,t,p,javascript:alert(1),2026,A", "E: `javascript:alert(1)` is no web address"),
        ("E,t,p,data:text/html;x,2026,A", "is no web address"),
        ("E,t,p,file:///etc/passwd,2026,A", "is no web address"),
        ("E,t\x1b[2J,p,https://ok.example,2026,A", "sources.csv:2: holds the character U+001B"),
        ("E,t\u202e,p,https://ok.example,2026,A", "sources.csv:2: holds the character U+202E"),
        ("E," + "x" * 200_000 + ",p,https://ok.example,2026,A", "is no CSV"),
        ("E," + "x\n" * 3_000_000, "is longer than"),
    ],
)
def test_hostile_evidence_is_refused(params, row, says):
    (params / "evidence" / "sources.csv").write_text(f"id,title,publisher,url,date,grade\n{row}\n", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        sources()
    assert says in str(caught.value)


def test_what_a_message_repeats_is_visible():
    assert visible("a\x1b[31m\x9b\u202eb\nc") == "a<U+001B>[31m<U+009B><U+202E>b c"


# -- reports ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=range(0, len(ALL), len(ALL) // 2), ids="from_{}".format)
def report(request, tmp_path_factory):
    """Folder of a report and its index over a set whose every text is hostile, and the texts that it states."""
    from costmodel.reporting import build

    tmp = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        folder = made(tmp, patch)
        written(folder, request.param)
        broken = hostile_set(first=request.param).replace("extends: timeline", "extends: timeline\nassumption: 1")
        (folder / "broken.yaml").write_text(broken, encoding="utf-8")
        summary = build(["hostile", "broken"], tmp / "reports", jobs=1, settings=Settings(draws=128))
        assert [result.name for result in summary.failed] == ["broken"], summary.failed[0].error
        # Nothing that was hidden in a text has run, in this process or in the kernel's.
        assert not list(tmp.rglob(f"*{MARK}*"))
        return SimpleNamespace(output=tmp / "reports", folder=tmp / "reports" / "hostile")


ASKING = ("src", "srcset", "data", "action", "formaction", "poster", "background", "ping", "xlink:href", "srcdoc")


def assert_harmless(page):
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(page, "html.parser")
    unwanted = [
        "script",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "button",
        "use",
        "foreignobject",
        "annotation-xml",
    ]
    assert soup.find_all(unwanted) == []
    assert [tag["href"] for tag in soup.find_all("link")] == ["data:,"]
    assert len(soup.find_all("meta", attrs={"http-equiv": True})) == 1
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")], tag
        assert all(str(tag.attrs.get(name, "data:")).startswith("data:") for name in ASKING), tag
        address = "".join(str(tag.attrs.get("href", "")).split()).lower()
        assert not address.startswith(("javascript:", "data:text", "vbscript:")), tag
        assert HOST not in str(tag.attrs.get("style", "")), tag
        assert HOST not in address, tag
    assert all(HOST not in style.get_text() for style in soup.find_all("style"))
    return soup


@pytest.mark.slow
def test_pages_hold_texts_and_nothing_of_what_they_say(report):
    page = assert_harmless((report.folder / "index.html").read_text(encoding="utf-8"))
    index = assert_harmless((report.output / "index.html").read_text(encoding="utf-8"))
    title = " ".join(json.loads((report.folder / "results.json").read_text())["title"].split())
    assert title in " ".join(page.title.get_text().split())
    assert title in " ".join(index.get_text().split())
    assert title in " ".join(page.h1.get_text().split())


@pytest.mark.slow
def test_files_beside_a_report_are_data(report):
    notebook = json.loads((report.folder / "report.ipynb").read_text(encoding="utf-8"))
    injected = [cell for cell in notebook["cells"] if "injected-parameters" in cell["metadata"].get("tags", ())]
    assert set(assigned("".join(injected[0]["source"]))) <= set(NAMES)
    tables = list((report.folder / "tables").glob("*.csv"))
    assert tables
    for file in tables:
        assert_no_formula(file.read_text(encoding="utf-8"))


def test_every_place_for_text_is_tried():
    assert FIELDS > len(ALL) > 30
