// SPDX-License-Identifier: GPL-3.0-or-later
// Letters that are so many times as large (--font-scale), for the life of a test.
#pragma once

#include "views/style/theme.h"

namespace winnow::testing_support {

class LargeFont {
public:
    explicit LargeFont(double scale) : m_before(views::fontScale()) { views::setFontScale(scale); }
    ~LargeFont() { views::setFontScale(m_before); }
    LargeFont(const LargeFont&) = delete;
    LargeFont& operator=(const LargeFont&) = delete;

private:
    double m_before;
};

} // namespace winnow::testing_support
