// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/tune/tuning.h"

#include "core/analysis/job_part.h"
#include "core/base/check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace winnow {

namespace {

constexpr std::size_t kCountless = 1'000'000'000; ///< combinations are counted up to here

using Place = std::vector<std::size_t>; ///< an index into the values of every axis

/// Per step of `span` the mean over lanes; NaN where there is none.
std::vector<double> stepMeans(const PolicyReplay& policy, const Metric& metric, StepSpan span)
{
    const auto steps = static_cast<std::size_t>(span.end - span.begin);
    const int lanes = metric.ofModel ? 1 : policy.layers * policy.lanes;
    std::vector<double> sums(steps, 0), row(steps);
    for (int lane = 0; lane < lanes; ++lane) {
        metric.fill(policy, static_cast<std::size_t>(lane) * policy.tokens + static_cast<std::size_t>(span.begin), row);
        for (std::size_t step = 0; step < steps; ++step)
            sums[step] += row[step];
    }
    for (double& sum : sums)
        sum /= std::max(1, lanes);
    return sums;
}

double meanOfNumbers(std::span<const double> values)
{
    double sum = 0;
    std::size_t count = 0;
    for (const double value : values)
        if (std::isfinite(value)) {
            sum += value;
            ++count;
        }
    return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

class Search {
public:
    Search(const TuneOptions& options, const JobContext& job) : m_options(options), m_job(job)
    {
        m_tuning.metric = options.metric;
        m_tuning.axes = options.axes;
        m_tuning.combinations = 1;
        for (const TuneAxis& axis : options.axes)
            m_tuning.combinations = std::min(m_tuning.combinations * axis.values.size(), kCountless);
        m_tuning.everything = m_tuning.combinations <= options.most;
        m_expected = static_cast<double>(std::min(m_tuning.combinations, options.most));
    }

    Result<Tuning> run()
    {
        for (std::size_t text = 0; text < m_options.tokens.size(); ++text) {
            const int tokens = m_options.tokens[text];
            WINNOW_TRY_VOID(checkSpec(m_options.start, tokens, m_options.prompt));
            const StepSpan span{std::max(m_options.prompt, m_options.start.budget().slotCount(tokens)), tokens};
            if (span.begin >= span.end)
                return fail(ErrorCode::BadInput,
                            "text {} has {} tokens, and no step of it lies behind the prompt of {} and the budget of {}; take a "
                            "longer text or a smaller budget",
                            text + 1, tokens, m_options.prompt, m_options.start.budget().slotCount(tokens));
            m_spans.push_back(span);
        }
        Place start;
        for (const TuneAxis& axis : m_options.axes)
            start.push_back(axis.start);
        WINNOW_TRY_VOID(judgeAll({start}));
        WINNOW_TRY_VOID(m_tuning.everything ? judgeAll(allPlaces()) : turnByTurn());
        WINNOW_TRY(m_tuning.searched, gainOver(0, searchedTexts()));
        if (m_options.heldOut > 0) {
            WINNOW_TRY(m_tuning.heldOut, gainOver(searchedTexts(), m_options.tokens.size()));
        }
        return std::move(m_tuning);
    }

private:
    std::size_t searchedTexts() const { return m_options.tokens.size() - m_options.heldOut; }

    std::vector<Place> allPlaces() const
    {
        std::vector<Place> places;
        Place place(m_options.axes.size(), 0);
        for (std::size_t i = 0; i < m_tuning.combinations; ++i) {
            std::size_t rest = i;
            for (std::size_t axis = place.size(); axis-- > 0;) {
                place[axis] = rest % m_options.axes[axis].values.size();
                rest /= m_options.axes[axis].values.size();
            }
            places.push_back(place);
        }
        return places;
    }

    /// Changes one parameter after the other to its best value, until a whole turn changes nothing.
    Result<void> turnByTurn()
    {
        for (bool changed = true; changed && m_tuning.settled;) {
            changed = false;
            for (std::size_t axis = 0; axis < m_options.axes.size() && m_tuning.settled; ++axis) {
                const std::size_t before = m_tuning.best;
                std::vector<Place> line;
                for (std::size_t value = 0; value < m_options.axes[axis].values.size(); ++value) {
                    line.push_back(m_tuning.settings[before].at);
                    line.back()[axis] = value;
                }
                WINNOW_TRY_VOID(judgeAll(line));
                changed = changed || m_tuning.best != before;
            }
        }
        return {};
    }

    Result<PolicySpec> specAt(const Place& place) const
    {
        PolicySpec spec = m_options.start;
        for (std::size_t axis = 0; axis < place.size(); ++axis)
            if (place[axis] != m_options.axes[axis].start) {
                WINNOW_TRY(spec, spec.with(m_options.axes[axis].parameter, m_options.axes[axis].values[place[axis]]));
            }
        return spec;
    }

    bool allowed(const PolicySpec& spec) const
    {
        return std::all_of(m_options.tokens.begin(), m_options.tokens.end(),
                           [&](int tokens) { return checkSpec(spec, tokens, m_options.prompt).has_value(); });
    }

    /// Judges the places that are new, up to what is left of `most`.
    Result<void> judgeAll(const std::vector<Place>& places)
    {
        std::vector<TuneSetting> fresh;
        const auto judgeFresh = [&]() -> Result<void> {
            WINNOW_TRY_VOID(judge(fresh));
            fresh.clear();
            return {};
        };
        for (const Place& place : places) {
            if (m_seen.contains(place))
                continue;
            if (m_seen.size() >= m_options.most) {
                m_tuning.settled = false;
                break;
            }
            m_seen.insert(place);
            const Result<PolicySpec> spec = specAt(place);
            if (!spec || !allowed(*spec)) {
                ++m_tuning.refused;
                continue;
            }
            fresh.push_back({.at = place, .spec = *spec});
            if (fresh.size() == m_options.together)
                WINNOW_TRY_VOID(judgeFresh());
        }
        return fresh.empty() ? Result<void>() : judgeFresh();
    }

    Result<void> judge(std::vector<TuneSetting>& settings)
    {
        std::vector<PolicySpec> specs;
        for (const TuneSetting& setting : settings)
            specs.push_back(setting.spec);
        const double before = static_cast<double>(m_seen.size() - specs.size()), after = static_cast<double>(m_seen.size());
        const auto texts = static_cast<double>(searchedTexts());
        for (std::size_t text = 0; text < searchedTexts(); ++text) {
            const auto share = [&](double part) {
                return std::min(0.95, (before + (after - before) * (static_cast<double>(text) + part) / texts) / m_expected);
            };
            WINNOW_TRY_VOID(m_job.check("the tuning"));
            WINNOW_TRY(const auto result, m_options.judge(text, specs, partOf(m_job, share(0), share(1))));
            for (std::size_t i = 0; i < settings.size(); ++i) {
                const PolicyReplay& policy = *result->policies[i];
                settings[i].value += meanOfNumbers(stepMeans(policy, *m_options.metric, m_spans[text])) / texts;
                settings[i].stored += meanOfNumbers(stepMeans(policy, Metric::Slots, m_spans[text])) / texts;
            }
        }
        for (TuneSetting& setting : settings) {
            if (!std::isfinite(setting.value))
                return fail(ErrorCode::BadInput, "there is no {} of '{}' to tune by{}{}", m_options.metric->name,
                            setting.spec.canonical(), m_options.metric->missing.empty() ? "" : ": ", m_options.metric->missing);
            m_tuning.settings.push_back(std::move(setting));
            if (better(m_tuning.settings.back().value, m_tuning.settings[m_tuning.best].value))
                m_tuning.best = m_tuning.settings.size() - 1;
        }
        return {};
    }

    bool better(double one, double other) const { return m_options.metric->better == Better::Higher ? one > other : one < other; }

    /// The start beside the best over the texts [first, last).
    Result<TuneGain> gainOver(std::size_t first, std::size_t last)
    {
        const std::vector<PolicySpec> pair{m_options.start, m_tuning.settings[m_tuning.best].spec};
        const double sign = m_options.metric->better == Better::Higher ? 1 : -1;
        TuneGain gain{.texts = last - first};
        std::vector<double> starts, bests, gains;
        for (std::size_t text = first; text < last; ++text) {
            WINNOW_TRY_VOID(m_job.check("the tuning"));
            WINNOW_TRY(const auto result, m_options.judge(text, pair, partOf(m_job, 0.95, 1)));
            const std::vector<double> start = stepMeans(*result->policies[0], *m_options.metric, m_spans[text]),
                                      best = stepMeans(*result->policies[1], *m_options.metric, m_spans[text]);
            for (std::size_t step = 0; step < start.size(); ++step) {
                if (!std::isfinite(start[step]) || !std::isfinite(best[step]))
                    continue;
                starts.push_back(start[step]);
                bests.push_back(best[step]);
                gains.push_back(sign * (best[step] - start[step]));
            }
        }
        gain.start = meanOfNumbers(starts);
        gain.best = meanOfNumbers(bests);
        gain.gain = meanOfNumbers(gains);
        gain.steps = gains.size();
        gain.interval = blockBootstrapInterval(gains, kTuneBlock);
        return gain;
    }

    const TuneOptions& m_options;
    const JobContext& m_job;
    std::vector<StepSpan> m_spans; ///< of each text
    std::set<Place> m_seen;
    double m_expected = 1; ///< settings, for the progress
    Tuning m_tuning;
};

} // namespace

std::vector<std::size_t> Tuning::curve(std::size_t axis) const
{
    std::vector<std::size_t> line;
    for (std::size_t i = 0; i < settings.size(); ++i) {
        Place at = settings[i].at;
        at[axis] = settings[best].at[axis];
        if (at == settings[best].at)
            line.push_back(i);
    }
    std::sort(line.begin(), line.end(),
              [&](std::size_t a, std::size_t b) { return settings[a].at[axis] < settings[b].at[axis]; });
    return line;
}

Result<Tuning> tune(const TuneOptions& options, const JobContext& job)
{
    WINNOW_CHECK(!options.axes.empty() && options.most > 0 && options.together > 0, "nothing to tune");
    WINNOW_CHECK(options.heldOut < options.tokens.size(), "{} of {} texts are held out", options.heldOut, options.tokens.size());
    return Search(options, job).run();
}

Tables tuningTables(const Tuning& tuning)
{
    Tables all;
    all.fact("metric", tuning.metric->name);
    all.fact("best", tuning.settings[tuning.best].spec.canonical());
    const auto gain = [&](const std::string& where, const TuneGain& told) {
        all.fact(where + "_start", told.start);
        all.fact(where + "_best", told.best);
        all.fact(where + "_gain", told.gain);
        if (told.interval)
            all.row(where + "_interval", std::vector<double>{told.interval->low, told.interval->high});
        all.fact(where + "_texts", static_cast<int>(told.texts));
        all.fact(where + "_steps", static_cast<int>(told.steps));
    };
    gain("searched", tuning.searched);
    if (tuning.heldOut)
        gain("held_out", *tuning.heldOut);
    Table table{.axes = {{tuning.settings.size()}}};
    const auto column = [&](const std::string& name, auto valueOf) {
        std::vector<decltype(valueOf(tuning.settings.front()))> values;
        for (const TuneSetting& setting : tuning.settings)
            values.push_back(valueOf(setting));
        table.columns.push_back({name, {0}, std::move(values)});
    };
    column("policy", [](const TuneSetting& setting) { return setting.spec.canonical(); });
    for (std::size_t axis = 0; axis < tuning.axes.size(); ++axis)
        column(tuning.axes[axis].parameter,
               [&](const TuneSetting& setting) { return tuning.axes[axis].values[setting.at[axis]]; });
    column("value", [](const TuneSetting& setting) { return setting.value; });
    column("slots", [](const TuneSetting& setting) { return setting.stored; });
    all.tables.push_back(std::move(table));
    return all;
}

} // namespace winnow
