// SPDX-License-Identifier: GPL-3.0-or-later
// Keys with Ctrl are the window's, whichever view has the focus.
#pragma once

#include <QKeyEvent>

namespace winnow::views {

/// Whether a view that moves its own cursor may take the key.
inline bool isPlainKey(const QKeyEvent& key) { return !(key.modifiers() & (Qt::ControlModifier | Qt::MetaModifier)); }

} // namespace winnow::views
