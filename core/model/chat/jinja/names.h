// SPDX-License-Identifier: GPL-3.0-or-later
// Which variable a name means. Jinja decides this before a template runs: a name that a scope assigns anywhere is that scope's
// own from its start on, with the value of the same name around it; other names are looked for outwards, and at last among the
// caller's.
#pragma once

#include "core/model/chat/jinja/syntax.h"

namespace winnow::jinja {

/// Writes places, entries and slots into the whole tree. Faults for a filter or test that does not exist, where it would be
/// reached.
void bindNames(Syntax& syntax);

} // namespace winnow::jinja
