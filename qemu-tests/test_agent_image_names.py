# SPDX-License-Identifier: GPL-2.0-or-later
"""Image names that exist, or do not: refused before anything is done, and nothing is lost."""


def test_image_exists(station, small):
    station.captured("pc-a", "image", small)
    manifest = (station.slipwayd.store / "images/image/manifest.json").read_bytes()
    refused = station.slipwayd.command("capture", "pc-a", "image", check=False)
    assert refused.returncode != 0 and "image" in refused.stderr and "exists" in refused.stderr, refused.stderr
    assert (station.slipwayd.store / "images/image/manifest.json").read_bytes() == manifest
    assert len(station.slipwayd.get("jobs")["jobs"]) == 1


def test_image_does_not_exist(station):
    refused = station.slipwayd.command("deploy", "nothing", "pc-b", check=False)
    assert refused.returncode != 0 and "nothing" in refused.stderr, refused.stderr
    assert station.slipwayd.get("jobs")["jobs"] == []


def test_image_is_damaged_before_the_deploy(station, small):
    station.captured("pc-a", "image", small)
    number = station.deploy("image", "pc-b")
    for chunk in (station.slipwayd.store / "chunks.castr").glob("*/*.cacnk"):
        chunk.write_bytes(chunk.read_bytes()[:-1])
    target = station.disk("target.img", 300 << 20)
    job = station.run(number, "pc-b", [target])
    assert job["state"] == "failed" and job["reason"] in ("bad-chunk", "bad-image"), job
    assert b"EFI PART" not in target.read_bytes(), "half an image got a partition table"
