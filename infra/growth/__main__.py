"""What the cloud costs and needs as volume grows: tables of docs/cloud.md and docs/cloud-growth.md.

python -m infra.growth            print them
python -m infra.growth --write    write them into the documents
"""

import argparse
import sys

from infra.growth.document import DOCUMENTS, filled
from infra.growth.tables import blocks, read_ground


def main() -> None:
    """Print or write the tables."""
    parser = argparse.ArgumentParser(
        "infra.growth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="into the documents")
    options = parser.parse_args()
    tables = blocks(read_ground())
    if not options.write:
        sys.stdout.write("".join(f"{name}\n\n{table}\n\n" for name, table in tables.items()))
        return
    for document in DOCUMENTS:
        document.write_text(filled(document.read_text(), tables))


if __name__ == "__main__":
    main()
