// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/quality/overlap_panel.h"

#include "views/plot/over_words.h"
#include "views/state/lane_choice.h"

#include <algorithm>

namespace winnow::views {

namespace {

constexpr int kPause = 100; ///< milliseconds after the last step

int rowOf(const std::vector<int>& policies, int policy)
{
    const auto found = std::find(policies.begin(), policies.end(), policy);
    return found == policies.end() ? -1 : static_cast<int>(found - policies.begin());
}

} // namespace

OverlapPanel::OverlapPanel(Selection* selection, ChartPlot* plot, QCPAxisRect* rect)
    : QObject(plot), m_selection(selection), m_plot(plot), m_rect(rect), m_chart(rect),
      m_job([this](Result<Answer> answer) { arrived(std::move(answer)); }, {}, chartPool())
{
    new PlotPainter(plot, QStringLiteral("grid"), rect, [this](QCPPainter* painter) {
        if (!m_shown && m_rect->visible())
            drawNotComputed(painter);
    });
    forget();
    plot->setReadout(
        rect, [this](QPointF at) { return readout(at); }, true);
    plot->setClicked(rect, [this](QPointF at) { clicked(at); });
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPause);
    connect(&m_pause, &QTimer::timeout, this, &OverlapPanel::start);
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        const bool ofStep = !m_selection->state().stepRange.has_value();
        if ((fields & (Selection::Hidden | Selection::Lanes | Selection::StepRange)) ||
            ((fields & Selection::StepField) && ofStep))
            m_pause.start();
        else if (fields & (Selection::Focus | Selection::Reference))
            show();
    });
}

/// Hatched, with what will stand there; never an empty matrix.
void OverlapPanel::drawNotComputed(QCPPainter* painter) const
{
    const PlotStyle& style = m_plot->style();
    const QRectF area(m_rect->rect());
    drawHatch(painter, area, style);
    const QFontMetricsF metrics(style.label);
    const QString words = fitting({tr("Overlap (Jaccard)"), tr("Jaccard"), QString()}, style.label, area.width() - style.px(8));
    QRectF place(0, 0, metrics.horizontalAdvance(words) + style.px(8), metrics.height());
    place.moveCenter(area.center());
    if (words.isEmpty())
        return;
    painter->fillRect(place, style.ground());
    painter->setFont(style.label);
    painter->setPen(style.theme.muted);
    painter->drawText(place, Qt::AlignCenter, words);
}

void OverlapPanel::setData(const ViewData& data)
{
    const bool other = m_data.info != data.info || !data.replay || data.replay->policies.empty();
    m_data = data;
    if (other) {
        m_job.stop();
        forget();
    }
    m_pause.start();
}

void OverlapPanel::forget()
{
    m_shown.reset();
    m_chart.clear();
    for (const auto side : {QCPAxis::atLeft, QCPAxis::atBottom})
        m_rect->axis(side)->setVisible(false);
}

OverlapPanel::Wanted OverlapPanel::wanted() const
{
    const SelectionState& state = m_selection->state();
    Wanted now{.step = state.stepRange ? state.stepRange->end - 1 : state.step};
    now.over = {.lanes = lanesThere(m_data, state.lanes), .kvHeads = kvHeadCount(m_data)};
    if (state.stepRange)
        now.over.overlap = now.over.steps = StepSpan{state.stepRange->begin, state.stepRange->end};
    auto some = std::make_shared<ReplayResult>(*m_data.replay);
    some->policies.clear();
    for (const int policy : visiblePolicies(m_data, *m_selection))
        if (const auto& one = m_data.replay->policies[static_cast<std::size_t>(policy)]; one->stepsDone > now.step) {
            some->policies.push_back(one);
            now.policies.push_back(policy);
        }
    now.replay = std::move(some);
    return now;
}

Result<OverlapPanel::Answer> OverlapPanel::compute(const Wanted& wanted, const JobContext& job)
{
    WINNOW_TRY(Comparison comparison, comparePolicies(*wanted.replay, Step{wanted.step}, job, wanted.over));
    return std::make_shared<const Numbers>(Numbers{std::move(comparison), wanted.policies});
}

void OverlapPanel::start()
{
    if (!m_data.replay || !m_plot->isVisible())
        return;
    const Wanted now = wanted();
    if (now.policies.empty()) { // no replay has come to the step
        m_job.stop();
        forget();
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    } else {
        m_job.start([now](const JobContext& job) { return compute(now, job); });
    }
}

void OverlapPanel::finish()
{
    m_pause.stop();
    m_job.stop();
    if (m_data.replay)
        if (const Wanted now = wanted(); !now.policies.empty())
            arrived(compute(now, {}));
}

void OverlapPanel::arrived(Result<Answer> answer)
{
    if (!answer)
        return; // stopped by a newer one; there is nothing else that can go wrong
    m_shown = std::move(*answer);
    for (const auto side : {QCPAxis::atLeft, QCPAxis::atBottom})
        m_rect->axis(side)->setVisible(true);
    show();
}

void OverlapPanel::show()
{
    if (!m_shown)
        return;
    std::vector<QString> names;
    for (std::size_t row = 0; row < m_shown->policies.size(); ++row)
        names.push_back(QStringLiteral("%1 %2")
                            .arg(m_shown->policies[row] + 1)
                            .arg(QString::fromStdString(m_shown->comparison.rows[row].label)));
    const SelectionState& state = m_selection->state();
    m_chart.show(m_shown->comparison, names, rowOf(m_shown->policies, state.focus), rowOf(m_shown->policies, state.reference),
                 m_plot->style(), overWords());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void OverlapPanel::clicked(QPointF at)
{
    const auto cell = m_shown ? m_chart.cellAt(at) : std::nullopt;
    if (!cell)
        return;
    m_selection->setFocus(m_shown->policies[static_cast<std::size_t>(cell->first)]);
    m_selection->setReference(m_shown->policies[static_cast<std::size_t>(cell->second)]);
}

QString OverlapPanel::overWords() const
{
    const Comparison& all = m_shown->comparison;
    SelectionState over;
    over.lanes = all.lanes;
    return QStringLiteral("%1, %2").arg(stepWords(Range{all.overlap.begin, all.overlap.end}), laneWords(m_data, over));
}

QString OverlapPanel::readout(QPointF at) const
{
    const auto cell = m_shown ? m_chart.cellAt(at) : std::nullopt;
    if (!cell)
        return {};
    const auto& [row, column] = *cell;
    const Comparison& all = m_shown->comparison;
    const auto index = static_cast<std::size_t>(row) * all.rows.size() + static_cast<std::size_t>(column);
    const auto name = [&](int i) {
        return QStringLiteral("%1 %2")
            .arg(m_shown->policies[static_cast<std::size_t>(i)] + 1)
            .arg(QString::fromStdString(all.rows[static_cast<std::size_t>(i)].label));
    };
    QString text =
        tr("%1 and %2\nJaccard %3\n%4").arg(name(row), name(column), QString::number(all.jaccard[index], 'f', 3), overWords());
    if (row != column)
        text += all.firstDivergence[index] < 0 ? tr("\nnever differ")
                                               : tr("\nfirst differ after step %1").arg(grouped(all.firstDivergence[index]));
    return text;
}

FigureRequest OverlapPanel::figure() const
{
    FigureRequest request{.name = "jaccard"};
    const SelectionState& state = m_selection->state();
    request.options.lanes = state.lanes;
    request.options.focus = state.focus + 1;
    request.options.against.policy = state.reference + 1;
    if (state.stepRange)
        request.options.stepRange = IntRange{state.stepRange->begin, state.stepRange->end - 1};
    else
        request.options.steps = {m_shown ? raw(m_shown->comparison.step) : state.step};
    if (m_shown && m_shown->policies.size() != m_data.replay->policies.size())
        for (const int policy : m_shown->policies)
            request.options.policies.push_back(policy + 1);
    return request;
}

} // namespace winnow::views
