// SPDX-License-Identifier: GPL-3.0-or-later
// What a model is and what it takes to run: the lines of `winnow info MODEL`, beside the choices of a recording.
#pragma once

#include "app/cli/model_facts.h"
#include "views/state/latest_job.h"

#include <QWidget>

#include <filesystem>

class QGridLayout;

namespace winnow::app {

class ModelPanel : public QWidget {
    Q_OBJECT
public:
    explicit ModelPanel(QWidget* parent = nullptr);

    /// Reads the model in the background; the newest call wins. Trace and memory are told for a text of `tokens` tokens.
    void setModel(const std::filesystem::path& model, int tokens);

signals:
    void changed(); ///< the lines have changed

private:
    void show(const Result<std::vector<ModelFact>>& facts);
    void setLine(int row, const QString& name, const QString& value);

    QGridLayout* m_lines;
    views::LatestJob<std::vector<ModelFact>> m_reading;
};

} // namespace winnow::app
