"""Executed notebook to one HTML file that needs no network and runs no script."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode, read
from traitlets.config import Config

from costmodel.reporting import markdown
from costmodel.reporting.page import TEMPLATES, Link, closed, report_page


class NotebookError(ValueError):
    """The notebook holds an error, so that a page made from it would look like a result and be none."""


class ReportExporter(TemplateExporter):
    """nbconvert exporter of reports: code hidden, no script, no request, formulas in MathML."""

    export_from_notebook = "costmodel report"
    output_mimetype = "text/html"

    def __init__(self, config: Config | None = None, **options: Any) -> None:
        # An empty list of base folders: nbconvert would otherwise prefer templates of the working directory.
        fixed: dict[str, Any] = {
            "template_name": "base",
            "template_file": "body.html.j2",
            "extra_template_basedirs": [],
            "extra_template_paths": [str(TEMPLATES)],
        }
        super().__init__(config=config, **{**options, **fixed})  # type: ignore[no-untyped-call]
        self.exclude_input = self.exclude_input_prompt = self.exclude_output_prompt = True
        self.environment.globals["alternative_text"] = markdown.alternative_text

    @property
    def default_config(self) -> Config:
        """What of a display bundle is shown: vector figures first, then our own tables."""
        shown = ["image/svg+xml", "text/html", "text/markdown", "image/png", "image/jpeg", "text/latex", "text/plain"]
        config = Config()
        config.merge(super().default_config)
        config.merge(Config({"NbConvertBase": {"display_data_priority": shown}}))
        return config

    def _file_extension_default(self) -> str:
        return ".html"

    def default_filters(self) -> Any:
        """The filters of nbconvert, and ours."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "safe_markdown", markdown.render
        yield "safe_html", closed
        yield "safe_tex", markdown.render_tex

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert an executed notebook.

        Args:
            nb: the executed notebook.
            resources: nbconvert's resources; `title`, `links` and `home` of it go into the page.
            **options: passed on to nbconvert.

        Returns:
            The page, and the resources.

        Raises:
            NotebookError: a cell of the notebook ended with an error.
        """
        _refuse_errors(nb)
        body, resources = super().from_notebook_node(nb, resources, **options)
        stated = nb.metadata.get("papermill", {}).get("parameters", {}).get("title")
        title = resources.get("title") or (stated if isinstance(stated, str) else None)
        page = report_page(body, title, resources.get("links", ()), resources.get("home"))
        return page, resources


def _refuse_errors(nb: NotebookNode) -> None:
    for number, cell in enumerate(nb.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                raise NotebookError(f"cell {number} ended with {output.ename}: {output.evalue}")


def export(
    notebook: Path | NotebookNode, *, title: str | None = None, links: Sequence[Link] = (), home: Link | None = None
) -> str:
    """An executed notebook as a self-contained page.

    Args:
        notebook: the executed notebook, or its file.
        title: title of the page; None takes the parameter `title`, or the first heading.
        links: files beside the page to name in it.
        home: link back to the index, or None.

    Returns:
        The HTML document.

    Raises:
        NotebookError: a cell of the notebook ended with an error.
    """
    node = notebook if isinstance(notebook, NotebookNode) else read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    page: str = ReportExporter().from_notebook_node(node, {"title": title, "links": links, "home": home})[0]
    return page
