// SPDX-License-Identifier: GPL-3.0-or-later
// Letters that are so many times as large, for the life of a test: those of --font-scale, and those of the system.
#pragma once

#include "views/style/theme.h"

#include <QApplication>

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

class FontScale {
public:
    explicit FontScale(double factor) : m_before(QApplication::font())
    {
        QFont font = m_before;
        if (font.pixelSize() > 0)
            font.setPixelSize(static_cast<int>(font.pixelSize() * factor));
        else
            font.setPointSizeF(font.pointSizeF() * factor);
        QApplication::setFont(font);
    }
    ~FontScale() { QApplication::setFont(m_before); }

private:
    QFont m_before;
};

} // namespace winnow::testing_support
