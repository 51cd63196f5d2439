// SPDX-License-Identifier: GPL-3.0-or-later
// What can be chosen for the Wavelet tab, in a column beside the picture: signal, transform, wavelet, boundary, levels, scale,
// comparison. Every change is emitted at once. Fields that the transform does not read are hidden. GUI thread.
#pragma once

#include "views/wavelet/band_stack.h"

#include <QScrollArea>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace winnow::views {

enum class CompareWith {
    None,
    BesideHeld,
    MinusHeld, ///< with the picture that was held
    BesideReference,
    MinusReference, ///< what the focus lost with what the reference lost
};
inline bool isDifference(CompareWith c) { return c == CompareWith::MinusHeld || c == CompareWith::MinusReference; }
inline bool isOfReference(CompareWith c) { return c == CompareWith::BesideReference || c == CompareWith::MinusReference; }

class WaveletControls : public QScrollArea {
    Q_OBJECT
public:
    explicit WaveletControls(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// Signal, transform, wavelet, mode, levels; step, heads and policy are the tab's.
    WaveletChoice method() const;
    /// Shows the choice without emitting.
    void setMethod(const WaveletChoice& choice);
    bool wantsLost() const;
    void setLost(bool on);
    RowScale rowScale() const;
    void setRowScale(RowScale scale);
    CompareWith comparison() const;
    void setComparison(CompareWith comparison);

    /// The number of positions of the signal, for the warning about too many levels.
    void setLength(int positions);
    /// Whether there is a replay to say what was lost.
    void setHasReplay(bool has);
    /// What is held: "step 1,023"; "" = nothing yet.
    void setHeld(const QString& what);
    /// Hides what the paper's figure fixes.
    void setPaper(bool on);
    QSize sizeHint() const override;

signals:
    void methodChanged();
    void scaleChanged();
    void comparisonChanged();
    void holdWanted();

private:
    QComboBox* addBox(const QString& label, const QString& name);
    void addRow(const QString& label, QWidget* field, const QString& name);
    void fillWavelets();
    void showFields();
    void warnOfLevels();

    QWidget* m_form;
    QFormLayout* m_rows;
    QComboBox *m_signal, *m_transform, *m_family, *m_wavelet, *m_continuous, *m_mode, *m_scale, *m_compare;
    QDoubleSpinBox* m_omega;
    QSpinBox* m_levels;
    QCheckBox* m_lost;
    QPushButton* m_hold;
    int m_length = 0;
    bool m_paper = false, m_hasReplay = false;
};

} // namespace winnow::views
