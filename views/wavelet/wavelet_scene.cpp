// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_scene.h"

#include "views/plot/number_words.h"
#include "views/plot/short_number.h"
#include "views/state/lane_choice.h"
#include "views/style/theme.h"

#include <cmath>
#include <utility>

namespace winnow::views {

std::vector<BandRow> comparedRows(const WaveletPicture& picture, bool compared)
{
    std::vector<BandRow> rows = bandRows(picture);
    if (compared)
        for (BandRow& row : rows)
            if (!row.lost.empty()) {
                row.values = std::exchange(row.lost, {});
                row.energy.reset();
            }
    return rows;
}

int hiddenPositions(const WaveletPicture& picture)
{
    return picture.scalogram || picture.positions() <= 2 * kHiddenPositions + 1 ? 0 : kHiddenPositions;
}

QString pointWords(const WaveletScene& scene, QPointF at)
{
    if (!scene.content.picture)
        return {};
    const WaveletPicture& picture = *scene.content.picture;
    const int token = static_cast<int>(std::floor(at.x())), i = token - picture.firstPosition();
    if (i < 0 || i >= picture.positions())
        return {};
    const auto index = static_cast<std::size_t>(i);
    QString text = QObject::tr("token %1 %2 · %3 before now")
                       .arg(grouped(token), tokenLabel(scene.data, token), grouped(picture.step() - token));
    if (picture.scalogram) {
        const TokenScalogram& power = *picture.scalogram;
        const int scale = scaleOfPeriod(power, std::exp2(at.y()));
        if (scale < 0)
            return text;
        text += QObject::tr("\n%1 tokens per cycle: power %2")
                    .arg(periodWords(power.period[static_cast<std::size_t>(scale)]))
                    .arg(shortNumber(power.at(scale, i), 3));
        if (!power.insideCone(scale, i))
            text += QObject::tr("\nan end of the text reaches here");
        else if (power.significant(scale, i))
            text += QObject::tr("\nmore than %1 noise explains, %2 %")
                        .arg(QString::fromUtf8(noiseName(power.noise).data()))
                        .arg(100 * power.confidence);
        return text;
    }
    const int row = static_cast<int>(std::floor(at.y()));
    if (row < 0 || row >= static_cast<int>(scene.rows.size()))
        return {};
    const BandRow& one = scene.rows[static_cast<std::size_t>(row)];
    const QString name = one.scale.isEmpty() ? one.name
                                             : QObject::tr("%1 (%2 tokens per cycle)")
                                                   .arg(row + 1 == static_cast<int>(scene.rows.size()) || picture.packets
                                                            ? one.name
                                                            : QObject::tr("level %1").arg(one.name),
                                                        one.scale);
    text += QObject::tr("\n%1: mean magnitude %2").arg(name).arg(shortNumber(one.values[index], 3));
    if (!one.lost.empty())
        text += QObject::tr(", lost %1").arg(shortNumber(one.lost[index], 3));
    if (const auto other = static_cast<std::ptrdiff_t>(i) - picture.positions() +
                           (scene.content.against ? scene.content.against->positions() : 0);
        scene.content.against && other >= 0 && row < static_cast<int>(scene.rowsAgainst.size()))
        text +=
            QObject::tr("\nthe other: %1")
                .arg(shortNumber(scene.rowsAgainst[static_cast<std::size_t>(row)].values[static_cast<std::size_t>(other)], 3));
    return text;
}

} // namespace winnow::views
