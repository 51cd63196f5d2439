#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one file that starts a program on any Linux, an AppImage of type 2: app_image.py APPDIR OUT.AppImage

APPDIR is what app_dir.py makes. The file is app_image_runtime.cpp, compiled here and linked statically with squashfuse and libfuse of the
distribution, and behind it APPDIR as a squashfs image. Nothing is fetched.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

RUNTIME = pathlib.Path(__file__).with_name("app_image_runtime.cpp")
LIBRARIES = ("squashfuse_ll", "squashfuse", "fuse3", "zstd", "lzma", "lz4", "lzo2", "z")
# Distributions ask for these texts beside the compiled libraries.
PACKAGES = ("libsquashfuse-dev", "libfuse3-dev", "libzstd-dev", "liblzma-dev", "liblz4-dev", "liblzo2-dev", "zlib1g-dev")
MAGIC_AT = 8  # in the part of an ELF header that nothing reads; tells desktops what the file is
MAGIC = b"AI\x02"


def compile_runtime(out):
    links = [f"-l{name}" for name in LIBRARIES]
    subprocess.run(
        ["g++", "-std=c++20", "-O2", "-D_FILE_OFFSET_BITS=64", "-static", "-s", "-o", out, RUNTIME, *links, "-pthread"],
        check=True,
    )  # fmt: skip


def main(app_dir, out):
    notices = app_dir / "usr/share/doc/winnow/libraries"
    notices.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        shutil.copy2(f"/usr/share/doc/{package}/copyright", notices / package)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        runtime, image = pathlib.Path(folder) / "runtime", pathlib.Path(folder) / "image"
        compile_runtime(runtime)
        # zstd unpacks at every start; blocks of 256 KiB are small enough for a program that reads here and there.
        subprocess.run(
            ["mksquashfs", app_dir, image, "-comp", "zstd", "-Xcompression-level", "19", "-b", "256K", "-root-owned", "-noappend",
             "-no-xattrs", "-quiet", "-no-progress"],
            check=True,
        )  # fmt: skip
        front = bytearray(runtime.read_bytes())
        front[MAGIC_AT : MAGIC_AT + len(MAGIC)] = MAGIC
        with open(out, "wb") as file:
            file.write(front)
            with open(image, "rb") as rest:
                shutil.copyfileobj(rest, file, 1 << 20)
    out.chmod(0o755)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
