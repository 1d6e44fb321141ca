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


FREE_RANGES = {"ext2": used.ext_free, "ext3": used.ext_free, "ext4": used.ext_free, "vfat": used.fat_free,
               "swap": used.swap_free}


def free_ranges(part, raw):
    return [] if part["captured"] == "raw" else FREE_RANGES[part["fs"]["type"]](raw)


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
