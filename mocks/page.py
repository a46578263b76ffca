"""The mocks' pages: no scripts, read anew every three seconds."""

from collections.abc import Sequence

POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.46 system-ui, sans-serif; background: Canvas;
  --quiet: light-dark(#666, #999); --warn: light-dark(#8a5a00, #e8b04a);
  --bad: light-dark(#b3261e, #ff8a80); }
body { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline;
  gap: 0 1rem; border-bottom: 1px solid #8884; padding-bottom: .5rem; }
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: 1rem; margin: 1.8rem 0 .3rem; }
h2 small, header p, dt, th, .empty { color: var(--quiet); font-size: .85rem; font-weight: normal; }
header p, .empty, dl, dd { margin: 0; }
dl { display: flex; flex-wrap: wrap; gap: .8rem 2.4rem; padding-top: .9rem; }
dd { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem 1rem .25rem 0; vertical-align: top; }
td { border-top: 1px solid #8882; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
td.text { white-space: normal; overflow-wrap: anywhere; width: 99%; }
td.text pre { font: .85em ui-monospace, monospace; white-space: pre-wrap; margin: 0;
  max-height: 12rem; overflow-y: auto; }
td.text pre + pre { color: var(--quiet); margin-top: .3rem; }
.number { text-align: right; }
.warn { color: var(--warn); }
.bad { color: var(--bad); }
@media (max-width: 45rem) {
  thead { display: none; }
  tr { display: flex; flex-wrap: wrap; gap: 0 .8rem; border-top: 1px solid #8882;
    padding: .3rem 0; }
  td { border: 0; padding: 0; }
  td.text { width: auto; flex: 1 0 100%; order: 1; }
  td.aside { order: 2; color: var(--quiet); font-size: .85rem; }
}
"""


def document(title: str, heading: str, note: str, main: str, style: str = _STYLE) -> str:
    """A whole page; all but `style` are HTML already. Without one, it is that of tables."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><h1>{heading}</h1><p>{note}</p></header>
<main>
{main}
</main>
</body>
</html>
"""


def table(titles: str, rows: Sequence[str]) -> str:
    """A table; `titles` and each row are its cells, as HTML."""
    head = f"<thead><tr>{titles}</tr></thead>\n" if titles else ""
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table>\n{head}<tbody>\n{body}\n</tbody>\n</table>"
