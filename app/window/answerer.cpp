// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/answerer.h"

#include "app/cli/console.h"
#include "app/window/lasting_paths.h"
#include "app/work/recorded_model.h"
#include "core/evaluate/generate_under.h"
#include "core/evaluate/run.h"
#include "views/state/lane_choice.h"
#include "views/style/counted.h"

#include <algorithm>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

QString titleOf(const PolicySpec& spec)
{
    const PolicyInfo* info = findPolicy(spec.name);
    const QString title = info ? QString::fromUtf8(info->title) : text(spec.name);
    return spec.value("budget").empty() ? title : QStringLiteral("%1 %2").arg(title, text(std::string(spec.value("budget"))));
}

} // namespace

struct Answerer::Said {
    fs::path model; ///< where it was found
    std::shared_ptr<const TraceInfo> of;
    TextAnswers answers;
};

Answerer::Answerer(Workspace* workspace, views::Selection* selection, views::AnswersTab* tab,
                   std::function<std::vector<fs::path>()> models)
    : QObject(tab), m_workspace(workspace), m_selection(selection), m_tab(tab), m_models(std::move(models)),
      m_job([this](Result<Answers> answers) { arrived(std::move(answers)); },
            [this](const QString&, double fraction) {
                emit progressed(tr("Answers under %1").arg(views::counted(qint64(m_asked.size()), tr("policy"), tr("policies"))),
                                fraction);
            },
            views::enginePool())
{
    connect(tab, &views::AnswersTab::wanted, this, &Answerer::ask);
}

/// Rows of the visible policies that can answer. `refused`: why another cannot.
std::vector<int> Answerer::askedRows(QString* refused) const
{
    const auto info = m_workspace->data().info;
    std::vector<int> rows;
    for (std::size_t i = 0; i < m_workspace->specs().size(); ++i) {
        const PolicySpec& spec = m_workspace->specs()[i];
        if (!m_selection->isVisible(static_cast<int>(i)))
            continue;
        const auto can = info ? checkRun(*info, spec, 0) : Result<void>();
        if (can || !findPolicy(spec.name)->oracle) // nobody foresees an answer
            rows.push_back(static_cast<int>(i));
        else if (refused)
            *refused = text(can.error().message);
    }
    return rows;
}

void Answerer::ask(const views::AnswerWish& wish)
{
    const auto info = m_workspace->data().info;
    QString refused;
    m_asked = askedRows(&refused);
    std::vector<PolicySpec> specs;
    for (const int row : m_asked)
        specs.push_back(m_workspace->specs()[static_cast<std::size_t>(row)]);
    if (specs.empty())
        return m_tab->tell(refused.isEmpty() ? tr("There is no visible policy; add one, or show one.") : refused);
    GenerateOptions options{.prompt = wish.typed.toStdString(), .promptName = "prompt", .tokens = wish.tokens};
    std::vector<std::int32_t> given;
    std::map<std::string, std::string> manifest;
    if (info) {
        const RunOptions recorded = runOf(*info);
        options.dtype = recorded.text.dtype;
        manifest = info->manifest;
        if (wish.recorded > 0)
            given.assign(info->tokens.begin(),
                         info->tokens.begin() + std::min<std::ptrdiff_t>(wish.recorded, std::ssize(info->tokens)));
    }
    m_tab->setBusy(true);
    m_tab->tell({});
    m_job.start([options, specs, given, manifest, info, models = m_models()](const JobContext& job) mutable -> Result<Answers> {
        WINNOW_TRY(options.model, recordedModel(manifest, modelPlaces(models)));
        WINNOW_TRY(TextAnswers answers, generateUnder(options, specs, job, given));
        return std::make_shared<const Said>(Said{options.model, info, std::move(answers)});
    });
}

void Answerer::stop()
{
    m_job.stop();
    m_tab->setBusy(false);
}

void Answerer::arrived(Result<Answers> answers)
{
    emit progressed({}, -1);
    m_tab->setBusy(false);
    if (!answers) {
        m_tab->tell(answers.error().code == ErrorCode::Cancelled ? tr("The answers were stopped.")
                                                                 : text(answers.error().message));
        emit answered();
        return;
    }
    m_model = (*answers)->model;
    m_of = (*answers)->of;
    const TextAnswers& given = (*answers)->answers;
    const std::vector<TextAnswer>& said = given.answers;
    std::vector<views::ShownAnswer> shown;
    for (std::size_t i = 0; i < said.size() && i < m_asked.size(); ++i) {
        const TextAnswer& one = said[i];
        const QString name = QStringLiteral("%1 %2").arg(m_asked[i] + 1).arg(titleOf(one.spec));
        const QString note =
            tr("%1 · %2 slots a lane").arg(views::counted(qint64(one.ids.size()), tr("token"))).arg(one.stored, 0, 'f', 1) +
            (one.difference ? tr(" · differs from token %1 on").arg(one.difference->token + 1) : QString());
        shown.push_back({.policy = m_asked[i],
                         .name = name,
                         .same = text(one.difference ? one.difference->same : one.text),
                         .own = one.difference ? text(one.difference->own) : QString(),
                         .note = note});
    }
    const auto differ = std::ranges::count_if(said, [](const TextAnswer& one) { return one.difference.has_value(); });
    QString sentence = tr("closed loop · %1 of prompt, read with full attention · %2 of %3 differ from the first")
                           .arg(views::counted(given.promptTokens, tr("token")))
                           .arg(differ)
                           .arg(std::max<std::size_t>(1, said.size()) - 1);
    for (const std::string& warning : given.warnings)
        sentence += QStringLiteral(" · ") + text(warning);
    m_tab->setAnswers(std::move(shown), sentence);
    emit answered();
}

/// The recorded model, as for an answer. Where it is not found, the first that may be it; empty where there is none.
fs::path Answerer::modelInCommand()
{
    const auto info = m_workspace->data().info;
    if (m_of == info && !m_model.empty())
        return m_model;
    std::vector<fs::path> models = m_models();
    if (const auto found = recordedModel(info ? info->manifest : std::map<std::string, std::string>(), modelPlaces(models))) {
        m_model = *found;
        m_of = info;
        return m_model;
    }
    std::erase(models, fs::path());
    return models.empty() ? fs::path() : models.front();
}

QString Answerer::commandLine()
{
    const views::AnswerWish wish = m_tab->wish();
    const fs::path model = modelInCommand();
    const auto trace = lastingTrace(*m_workspace);
    if (wish.recorded > 0 && !trace)
        return {};
    std::string line = wish.recorded > 0 && trace->record ? recordText(*trace->record) : "";
    line += "winnow generate --model " + shellWord(model.empty() ? "MODEL" : anywhere(model).string());
    if (wish.recorded > 0)
        line += fmt::format(" --trace {} --until {}", shellWord(trace->file.empty() ? "T.h5" : trace->file.string()),
                            wish.recorded - 1);
    else
        line += " --prompt " + shellWord(wish.typed.toStdString());
    for (const int row : askedRows())
        line += " --policy " + shellWord(m_workspace->specs()[static_cast<std::size_t>(row)].canonical());
    line += fmt::format(" --tokens {}", wish.tokens);
    if (const auto& info = m_workspace->data().info) // the model runs in the numbers that it was recorded in
        if (const auto dtype = info->manifest.find("dtype"); dtype != info->manifest.end() && dtype->second != "float32")
            line += " --dtype " + shellWord(dtype->second);
    return text(line);
}

} // namespace winnow::app
