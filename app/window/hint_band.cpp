// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/hint_band.h"

#include <QLabel>
#include <QLayout>

namespace winnow::app {

HintBand::HintBand(const QString& brief, QWidget* parent) : Band(parent), m_brief(brief) {}

void HintBand::showEvent(QShowEvent* event)
{
    Band::showEvent(event);
    fit();
}

void HintBand::resizeEvent(QResizeEvent* event)
{
    Band::resizeEvent(event);
    fit();
}

void HintBand::fit()
{
    layout()->activate(); // the label has its new width now
    auto* label = findChild<QLabel*>();
    const bool whole = label->fontMetrics().horizontalAdvance(sentence()) <= label->width();
    label->setText(whole ? sentence() : m_brief);
}

} // namespace winnow::app
