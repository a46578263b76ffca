"""Every link of the documents leads somewhere."""

import pytest

from tests.unit.docs.documents import ROOT, Document, documents

DOCUMENTS = documents()
ELSEWHERE = ("https://", "http://", "mailto:")


def broken(document, root=ROOT):
    """The links that lead nowhere; what is outside of the clone isn't asked."""
    for link in document.links():
        if link.startswith(ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (document.path.parent / path).resolve() if path else document.path
        if not target.exists() or root not in {target, *target.parents}:
            yield f"{link}: no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{link}: no such heading"


def anchors(target):
    """The headings of a document, or the lines of a file."""
    if target.suffix == ".md":
        return Document(target).anchors()
    return {f"L{number}" for number, _ in enumerate(target.read_text().splitlines(), 1)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document):
    assert list(broken(document)) == []


def test_every_page_is_reached_from_the_index():
    reached, waiting = set(), [ROOT / "docs/README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = [
            (page.parent / link.partition("#")[0]).resolve() for link in Document(page).links()
        ]
        waiting += [to for to in targets if to.suffix == ".md" and to.exists()]
    pages = {document.path for document in DOCUMENTS if str(document).startswith("docs/")}
    assert sorted(map(str, pages - reached)) == [], "link them from docs/README.md"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("[a](nowhere.md)", "nowhere.md: no such file", id="no file"),
        pytest.param("[a](#b)\n# C", "#b: no such heading", id="no heading"),
        pytest.param("[a](b.py#L9)", "b.py#L9: no such heading", id="no line"),
        pytest.param("[a](/etc/hosts)", "/etc/hosts: no such file", id="outside"),
        pytest.param("![a](b.png)", "b.png: no such file", id="no image"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(text, wrong, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(text)
    (tmp_path / "b.py").write_text("\n" * 8)
    assert list(broken(Document(page), tmp_path)) == [wrong]


def test_headings_are_linked_as_github_does(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# What's *new* in `make up`?\n## Twice\n## Twice\n```sh\n# none\n```\n")
    assert Document(page).anchors() == {"whats-new-in-make-up", "twice", "twice-1"}
