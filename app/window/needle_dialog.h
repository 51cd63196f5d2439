// SPDX-License-Identifier: GPL-3.0-or-later
// Answers to needles (a file of `winnow ask`): a heat map per policy, the answers of the chosen cell, and the button that opens
// the trial behind one of them. GUI thread.
#pragma once

#include "core/tasks/needle_grid.h"
#include "views/answers/needle_maps.h"

#include <QDialog>

#include <vector>

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace winnow::app {

class NeedleDialog : public QDialog {
    Q_OBJECT
public:
    /// Answers with lengths and depths; `file` stands in the title.
    NeedleDialog(std::vector<tasks::Answer> answers, const QString& file, QWidget* window);

    void setTheme(const views::Theme& theme);
    void setWorking(bool working); ///< a trial is being opened
    void say(const QString& sentence);
    views::NeedleMaps* maps() const { return m_maps; }
    QListWidget* list() const { return m_list; }
    QPushButton* button() const { return m_open; }
    QString sentence() const;
    const std::vector<tasks::Answer>& answers() const { return m_answers; }

signals:
    void trialWanted(const winnow::tasks::Answer& answer);

private:
    void showCell(const views::NeedlePlace& place);
    void openCurrent();

    std::vector<tasks::Answer> m_answers;
    std::vector<tasks::NeedleGrid> m_grids; ///< in the order of the maps
    views::NeedleMaps* m_maps;
    QComboBox* m_score;
    QLabel* m_words;
    QListWidget* m_list;
    QPushButton* m_open;
    std::vector<std::size_t> m_listed; ///< answers of the list's rows
    bool m_working = false;
};

} // namespace winnow::app
