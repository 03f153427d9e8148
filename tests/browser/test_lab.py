"""notebooks/explore.ipynb in a real JupyterLab: it runs, a slider moves, the chart changes.

`COSTMODEL_LAB_TEST=required` makes this fail, and not skip, where there is no JupyterLab. `COSTMODEL_SCREENSHOTS` names
a folder for pictures of what was seen.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

import costmodel
from costmodel.locations import notebooks_folder, params_folder

pytestmark = pytest.mark.slow

_ROOT = Path(__file__).parents[2]
_CHART, _HANDLE = ".cm-explorer .cm-chart svg", ".cm-explorer .noUi-handle"
_ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
# No look at the network for newer versions, and no question about news.
_QUIET = ("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",)
_NO_NEWS = ("settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings", '{"fetchNews": "false"}')
_WIDER = """panel => {
  const edge = panel.parentElement.getBoundingClientRect().right + 2;
  const beyond = [...panel.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > edge);
  return beyond.map(e => e.outerHTML.slice(0, 80));
}"""


def jupyter_lab() -> Path:
    """The JupyterLab beside this Python, or that of `make lab`."""
    for folder in (Path(sys.executable).parent, _ROOT / ".venv-lab" / "bin"):
        if (folder / "jupyter-lab").is_file():
            return folder / "jupyter-lab"
    reason = "no JupyterLab here; `make lab` installs one in .venv-lab"
    if os.environ.get("COSTMODEL_LAB_TEST") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """A server that only this machine reaches: its address, its token, and its folder with a copy of the sets."""
    command, folder, token, port = jupyter_lab(), tmp_path_factory.mktemp("lab"), secrets.token_hex(16), free_port()
    shutil.copytree(params_folder(), folder / "params")
    (folder / "notebooks").mkdir()
    news = folder / _NO_NEWS[0]
    news.parent.mkdir(parents=True)
    news.write_text(_NO_NEWS[1])
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{name}_DIR": str(folder / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    own |= {"PYTHONPATH": str(Path(costmodel.__file__).parents[1]), "JUPYTER_TOKEN": token, "HOME": str(folder)}
    options = f"--no-browser --allow-root --ServerApp.ip=127.0.0.1 --ServerApp.port={port} --ServerApp.port_retries=0"
    log = (folder / "server.log").open("w")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COSTMODEL_")} | own
    server = subprocess.Popen(
        [command, *options.split(), *_QUIET], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, folder / "server.log")
        yield f"http://127.0.0.1:{port}", token, folder
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def page(browser: Any, lab: tuple[str, str, Path]) -> Iterator[Any]:
    """The explorer's notebook, opened: a copy of its own, and so a kernel of its own."""
    start, token, folder = lab
    notebook = f"notebooks/{secrets.token_hex(4)}.ipynb"
    shutil.copy(notebooks_folder() / "explore.ipynb", folder / notebook)
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.complaints, opened.outside = [], []
    opened.on("console", lambda message: opened.complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on(
        "request",
        lambda sent: None if sent.url.startswith((start, "data:", "blob:")) else opened.outside.append(sent.url),
    )
    opened.goto(f"{start}/lab/tree/{notebook}?reset&token={token}")
    yield opened
    context.close()


def photographed(page: Any, name: str) -> None:
    folder = os.environ.get("COSTMODEL_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"lab-{name}.png")


def run_all(page: Any) -> None:
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    # "Idle" in the status bar: the kernel is there. Cells that are run earlier are not run at all.
    page.get_by_text("| Idle").wait_for()
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator('[data-command="runmenu:run-all"]').click()
    try:
        page.locator(_CHART).first.wait_for(state="attached")
        # The last code cell prints the file that it saved.
        page.get_by_text("extends: baseline").first.wait_for(state="attached")
    finally:
        photographed(page, "after-run")


def drawn(page: Any) -> str:
    return str(page.locator(_CHART).first.inner_html())


def typed(page: Any, placeholder: str, text: str) -> None:
    page.get_by_placeholder(placeholder).fill(text)
    # Widgets hold a value back until the kernel has answered for the one before; nobody clicks as fast as this does.
    page.wait_for_timeout(400)


def redrawn(page: Any, before: str) -> None:
    changed = "([chart, before]) => document.querySelector(chart)?.innerHTML !== before"
    page.wait_for_function(changed, arg=[_CHART, before])


def test_a_slider_moves_the_chart(page: Any) -> None:
    run_all(page)
    assert page.locator(_ERRORS).count() == 0
    handle = page.locator(_HANDLE).first
    handle.scroll_into_view_if_needed()
    photographed(page, "start")
    page.locator(".cm-explorer").get_by_text("Nothing is changed yet").wait_for()
    before = drawn(page)
    handle.focus()
    for _ in range(5):
        seen = drawn(page)
        page.keyboard.press("ArrowRight")
        redrawn(page, seen)
    photographed(page, "moved")
    table = page.locator(".cm-explorer table.cm-table")
    assert table.locator("tr").count() > 1
    page.get_by_role("button", name="Reset all").click()
    page.wait_for_function("before => document.querySelector('.cm-chart svg').innerHTML === before", arg=before)
    assert page.outside == []
    assert page.complaints == []


def test_what_is_typed_wrong_is_said(page: Any) -> None:
    run_all(page)
    typed(page, "another parameter", "finance.inflation")
    typed(page, "value, if you", "3 kg")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".cm-error").wait_for()
    assert "cannot be converted" in page.locator(".cm-error").inner_text()
    photographed(page, "wrong")
    typed(page, "value, if you", "5 %")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".cm-explorer").get_by_text("Inflation:").wait_for()
    page.locator(".cm-explorer").get_by_text("Save the changes as a new parameter set").click()
    typed(page, "my_case", "from_the_browser")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".cm-done, .cm-error").first.wait_for()
    photographed(page, "saved")
    assert "from_the_browser.yaml" in page.locator(".cm-done").inner_text()
    assert page.locator(_ERRORS).count() == 0
    assert page.complaints == []


@pytest.mark.parametrize("width", [1000, 1500])
def test_nothing_is_cut_off(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    run_all(page)
    panel = page.locator(".cm-explorer")
    panel.scroll_into_view_if_needed()
    photographed(page, f"width-{width}")
    assert panel.evaluate(_WIDER) == []
