// SPDX-License-Identifier: GPL-3.0-or-later
// What the Wavelet tab asks for, the words for it, and the figure that shows it again. See wavelet_tab.h.
#include "views/state/lane_choice.h"
#include "views/wavelet/wavelet_tab.h"

#include <algorithm>

namespace winnow::views {

namespace {

/// The recorded layer's index for the replay's layer number.
int recordedLayer(const ViewData& data, int layer)
{
    if (!data.replay || layer >= static_cast<int>(data.replay->layers.size()))
        return layer;
    const auto& layers = data.trace->info().layers;
    const auto found = std::find(layers.begin(), layers.end(), data.replay->layers[static_cast<std::size_t>(layer)]);
    return static_cast<int>(found - layers.begin());
}

/// The lanes that whole groups of query heads belong to, each once, in order.
std::vector<Lane> lanesOfHeads(const Trace& trace, const std::vector<QueryHead>& heads)
{
    std::vector<Lane> lanes;
    for (const QueryHead& one : heads) {
        const int group = std::max(1, trace.info().layerInfo[static_cast<std::size_t>(one.layerIndex)].group());
        const Lane lane{one.layerIndex, one.head / group};
        if (std::find(lanes.begin(), lanes.end(), lane) == lanes.end())
            lanes.push_back(lane);
    }
    return lanes;
}

QString headWords(int heads)
{
    return heads == 1 ? WaveletTab::tr("1 query head") : WaveletTab::tr("%1 query heads").arg(grouped(heads));
}

} // namespace

std::vector<QueryHead> WaveletTab::chosenHeads() const
{
    std::vector<QueryHead> heads;
    const int kvHeads = std::max(1, kvHeadCount(m_data));
    for (const Lane& lane : m_selection->state().lanes) {
        const int index = recordedLayer(m_data, lane.layer);
        if (index >= m_data.trace->layerCount())
            continue;
        const int group = std::max(1, m_data.trace->info().layerInfo[static_cast<std::size_t>(index)].queryHeads / kvHeads);
        for (int member = 0; member < group; ++member)
            heads.push_back({index, lane.head * group + member});
    }
    return heads;
}

WaveletTab::Wanted WaveletTab::wanted() const
{
    const SelectionState& state = m_selection->state();
    Wanted wanted{.picture = m_controls->method()};
    WaveletChoice& picture = wanted.picture;
    if (picture.paper)
        return wanted;
    const CompareWith comparison = m_controls->comparison();
    picture.step = state.step;
    picture.heads = chosenHeads();
    if (m_controls->wantsLost() && picture.hasLevels())
        picture.policy = state.focus;
    if (comparison == CompareWith::None || (!isOfReference(comparison) && !m_held) ||
        (isOfReference(comparison) && picture.policy < 0))
        return wanted;
    wanted.against = picture;
    wanted.difference = isDifference(comparison);
    if (isOfReference(comparison)) {
        wanted.against->policy = state.reference;
    } else { // step, heads and policy stay; the transform is that of the picture, else the two could not be compared
        wanted.against->step = m_held->step;
        wanted.against->heads = m_held->heads;
        if (picture.policy >= 0 && m_held->policy >= 0)
            wanted.against->policy = m_held->policy;
    }
    return wanted;
}

Result<WaveletTab::Pair> WaveletTab::compute(const Trace& trace, const ReplayResult* replay, const Wanted& wanted,
                                             const Pair& known, const JobContext& job)
{
    const auto picture = [&](const WaveletChoice& choice) -> Result<WaveletPicturePtr> {
        for (const WaveletPicturePtr& one : {known.picture, known.against})
            if (one && one->choice == choice && !one->packets) // packets may have been split like others
                return one;
        return computeWavelet(trace, replay, choice, job);
    };
    Pair pair;
    WINNOW_TRY(pair.picture, picture(wanted.picture));
    if (wanted.against && wanted.difference && pair.picture->packets) {
        WINNOW_TRY(pair.against, computeWavelet(trace, replay, *wanted.against, job, pair.picture->packets.get()));
    } else if (wanted.against) {
        WINNOW_TRY(pair.against, picture(*wanted.against));
    }
    return pair;
}

QStringList WaveletTab::titleParts(const WaveletPicture& picture) const
{
    QStringList parts;
    if (const LostBands::Policy* lost = picture.lostBy())
        parts << tr("lost by %1").arg(QString::fromStdString(lost->label));
    parts << tr("step %1").arg(grouped(picture.step()));
    const auto& heads = picture.choice.heads;
    if (heads.empty())
        return parts << tr("all lanes");
    const int layer = raw(m_data.trace->info().layers[static_cast<std::size_t>(heads.front().layerIndex)]);
    if (heads.size() == 1)
        return parts << tr("layer %1, head %2").arg(layer).arg(heads.front().head);
    return parts
           << tr("%1 from layer %2, head %3").arg(headWords(static_cast<int>(heads.size()))).arg(layer).arg(heads.front().head);
}

QString WaveletTab::titleOf(const WaveletPicture& picture) const { return titleParts(picture).join(QStringLiteral(" · ")); }

/// What differs first, what both have in common once.
QString WaveletTab::titleOfDifference(const WaveletPicture& picture, const WaveletPicture& other) const
{
    const QStringList a = titleParts(picture), b = titleParts(other);
    if (a.size() != b.size())
        return tr("%1  minus  %2").arg(titleOf(picture), titleOf(other));
    QStringList first, second, common;
    for (qsizetype i = 0; i < a.size(); ++i)
        if (a[i] == b[i]) {
            common << a[i];
        } else {
            first << a[i];
            second << b[i];
        }
    QString title = first.isEmpty()
                        ? tr("nothing differs")
                        : tr("%1  minus  %2").arg(first.join(QStringLiteral(", ")), second.join(QStringLiteral(", ")));
    for (const QString& one : common)
        title += QStringLiteral(" · ") + one;
    return title;
}

QString WaveletTab::noteOf(const WaveletPicture& picture) const
{
    const int heads = picture.bands ? picture.bands->heads : picture.packets ? picture.packets->heads : picture.scalogram->heads;
    const std::string& said = picture.bands     ? picture.bands->note
                              : picture.packets ? picture.packets->note
                                                : picture.scalogram->note;
    QString note = tr("full cache · step %1 · %2")
                       .arg(grouped(picture.step()), heads == 1 ? headWords(1) : tr("mean of %1").arg(headWords(heads)));
    if (const LostBands::Policy* lost = picture.lostBy())
        note = tr("%1 · lost by %2: %3 % of the signal · step %4")
                   .arg(QString::fromLatin1(m_data.replay ? m_data.replay->loopName() : "open loop"))
                   .arg(QString::fromStdString(lost->label))
                   .arg(100 * lost->lostSignal, 0, 'f', 1)
                   .arg(grouped(picture.step()));
    if (hiddenPositions(picture) > 0 || (picture.scalogram && picture.firstPosition() > 0))
        note += tr(" · first and last %1 hidden").arg(kHiddenPositions);
    const QString carriers = m_first->carrierWords();
    if (!carriers.isEmpty())
        return carriers + QStringLiteral(" · ") + note;
    return said.empty() ? note : QString::fromStdString(said);
}

std::optional<FigureRequest> WaveletTab::currentFigure() const
{
    if (!m_shown.picture || !m_data.trace)
        return {};
    const WaveletPicture& picture = *m_shown.picture;
    FigureRequest request{.name = picture.choice.paper ? "treekv-2" : picture.lostBy() ? "lost-bands" : "wavelet"};
    if (m_matrix->hasFocus() && !picture.choice.paper && !picture.lostBy() && !m_shown.against)
        request.name = "scale-slope";
    request.options.mode = picture.choice.mode;
    if (picture.choice.paper)
        return request;
    for (const Lane& lane : m_selection->state().lanes)
        request.options.lanes.push_back({recordedLayer(m_data, lane.layer), lane.head});
    request.options.steps = {picture.step()};
    request.options.wavelet = picture.scalogram ? picture.choice.continuous : picture.choice.wavelet;
    request.options.levels = picture.choice.levels;
    request.options.transform = transformInfo(picture.choice.transform).name;
    request.options.signal = signalInfo(picture.choice.signal).name;
    if (picture.choice.policy >= 0)
        request.options.policies = {picture.choice.policy + 1};
    if (picture.scalogram)
        request.options.trim = scalogramTrim(picture.choice);
    if (const WaveletPicture* other = m_shown.against.get()) {
        FigureAgainst& against = request.options.against;
        against.difference = isDifference(m_controls->comparison());
        against.step = other->step();
        if (other->choice.heads != picture.choice.heads)
            against.lanes = lanesOfHeads(*m_data.trace, other->choice.heads);
        if (other->choice.policy >= 0 && other->choice.policy != picture.choice.policy)
            against.policy = other->choice.policy + 1;
    }
    return request;
}

} // namespace winnow::views
