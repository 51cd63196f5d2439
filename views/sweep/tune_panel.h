// SPDX-License-Identifier: GPL-3.0-or-later
// Asks which parameters of a policy are tuned, over which values and by which metric, and shows what was found: a curve for each
// parameter, and the gain. The search is made by whoever hears the signals. GUI thread.
#pragma once

#include "core/analysis/tune/tuning.h"
#include "views/plot/tune_chart.h"

#include <QStringList>
#include <QWidget>

#include <memory>
#include <string>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace winnow::views {

class TunePanel : public QWidget {
    Q_OBJECT
public:
    /// `axes`: the parameters that can be tuned, with the values that are tried unless others are typed. `budget`: of the policy,
    /// "" = it has none.
    TunePanel(const std::vector<TuneAxis>& axes, const QString& budget, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void setRunning(double fraction); ///< 0 to 1; below 0: nothing runs
    void say(const QString& sentence);
    void setTuning(std::shared_ptr<const Tuning> tuning);

    std::vector<std::string> over() const; ///< the chosen parameters, as `winnow tune --over` takes them
    QString budget() const;
    const Metric& metric() const;
    int most() const; ///< settings that are tried at most
    /// The controls of a parameter, for tests.
    QCheckBox* choice(const std::string& parameter) const;
    QLineEdit* values(const std::string& parameter) const;
    QPushButton* useButton() const { return m_use; }

signals:
    void tuneWanted();
    void stopWanted();
    void useWanted(); ///< the best setting
    void copyWanted();
    void exportWanted(); ///< every setting that was tried, as numbers

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    struct Row {
        std::string parameter;
        QCheckBox* chosen;
        QLineEdit* values;
    };
    void run();   ///< or stop
    void start(); ///< Enter in a field
    void enable();
    void draw();

    PlotStyle m_style;
    std::vector<Row> m_rows;
    QLineEdit* m_budget;
    QComboBox* m_metric;
    QSpinBox* m_most;
    QPushButton *m_run, *m_use, *m_copy, *m_export;
    QProgressBar* m_progress;
    QLabel* m_words;
    QCustomPlot* m_plot;
    struct Curve {
        QCPAxisRect* rect;
        TuneChart chart;
    };
    std::vector<Curve> m_curves; ///< one for each tuned parameter
    bool m_isRunning = false;
    std::shared_ptr<const Tuning> m_tuning;
};

} // namespace winnow::views
