// SPDX-License-Identifier: GPL-3.0-or-later
// Python's two ways of putting values into a text: "%s of %d" % (…) and "{} of {:>8}".format(…).
#pragma once

#include "core/model/chat/jinja/calls.h"

#include <string>
#include <string_view>

namespace winnow::jinja {

/// `values`: a tuple, a dict (for "%(name)s"), or one value.
Value percentFormatted(Runtime& run, const Value& format, const Value& values);

/// str.format. Fields take attributes and items as the sandbox allows them.
Value braceFormatted(Runtime& run, const Value& format, Arguments& arguments);

} // namespace winnow::jinja
