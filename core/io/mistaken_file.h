// SPDX-License-Identifier: GPL-3.0-or-later
// What stands under the name of a model's file by mistake: a note of where the file lies, a server's page, an archive.
#pragma once

#include <string_view>

namespace winnow {

/// Pure: "is a Git LFS pointer, …; fetch the file itself with 'git lfs pull'", to follow the file's name; "" when `file` begins
/// like none of these. Looks at the first 512 bytes. JSON and plain text are none of them: whoever expects neither says so.
std::string_view mistakenFor(std::string_view file);

} // namespace winnow
