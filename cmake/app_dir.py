#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes an installed Winnow run on any Linux with the C library of this one or a newer one: app_dir.py APPDIR

APPDIR/usr is an installed tree (cmake --install build --prefix APPDIR/usr). The libraries that it needs are copied to APPDIR/usr/lib,
with Qt's plugins for X, Wayland and no display at all; the C library and graphics drivers stay out. Libraries that must be the machine's
where it has them (the way to its graphics, X, fonts) lie in APPDIR/usr/fallback, each in a folder of its name; AppRun takes those that the
machine lacks, and the fonts that lie there on one that has no fontconfig. patchelf makes every file look beside itself. APPDIR/AppRun starts it. app_image.py makes one file of it. Nothing is fetched.
"""

import pathlib
import re
import shutil
import subprocess
import sys

# As AppImage's list of excluded libraries has it: those that are the machine's own, always, and where it has them.
C_LIBRARY = re.compile(r"^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|nsl|anl|BrokenLocale|stdc\+\+|gcc_s))\.so.*$")
OF_THE_MACHINE = re.compile(
    r"^lib(GL|EGL|GLX|GLdispatch|drm|gbm|glapi|X11|X11-xcb|xcb|xcb-dri[23]|xcb-glx"
    r"|fontconfig|freetype|harfbuzz|expat|com_err|usb-1\.0|z|asound|uuid|p11-kit|gpg-error)\.so.*$"
)
PLUGINS = {
    "platforms": ("libqxcb.so", "libqwayland-generic.so", "libqwayland-egl.so", "libqoffscreen.so", "libqminimal.so"),
    "xcbglintegrations": None,
    "wayland-shell-integration": None,
    "wayland-graphics-integration-client": None,
    "wayland-decoration-client": None,
    "platforminputcontexts": None,
    "imageformats": ("libqsvg.so", "libqjpeg.so", "libqgif.so"),
    "iconengines": None,
    "platformthemes": ("libqxdgdesktopportal.so",),
    "printsupport": None,
}
# Their license, SIL's Open Font License, lies beside them.
# The last has the signs for the ends of lines and tabs.
FONTS = ("Noto Sans", "Noto Sans:bold", "Noto Sans:italic", "Noto Sans Mono", "Noto Sans Math")
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">.</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
RUN = """#!/bin/sh
# Starts Winnow from wherever this folder lies.
here=$(dirname "$(readlink -f "$0")")
# The libraries that this machine lacks.
has=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null)
lacks=
for folder in "$here"/usr/fallback/*; do
    case $has in
    *"${folder##*/} ("*) ;;
    *) lacks=$lacks${lacks:+:}$folder ;;
    esac
done
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="${FONTCONFIG_FILE:-$here/usr/share/fallback-fonts/fonts.conf}"
[ -z "$lacks" ] || export LD_LIBRARY_PATH="$lacks${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/usr/bin/winnow" "$@"
"""


def told(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def needed(binary):
    """The libraries that the loader finds for a file, by name, and the names of those that it does not find."""
    lines = told("ldd", str(binary)).splitlines()
    found = dict(re.findall(r"^\s*(\S+) => (/\S+)", "\n".join(lines), re.MULTILINE))
    missing = [line.split()[0] for line in lines if line.endswith("not found")]
    return found, missing


def qt_plugins():
    """The folder of Qt's plugins."""
    for program in ("qtpaths6", "qmake6", "/usr/lib/qt6/bin/qmake", "/usr/lib/qt6/bin/qtpaths"):
        if shutil.which(program):
            return pathlib.Path(told(program, "-query", "QT_INSTALL_PLUGINS").strip())
    raise SystemExit("app_dir.py: no qmake6 or qtpaths6 says where Qt's plugins are; install qt6-base-dev")


def copy_plugins(usr):
    """Those of PLUGINS that are installed."""
    source, target = qt_plugins(), usr / "plugins"
    for folder, names in PLUGINS.items():
        for plugin in sorted((source / folder).glob("*.so")):
            if names is None or plugin.name in names:
                (target / folder).mkdir(parents=True, exist_ok=True)
                shutil.copy2(plugin, target / folder / plugin.name)
    if not (target / "platforms/libqxcb.so").exists():
        raise SystemExit(f"app_dir.py: Qt's plugin for X is not in {source}; install qt6-base-dev")
    (usr / "bin/qt.conf").write_text("[Paths]\nPrefix=..\nPlugins=plugins\n", encoding="utf-8")
    return sorted(target.rglob("*.so"))


def copy_notices(usr, paths):
    """The license texts of the packages that these libraries of the machine come from."""
    target = usr / "share/doc/winnow/libraries"
    target.mkdir(parents=True, exist_ok=True)
    for path in paths:
        # A package may know a file by its name below /lib or below /usr/lib.
        for name in (path, path.replace("/usr/lib/", "/lib/", 1), f"/usr{path}"):
            found = subprocess.run(["dpkg-query", "-S", name], check=False, capture_output=True, text=True).stdout
            if found:
                package = found.split(":")[0]
                shutil.copy2(f"/usr/share/doc/{package}/copyright", target / package)
                break
        else:
            raise SystemExit(f"app_dir.py: {path} belongs to no package of this distribution, so its license is not known")


def copy_fonts(usr):
    target = usr / "share/fallback-fonts"
    target.mkdir(parents=True, exist_ok=True)
    for font in FONTS:
        path, family = told("fc-match", "-f", "%{file}|%{family}", font).split("|")
        if not font.startswith(family):
            raise SystemExit(f"app_dir.py: {font} is not installed; install fonts-noto-core and fonts-noto-mono")
        shutil.copy2(path, target)
    shutil.copy2("/usr/share/doc/fonts-noto-core/copyright", target / "LICENSE")
    (target / "fonts.conf").write_text(FONTS_CONF, encoding="utf-8")


def main(app_dir):
    usr = app_dir / "usr"
    own = [usr / "bin/winnow", usr / "bin/winnow-h5check"]
    torch = next(usr.glob("lib*/**/libtorch_cpu.so")).parent
    if (torch / "libtorch_cuda.so").exists():
        raise SystemExit(f"app_dir.py: {torch} has CUDA, several GB; build with a CPU build of PyTorch (-DCMAKE_PREFIX_PATH) for packages")
    plugins = copy_plugins(usr)
    libraries = usr / "lib"
    libraries.mkdir(exist_ok=True)
    taken = set()
    for binary in own + plugins:
        found, missing = needed(binary)
        if missing:
            raise SystemExit(f"app_dir.py: {binary} needs {', '.join(missing)}, which this machine does not have")
        for name, path in found.items():
            folder = usr / "fallback" / name if OF_THE_MACHINE.match(name) else libraries
            if not C_LIBRARY.match(name) and not (torch / name).exists() and not (folder / name).exists():
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy2(pathlib.Path(path).resolve(), folder / name)
                taken.add(str(pathlib.Path(path).resolve()))
    copied = sorted(one for folder in (libraries, *(usr / "fallback").glob("*")) for one in folder.iterdir() if one.is_file())
    for binary in own + plugins + copied:
        up = "/".join([".."] * len(binary.parent.relative_to(usr).parts))
        folders = [f"$ORIGIN/{up}/{to.relative_to(usr)}" for to in (torch, libraries)]
        subprocess.run(["strip", "--strip-unneeded", str(binary)], check=True)
        subprocess.run(["patchelf", "--set-rpath", ":".join(folders), str(binary)], check=True)
    for library in torch.glob("*.so*"):
        subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)
    copy_notices(usr, sorted(taken))
    copy_fonts(usr)
    (app_dir / "AppRun").write_text(RUN, encoding="utf-8")
    (app_dir / "AppRun").chmod(0o755)
    for name in ("applications/io.github.winnow_kv.winnow.desktop", "icons/hicolor/scalable/apps/io.github.winnow_kv.winnow.svg"):
        shutil.copy2(usr / "share" / name, app_dir)
    shutil.copy2(usr / "share/icons/hicolor/scalable/apps/io.github.winnow_kv.winnow.svg", app_dir / ".DirIcon")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve())
