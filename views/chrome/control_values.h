// SPDX-License-Identifier: GPL-3.0-or-later
// What is chosen in the boxes and fields of a pane, as words for a session. GUI thread.
#pragma once

#include <map>
#include <string>

class QWidget;

namespace winnow::views {

/// Of every combo box, spin box and check box below `pane` that has an object name: its value by that name. An entry of a combo
/// box is named by its data where it has some, else by its text.
std::map<std::string, std::string> controlValues(const QWidget& pane);
/// The reverse, as if the user chose them, in the order of the controls. What is not there, or cannot be chosen, is passed over.
void takeControlValues(QWidget& pane, const std::map<std::string, std::string>& values);

} // namespace winnow::views
