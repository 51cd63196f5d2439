// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/sweep/tune_panel.h"

#include "core/analysis/tune/tuning_words.h"
#include "views/style/dock_style.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

namespace winnow::views {

namespace {

QString listed(const std::vector<std::string>& values)
{
    QStringList words;
    for (const std::string& value : values)
        words << QString::fromStdString(value);
    return words.join(QLatin1Char('/'));
}

} // namespace

TunePanel::TunePanel(const std::vector<TuneAxis>& axes, const QString& budget, QWidget* parent)
    : QWidget(parent), m_style(PlotStyle::window(Theme::darkTheme())), m_budget(new QLineEdit(budget)), m_metric(new QComboBox),
      m_most(new QSpinBox), m_run(new QPushButton(tr("Tune"))), m_use(new QPushButton(tr("Use this setting"))),
      m_copy(new QPushButton(tr("Copy as command"))), m_export(new QPushButton(tr("Export numbers…"))),
      m_progress(new QProgressBar), m_words(new QLabel), m_plot(new QCustomPlot)
{
    auto* grid = new QGridLayout;
    grid->setContentsMargins(0, 0, 8, 0);
    for (const TuneAxis& axis : axes) {
        const QString name = QString::fromStdString(axis.parameter), values = listed(axis.values);
        Row row{axis.parameter, new QCheckBox(name), new QLineEdit};
        row.values->setPlaceholderText(values);
        row.values->setAccessibleName(tr("Values of %1").arg(name));
        row.values->setToolTip(tr("Tried unless you type others: %1. Others: a range, 0-32, or values, 0/4/16. It is %2 now.")
                                   .arg(values, QString::fromStdString(axis.values[axis.start])));
        const int line = grid->rowCount();
        grid->addWidget(row.chosen, line, 0);
        grid->addWidget(row.values, line, 1);
        connect(row.chosen, &QCheckBox::toggled, this, &TunePanel::enable);
        connect(row.values, &QLineEdit::textEdited, row.chosen, [box = row.chosen] { box->setChecked(true); });
        connect(row.values, &QLineEdit::returnPressed, this, &TunePanel::start);
        m_rows.push_back(row);
    }
    if (!m_rows.empty())
        m_rows.front().chosen->setChecked(true);
    auto* inside = new QWidget;
    inside->setLayout(grid);
    auto* scroll = new QScrollArea;
    scroll->setWidget(inside);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFixedHeight(std::min(inside->sizeHint().height(), scaled(140)) + 2);
    scroll->setFocusPolicy(Qt::NoFocus);

    m_budget->setAccessibleName(tr("Budget"));
    m_budget->setToolTip(tr("Slots per lane, or a share of the text (25%)"));
    m_budget->setFixedWidth(scaled(72));
    m_metric->setAccessibleName(tr("Metric"));
    for (const Metric& metric : metricCatalog())
        if (!metric.whole && !metric.ofModel)
            m_metric->addItem(QString::fromUtf8(metric.title), QString::fromUtf8(metric.name));
    m_metric->setCurrentIndex(std::max(0, m_metric->findData(QString::fromUtf8(Metric::Error.name))));
    m_most->setRange(2, 100'000);
    m_most->setValue(100);
    m_most->setAccessibleName(tr("Settings at most"));
    m_most->setToolTip(tr("All combinations are tried where they are fewer; else one parameter after the other. Every setting is "
                          "a replay."));
    for (QPushButton* button : {m_run, m_use, m_copy, m_export}) // Enter belongs to the fields
        button->setAutoDefault(false);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(4);
    m_words->setWordWrap(true);
    m_words->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_words->setMinimumHeight(5 * m_words->fontMetrics().lineSpacing()); // room for what is found
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_plot->plotLayout()->clear();
    m_plot->plotLayout()->setColumnSpacing(0);
    m_plot->setMinimumSize(scaled(400), scaled(180));
    new PlotPainter(m_plot, QStringLiteral("main"), nullptr, [this](QCPPainter* painter) {
        if (m_tuning)
            return;
        painter->setFont(m_style.label);
        painter->setPen(m_style.theme.muted);
        painter->drawText(m_plot->rect(), Qt::AlignCenter, tr("A curve for each parameter follows when the search is done."));
    });
    m_plot->setAccessibleName(tr("Metric against the values of every tuned parameter"));

    auto* row = new QHBoxLayout;
    const auto labeled = [&](const QString& word, QWidget* widget) {
        auto* label = new QLabel(word);
        label->setBuddy(widget);
        label->setVisible(widget != m_budget || !budget.isEmpty());
        row->addWidget(label);
        row->addWidget(widget);
    };
    labeled(tr("Budget"), m_budget);
    m_budget->setVisible(!budget.isEmpty());
    labeled(tr("Metric"), m_metric);
    labeled(tr("Settings"), m_most);
    row->addStretch(1);
    row->addWidget(m_run);
    auto* last = new QHBoxLayout;
    last->addStretch(1);
    last->addWidget(m_copy);
    last->addWidget(m_export);
    last->addWidget(m_use);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(new QLabel(tr("Parameters to vary, and their values")));
    column->addWidget(scroll);
    column->addLayout(row);
    column->addWidget(m_progress);
    column->addWidget(m_plot, 1);
    column->addWidget(m_words);
    column->addLayout(last);
    connect(m_run, &QPushButton::clicked, this, &TunePanel::run);
    connect(m_budget, &QLineEdit::returnPressed, this, &TunePanel::start);
    connect(m_use, &QPushButton::clicked, this, &TunePanel::useWanted);
    connect(m_copy, &QPushButton::clicked, this, &TunePanel::copyWanted);
    connect(m_export, &QPushButton::clicked, this, &TunePanel::exportWanted);
    setRunning(-1);
    setTheme(Theme::darkTheme());
}

void TunePanel::setTheme(const Theme& theme)
{
    m_style = PlotStyle::window(theme);
    m_plot->setBackground(QBrush(theme.page));
    draw();
}

void TunePanel::run()
{
    if (m_isRunning)
        emit stopWanted();
    else if (!over().empty())
        emit tuneWanted();
}

void TunePanel::start()
{
    if (!m_isRunning)
        run();
}

void TunePanel::setRunning(double fraction)
{
    m_isRunning = fraction >= 0;
    m_progress->setValue(m_isRunning ? static_cast<int>(fraction * 1000) : 0);
    enable();
}

void TunePanel::enable()
{
    m_run->setText(m_isRunning ? tr("Stop") : tr("Tune"));
    m_run->setEnabled(m_isRunning || !over().empty());
    m_copy->setEnabled(!over().empty());
    m_export->setEnabled(!m_isRunning && m_tuning);
    m_use->setEnabled(!m_isRunning && m_tuning && m_tuning->best != 0);
    m_use->setToolTip(m_tuning && m_tuning->best == 0 ? tr("The policy has the best setting") : QString());
    for (const Row& row : m_rows)
        row.values->setReadOnly(m_isRunning); // not disabled: it keeps the focus
    m_budget->setReadOnly(m_isRunning);
}

void TunePanel::say(const QString& sentence) { m_words->setText(sentence); }

void TunePanel::setTuning(std::shared_ptr<const Tuning> tuning)
{
    m_tuning = std::move(tuning);
    QStringList sentences{QString::fromUtf8(searchWords(*m_tuning)) + QLatin1Char('.')};
    const TuneSetting& best = m_tuning->settings[m_tuning->best];
    QStringList values;
    for (std::size_t axis = 0; axis < m_tuning->axes.size(); ++axis)
        values << QStringLiteral("%1=%2").arg(QString::fromStdString(m_tuning->axes[axis].parameter),
                                              QString::fromStdString(m_tuning->axes[axis].values[best.at[axis]]));
    sentences << tr("Best: %1").arg(values.join(QStringLiteral(", ")));
    sentences << tr("Searched: %1").arg(QString::fromStdString(gainWords(m_tuning->searched, *m_tuning->metric)));
    if (m_tuning->heldOut)
        sentences << tr("Held out: %1").arg(QString::fromStdString(gainWords(*m_tuning->heldOut, *m_tuning->metric)));
    for (const std::string& remark : tuningRemarks(*m_tuning)) {
        const QString words = QString::fromStdString(remark);
        sentences << words.left(1).toUpper() + words.mid(1) + QLatin1Char('.');
    }
    say(sentences.join(QLatin1Char('\n')));
    m_plot->clearGraphs();
    m_plot->plotLayout()->clear();
    m_curves.clear();
    for (std::size_t axis = 0; axis < m_tuning->axes.size(); ++axis) {
        auto* rect = new QCPAxisRect(m_plot, true);
        m_plot->plotLayout()->addElement(0, static_cast<int>(axis), rect);
        m_curves.push_back({rect, TuneChart(rect)});
    }
    enable();
    draw();
}

std::vector<std::string> TunePanel::over() const
{
    std::vector<std::string> chosen;
    for (const Row& row : m_rows)
        if (row.chosen->isChecked()) {
            const std::string typed = row.values->text().trimmed().toStdString();
            chosen.push_back(typed.empty() ? row.parameter : row.parameter + "=" + typed);
        }
    return chosen;
}

QString TunePanel::budget() const { return m_budget->text().trimmed(); }

const Metric& TunePanel::metric() const
{
    const Metric* found = findMetric(m_metric->currentData().toString().toStdString());
    return found ? *found : Metric::Error;
}

int TunePanel::most() const { return m_most->value(); }

QCheckBox* TunePanel::choice(const std::string& parameter) const
{
    for (const Row& row : m_rows)
        if (row.parameter == parameter)
            return row.chosen;
    return nullptr;
}

QLineEdit* TunePanel::values(const std::string& parameter) const
{
    for (const Row& row : m_rows)
        if (row.parameter == parameter)
            return row.values;
    return nullptr;
}

void TunePanel::draw()
{
    for (std::size_t i = 0; i < m_curves.size(); ++i)
        applyStyle(m_curves[i].rect, m_style, {.left = i == 0 ? 72.0 : 56.0, .top = 12, .right = 12, .bottom = 56});
    layOut(*m_plot, m_plot->rect());
    for (std::size_t i = 0; i < m_curves.size(); ++i)
        m_curves[i].chart.show(*m_tuning, i, i == 0, m_style);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void TunePanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    QMetaObject::invokeMethod(this, &TunePanel::draw, Qt::QueuedConnection); // the plot has its size then
}

void TunePanel::showEvent(QShowEvent*) { draw(); }

} // namespace winnow::views
