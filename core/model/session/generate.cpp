// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/session/generate.h"

#include "core/base/check.h"
#include "core/io/mapped_file.h"
#include "core/model/config/gguf_config.h"
#include "core/model/config/model_config.h"
#include "core/model/run/device.h"
#include "core/model/run/last_logits.h"
#include "core/model/session/loaded_model.h"
#include "core/model/tokenizer/tokenizer_fit.h"

#include <utf8proc.h>

#include <algorithm>
#include <limits>

namespace winnow {
namespace {

/// Text and the byte range of every token in it, while tokens are added.
class GrowingText {
public:
    GrowingText(const Tokenizer& tokenizer, std::string text, Encoding encoding)
        : m_tokenizer(tokenizer), m_text(std::move(text)), m_encoding(std::move(encoding)), m_promptBytes(m_text.size())
    {
    }

    void add(std::int32_t id)
    {
        std::string piece;
        if (!m_tokenizer.isSpecial(id)) {
            // Beside the token before it, for some tokenizers drop a space at the start of what they decode.
            const std::int32_t before = lastOrdinary();
            const std::string alone = before < 0 ? "" : m_tokenizer.decode(std::vector{before});
            const std::string together =
                before < 0 ? m_tokenizer.decode(std::vector{id}) : m_tokenizer.decode(std::vector{before, id});
            piece = together.substr(std::min(alone.size(), together.size()));
        }
        const auto begin = static_cast<std::int32_t>(m_text.size());
        m_text += piece;
        m_encoding.ids.push_back(id);
        m_encoding.offsets.push_back(piece.empty() ? std::array{0, 0}
                                                   : std::array{begin, static_cast<std::int32_t>(m_text.size())});
    }

    /// Makes the added bytes UTF-8, and lets tokens that share a character carry all of it.
    void finish(std::size_t promptTokens)
    {
        std::vector<std::int32_t> starts(m_text.size() + 1); // of the character that holds a byte
        for (std::size_t at = 0; at < m_text.size();) {
            utf8proc_int32_t point = 0;
            const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(m_text.data()) + at;
            auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(m_text.size() - at), &point);
            if (length <= 0) {
                m_text[at] = '?';
                length = 1;
            }
            std::fill_n(starts.begin() + static_cast<std::ptrdiff_t>(at), length, static_cast<std::int32_t>(at));
            at += static_cast<std::size_t>(length);
        }
        starts.back() = static_cast<std::int32_t>(m_text.size());
        for (std::size_t t = promptTokens; t < m_encoding.offsets.size(); ++t) {
            auto& [begin, end] = m_encoding.offsets[t];
            if (begin == end)
                continue;
            begin = starts[static_cast<std::size_t>(begin)];
            while (starts[static_cast<std::size_t>(end)] != end)
                ++end;
        }
    }

    std::string answer() const { return m_text.substr(m_promptBytes); }
    const std::string& text() const { return m_text; }
    const Encoding& encoding() const { return m_encoding; }

private:
    std::int32_t lastOrdinary() const
    {
        for (auto id = m_encoding.ids.rbegin(); id != m_encoding.ids.rend(); ++id)
            if (!m_tokenizer.isSpecial(*id))
                return *id;
        return -1;
    }

    const Tokenizer& m_tokenizer;
    std::string m_text;
    Encoding m_encoding;
    std::size_t m_promptBytes;
};

/// Prompt and answer as tokens that are there already.
TokenizedText bothOf(const GrowingText& text, int prompt, const Sampling& sampling)
{
    const bool greedy = sampling.temperature <= 0;
    TokenizedText both{.text = text.text(), .tokens = text.encoding().ids, .offsets = text.encoding().offsets, .prompt = prompt};
    both.manifest["seed"] = greedy ? "none: nothing is sampled" : std::to_string(sampling.seed);
    both.manifest["generated"] = greedy ? "greedy" : fmt::format("temperature {}, top-p {}", sampling.temperature, sampling.topP);
    return both;
}

Result<void> recordBoth(const GenerateOptions& options, LoadedModel& model, const GrowingText& text, int prompt, AtomicFile out,
                        const RecordHooks& hooks, const JobContext& job)
{
    const RecordOptions recording{.textName = options.promptName,
                                  .out = options.out,
                                  .layers = options.layers,
                                  .dtype = options.dtype,
                                  .chunk = options.chunk};
    WINNOW_TRY_VOID(recordTokens(recording, model, bothOf(text, prompt, options.sampling), std::move(out), hooks, job));
    return {};
}

/// Logits are numbers; some, not all, may be ruled out by minus infinity.
Result<void> checkLogits(std::span<const float> logits, int length, const LoadedModel& model, const JobContext& job)
{
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (std::ranges::all_of(logits, [](float logit) { return logit < kInfinity; }) && std::ranges::max(logits) > -kInfinity)
        return {};
    return fail(ErrorCode::BadInput, "generating was stopped: the logits after {} tokens are not numbers; {}", length,
                model.whyNotFinite(job));
}

/// Tokens of an answer, added to `text` one by one.
Result<void> answer(const GenerateOptions& options, const LoadedModel& model, GrowingText& text, Generated& result,
                    const JobContext& job)
{
    const std::vector<std::int32_t> prompt = text.encoding().ids;
    WINNOW_TRY(const auto running, model.transformer().begin(static_cast<int>(prompt.size()) + options.tokens));
    LastLogits last;
    WINNOW_TRY_VOID(running->advance(prompt, options.chunk, last, job));
    Sampler sampler(options.sampling);
    const std::vector<std::int32_t> ends = endTokens(model.place());
    while (static_cast<int>(result.ids.size()) < options.tokens && !result.ended) {
        WINNOW_TRY_VOID(job.check("generating"));
        job.report("generating", static_cast<double>(result.ids.size()) / options.tokens);
        WINNOW_TRY_VOID(checkLogits(last.row(), running->length(), model, job));
        const std::int32_t id = sampler.next(last.row());
        text.add(id);
        result.ids.push_back(id);
        result.ended = std::ranges::find(ends, id) != ends.end();
        if (!result.ended && static_cast<int>(result.ids.size()) < options.tokens)
            WINNOW_TRY_VOID(running->advance(std::span(&id, 1), 1, last, job));
    }
    return {};
}

Result<Generated> generateNow(const GenerateOptions& options, const RecordHooks& hooks, const JobContext& job)
{
    WINNOW_CHECK(options.tokens > 0 && options.chunk > 0, "{} tokens, chunks of {}", options.tokens, options.chunk);
    std::optional<AtomicFile> out;
    if (!options.out.empty()) {
        WINNOW_TRY(out, AtomicFile::claim(options.out));
    }
    WINNOW_TRY(LoadedModel model, LoadedModel::open(options.model, options.dtype, options.device));
    WINNOW_TRY(const auto tokenizer, Tokenizer::load(model.place()));
    auto encoding = tokenizer->encode(options.prompt, options.marks);
    if (!encoding)
        return fail(encoding.error().code, "'{}': {}", options.promptName, encoding.error().message);
    if (encoding->ids.empty())
        return fail(ErrorCode::BadInput,
                    "the prompt is empty, and this tokenizer begins no text by itself; give it a word or two");
    const std::int64_t room = static_cast<std::int64_t>(encoding->ids.size()) + options.tokens;
    if (room > std::numeric_limits<int>::max())
        return fail(ErrorCode::BadInput, "{} tokens are more than can be generated", options.tokens);
    WINNOW_TRY_VOID(checkFit(*tokenizer, model.config()));

    Generated result{.promptTokens = static_cast<int>(encoding->ids.size())};
    WINNOW_TRY_VOID(model.chooseMemory(static_cast<int>(room), options.chunk, hooks.memory, result.warnings));
    if (!options.out.empty())
        model.beginHash();
    WINNOW_TRY_VOID(model.load(job));
    if (model.config().maxPositions > 0 && room > model.config().maxPositions)
        result.warnings.push_back(fmt::format(
            "prompt and answer may have {} tokens together and the model was made for {}; what comes after is less reliable",
            room, model.config().maxPositions));
    GrowingText text(*tokenizer, options.prompt, std::move(*encoding));
    WINNOW_TRY_VOID(answer(options, model, text, result, job));
    text.finish(static_cast<std::size_t>(result.promptTokens));
    result.answer = text.answer();
    if (out)
        WINNOW_TRY_VOID(recordBoth(options, model, text, result.promptTokens, std::move(*out), hooks, job));
    return result;
}

} // namespace

Result<TokenizedText> continued(TokenizedText text, int tokens, int chunk, const LoadedModel& model, const Tokenizer& tokenizer,
                                const JobContext& job)
{
    const GenerateOptions options{.tokens = tokens, .sampling = {.temperature = 0}, .chunk = chunk};
    const int prompt = static_cast<int>(text.tokens.size());
    GrowingText growing(tokenizer, std::move(text.text), {std::move(text.tokens), std::move(text.offsets)});
    Generated made;
    WINNOW_TRY_VOID(answer(options, model, growing, made, job));
    growing.finish(static_cast<std::size_t>(prompt));
    return bothOf(growing, prompt, options.sampling);
}

std::vector<std::int32_t> endTokens(const std::filesystem::path& model)
{
    if (isGguf(model)) {
        const auto file = GgufFile::open(model);
        return file ? ggufEndTokens((*file)->table()) : std::vector<std::int32_t>();
    }
    for (const char* name : {"generation_config.json", "config.json"})
        if (const auto file = MappedFile::open(model / name))
            if (auto ids = endTokensIn(file->text()))
                return std::move(*ids);
    return {};
}

Result<Generated> generate(const GenerateOptions& options, const RecordHooks& hooks, const JobContext& job)
{
    try {
        return generateNow(options, hooks, job);
    } catch (...) {
        return fail(currentTorchError("generating"));
    }
}

} // namespace winnow
