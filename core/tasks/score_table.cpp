// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/score_table.h"

#include "core/base/parallel.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace winnow::tasks {

namespace {

/// The answers of one series to one task, and the rules they are held to.
struct Group {
    std::string series, task;
    const TaskInfo* info = nullptr;
    std::vector<std::size_t> answers;
    std::vector<std::pair<const Profile*, TaskRule>> rules;
};

/// [rule][score of the rule]
using Judgements = std::vector<std::vector<std::optional<double>>>;

/// Tells how many answers are scored, from several threads; never goes back.
class Reporting {
public:
    Reporting(const JobContext& job, std::size_t count) : m_job(job), m_count(static_cast<double>(count)) {}

    void done() { tell(1, 0); }
    /// `fraction`: how much of one more.
    void within(double fraction) { tell(0, fraction); }

private:
    void tell(int more, double fraction)
    {
        const std::lock_guard lock(m_mutex);
        m_done += more;
        m_told = std::max(m_told, (m_done + fraction) / m_count);
        m_job.report("scoring", m_told);
    }

    const JobContext& m_job;
    double m_count, m_done = 0, m_told = 0;
    std::mutex m_mutex;
};

std::vector<Characters> charactersOfAll(std::span<const std::string> texts)
{
    std::vector<Characters> all;
    for (const std::string& text : texts)
        all.push_back(charactersOf(text));
    return all;
}

Judgements judge(const Answer& answer, const Group& group, const Segmenter* segmenter, Watch& watch)
{
    const Characters prediction = charactersOf(answer.prediction);
    const auto references = charactersOfAll(answer.references), classes = charactersOfAll(answer.classes);
    Judgements judgements;
    std::map<std::pair<const ScoreKind*, Characters>, std::optional<double>> known; // most profiles see the same text
    for (const auto& [profile, rule] : group.rules) {
        const Characters text = cleaned(prediction, rule.cleaning);
        auto& scores = judgements.emplace_back();
        for (const ScoreKind* const kind : rule.scores) {
            const auto [place, fresh] = known.try_emplace({kind, text});
            if (fresh && (segmenter != nullptr || !kind->needsSegmenter))
                place->second = kind->judge({text, references, classes, segmenter, &watch});
            scores.push_back(place->second);
        }
    }
    return judgements;
}

std::vector<Group> grouped(const AnswerSet& set, const ScoreOptions& options)
{
    std::vector<const Profile*> asked = options.profiles;
    if (asked.empty())
        for (const Profile& profile : profiles())
            asked.push_back(&profile);
    std::vector<Group> groups;
    std::map<std::pair<std::string, std::string>, std::size_t> places;
    for (std::size_t i = 0; i < set.answers.size(); ++i) {
        const Answer& answer = set.answers[i];
        const auto [place, fresh] = places.try_emplace({answer.series, answer.task}, groups.size());
        if (fresh) {
            Group& group = groups.emplace_back();
            group.series = answer.series;
            group.task = answer.task;
            group.info = findTask(answer.task);
            for (const Profile* const profile : asked)
                if (auto rule = ruleOf(*profile, *group.info, isShortened(answer.task)))
                    group.rules.emplace_back(profile, std::move(*rule));
        }
        groups[place->second].answers.push_back(i);
    }
    return groups;
}

/// The parts of its task that an answer belongs to. `turns`: there are further questions about one context; the depth is that of
/// what the first asks for.
std::vector<std::string> partsOf(const Answer& answer, TaskFamily family, bool turns)
{
    std::vector<std::string> parts;
    switch (family) {
    case TaskFamily::LongBench:
        if (answer.length)
            parts.emplace_back(*answer.length < 4000 ? "0-4k" : *answer.length < 8000 ? "4-8k" : "8k+");
        break;
    case TaskFamily::LongBench2:
        for (const std::string& part : {answer.difficulty, answer.size})
            if (!part.empty())
                parts.push_back(part);
        break;
    case TaskFamily::ScBench:
        break;
    case TaskFamily::Needle:
    case TaskFamily::Demo:
        if (answer.depth && !turns)
            parts.push_back(fmt::format("depth {:g}", *answer.depth));
        break;
    case TaskFamily::Ruler:
        break;
    }
    if (turns || family == TaskFamily::ScBench)
        parts.push_back(fmt::format("turn {}", answer.turn));
    return parts;
}

Said joined(Said all, std::optional<bool> one, bool first)
{
    const Said here = !one ? Said::Unsaid : *one ? Said::Yes : Said::No;
    return first || all == here ? here : Said::Mixed;
}

/// Over those that have the number.
template <class NumberOf>
std::optional<double> meanOf(std::span<const std::size_t> members, NumberOf numberOf)
{
    double sum = 0;
    std::size_t count = 0;
    for (const std::size_t at : members)
        if (const auto number = numberOf(at)) {
            sum += static_cast<double>(*number);
            ++count;
        }
    return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

ScoreRow rowOf(const Group& group, std::string part, std::span<const std::size_t> members, const AnswerSet& set)
{
    ScoreRow row;
    row.series = group.series;
    row.task = group.task;
    row.part = std::move(part);
    for (std::size_t i = 0; i < members.size(); ++i) {
        const Answer& answer = set.answers[members[i]];
        row.queryAware = joined(row.queryAware, answer.queryAware, i == 0);
        row.chatTemplate = joined(row.chatTemplate, answer.chatTemplate, i == 0);
        row.cut = i == 0 || row.cut == answer.cut ? answer.cut : "mixed";
    }
    row.storedSlots = meanOf(members, [&](std::size_t at) { return set.answers[at].storedSlots; });
    row.cacheBytes = meanOf(members, [&](std::size_t at) { return set.answers[at].cacheBytes; });
    return row;
}

/// All answers first, then the parts in the order of their names.
std::vector<std::pair<std::string, std::vector<std::size_t>>> partsOfGroup(const Group& group, const AnswerSet& set, bool parts)
{
    std::vector<std::pair<std::string, std::vector<std::size_t>>> lists{{"", group.answers}};
    std::map<std::string, std::vector<std::size_t>> named;
    const auto isFurther = [&](std::size_t at) { return set.answers[at].turn > 0; };
    const bool turns = std::ranges::any_of(group.answers, isFurther);
    if (parts)
        for (const std::size_t at : group.answers)
            for (const std::string& part : partsOf(set.answers[at], group.info->family, turns))
                named[part].push_back(at);
    lists.insert(lists.end(), named.begin(), named.end());
    return lists;
}

/// The rows of a group, with the values that their means are over.
void addRows(const Group& group, const AnswerSet& set, const std::vector<Judgements>& judgements, bool parts,
             std::vector<ScoreRow>& rows, std::vector<std::vector<double>>& values)
{
    for (const auto& [part, members] : partsOfGroup(group, set, parts)) {
        const ScoreRow facts = rowOf(group, part, members, set);
        for (std::size_t r = 0; r < group.rules.size(); ++r)
            for (std::size_t s = 0; s < group.rules[r].second.scores.size(); ++s) {
                std::vector<double> scores;
                for (const std::size_t at : members)
                    if (const auto score = judgements[at][r][s])
                        scores.push_back(*score);
                if (scores.empty())
                    continue;
                ScoreRow row = facts;
                row.profile = group.rules[r].first;
                row.rule = group.rules[r].second;
                row.score = row.rule.scores[s];
                row.count = scores.size();
                rows.push_back(std::move(row));
                values.push_back(std::move(scores));
            }
    }
}

void fillMeans(std::vector<ScoreRow>& rows, const std::vector<std::vector<double>>& values)
{
    parallelFor(rows.size(), [&](std::size_t i) {
        double sum = 0;
        for (const double value : values[i])
            sum += value;
        const double scale = rows[i].score->scale;
        rows[i].value = scale * sum / static_cast<double>(values[i].size());
        rows[i].interval = bootstrapInterval(values[i]);
        if (rows[i].interval)
            rows[i].interval = Interval{scale * rows[i].interval->low, scale * rows[i].interval->high};
    });
}

/// Behind the rows of a series: the mean over its tasks of one family, by the first score of each.
std::vector<ScoreRow> meansOverTasks(const std::vector<ScoreRow>& rows)
{
    struct Sum {
        double value = 0;
        std::size_t tasks = 0, answers = 0;
        const ScoreRow* first = nullptr;
    };
    std::map<std::tuple<std::string, TaskFamily, std::string_view>, Sum> sums;
    std::vector<std::tuple<std::string, TaskFamily, std::string_view>> order;
    for (const ScoreRow& row : rows) {
        if (!row.part.empty() || row.score != row.rule.scores.front())
            continue;
        const std::tuple key{row.series, findTask(row.task)->family, row.profile->name};
        Sum& sum = sums[key];
        if (sum.tasks == 0) {
            order.push_back(key);
            sum.first = &row;
        }
        sum.value += row.value;
        sum.answers += row.count;
        ++sum.tasks;
    }
    std::vector<ScoreRow> means;
    for (const auto& key : order)
        if (const Sum& sum = sums[key]; sum.tasks > 1) {
            ScoreRow& mean = means.emplace_back();
            mean.series = sum.first->series;
            mean.task = fmt::format("mean of {} {} tasks", sum.tasks, familyTitle(std::get<1>(key)));
            mean.profile = sum.first->profile;
            mean.count = sum.answers;
            mean.value = sum.value / static_cast<double>(sum.tasks);
        }
    return means;
}

void tellRefusals(const Group& group, const std::vector<Judgements>& judgements, bool segments, ScoreTable& table)
{
    if (group.rules.empty())
        table.refused.push_back(
            fmt::format("no asked profile scores '{}'; `winnow tasks {}` lists those that do", group.task, group.task));
    std::vector<const ScoreKind*> told;
    for (std::size_t r = 0; r < group.rules.size(); ++r)
        for (std::size_t s = 0; s < group.rules[r].second.scores.size(); ++s) {
            const ScoreKind* const kind = group.rules[r].second.scores[s];
            if (std::ranges::find(told, kind) != told.end())
                continue;
            told.push_back(kind);
            if (kind->needsSegmenter && !segments) {
                table.refused.push_back(
                    fmt::format("'{}' is scored by {}, whose words are those of jieba, and its dictionary is not here; install "
                                "python3-jieba, or name the folder of the package with --jieba",
                                group.task, kind->title));
                continue;
            }
            for (const std::size_t at : group.answers)
                if (!judgements[at][r][s])
                    table.unjudged.push_back({at, fmt::format("is not scored by {}: it lacks {}", kind->title, kind->needs)});
        }
}

} // namespace

Result<ScoreTable> scoreAnswers(const AnswerSet& set, const ScoreOptions& options, const JobContext& job)
{
    constexpr std::size_t kAtOnce = 64;
    const std::vector<Group> groups = grouped(set, options);
    std::vector<std::size_t> groupOf(set.answers.size());
    for (std::size_t g = 0; g < groups.size(); ++g)
        for (const std::size_t at : groups[g].answers)
            groupOf[at] = g;
    std::vector<Judgements> judgements(set.answers.size());
    Reporting reporting(job, set.answers.size());
    parallelFor((set.answers.size() + kAtOnce - 1) / kAtOnce, [&](std::size_t block) {
        for (std::size_t i = block * kAtOnce; i < std::min((block + 1) * kAtOnce, set.answers.size()) && !job.stopRequested();
             ++i) {
            Watch watch([&](double fraction) {
                reporting.within(fraction);
                return !job.stopRequested();
            });
            judgements[i] = judge(set.answers[i], groups[groupOf[i]], options.segmenter.get(), watch);
            reporting.done();
        }
    });
    WINNOW_TRY_VOID(job.check("scoring"));
    ScoreTable table;
    std::vector<std::vector<double>> values;
    for (const Group& group : groups) {
        addRows(group, set, judgements, options.parts, table.rows, values);
        tellRefusals(group, judgements, options.segmenter != nullptr, table);
    }
    fillMeans(table.rows, values);
    const auto means = meansOverTasks(table.rows);
    table.rows.insert(table.rows.end(), means.begin(), means.end());
    return table;
}

bool wantsSegmenter(const AnswerSet& set)
{
    return std::ranges::any_of(set.answers,
                               [](const Answer& answer) { return scoreKind(findTask(answer.task)->score).needsSegmenter; });
}

std::string_view saidTitle(Said said)
{
    constexpr std::string_view kTitles[] = {"not said", "yes", "no", "mixed"};
    return kTitles[static_cast<std::size_t>(said)];
}

} // namespace winnow::tasks
