// SPDX-License-Identifier: GPL-3.0-or-later
// A hint of one line: in fewer words where the window is too narrow for the sentence.
#pragma once

#include "app/window/band.h"

namespace winnow::app {

class HintBand : public Band {
    Q_OBJECT
public:
    /// `brief` says the same in one line of a narrow window with large letters.
    explicit HintBand(const QString& brief, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();

    QString m_brief;
};

} // namespace winnow::app
