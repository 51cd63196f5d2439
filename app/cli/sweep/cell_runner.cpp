// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep/cell_runner.h"

#include "app/cli/asked_examples.h"
#include "app/cli/score_lines.h"
#include "core/analysis/run_costs.h"
#include "core/evaluate/perplexity.h"
#include "core/io/mapped_file.h"
#include "core/model/config/model_folder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace winnow::cli {

namespace {

using namespace tasks;
namespace fs = std::filesystem;

constexpr int kMeasured = 32;          ///< tokens by which the time of all is estimated
constexpr std::int64_t kTogether = 16; ///< tokens of a prompt, which is read in chunks, are taken to cost as much as one step

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

ExampleSource sourceOf(const PlanModel& model, const PlanTask& task, std::int64_t seed)
{
    ExampleSource source{.model = model.path.string(), .data = task.data.string(), .profile = task.profile};
    if (!task.task.empty())
        source.tasks.push_back(task.task);
    source.examples.hay = task.hay.string();
    source.examples.words = task.words.string();
    source.examples.lengths = {static_cast<std::size_t>(task.length)};
    source.examples.samples = static_cast<std::size_t>(task.samples);
    source.examples.depths = static_cast<std::size_t>(task.depths);
    source.examples.seed = static_cast<std::uint64_t>(seed);
    return source;
}

std::vector<PolicySpec> specsOf(std::span<const SweepCell> cells)
{
    std::vector<PolicySpec> specs;
    for (const SweepCell& cell : cells)
        specs.push_back(cell.policy);
    return specs;
}

/// Losses of the judged tokens.
std::vector<double> lossesOf(std::span<const float> logprob)
{
    std::vector<double> losses;
    for (const float value : logprob)
        if (!std::isnan(value))
            losses.push_back(-static_cast<double>(value));
    return losses;
}

std::string numberOr(int number, std::string_view other) { return number > 0 ? std::to_string(number) : std::string(other); }

} // namespace

struct CellRunner::Impl {
    const SweepPlan& plan;
    Console& console;

    std::size_t model = 0;                 ///< which of the plan is opened
    std::shared_ptr<LoadedModel> opened{}; ///< null: none yet
    std::optional<std::size_t> group{};    ///< whose examples are there
    std::optional<AskSession> session{};   ///< of the group
    std::vector<AskedTurns> turns{};       ///< likewise
    std::string text{};                    ///< of the text whose path is `textPath`
    fs::path textPath{};
    std::optional<std::size_t> fullOf{}; ///< the group of texts that the full cache read
    std::vector<float> full{};           ///< its log-probabilities, which every cell of that group is compared with

    void useModel(std::size_t wanted)
    {
        if (opened && wanted == model)
            return;
        opened.reset();
        session.reset();
        group.reset();
        model = wanted;
    }

    Result<RecordOptions> textOptions(const SweepCell& cell)
    {
        const PlanModel& of = plan.models[cell.model];
        const PlanText& from = plan.texts[cell.input];
        if (textPath != from.path) {
            WINNOW_TRY(text, readText(from.path.string()));
            textPath = from.path;
        }
        return RecordOptions{.model = of.path,
                             .text = text,
                             .textName = from.name,
                             .maxTokens = from.tokens,
                             .dtype = of.dtype,
                             .device = plan.device,
                             .chunk = plan.chunk};
    }

    Result<std::pair<PerplexitySession, PerplexityOptions>> perplexity(std::span<const SweepCell> cells)
    {
        const PlanText& from = plan.texts[cells.front().input];
        WINNOW_TRY(RecordOptions record, textOptions(cells.front()));
        PerplexityOptions options{
            .text = std::move(record), .policies = specsOf(cells), .window = from.window, .stride = from.stride};
        WINNOW_TRY(PerplexitySession measuring, PerplexitySession::open(options.text, opened));
        opened = measuring.model();
        return std::pair(std::move(measuring), std::move(options));
    }

    /// Opens the session of a task, with its examples.
    Result<void> useTask(const SweepCell& cell)
    {
        if (session && group == cell.group)
            return {};
        session.reset();
        const PlanModel& of = plan.models[cell.model];
        const PlanTask& task = plan.task(cell.input);
        AskOptions options{.model = of.path,
                           .dtype = of.dtype,
                           .device = plan.device,
                           .chunk = plan.chunk,
                           .most = task.cutTo,
                           .chat = plan.chat};
        if (!task.compress.empty())
            options.question = task.compress == "context" ? QuestionPlace::BehindContext : QuestionPlace::InPrompt;
        WINNOW_TRY(AskSession opening, AskSession::open(options, opened));
        opened = opening.model();
        WINNOW_TRY(const std::vector<AskedExample> examples, askedExamples(sourceOf(of, task, cell.seed), console));
        WINNOW_TRY(turns, preparedTurns(opening, examples));
        session.emplace(std::move(opening));
        group = cell.group;
        return {};
    }

    /// Steps: tokens that are read or said one by one, and the prompts' share.
    std::int64_t stepsAsked() const
    {
        std::int64_t tokens = 0;
        for (const AskedTurns& asked : turns) {
            tokens += static_cast<std::int64_t>(asked.prompt.size()) / kTogether;
            for (const AskedTurn& turn : asked.turns)
                tokens += static_cast<std::int64_t>(turn.question.size()) + turn.newTokens;
        }
        return tokens;
    }

    CellResult begun(const SweepCell& cell) const
    {
        CellResult result{.cell = cell.hash,
                          .model = plan.models[cell.model].name,
                          .input = plan.inputName(cell.input),
                          .policy = cell.policy.canonical(),
                          .budget = std::string(cell.policy.value("budget")),
                          .version = WINNOW_VERSION,
                          .seed = cell.seed};
        result.protocol["loop"] = "closed";
        result.protocol["dtype"] = dtypeName(plan.models[cell.model].dtype);
        result.protocol["chunk"] = std::to_string(plan.chunk);
        if (const std::string_view positions = cell.policy.value("positions"); !positions.empty())
            result.protocol["positions"] = positions == "keep" ? "text" : positions == "reassign" ? "slot" : positions;
        return result;
    }

    CellResult textResult(const SweepCell& cell, const PerplexityResult& measured, const PerplexityResult::Policy& policy) const
    {
        const PlanText& from = plan.texts[cell.input];
        CellResult result = begun(cell);
        result.measure = "perplexity";
        result.lessIsBetter = true;
        const std::vector<double> losses = lossesOf(policy.logprob);
        result.n = static_cast<std::int64_t>(losses.size());
        result.loss = meanLoss(policy.logprob, 0);
        result.value = perplexityOf(result.loss).value_or(std::nan(""));
        if (const auto interval = blockBootstrapInterval(losses, kLossBlock))
            result.interval = Interval{std::exp(interval->low), std::exp(interval->high)};
        if (const auto added = addedLoss(policy.logprob, full, 0)) {
            result.added = added->mean;
            result.addedInterval = added->interval;
        }
        result.storedSlots = policy.stored;
        result.cacheBytes = policy.bytes;
        result.milliseconds = policy.milliseconds;
        result.protocol["length"] = numberOr(from.window, std::to_string(measured.tokens.size()));
        result.protocol["stride"] = numberOr(from.stride > 0 ? from.stride : from.window, "one pass");
        result.protocol["tokens"] = std::to_string(measured.tokens.size());
        return result;
    }

    Result<std::vector<CellResult>> runText(std::span<const SweepCell> cells)
    {
        WINNOW_TRY(auto work, perplexity(cells));
        work.second.full = fullOf != cells.front().group;
        WINNOW_TRY(const PerplexityResult measured, work.first.measure(work.second, {}, console.job()));
        if (work.second.full) {
            full = measured.full;
            fullOf = cells.front().group;
        }
        std::vector<CellResult> results;
        for (std::size_t i = 0; i < cells.size(); ++i)
            results.push_back(textResult(cells[i], measured, measured.policies[i]));
        return results;
    }

    Result<CellResult> taskResult(const SweepCell& cell, const std::vector<GivenAnswer>& given) const
    {
        AnswerSet set;
        for (const GivenAnswer& one : given)
            set.answers.push_back(one.answer);
        const Answer& first = set.answers.front();
        const Profile* const profile = findProfile(first.asked);
        WINNOW_TRY(const ScoreTable table, scoredAnswers(set, {.profiles = {profile}}, "", {}));
        // The mean over tasks comes last where there are several.
        const bool several = std::ranges::any_of(set.answers, [&](const Answer& one) { return one.task != first.task; });
        const auto row = std::ranges::find_if(
            table.rows, [&](const ScoreRow& one) { return one.part.empty() && (one.score == nullptr) == several; });
        if (row == table.rows.end())
            return fail(ErrorCode::BadInput, "the answers have no score that stands for all: {}",
                        table.refused.empty() ? "their tasks have none in common" : table.refused.front());
        CellResult result = begun(cell);
        result.measure = row->score != nullptr ? row->score->name : "mean";
        result.value = row->value;
        result.interval = row->interval;
        result.n = static_cast<std::int64_t>(row->count);
        result.storedSlots = row->storedSlots;
        result.cacheBytes = row->cacheBytes;
        result.milliseconds = std::accumulate(given.begin(), given.end(), 0.0,
                                              [](double sum, const GivenAnswer& one) { return sum + one.milliseconds; }) /
                              static_cast<double>(given.size());
        const PlanTask& task = plan.task(cell.input);
        result.protocol["task"] = several ? "several" : first.task;
        result.protocol["profile"] = first.asked;
        result.protocol["query_aware"] = saidTitle(row->queryAware);
        result.protocol["chat_template"] = saidTitle(row->chatTemplate);
        result.protocol["cut"] = row->cut;
        if (task.cutTo > 0)
            result.protocol["cut_to"] = std::to_string(task.cutTo);
        if (task.data.empty())
            result.protocol["length"] = std::to_string(task.length);
        return result;
    }

    Result<std::vector<CellResult>> runTask(std::span<const SweepCell> cells)
    {
        WINNOW_TRY_VOID(useTask(cells.front()));
        const std::vector<PolicySpec> specs = specsOf(cells);
        std::vector<std::string> said;
        WINNOW_TRY_VOID(session->check(turns, specs, said));
        WINNOW_TRY_VOID(session->load(console.job()));
        std::vector<std::vector<GivenAnswer>> given(cells.size());
        for (std::size_t i = 0; i < turns.size(); ++i) {
            const double from = static_cast<double>(i) / static_cast<double>(turns.size());
            WINNOW_TRY(auto answers, session->ask(turns[i], specs, console.job(from, from)));
            for (std::size_t p = 0; p < cells.size(); ++p)
                std::ranges::move(answers[p], std::back_inserter(given[p]));
        }
        std::vector<CellResult> results;
        for (std::size_t p = 0; p < cells.size(); ++p) {
            WINNOW_TRY(CellResult result, taskResult(cells[p], given[p]));
            results.push_back(std::move(result));
        }
        return results;
    }
};

CellRunner::CellRunner(const SweepPlan& plan, Console& console) : m_impl(std::make_unique<Impl>(Impl{plan, console})) {}
CellRunner::~CellRunner() = default;

Result<std::int64_t> CellRunner::check(std::span<const SweepCell> cells, bool warns)
{
    const SweepCell& first = cells.front();
    const auto checked = [&]() -> Result<std::int64_t> {
        m_impl->useModel(first.model);
        std::vector<std::string> warnings;
        std::int64_t steps = 0;
        if (m_impl->plan.isText(first.input)) {
            WINNOW_TRY(auto work, m_impl->perplexity(cells));
            WINNOW_TRY(steps, work.first.check(work.second, warnings));
        } else {
            WINNOW_TRY_VOID(m_impl->useTask(first));
            WINNOW_TRY_VOID(m_impl->session->check(m_impl->turns, specsOf(cells), warnings));
            steps = m_impl->stepsAsked();
        }
        for (const std::string& warning : warns ? warnings : std::vector<std::string>())
            m_impl->console.warn(warning);
        return steps;
    }();
    if (!checked && checked.error().code != ErrorCode::Cancelled)
        return fail(checked.error().code, "{} / {}: {}", m_impl->plan.models[first.model].name,
                    m_impl->plan.inputName(first.input), checked.error().message);
    return checked;
}

Result<std::vector<CellResult>> CellRunner::run(std::span<const SweepCell> cells)
{
    m_impl->useModel(cells.front().model);
    const auto begun = Clock::now();
    auto results = m_impl->plan.isText(cells.front().input) ? m_impl->runText(cells) : m_impl->runTask(cells);
    if (results)
        for (CellResult& result : *results)
            result.seconds = secondsSince(begun) / static_cast<double>(cells.size());
    return results;
}

Result<double> CellRunner::secondsPerToken(const SweepCell& cell)
{
    m_impl->useModel(cell.model);
    const PlanModel& of = m_impl->plan.models[cell.model];
    std::string words;
    for (int i = 0; i < 2 * kMeasured; ++i)
        words += fmt::format("{} ", i);
    PerplexityOptions options{.text = {.model = of.path,
                                       .text = std::move(words),
                                       .maxTokens = kMeasured,
                                       .dtype = of.dtype,
                                       .device = m_impl->plan.device,
                                       .chunk = m_impl->plan.chunk},
                              .policies = {PolicySpec{}},
                              .full = false};
    WINNOW_TRY(PerplexitySession measuring, PerplexitySession::open(options.text, m_impl->opened));
    m_impl->opened = measuring.model();
    WINNOW_TRY_VOID(measuring.measure(options, {}, m_impl->console.job())); // what only the first run does is not counted
    WINNOW_TRY(const PerplexityResult measured, measuring.measure(options, {}, m_impl->console.job()));
    return measured.policies.front().milliseconds / 1000;
}

Result<PlanHashes> hashesOf(const SweepPlan& plan)
{
    PlanHashes hashes;
    for (const PlanModel& model : plan.models) {
        WINNOW_TRY(const fs::path place, resolveModel(model.path));
        WINNOW_TRY(std::string all, weightHash(place));
        WINNOW_TRY(const std::string tokenizer, tokenizerHash(place));
        all += " tokenizer " + tokenizer;
        for (const char* const name : {"config.json", "generation_config.json", "tokenizer_config.json", "chat_template.jinja"})
            if (std::error_code error; fs::is_regular_file(place / name, error)) {
                WINNOW_TRY(const MappedFile file, MappedFile::open(place / name));
                all += fmt::format(" {} {}", name, contentHash(file.bytes()));
            }
        hashes.models.push_back(contentHash(all));
    }
    for (const fs::path& path : filesOf(plan)) {
        WINNOW_TRY(const MappedFile file, MappedFile::open(path));
        hashes.files[path] = contentHash(file.bytes());
    }
    return hashes;
}

} // namespace winnow::cli
