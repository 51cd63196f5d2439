// SPDX-License-Identifier: GPL-3.0-or-later
// Colors, ramps, type and spacing of the window and of exports (which are always light). Values only; no widget.
#pragma once

#include "core/analysis/policy_inks.h"

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QPen>
#include <QString>

#include <array>
#include <span>
#include <vector>

namespace winnow::views {

struct Theme {
    bool dark = true;
    QColor page, panel, line, ink, muted;
    std::array<QRgb, 127> choice, rule, lost; ///< by share 0…1, evenly light, interpolated in OKLab
    QRgb differenceThis = 0, differenceReference = 0, differenceBoth = 0, none = 0;
    std::array<QRgb, 127> text; ///< background of a token in the text, by share
    QColor textRule, textReferenceOnly;
    std::array<QColor, 6> policies; ///< policy 7–12: the same colors, dashed

    std::vector<PolicyInk> inks; ///< of the policies that are shown; those beyond have the color of their number

    PolicyInk inkOf(int policy) const;
    QColor policyColor(int policy) const { return colorOf(inkOf(policy)); }
    QPen policyPen(int policy, double width) const { return penOf(inkOf(policy), width); }
    QColor colorOf(const PolicyInk& ink) const { return policies[static_cast<std::size_t>(ink.color) % policies.size()]; }
    QPen penOf(const PolicyInk& ink,
               double width) const; ///< of a replay whole or, from the seventh color on, dashed; of a run dotted
    QPalette palette() const;       ///< for QApplication with the Fusion style

    static const Theme& darkTheme();
    static const Theme& lightTheme();
};

/// Noto Sans / Noto Sans Mono with fallbacks, in logical pixels.
QFont uiFont(int pixels = 13, bool bold = false);
QFont monoFont(int pixels = 12);
/// uiFont and monoFont multiply pixel sizes by it: 0.5…4, at first 1. Set it before widgets are made; GUI thread only.
void setFontScale(double scale);
double fontScale();

/// OKLab helpers, also used by the difference plane and by the palette test.
struct OkLab {
    double L = 0, a = 0, b = 0;
};
OkLab toOkLab(QRgb color);
QRgb fromOkLab(const OkLab& lab);
QRgb mixOkLab(QRgb from, QRgb to, double share);

/// "1,404", "0.719" and "128 slots" as the whole window writes them.
QString grouped(qint64 number);

} // namespace winnow::views
