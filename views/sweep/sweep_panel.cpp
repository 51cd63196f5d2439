// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/sweep/sweep_panel.h"

#include "views/style/dock_style.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace winnow::views {

namespace {

Result<std::shared_ptr<const BudgetSweep>> compute(const std::shared_ptr<const ReplayResult>& replay, const Metric& metric,
                                                   const std::vector<Lane>& lanes, const JobContext& job)
{
    WINNOW_TRY(BudgetSweep sweep, budgetSweep(*replay, metric, {.lanes = lanes}, job));
    return std::make_shared<const BudgetSweep>(std::move(sweep));
}

QCustomPlot* makePlot()
{
    auto* plot = new QCustomPlot;
    plot->plotLayout()->clear();
    plot->plotLayout()->setColumnSpacing(0);
    plot->setMinimumSize(scaled(400), scaled(180));
    plot->setAccessibleName(QObject::tr("Metric against budget and bytes"));
    return plot;
}

QCPAxisRect* addRect(QCustomPlot* plot, int column)
{
    auto* rect = new QCPAxisRect(plot, true);
    plot->plotLayout()->addElement(0, column, rect);
    return rect;
}

} // namespace

SweepPanel::SweepPanel(QWidget* parent)
    : QWidget(parent), m_style(PlotStyle::window(Theme::darkTheme())), m_budgets(new QLineEdit), m_metric(new QComboBox),
      m_run(new QPushButton(tr("Sweep"))), m_match(new QPushButton(tr("Match memory"))),
      m_copy(new QPushButton(tr("Copy as command"))), m_export(new QPushButton(tr("Export…"))), m_progress(new QProgressBar),
      m_words(new QLabel), m_plot(makePlot()), m_budgetRect(addRect(m_plot, 0)), m_bytesRect(addRect(m_plot, 1)),
      m_budgetChart(m_budgetRect, SweepChart::Against::Budget), m_bytesChart(m_bytesRect, SweepChart::Against::Bytes),
      m_job([this](Result<std::shared_ptr<const BudgetSweep>> sweep) {
          if (sweep) {
              m_shown = std::move(*sweep);
              draw();
          } else if (sweep.error().code != ErrorCode::Cancelled) {
              say(QString::fromStdString(sweep.error().message));
          }
      })
{
    m_budgets->setMinimumWidth(scaled(200));
    m_budgets->setAccessibleName(tr("Budgets"));
    m_budgets->setToolTip(tr("Slots, or shares of the text (25%), with commas between"));
    m_metric->setAccessibleName(tr("Metric"));
    for (const Metric& metric : metricCatalog())
        m_metric->addItem(QString::fromUtf8(metric.title));
    m_match->setToolTip(tr("Gives every other policy the budget with which it stores as many bytes as the focus, on average"));
    for (QPushButton* button : {m_run, m_match, m_copy, m_export}) // Enter belongs to the field
        button->setAutoDefault(false);
    m_words->setWordWrap(true);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(4);
    auto* row = new QHBoxLayout;
    auto* label = new QLabel(tr("Budgets"));
    label->setBuddy(m_budgets);
    row->addWidget(label);
    row->addWidget(m_budgets, 1);
    row->addWidget(m_run);
    auto* second = new QHBoxLayout;
    auto* metric = new QLabel(tr("Metric"));
    metric->setBuddy(m_metric);
    second->addWidget(metric);
    second->addWidget(m_metric);
    second->addStretch(1);
    auto* last = new QHBoxLayout;
    last->addStretch(1);
    last->addWidget(m_match);
    last->addWidget(m_copy);
    last->addWidget(m_export);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(row);
    column->addLayout(second);
    column->addWidget(m_progress);
    column->addWidget(m_plot, 1);
    column->addWidget(m_words);
    column->addLayout(last);
    const auto run = [this] {
        if (m_isRunning)
            emit stopWanted();
        else
            emit sweepWanted(budgets());
    };
    connect(m_run, &QPushButton::clicked, this, run);
    connect(m_budgets, &QLineEdit::returnPressed, this, [this] {
        if (!m_isRunning)
            emit sweepWanted(budgets());
    });
    connect(m_match, &QPushButton::clicked, this, &SweepPanel::matchWanted);
    connect(m_copy, &QPushButton::clicked, this, &SweepPanel::copyWanted);
    connect(m_export, &QPushButton::clicked, this, &SweepPanel::exportWanted);
    connect(m_metric, &QComboBox::currentIndexChanged, this, &SweepPanel::ask);
    setRunning(-1);
    setTheme(Theme::darkTheme());
}

void SweepPanel::setTheme(const Theme& theme)
{
    auto inks = std::move(m_style.theme.inks);
    m_style = PlotStyle::window(theme);
    m_style.theme.inks = std::move(inks);
    m_plot->setBackground(QBrush(theme.page));
    applyStyle(m_budgetRect, m_style, {.left = 64, .top = 10, .right = 10, .bottom = 44});
    applyStyle(m_bytesRect, m_style, {.left = 48, .top = 10, .right = 110, .bottom = 44});
    draw();
}

void SweepPanel::setData(std::shared_ptr<const ReplayResult> replay, int focus, std::vector<Lane> lanes)
{
    m_replay = std::move(replay);
    m_style.theme.inks = m_replay ? policyInks(*m_replay) : std::vector<PolicyInk>();
    m_focus = focus;
    m_lanes = std::move(lanes);
    ask();
}

void SweepPanel::proposeBudgets(int tokens)
{
    QStringList words;
    for (int budget = 16; budget < tokens && words.size() < 8; budget *= 2)
        if (budget * 64 >= tokens)
            words << QString::number(budget);
    m_budgets->setText(words.join(QStringLiteral(", ")));
}

void SweepPanel::setRunning(double fraction)
{
    m_isRunning = fraction >= 0;
    m_run->setText(m_isRunning ? tr("Stop") : tr("Sweep"));
    m_match->setEnabled(!m_isRunning);
    m_budgets->setReadOnly(m_isRunning); // not disabled: it keeps the focus
    enable();
    m_progress->setValue(m_isRunning ? static_cast<int>(fraction * 1000) : 0);
}

void SweepPanel::enable()
{
    m_copy->setEnabled(!m_isRunning && m_replay);
    m_export->setEnabled(!m_isRunning && m_replay);
}

void SweepPanel::say(const QString& sentence) { m_words->setText(sentence); }

QString SweepPanel::budgets() const { return m_budgets->text(); }

const Metric& SweepPanel::metric() const
{
    return metricCatalog()[static_cast<std::size_t>(std::max(0, m_metric->currentIndex()))];
}

void SweepPanel::ask()
{
    enable();
    if (m_replay)
        m_job.start([replay = m_replay, metric = &metric(), lanes = m_lanes](const JobContext& job) {
            return compute(replay, *metric, lanes, job);
        });
}

void SweepPanel::finish()
{
    m_job.stop();
    if (const auto sweep = m_replay ? compute(m_replay, metric(), m_lanes, {}) : fail(ErrorCode::NotFound, "nothing")) {
        m_shown = *sweep;
        draw();
    }
}

void SweepPanel::draw()
{
    layOut(*m_plot, m_plot->rect());
    for (QCPAxisRect* rect : {m_budgetRect, m_bytesRect})
        rect->setVisible(m_shown != nullptr);
    if (m_shown) {
        m_budgetChart.show(*m_shown, m_focus, false, m_style);
        m_bytesChart.show(*m_shown, m_focus, true, m_style);
        m_bytesRect->axis(QCPAxis::atLeft)->setLabel({});
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void SweepPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    QMetaObject::invokeMethod(this, &SweepPanel::draw, Qt::QueuedConnection); // the plot has its size then
}

void SweepPanel::showEvent(QShowEvent*) { draw(); }

} // namespace winnow::views
