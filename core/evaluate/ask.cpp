// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/ask.h"

#include "core/evaluate/asked_text.h"
#include "core/evaluate/closed_loop.h"
#include "core/evaluate/generation.h"
#include "core/evaluate/loop_memory.h"
#include "core/evaluate/prompt_tape.h"
#include "core/model/config/model_folder.h"
#include "core/model/run/device.h"
#include "core/model/session/loaded_model.h"
#include "core/model/tokenizer/tokenizer_fit.h"

#include <algorithm>
#include <set>

namespace winnow {

namespace {

constexpr std::uint64_t kSpare = 2; ///< a tape of the prompt may take one part in so many of the memory that is left

std::vector<TokenQuestion> questionsOf(const AskedTurns& asked, const Tokenizer& tokenizer)
{
    std::vector<TokenQuestion> questions;
    for (const AskedTurn& turn : asked.turns) {
        TokenQuestion question{.tokens = turn.question, .answer = turn.newTokens};
        if (!turn.stop.empty())
            question.said = [&tokenizer, stop = turn.stop](std::span<const std::int32_t> said) {
                return tokenizer.decode(said, true).find(stop) != std::string::npos;
            };
        questions.push_back(std::move(question));
    }
    return questions;
}

/// Budgets in per cent made numbers: of the prompt.
Result<std::vector<PolicySpec>> ofPrompt(std::span<const PolicySpec> specs, const AskedTurns& asked)
{
    std::vector<PolicySpec> all;
    for (const PolicySpec& spec : specs) {
        if (spec.value("budget").empty() || !spec.budget().percent) {
            all.push_back(spec);
            continue;
        }
        const int slotCount = spec.budget().slotCount(static_cast<int>(asked.prompt.size()));
        WINNOW_TRY(PolicySpec one, spec.with("budget", std::to_string(slotCount)));
        all.push_back(std::move(one));
    }
    return all;
}

double meanStoredIn(const PolicyReplay& kept)
{
    return kept.stepsDone > 0 ? meanStored(kept, kept.stepsDone - 1, kept.stepsDone) : 0;
}

} // namespace

struct AskSession::Impl {
    AskOptions options;
    std::shared_ptr<LoadedModel> model;
    std::shared_ptr<const Tokenizer> tokenizer;
    ChatTemplate chat;
    std::vector<std::int32_t> ends;
    std::optional<std::uint64_t> spare; ///< memory beside all that must be there; unset: not known

    bool keepsPrompt(const AskedTurns& asked) const
    {
        const TraceInfo info = runInfo(model->config(), asked.prompt);
        const auto bytes = PromptTape::bytesOf(info.layerInfo, static_cast<int>(asked.prompt.size()), dtypeBytes(options.dtype));
        return !spare || bytes <= *spare / kSpare;
    }

    LoopToPlan loopOf(const TraceInfo& info, const ReplayPlan& policies) const
    {
        return {.info = info,
                .policies = policies,
                .dtype = options.dtype,
                .chunk = options.chunk,
                .together = false,
                .available = options.memory};
    }
};

AskSession::AskSession(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
AskSession::~AskSession() = default;
AskSession::AskSession(AskSession&&) noexcept = default;

Result<AskSession> AskSession::open(const AskOptions& options, std::shared_ptr<LoadedModel> model)
{
    try {
        WINNOW_TRY(model, sharedModel(std::move(model), options.model, options.dtype, options.device));
        WINNOW_TRY(auto tokenizer, Tokenizer::load(model->place()));
        WINNOW_TRY_VOID(checkFit(*tokenizer, model->config()));
        WINNOW_TRY(ChatTemplate chat, readChatTemplate(model->place()));
        auto ends = endTokens(model->place());
        return AskSession(std::make_unique<Impl>(
            Impl{options, std::move(model), std::move(tokenizer), std::move(chat), std::move(ends), std::nullopt}));
    } catch (...) {
        return fail(currentTorchError("opening the model"));
    }
}

const std::shared_ptr<LoadedModel>& AskSession::model() const { return m_impl->model; }
const ModelConfig& AskSession::config() const { return m_impl->model->config(); }
bool AskSession::hasChatTemplate() const { return !m_impl->chat.empty(); }

Result<AskedTurns> AskSession::prepare(std::span<const tasks::AskedExample> examples) const
{
    const AskOptions& options = m_impl->options;
    const tasks::TaskRule& rule = examples.front().rule;
    const bool chats =
        !m_impl->chat.empty() && (rule.chat == tasks::ChatUse::Yes || (rule.chat == tasks::ChatUse::AsAsked && options.chat));
    const bool behind = options.question.value_or(rule.question) == tasks::QuestionPlace::BehindContext;
    if (chats && !behind && examples.size() > 1)
        return fail(ErrorCode::BadInput,
                    "example {} of {} has {} questions, and in a chat template they can only be asked behind the context; give "
                    "--compress context",
                    examples.front().answer.id, examples.front().answer.task, examples.size());
    const int made = m_impl->model->config().maxPositions;
    const int most = options.most > 0                                        ? options.most
                     : made > rule.newTokens && rule.cut != tasks::Cut::None ? made - rule.newTokens
                                                                             : 0;
    const AskedTextOptions texts{.tokenizer = *m_impl->tokenizer,
                                 .chat = m_impl->chat,
                                 .chats = chats,
                                 .behind = behind,
                                 .most = static_cast<std::size_t>(most)};
    AskedTurns asked;
    for (std::size_t turn = 0; turn < examples.size(); ++turn) {
        const tasks::AskedExample& example = examples[turn];
        AskedTurn one{.newTokens = example.rule.newTokens, .stop = std::string(example.rule.stop), .answer = example.answer};
        if (turn == 0 || behind) {
            WINNOW_TRY(AskedText text, askedText(example, texts));
            if (turn == 0)
                asked.prompt = std::move(text.prompt);
            one.question = std::move(text.question);
            one.answer.cut = text.cut;
        } else {
            WINNOW_TRY(one.question, furtherQuestion(example, *m_impl->tokenizer));
            one.answer.cut = asked.turns.front().answer.cut;
        }
        one.answer.queryAware = !behind && turn == 0;
        one.answer.chatTemplate = chats;
        one.answer.model = modelName(m_impl->model->place());
        one.answer.promptTokens = static_cast<std::int64_t>(asked.prompt.size() + one.question.size());
        if (options.sampling.temperature > 0) {
            one.answer.temperature = options.sampling.temperature;
            one.answer.seed = static_cast<std::int64_t>(options.sampling.seed);
        }
        asked.turns.push_back(std::move(one));
    }
    return asked;
}

Result<void> AskSession::check(std::span<const AskedTurns> all, std::span<const PolicySpec> specs,
                               std::vector<std::string>& warnings)
{
    try {
        int longest = 0;
        std::set<std::pair<std::size_t, int>> seen;
        std::optional<std::pair<TraceInfo, ReplayPlan>> largest; // what takes most memory
        std::uint64_t most = 0;
        for (const AskedTurns& asked : all) {
            const int room = roomFor(asked.prompt.size(), questionsOf(asked, *m_impl->tokenizer));
            longest = std::max(longest, room);
            if (!seen.insert({asked.prompt.size(), room}).second)
                continue;
            const tasks::Answer& example = asked.turns.front().answer;
            std::vector<std::int32_t> tokens(static_cast<std::size_t>(room), 0);
            const auto numbers = ofPrompt(specs, asked);
            TraceInfo info = runInfo(config(), std::move(tokens));
            auto planned = !numbers
                               ? Result<ReplayPlan>(tl::unexpected<Error>(numbers.error()))
                               : planRun(info, *numbers, {.prompt = static_cast<int>(asked.prompt.size()), .mayNotFill = true});
            if (!planned)
                return fail(planned.error().code, "example {} of {}, a prompt of {} tokens: {}", example.id, example.task,
                            asked.prompt.size(), planned.error().message);
            if (const auto bytes = loopMemory(m_impl->loopOf(info, *planned), config().hidden).total(); bytes >= most) {
                most = bytes;
                largest.emplace(std::move(info), std::move(*planned));
            }
        }
        WINNOW_TRY_VOID(config().checkLength(longest));
        if (const int made = config().maxPositions; made > 0 && longest - 1 > made) // the last token is said and not read
            warnings.push_back(fmt::format("prompt and answer have up to {} tokens together and the model was made for {}; what "
                                           "comes after is less reliable",
                                           longest, made));
        for (const PolicySpec& spec : specs)
            if (!spec.value("budget").empty() && !spec.budget().percent && spec.budget().slotCount(longest) > longest)
                warnings.push_back(fmt::format("policy '{}': a budget of {} is more than prompt and answer of any question have "
                                               "together, {} tokens at most, so that nothing is evicted",
                                               spec.name, spec.value("budget"), longest));
        if (!largest)
            return {};
        RunPlan plan{.full = false, .memory = {}};
        WINNOW_TRY(m_impl->spare, planLoopMemory(m_impl->loopOf(largest->first, largest->second), *m_impl->model, plan));
        warnings.insert(warnings.end(), plan.warnings.begin(), plan.warnings.end());
        return {};
    } catch (...) {
        return fail(currentTorchError("planning"));
    }
}

Result<void> AskSession::load(const JobContext& job)
{
    try {
        return m_impl->model->load(job);
    } catch (...) {
        return fail(currentTorchError("loading the model"));
    }
}

Result<std::vector<std::vector<GivenAnswer>>> AskSession::ask(const AskedTurns& asked, std::span<const PolicySpec> specs,
                                                              const JobContext& job) const
{
    const std::vector<TokenQuestion> questions = questionsOf(asked, *m_impl->tokenizer);
    const AnswerOptions options{.chunk = m_impl->options.chunk,
                                .sampling = m_impl->options.sampling,
                                .ends = m_impl->ends,
                                .keepPrompt = m_impl->keepsPrompt(asked)};
    WINNOW_TRY(const std::vector<PolicySpec> numbers, ofPrompt(specs, asked));
    WINNOW_TRY(auto said, askUnder(m_impl->model->transformer(), asked.prompt, questions, roomFor(asked.prompt.size(), questions),
                                   numbers, options, job));
    std::vector<std::vector<GivenAnswer>> given(specs.size());
    for (std::size_t p = 0; p < specs.size(); ++p)
        for (std::size_t turn = 0; turn < questions.size(); ++turn) {
            PolicyAnswer& one = said[p][turn];
            tasks::Answer answer = asked.turns[turn].answer;
            answer.series = seriesOf(specs[p]);
            answer.prediction = m_impl->tokenizer->decode(one.ids, true);
            if (const std::string& stop = asked.turns[turn].stop; !stop.empty())
                answer.prediction.resize(std::min(answer.prediction.find(stop), answer.prediction.size()));
            answer.newTokens = static_cast<std::int64_t>(one.ids.size());
            answer.storedSlots = meanStoredIn(one.kept);
            answer.cacheBytes = static_cast<std::int64_t>(one.bytes);
            given[p].push_back({std::move(answer), std::move(one.kept), one.milliseconds});
        }
    return given;
}

bool sameContext(const tasks::AskedExample& first, const tasks::AskedExample& second)
{
    return second.answer.task == first.answer.task && second.answer.id == first.answer.id &&
           second.answer.turn != first.answer.turn && second.context == first.context;
}

std::string seriesOf(const PolicySpec& spec) { return spec.canonical(); }

} // namespace winnow
