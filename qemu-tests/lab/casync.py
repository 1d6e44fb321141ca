# SPDX-License-Identifier: GPL-2.0-or-later
"""An image in slipwayd's store, read with casync and compared with the disk that it was captured from."""
import json
import subprocess

from . import used


def manifest(store, image):
    return json.loads((store / "images" / image / "manifest.json").read_text())


def extract(store, image, index, target):
    """`casync extract` of one index into a file."""
    subprocess.run(["casync", "extract", f"--store={store / 'chunks.castr'}", store / "images" / image / index, target],
                   check=True, capture_output=True)
    return target


def free_ranges(part, raw):
    kind = (part["fs"] or {}).get("type", "")
    if part["captured"] == "raw":
        return []
    return used.ext_free(raw) if kind.startswith("ext") else used.fat_free(raw)


def verify(store, image, disk, work):
    """Extracts every partition and compares it with `disk`. Returns (bytes that the image describes, problems)."""
    total, problems = 0, []
    for part in manifest(store, image)["partitions"]:
        raw = work / "extracted"
        raw.unlink(missing_ok=True)
        extract(store, image, part["index"], raw)
        total += part["size"]
        problems += [f"partition {part['number']}: {text}" for text in used.differences(
            disk, part["size"], raw, free_ranges(part, raw), part["start"])]
        raw.unlink()
    return total, problems
