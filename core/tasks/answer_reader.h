// SPDX-License-Identifier: GPL-3.0-or-later
// Reads files of answers in the layouts that evaluations write: Winnow's own (answer.h), LongBench's and KVCache-Factory's (pred,
// answers), LongBench v2's (response, answer), RULER's (pred, outputs), SCBench's (prediction, ground_truth), kvpress's
// (predicted_answer), lm-evaluation-harness's samples (filtered_resps, doc), and the needle tests' (model_response, needle).
#pragma once

#include "core/io/json.h"
#include "core/tasks/answer.h"

#include <filesystem>
#include <functional>

namespace winnow::tasks {

/// What a file's place says of its lines, for those that do not say it themselves.
struct AnswerSource {
    std::string task, series;
};

/// "pred/model/hotpotqa.jsonl" -> hotpotqa; "hotpotqa/SnapKV.json" -> hotpotqa, SnapKV;
/// "samples_longbench_trec_2026-08-21T19.jsonl" and "prediction_scbench_kv.jsonl" -> their tasks. What is not known is "".
AnswerSource sourceOf(const std::filesystem::path& path);

struct BadLine {
    std::size_t line = 0; ///< from 1
    std::string why;      ///< the rest of a sentence that begins with the line
};

struct AnswerSet {
    std::vector<Answer> answers;
    std::vector<std::size_t> lines; ///< of each answer, from 1
    std::vector<BadLine> bad;       ///< lines that were passed over
};

/// A line an answer; or one array of them, whose entries then count as lines; or one object over several lines. Empty lines are
/// passed over. Pure.
AnswerSet parseAnswers(std::string_view text, const AnswerSource& source);

/// One line; "why" of a bad one is the error's message.
Result<Answer> parseAnswer(std::string_view line, const AnswerSource& source);

/// The same for an example that was not answered yet: everything but the prediction.
Result<Answer> answerWithout(const nlohmann::json& example, const AnswerSource& source);

/// Calls `use` for every object of a text as parseAnswers() takes it, with its line; with an error where a line is no JSON.
void forEachObject(std::string_view text, const std::function<void(std::size_t line, const Result<nlohmann::json>& object)>& use);

} // namespace winnow::tasks
