// SPDX-License-Identifier: GPL-3.0-or-later
// The deck's lower row: play, step, speed, a sentence, and at the right the running job with Stop.
#pragma once

#include "views/style/theme.h"

#include <QWidget>

class QLabel;
class QHBoxLayout;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace winnow::views {

class ElidedLabel;

class TransportRow : public QWidget {
    Q_OBJECT
public:
    explicit TransportRow(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void setCompact(bool compact);
    void setPlaying(bool playing);
    void setSpeed(double speed);
    void setStep(int step, int last); ///< last < 0: no text yet
    void setStatus(const QString& sentence);
    void setJob(const QString& text, double fraction);
    QWidget* jobArea() const { return m_jobArea; }

signals:
    void playClicked();
    void stepBy(int steps);
    void speedChosen(double speed);
    void stopClicked();

private:
    QToolButton *m_back, *m_play, *m_forward, *m_speed;
    QLabel* m_step;
    ElidedLabel* m_status;
    QLabel* m_job;
    QWidget* m_jobArea;
    QProgressBar* m_bar;
    QPushButton* m_stop;
    Theme m_theme = Theme::darkTheme();
    bool m_playing = false;
};

} // namespace winnow::views
