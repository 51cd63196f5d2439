// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/lanes/lane_values.h"

#include "views/plot/number_words.h"
#include "views/state/lane_choice.h"
#include "views/style/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

QString tr(const char* words) { return QCoreApplication::translate("LaneValues", words); }
QString rangeText(Range tokens)
{
    return tokens.size() == 1 ? tr("token %1").arg(grouped(tokens.begin))
                              : tr("%1\u2013%2").arg(grouped(tokens.begin), grouped(tokens.end - 1));
}
Result<std::shared_ptr<const HeadSlopes>> computeSlopes(const Trace& trace, const JobContext& job)
{
    ContributionOptions options = slopeOptions();
    options.steps = slopeSteps(trace.tokenCount());
    WINNOW_TRY(HeadSlopes slopes, headSlopes(trace, options, kHiddenPositions, job));
    return std::make_shared<const HeadSlopes>(std::move(slopes));
}

} // namespace

// --- measures

const Metric kBrushKept{.name = "brush kept",
                        .title = "Share of the brush kept",
                        .unit = "share",
                        .summary =
                            "Share of the brushed tokens that the lane stores after the step, a stripe per policy; without a "
                            "brush of the newest marked span, else the token",
                        .most = 1};
const Metric kTokenLeft{
    .name = "token left",
    .title = "When the token left",
    .unit = "step",
    .summary = "The step at which the token left the lane, a stripe per policy, the end of the scale = never; without a "
               "token the last of the brush or of the newest marked span",
    .whole = true};

std::vector<LaneMeasure> laneMeasures()
{
    std::vector<LaneMeasure> measures;
    for (const Metric& metric : metricCatalog())
        if (!metric.ofModel)
            measures.push_back(&metric);
    measures.insert(measures.end(), {&kBrushKept, &kTokenLeft, kWaveletSlope});
    return measures;
}

QString measureName(LaneMeasure measure) { return measure ? QString::fromUtf8(measure->name) : tr("wavelet slope"); }

QString measureHelp(LaneMeasure measure)
{
    return measure
               ? QString::fromUtf8(measure->summary)
               : tr("Levels that the dominant scale rises by per doubling of the distance: 1 looks like a tree, 0 does not care");
}

QString measureWords(LaneMeasure measure, double value)
{
    if (!measure)
        return QString::number(value, 'f', 2).replace(QLatin1Char('-'), QChar(0x2212));
    return measure->whole ? QString::number(value, 'f', value < 100 && value != std::floor(value) ? 1 : 0)
                          : QString::number(value, 'f', 3);
}

std::vector<int> slopeSteps(int tokens)
{
    constexpr int kSteps = 8;
    std::vector<int> steps;
    for (int i = 1; i <= kSteps; ++i) {
        const int step = static_cast<int>(static_cast<std::int64_t>(tokens) * (kSteps + i) / (2 * kSteps)) - 1;
        if (step >= 0 && (steps.empty() || steps.back() != step))
            steps.push_back(step);
    }
    return steps;
}

// --- what there is

LaneValues::LaneValues(const Selection* selection, std::function<void()> arrived)
    : m_selection(selection), m_arrived(std::move(arrived)), m_job([this](Result<Slopes> answer) {
          if (answer)
              m_slopes = std::move(*answer);
          else
              m_problem = QString::fromStdString(answer.error().message);
          m_arrived();
      })
{
}

void LaneValues::setData(const ViewData& data)
{
    if (m_data.trace != data.trace) {
        m_job.stop();
        m_slopes.reset();
        m_problem.clear();
    }
    m_data = data;
    askForSlopes();
}

void LaneValues::setMeasure(LaneMeasure measure)
{
    m_measure = measure;
    askForSlopes();
}

int LaneValues::layers() const
{
    return m_data.replay ? static_cast<int>(m_data.replay->layers.size())
           : m_data.info ? static_cast<int>(m_data.info->layers.size())
                         : 0;
}

int LaneValues::layerNumber(int layer) const
{
    const auto at = static_cast<std::size_t>(layer);
    return m_data.replay ? raw(m_data.replay->layers[at]) : m_data.info ? raw(m_data.info->layers[at]) : layer;
}

std::shared_ptr<const PolicyReplay> LaneValues::focused() const
{
    const int focus = m_selection->state().focus;
    return m_data.replay && focus < static_cast<int>(m_data.replay->policies.size())
               ? m_data.replay->policies[static_cast<std::size_t>(focus)]
               : nullptr;
}

int LaneValues::kvHeads() const { return std::max(1, kvHeadCount(m_data)); }

int LaneValues::columns() const
{
    if (m_measure == kWaveletSlope && m_data.info && !m_data.info->layerInfo.empty() && layers() > 0)
        return m_data.info->layerInfo.front().queryHeads;
    const auto policy = isOfTokens(m_measure) ? nullptr : focused();
    return policy ? policy->lanes : layers() > 0 ? kvHeads() : 0;
}

Lane LaneValues::kvLane(Lane cell) const { return {cell.layer, cell.head / std::max(1, columns() / kvHeads())}; }

std::vector<Lane> LaneValues::allLanes() const
{
    std::vector<Lane> all;
    for (int layer = 0; layer < layers(); ++layer)
        for (int head = 0; head < kvHeads(); ++head)
            all.push_back({layer, head});
    return all;
}

float LaneValues::value(Lane cell) const
{
    const auto at = static_cast<std::size_t>(cell.layer) * columns() + cell.head;
    return at < m_values.size() ? m_values[at] : kUnknown;
}

// --- values

void LaneValues::set(Lane cell, float value)
{
    m_values[static_cast<std::size_t>(cell.layer) * columns() + cell.head] = value;
    m_least = m_any ? std::min(m_least, value) : value;
    m_most = m_any ? std::max(m_most, value) : value;
    m_any = true;
}

void LaneValues::update()
{
    m_values.assign(static_cast<std::size_t>(layers()) * columns(), kUnknown);
    m_least = 0;
    m_most = 0;
    m_any = false;
    m_over.clear();
    m_stripes.clear();
    m_policies.clear();
    const auto policy = m_measure == kWaveletSlope || isOfTokens(m_measure) ? nullptr : focused();
    const StepSpan steps = policy ? meanSteps(m_data, *m_selection) : StepSpan{};
    if (m_summed != m_measure || (m_means && !m_means->areOf(policy, steps)))
        m_means.reset();
    if (m_measure == kWaveletSlope)
        return updateSlopes();
    if (isOfTokens(m_measure))
        return updateTokens();
    if (steps.begin >= steps.end)
        return; // not computed
    if (!m_means) {
        m_means.emplace(policy, *m_measure, steps);
        m_summed = m_measure;
    }
    m_over = tr("steps %1\u2013%2").arg(grouped(steps.begin), grouped(steps.end - 1));
    for (int lane = 0; lane < static_cast<int>(m_values.size()) && lane < policy->layers * policy->lanes; ++lane)
        if (const auto mean = m_means->over(std::span(&lane, 1)))
            set({lane / columns(), lane % columns()}, static_cast<float>(*mean));
}

std::optional<Range> LaneValues::looked() const
{
    const SelectionState& state = m_selection->state();
    const auto token = state.token ? std::optional(Range{*state.token, *state.token + 1}) : std::nullopt;
    const auto span = state.spans.empty() ? std::nullopt : std::optional(state.spans.back().tokens);
    if (m_measure == &kTokenLeft && token)
        return token;
    return state.tokenRange ? state.tokenRange : span ? span : token;
}

bool LaneValues::dependsOn(Selection::Fields fields) const
{
    Selection::Fields read = Selection::Focus | Selection::StepRange | Selection::Hidden;
    if (isOfTokens(m_measure))
        read |= Selection::Token | Selection::TokenRange | Selection::Spans;
    if (m_measure == &kBrushKept)
        read |= Selection::StepField;
    return bool(fields & read);
}

std::span<const float> LaneValues::stripes(Lane cell) const
{
    const std::size_t count = m_policies.size(),
                      at = (static_cast<std::size_t>(cell.layer) * columns() + static_cast<std::size_t>(cell.head)) * count;
    return at + count <= m_stripes.size() ? std::span(m_stripes).subspan(at, count) : std::span<const float>();
}

/// Of a KV head, whose query heads may have lanes of their own. NaN where it is not known yet.
float LaneValues::ofTokens(const PolicyReplay& policy, Lane cell) const
{
    const Range tokens = *looked();
    const int perHead = std::max(1, policy.lanes / kvHeads()), step = m_selection->state().step;
    std::vector<int> lanes;
    for (int lane = cell.head * perHead; lane < std::min(policy.lanes, (cell.head + 1) * perHead); ++lane)
        lanes.push_back(cell.layer * policy.lanes + lane);
    if (m_measure == &kBrushKept) {
        const auto share = step < policy.stepsDone ? keptInRange(policy, lanes, step, tokens.begin, tokens.end) : std::nullopt;
        return share ? static_cast<float>(*share) : kUnknown;
    }
    int last = -1;
    for (int token = tokens.begin; token < std::min(tokens.end, policy.stepsDone); ++token) {
        const std::vector<int> left = leftAt(policy, lanes, token);
        if (left.size() < lanes.size())
            return policy.stepsDone == policy.tokens ? static_cast<float>(policy.tokens) : kUnknown; // never
        last = std::max(last, left.back());
    }
    return last < 0 ? kUnknown : static_cast<float>(last);
}

void LaneValues::updateTokens()
{
    const auto tokens = looked();
    if (!m_data.replay || !tokens || tokens->end > static_cast<int>(m_data.replay->tokenIds.size()))
        return;
    m_policies = visiblePolicies(m_data, *m_selection);
    const QString which = rangeText(*tokens);
    m_over = m_measure == &kBrushKept ? tr("%1, step %2").arg(which, grouped(m_selection->state().step)) : which;
    const int focus = m_selection->state().focus;
    for (int layer = 0; layer < layers(); ++layer)
        for (int head = 0; head < columns(); ++head) {
            for (const int policy : m_policies) {
                m_stripes.push_back(ofTokens(*m_data.replay->policies[static_cast<std::size_t>(policy)], {layer, head}));
                if (policy == focus)
                    set({layer, head}, m_stripes.back());
            }
        }
    m_least = 0; // one scale for all policies and steps
    m_most = m_measure == &kBrushKept ? 1 : static_cast<float>(m_data.replay->tokenIds.size());
}

int LaneValues::recordedLayer(int layer) const
{
    if (!m_data.trace || !m_data.replay)
        return layer;
    const auto& layers = m_data.trace->info().layers;
    const auto found = std::find(layers.begin(), layers.end(), m_data.replay->layers[static_cast<std::size_t>(layer)]);
    return found == layers.end() ? -1 : static_cast<int>(found - layers.begin());
}

void LaneValues::askForSlopes()
{
    if (m_measure != kWaveletSlope || !m_data.trace || m_slopes || m_job.isRunning() || m_data.trace->tokenCount() == 0)
        return;
    m_problem.clear();
    m_job.start([trace = m_data.trace](const JobContext& job) { return computeSlopes(*trace, job); });
}

void LaneValues::finish()
{
    if (m_measure != kWaveletSlope || !m_data.trace || m_slopes)
        return;
    m_job.stop();
    if (auto slopes = computeSlopes(*m_data.trace, {}))
        m_slopes = std::move(*slopes);
    else
        m_problem = QString::fromStdString(slopes.error().message);
}

void LaneValues::updateSlopes()
{
    if (!m_slopes)
        return;
    const std::vector<int> steps = slopeSteps(m_data.trace->tokenCount());
    m_over = tr("steps %1\u2013%2").arg(grouped(steps.front()), grouped(steps.back()));
    for (int layer = 0; layer < layers(); ++layer)
        for (int head = 0; head < columns(); ++head) {
            const ScaleFit* fit = m_slopes->find({recordedLayer(layer), head});
            if (fit && !std::isnan(fit->slope))
                set({layer, head}, static_cast<float>(fit->slope));
        }
}

// --- words and figure

QString LaneValues::words(Lane cell) const
{
    const bool queryHeads = columns() > kvHeads();
    QString words =
        (queryHeads ? tr("Layer %1, query head %2") : tr("Layer %1, KV head %2")).arg(layerNumber(cell.layer)).arg(cell.head);
    if (m_measure == kWaveletSlope) {
        const ScaleFit* fit = m_slopes ? m_slopes->find({recordedLayer(cell.layer), cell.head}) : nullptr;
        words += fit ? tr("\n%1%2\nfull cache, mean of %3")
                           .arg(slopeWords(*fit), fit->growing() ? tr(": scales grow with distance") : QString(), m_over)
                     : QStringLiteral("\n") + (m_problem.isEmpty() ? tr("wavelet slope: not computed yet") : m_problem);
    } else if (isOfTokens(m_measure)) {
        words += m_over.isEmpty() ? tr("\nselect a token, brush tokens or mark a span") : QStringLiteral("\n") + m_over;
        for (std::size_t i = 0; i < stripes(cell).size(); ++i) {
            const float one = stripes(cell)[i];
            const PolicyReplay& policy = *m_data.replay->policies[static_cast<std::size_t>(m_policies[i])];
            words += QStringLiteral("\n%1 %2: ").arg(m_policies[i] + 1).arg(policyTitle(policy));
            words += std::isnan(one)               ? tr("not known yet")
                     : m_measure == &kBrushKept    ? percentWords(double(one))
                     : one >= float(policy.tokens) ? tr("never left")
                                                   : tr("left at %1").arg(grouped(static_cast<int>(one)));
        }
    } else if (!std::isnan(value(cell))) {
        words += tr("\n%1 %2, mean of %3").arg(measureName(m_measure), measureWords(m_measure, value(cell)), m_over);
    }
    return words;
}

FigureRequest LaneValues::figure() const
{
    if (m_measure == kWaveletSlope)
        return {"scale-slope", {.steps = slopeSteps(m_data.trace ? m_data.trace->tokenCount() : 0)}};
    if (isOfTokens(m_measure)) { // its numbers tell of every lane
        FigureRequest request{"autopsy", {}};
        if (const auto tokens = looked())
            request.options.tokenRange = IntRange{tokens->begin, tokens->end - 1};
        for (const int policy : m_policies)
            request.options.policies.push_back(policy + 1);
        return request;
    }
    FigureRequest request{"lanes", {.metric = std::string(m_measure->name), .policies = {m_selection->state().focus + 1}}};
    if (focused()) {
        const StepSpan steps = meanSteps(m_data, *m_selection);
        request.options.stepRange = IntRange{steps.begin, std::max(steps.begin, steps.end - 1)};
    }
    return request;
}

} // namespace winnow::views
