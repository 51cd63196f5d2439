// SPDX-License-Identifier: GPL-3.0-or-later
// winnow ask: model folder + examples of tasks + policies → answers, appended line by line, and their scores.
#include "app/cli/asked_examples.h"
#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "app/cli/number_checks.h"
#include "app/cli/policy_lines.h"
#include "app/cli/score_lines.h"
#include "core/evaluate/ask.h"
#include "core/io/disk.h"
#include "core/tasks/answer_log.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace winnow::cli {

namespace {

using namespace tasks;

struct AskLine {
    ExampleSource source{.examples = {.samples = 10}};
    std::string compress, out, dtype = "float32", device = "auto";
    PolicyLines policies;
    Sampling sampling;
    int cutTo = 0, chunk = kUsualChunk;
    bool chat = false;
};

/// Policies whose answers to some of the questions are missing.
std::vector<PolicySpec> missing(const AskedTurns& asked, const std::vector<PolicySpec>& specs, const AnswerLog& log)
{
    std::vector<PolicySpec> some;
    for (const PolicySpec& spec : specs)
        if (std::ranges::any_of(asked.turns, [&](const AskedTurn& turn) {
                Answer answer = turn.answer;
                answer.series = winnow::seriesOf(spec);
                return !log.holds(answer);
            }))
            some.push_back(spec);
    return some;
}

Result<void> askMissing(AskSession& session, const std::vector<AskedTurns>& all, const std::vector<PolicySpec>& specs,
                        AnswerLog& log, Console& console)
{
    std::vector<std::pair<std::size_t, std::vector<PolicySpec>>> work;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (auto some = missing(all[i], specs, log); !some.empty())
            work.emplace_back(i, std::move(some));
    if (work.empty())
        return {};
    WINNOW_TRY_VOID(session.load(console.job(0, 0.02)));
    for (std::size_t i = 0; i < work.size(); ++i) {
        const auto done = [&](std::size_t count) {
            return 0.02 + 0.98 * static_cast<double>(count) / static_cast<double>(work.size());
        };
        WINNOW_TRY(const auto given, session.ask(all[work[i].first], work[i].second, console.job(done(i), done(i))));
        for (const auto& turns : given)
            for (const GivenAnswer& one : turns)
                if (!log.holds(one.answer))
                    WINNOW_TRY_VOID(log.append(one.answer));
        console.job(done(i + 1), done(i + 1)).report("asking", 1);
    }
    return {};
}

Result<void> ask(const AskLine& line, Console& console)
{
    WINNOW_TRY(const std::vector<PolicySpec> specs, specsOf(line.policies, console));
    for (std::size_t p = 0; p < specs.size(); ++p)
        if (std::ranges::find(specs.begin(), specs.begin() + static_cast<std::ptrdiff_t>(p), specs[p]) !=
            specs.begin() + static_cast<std::ptrdiff_t>(p))
            return fail(ErrorCode::Usage, "the policy {} is given twice", specs[p].canonical());
    AskOptions options{.model = line.source.model,
                       .dtype = dtypeNamed(line.dtype),
                       .device = line.device,
                       .chunk = line.chunk,
                       .most = line.cutTo,
                       .chat = line.chat,
                       .sampling = line.sampling};
    options.sampling.seed = line.source.examples.seed;
    if (!line.compress.empty())
        options.question = line.compress == "context" ? QuestionPlace::BehindContext : QuestionPlace::InPrompt;
    WINNOW_TRY(AskSession session, AskSession::open(options));
    if (line.chat && !session.hasChatTemplate())
        console.warn("the model has no chat template; the examples are asked as they are");
    WINNOW_TRY(const std::vector<AskedExample> examples, askedExamples(line.source, console));
    WINNOW_TRY(const std::vector<AskedTurns> all, preparedTurns(session, examples));
    std::vector<Answer> planned;
    for (const AskedTurns& asked : all)
        for (const AskedTurn& turn : asked.turns)
            planned.push_back(turn.answer);
    std::vector<std::string> warnings;
    WINNOW_TRY_VOID(session.check(all, specs, warnings));
    for (const std::string& warning : warnings)
        console.warn(warning);
    WINNOW_TRY(AnswerLog log, AnswerLog::open(line.out)); // before this, nothing is written
    WINNOW_TRY_VOID(log.checkPlan(planned));
    std::size_t there = 0;
    for (Answer answer : planned)
        for (const PolicySpec& spec : specs) {
            answer.series = winnow::seriesOf(spec);
            there += log.holds(answer) ? 1 : 0;
        }
    const auto number = [](std::size_t count) { return grouped(static_cast<std::int64_t>(count)); };
    const auto counted = [&](std::size_t count) {
        return fmt::format("{} {}", number(count), count == 1 ? "answer" : "answers");
    };
    console.say(fmt::format(
        "closed loop: {} {} under {} {}, {}{}", number(planned.size()), planned.size() == 1 ? "question" : "questions",
        specs.size(), specs.size() == 1 ? "policy" : "policies", counted(planned.size() * specs.size()),
        there > 0 ? fmt::format("; {} {} in '{}' already and not asked again", number(there), there == 1 ? "is" : "are", line.out)
                  : ""));
    WINNOW_TRY_VOID(askMissing(session, all, specs, log, console));
    AnswerSet set{.answers = log.answers()};
    const bool turns = std::ranges::any_of(set.answers, [](const Answer& answer) { return answer.turn > 0; });
    WINNOW_TRY(const ScoreTable table, scoredAnswers(set, {.parts = turns}, "", console.job(1, 1)));
    for (const std::string& refused : table.refused)
        console.warn(refused);
    tellScores(table, console);
    console.say(fmt::format("{} {} in {}; `winnow score {}{}` scores them again", counted(log.count()),
                            log.count() == 1 ? "is" : "are", line.out, line.out, turns ? " --parts" : ""));
    return {};
}

void addSource(CLI::App& command, FileOptions& files, AskLine& line)
{
    command
        .add_option("--task", line.source.tasks,
                    "a task that Winnow makes examples of, or demo for facts, lists, passages and needle; may be repeated. With "
                    "--data: the task of lines that name none")
        ->type_name("NAME")
        ->allow_extra_args(false);
    CLI::Option* const data =
        files
            .reads(command.add_option("--data", line.source.data,
                                      "examples: LongBench's, RULER's, SCBench's, kvpress's, or of winnow tasks --out"))
            ->type_name("FILE.jsonl|-");
    addExampleOptions(command, files, line.source.examples, [&](CLI::Option& option) {
        if (option.get_name() != "--seed") // which draws answers, too
            option.excludes(data);
    });
    command.add_option("--profile", line.source.profile, "the evaluation whose prompts are used (that of the task's authors)")
        ->type_name("NAME");
    command
        .add_option("--compress", line.compress,
                    "what policies compress: the whole prompt, so that they see the question, or the context alone, which the "
                    "question follows (as the profile says)")
        ->type_name("prompt|context")
        ->check(CLI::IsMember({"prompt", "context"}));
    command
        .add_option("--cut-to", line.cutTo,
                    "longest prompt in tokens; a longer one is cut as the profile says (the model's positions, less the answer)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    command.add_flag("--chat", line.chat, "use the model's chat template where the profile leaves that open");
}

} // namespace

void addAsk(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<AskLine>();
    CLI::App* command = app.add_subcommand(
        "ask",
        "Ask a model questions of benchmark tasks while policies evict from its cache (closed loop), and score its answers");
    command->footer(
        "Answers are appended one by one. Questions that the file of --out answers already are not asked again: a stopped "
        "run goes on,\nand further policies or tasks are added. Budgets in per cent are of the prompt that is compressed.");
    FileOptions& files = chosen.files;
    addModel(*command, files, line->source.model);
    addSource(*command, files, *line);
    addPolicyLines(*command, files, line->policies, "ask under");
    command
        ->add_option("--temperature", line->sampling.temperature, "0: always the likeliest token; 1: as likely as the model says")
        ->type_name("T")
        ->check(CLI::Range(0.0, 100.0))
        ->check(realNumber)
        ->capture_default_str();
    command->add_option("--top-p", line->sampling.topP, "draw from the likeliest tokens that together have this probability")
        ->type_name("P")
        ->check(CLI::Range(0.0, 1.0))
        ->check(realNumber)
        ->capture_default_str();
    command->add_option("--chunk", line->chunk, "tokens of the prompt that run together")
        ->type_name("N")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    files
        .writes(
            command->add_option("--out", line->out, "A.jsonl: one line per answer, with all that is needed to score it again"),
            {{"jsonl", WrittenKind::Answers}})
        ->required()
        ->type_name("FILE");
    addTypeAndDevice(*command, line->dtype, line->device);
    command->callback([line, &chosen] {
        if (line->source.tasks.empty() && line->source.data.empty())
            throw CLI::RequiredError("--task NAME (or demo) or --data FILE");
        if (!line->source.data.empty() && line->source.tasks.size() > 1)
            throw CLI::ParseError("--data takes one --task, that of lines that name none", CLI::ExitCodes::ValidationError);
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return ask(*line, console); };
    });
}

} // namespace winnow::cli
