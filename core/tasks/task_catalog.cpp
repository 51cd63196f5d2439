// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/task_catalog.h"

#include "core/base/nearest.h"
#include "core/tasks/ruler_wording.h"

#include <algorithm>
#include <vector>

namespace winnow::tasks {

namespace {

/// SCBench's questions follow the context without anything between, as its SCDQ mode has them (microsoft/MInference fb56c91, MIT
/// License).
constexpr Wording kAsItIs{"{context}", "{input}", ""};
constexpr Wording kJsonObject{"Extract the value corresponding to the specified key in the JSON object below.\n\n{context}",
                              "{input}", ""};

// The wording of LongBench's prompts is part of the benchmark: one other letter, and it is another one. So it stands here as
// config/dataset2prompt.json of THUDM/LongBench 2e00731 (MIT License) has it, cut as kvpress 8bb29b9 cuts it.
constexpr TaskInfo kTasks[] = {
    {"narrativeqa",
     TaskFamily::LongBench,
     "questions about a story",
     128,
     "qa-f1",
     {"You are given a story, which can be either a novel or a movie script, and a question. "
      "Answer the question asconcisely as you can, using a single phrase if possible. Do not "
      "provide any explanation.\n\nStory: {context}\n\nNow, answer the question based on the story "
      "asconcisely as you can, using a single phrase if possible. Do not provide any "
      "explanation.\n\n",
      "Question: {input}\n\n", "Answer:"},
     true,
     false},
    {"qasper",
     TaskFamily::LongBench,
     "questions about a paper",
     128,
     "qa-f1",
     {"You are given a scientific article and a question. Answer the question as concisely as "
      "you can, using a single phrase or sentence if possible. If the question cannot be "
      "answered based on the information in the article, write \"unanswerable\". If the question "
      "is a yes/no question, answer \"yes\", \"no\", or \"unanswerable\". Do not provide any "
      "explanation.\n\nArticle: {context}\n\n Answer the question based on the above article as "
      "concisely as you can, using a single phrase or sentence if possible. If the question "
      "cannot be answered based on the information in the article, write \"unanswerable\". If "
      "the question is a yes/no question, answer \"yes\", \"no\", or \"unanswerable\". Do not "
      "provide any explanation.\n\n",
      "Question: {input}\n\n", "Answer:"},
     true,
     false},
    {"multifieldqa_en",
     TaskFamily::LongBench,
     "questions about one text",
     64,
     "qa-f1",
     {"Read the following text and answer briefly.\n\n{context}\n\nNow, answer the following "
      "question based on the above text, only give me the answer and do not output any other "
      "words.\n\n",
      "Question: {input}\n", "Answer:"},
     true,
     false},
    {"multifieldqa_zh",
     TaskFamily::LongBench,
     "questions about one Chinese text",
     64,
     "qa-f1-zh",
     {"阅读以下文字并用中文简短回答：\n\n{context}"
      "\n\n现在请基于上面的文章回答下面的问题，只告诉我答案，不要输出任何其他字词。\n\n",
      "问题：{input}\n", "回答："},
     true,
     false},
    {"hotpotqa",
     TaskFamily::LongBench,
     "questions over several passages",
     32,
     "qa-f1",
     {"Answer the question based on the given passages. Only give me the answer and do not "
      "output any other words.\n\nThe following are given passages.\n{context}\n\nAnswer the "
      "question based on the given passages. Only give me the answer and do not output any "
      "other words.\n\n",
      "Question: {input}\n", "Answer:"},
     true,
     false},
    {"2wikimqa",
     TaskFamily::LongBench,
     "questions over several passages",
     32,
     "qa-f1",
     {"Answer the question based on the given passages. Only give me the answer and do not "
      "output any other words.\n\nThe following are given passages.\n{context}\n\nAnswer the "
      "question based on the given passages. Only give me the answer and do not output any "
      "other words.\n\n",
      "Question: {input}\n", "Answer:"},
     true,
     false},
    {"musique",
     TaskFamily::LongBench,
     "questions over several passages",
     32,
     "qa-f1",
     {"Answer the question based on the given passages. Only give me the answer and do not "
      "output any other words.\n\nThe following are given passages.\n{context}\n\nAnswer the "
      "question based on the given passages. Only give me the answer and do not output any "
      "other words.\n\n",
      "Question: {input}\n", "Answer:"},
     true,
     false},
    {"dureader",
     TaskFamily::LongBench,
     "Chinese questions over several texts",
     128,
     "rouge-l-zh",
     {"请基于给定的文章回答下述问题。\n\n文章：{context}\n\n请基于上述文章回答下面的问题。\n\n", "问题：{input}\n", "回答："},
     true,
     false},
    {"gov_report",
     TaskFamily::LongBench,
     "summary of a report",
     512,
     "rouge-l",
     {"You are given a report by a government agency. Write a one-page summary of the report.\n\n"
      "Report:\n{context}\n\n",
      "Now, write a one-page summary of the report.\n\n", "Summary:"},
     true,
     false},
    {"qmsum",
     TaskFamily::LongBench,
     "answers from the minutes of a meeting",
     512,
     "rouge-l",
     {"You are given a meeting transcript and a query containing a question or instruction. "
      "Answer the query in one or more sentences.\n\nTranscript:\n{context}\n\nNow, answer the "
      "query based on the above meeting transcript in one or more sentences.\n\n",
      "Query: {input}\n", "Answer:"},
     true,
     false},
    {"multi_news",
     TaskFamily::LongBench,
     "summary of several news",
     512,
     "rouge-l",
     {"You are given several news passages. Write a one-page summary of all news. \n\nNews:\n"
      "{context}\n\n",
      "Now, write a one-page summary of all the news.\n\n", "Summary:"},
     true,
     false},
    {"vcsum",
     TaskFamily::LongBench,
     "Chinese summary of a meeting",
     512,
     "rouge-l-zh",
     {"下面有一段会议记录，请你阅读后，写一段总结，总结会议的内容。\n会议记录：\n{context}\n\n", "", "会议总结："},
     true,
     false},
    {"trec",
     TaskFamily::LongBench,
     "type of a question, by examples",
     64,
     "classification",
     {"Please determine the type of the question below. Here are some examples of questions.\n\n"
      "{context}\n",
      "{input}", ""},
     false,
     true,
     "Type:"},
    {"triviaqa",
     TaskFamily::LongBench,
     "question about a passage, by examples",
     32,
     "qa-f1",
     {"Answer the question based on the given passage. Only give me the answer and do not "
      "output any other words. The following are some examples.\n\n{context}\n\n",
      "{input}", ""},
     false,
     true,
     "Answer:"},
    {"samsum",
     TaskFamily::LongBench,
     "summary of a dialogue, by examples",
     128,
     "rouge-l",
     {"Summarize the dialogue into a few short sentences. The following are some examples.\n\n"
      "{context}\n\n",
      "{input}", ""},
     false,
     true,
     "Summary:"},
    {"lsht",
     TaskFamily::LongBench,
     "kind of Chinese news, by examples",
     64,
     "classification",
     {"请判断给定新闻的类别，下面是一些例子。\n\n{context}\n", "{input}", ""},
     false,
     true},
    {"passage_count",
     TaskFamily::LongBench,
     "how many paragraphs differ",
     32,
     "count",
     {"There are some paragraphs below sourced from Wikipedia. Some of them may be duplicates. "
      "Please carefully read these paragraphs and determine how many unique paragraphs there "
      "are after removing duplicates. In other words, how many non-repeating paragraphs are "
      "there in total?\n\n{context}\n\n",
      "Please enter the final count of unique paragraphs after removing duplicates. The output "
      "format should only contain the number, such as 1, 2, 3, and so on.\n\n",
      "The final answer is: "},
     true,
     false},
    {"passage_retrieval_en",
     TaskFamily::LongBench,
     "which paragraph an abstract is of",
     32,
     "retrieval",
     {"Here are 30 paragraphs from Wikipedia, along with an abstract. Please determine which "
      "paragraph the abstract is from.\n\n{context}\n\nThe following is an abstract.\n\n",
      "{input}\n\nPlease enter the number of the paragraph that the abstract is from. The answer "
      "format must be like \"Paragraph 1\", \"Paragraph 2\", etc.\n\n",
      "The answer is: "},
     true,
     false},
    {"passage_retrieval_zh",
     TaskFamily::LongBench,
     "which Chinese paragraph an abstract is of",
     32,
     "retrieval-zh",
     {"以下是若干段落文字，以及其中一个段落的摘要。请确定给定的摘要出自哪一段。\n\n{context}\n\n下面是一个摘要\n\n",
      "{input}\n\n请输入摘要所属段落的编号。答案格式必须是\"段落1\"，\"段落2\"等格式\n\n", "答案是："},
     true,
     false},
    {"lcc",
     TaskFamily::LongBench,
     "next line of code",
     64,
     "code-difflib",
     {"Please complete the code given below. \n{context}", "", "Next line of code:\n"},
     false,
     false},
    {"repobench-p",
     TaskFamily::LongBench,
     "next line of code, with the repository's other files",
     64,
     "code-difflib",
     {"Please complete the code given below. \n{context}", "{input}", "Next line of code:\n"},
     false,
     false},
    {"longbench-v2",
     TaskFamily::LongBench2,
     "choices of A to D over very long texts",
     128,
     "choice",
     {"Please read the following text and answer the question below.\n\n<text>\n{context}\n</text>\n\n",
      "What is the correct answer to this question: {question}\nChoices:\n(A) {choice_A}\n(B) {choice_B}\n(C) {choice_C}\n"
      "(D) {choice_D}\n\nFormat your response as follows: \"The correct answer is (insert answer here)\".",
      ""}},
    {"niah_single_1",
     TaskFamily::Ruler,
     "one number in sentences that say nothing",
     128,
     "match-all",
     kOneNumber,
     true,
     false,
     {},
     true},
    {"niah_single_2", TaskFamily::Ruler, "one number in essays", 128, "match-all", kOneNumber},
    {"niah_single_3", TaskFamily::Ruler, "one uuid in essays", 128, "match-all", kOneUuid},
    {"niah_multikey_1", TaskFamily::Ruler, "one of four numbers in essays", 128, "match-all", kOneNumber},
    {"niah_multikey_2",
     TaskFamily::Ruler,
     "one number among nothing but such needles",
     128,
     "match-all",
     kOneNumber,
     true,
     false,
     {},
     true},
    {"niah_multikey_3",
     TaskFamily::Ruler,
     "one uuid, keyed by a uuid, among nothing but such needles",
     128,
     "match-all",
     kOneUuid,
     true,
     false,
     {},
     true},
    {"niah_multivalue", TaskFamily::Ruler, "four numbers of one key in essays", 128, "match-all", kManyNumbers},
    {"niah_multiquery", TaskFamily::Ruler, "four numbers of four keys in essays", 128, "match-all", kManyNumbers},
    {"vt", TaskFamily::Ruler, "all variables of one chain of assignments", 30, "match-all", kVariables, true, false, {}, true},
    {"cwe",
     TaskFamily::Ruler,
     "the ten words that come most often in a numbered list",
     120,
     "match-all",
     kCommonWords,
     true,
     false,
     {},
     true},
    {"fwe",
     TaskFamily::Ruler,
     "the three coded words that come most often",
     50,
     "match-all",
     kFrequentWords,
     true,
     false,
     {},
     true},
    {"qa_1", TaskFamily::Ruler, "SQuAD's questions among other documents", 32, "match-any", kDocuments},
    {"qa_2", TaskFamily::Ruler, "HotpotQA's questions among other documents", 32, "match-any", kDocuments},
    {"scbench_kv", TaskFamily::ScBench, "values of keys of one JSON object", 150, "label-held", kJsonObject},
    {"scbench_kv_hard", TaskFamily::ScBench, "the same, keys that are alike", 150, "label-held", kJsonObject},
    {"scbench_kv_compressible",
     TaskFamily::ScBench,
     "the same in plain sentences",
     150,
     "label-held",
     {"Extract the value corresponding to the specified key in the following passage.\n\n{context}", "{input}", ""}},
    {"scbench_hashhop", TaskFamily::ScBench, "chains of hashes", 150, "label-held", kAsItIs},
    {"scbench_prefix_suffix", TaskFamily::ScBench, "the string with this prefix and suffix", 150, "label-held", kAsItIs},
    {"scbench_passkey",
     TaskFamily::ScBench,
     "a number in text that says nothing",
     15,
     "first-number",
     {"There is an important info hidden inside a lot of irrelevant text. Find it and memorize it. I will quiz you about the "
      "important information.\n\n{context}",
      "{input}", ""}},
    {"scbench_mf",
     TaskFamily::ScBench,
     "a statistic of a list of numbers",
     5,
     "found-number",
     {"{first_input}\n\n{context}", "What is {statistic}?\n\n{input}", ""}},
    {"scbench_vt", TaskFamily::ScBench, "chains of assignments", 30, "match-all-rounded", kAsItIs},
    {"scbench_many_shot", TaskFamily::ScBench, "labels after hundreds of examples", 10, "match-any-case", kAsItIs},
    {"scbench_qa_eng",
     TaskFamily::ScBench,
     "questions about a book",
     40,
     "match-any-case",
     {"Read the book and answer the question. Be very concise in your answer.\n\n{context}", "Question: {input}\n", "Answer:"}},
    {"scbench_qa_chn",
     TaskFamily::ScBench,
     "questions about a Chinese book",
     40,
     "character-f1",
     {"阅读以下书籍然后回答问题。\n\n{context}", "问题：{input}\n", "答案："}},
    {"scbench_choice_eng",
     TaskFamily::ScBench,
     "choices about a book",
     40,
     "label-chosen",
     {"Read the book and answer the question.\n\n{context}",
      "Question: {input}\nA. {option_A}\nB. {option_B}\nC. {option_C}\nD. {option_D}\n\n", "The the correct answer is"}},
    {"scbench_summary", TaskFamily::ScBench, "summaries", 200, "summary-rouge-l", kAsItIs},
    {"needle",
     TaskFamily::Needle,
     "a sentence hidden at a depth of any text",
     30,
     "exact",
     {"This is a very long story book: <book> {context} </book>.\n", " Based on the content of the book, Question: {question}\n",
      "Answer:"},
     true,
     false,
     {},
     true},
    {"facts",
     TaskFamily::Demo,
     "facts planted in prose, as the demo model learned them",
     8,
     "opens",
     {"{context}", "{question}", ""},
     false,
     false,
     {},
     true},
    {"lists",
     TaskFamily::Demo,
     "a list of entries, one of which is asked for",
     8,
     "opens",
     {"{context}", "{question}", ""},
     false,
     false,
     {},
     true},
    {"passages",
     TaskFamily::Demo,
     "a passage that begins once more",
     48,
     "in-place",
     {"{context}", "{question}", ""},
     false,
     false,
     {},
     true},
};

/// "qasper" of "qasper_e" and "qasper-e".
std::string_view withoutShortening(std::string_view name)
{
    return name.ends_with("_e") || name.ends_with("-e") ? name.substr(0, name.size() - 2) : name;
}

const TaskInfo* find(std::string_view name)
{
    const auto* const found = std::ranges::find(kTasks, name, &TaskInfo::name);
    return found == std::end(kTasks) ? nullptr : found;
}

} // namespace

std::string wholePrompt(const Wording& wording)
{
    return std::string(wording.context).append(wording.question).append(wording.lead);
}

std::span<const TaskInfo> taskCatalog() { return kTasks; }

bool isShortened(std::string_view name)
{
    const std::string_view rest = withoutShortening(name);
    const TaskInfo* const task = rest == name ? nullptr : find(rest);
    return task != nullptr && task->family == TaskFamily::LongBench;
}

const TaskInfo* findTask(std::string_view name) { return find(isShortened(name) ? withoutShortening(name) : name); }

std::string_view nearestTask(std::string_view name)
{
    std::vector<std::string_view> names;
    for (const TaskInfo& task : kTasks)
        names.push_back(task.name);
    return nearest(name, names);
}

std::string_view familyTitle(TaskFamily family)
{
    switch (family) {
    case TaskFamily::LongBench:
        return "LongBench";
    case TaskFamily::LongBench2:
        return "LongBench v2";
    case TaskFamily::Ruler:
        return "RULER";
    case TaskFamily::ScBench:
        return "SCBench";
    case TaskFamily::Needle:
        return "needle in a haystack";
    case TaskFamily::Demo:
        return "what the demo model can do";
    }
    return {};
}

std::string_view familyNeeds(TaskFamily family)
{
    switch (family) {
    case TaskFamily::LongBench:
        return "a line an answer: pred, answers, all_classes (trec and lsht), length (for parts); the data are LongBench's, one "
               ".jsonl a task "
               "with input, context, answers, length, all_classes";
    case TaskFamily::LongBench2:
        return "a line an answer: response, answer, difficulty and length (for parts)";
    case TaskFamily::Ruler:
        return "a line an answer: pred, outputs; the data are made by RULER's scripts, or here where that is said";
    case TaskFamily::ScBench:
        return "a line an answer: prediction, ground_truth, turn_idx (for parts); the data are SCBench's, one .jsonl a task with "
               "context "
               "and multi_turns (input, answer, options)";
    case TaskFamily::Needle:
        return "a line an answer: prediction (or model_response), needle or references; made here from any text";
    case TaskFamily::Demo:
        return "a line an answer, as Winnow writes it; made here";
    }
    return {};
}

std::string_view familySource(TaskFamily family)
{
    switch (family) {
    case TaskFamily::LongBench:
    case TaskFamily::LongBench2:
        return "THUDM/LongBench 2e00731 (2025-01-15)";
    case TaskFamily::Ruler:
        return "NVIDIA/RULER c3f5e3b (2026-07-22)";
    case TaskFamily::ScBench:
        return "microsoft/MInference fb56c91 (2025-08-11), scbench/";
    case TaskFamily::Needle:
        return "Zefan-Cai/KVCache-Factory c97f9d7 (2026-07-02) and NVIDIA/kvpress 8bb29b9 (2026-08-06)";
    case TaskFamily::Demo:
        return "resources/models/demo/train/wording.py";
    }
    return {};
}

} // namespace winnow::tasks
