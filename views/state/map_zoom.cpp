// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/state/map_zoom.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kLeastSpan = 8;

void zoomRange(double& begin, double& end, double whole, double at, double factor)
{
    const double least = std::min(kLeastSpan, whole);
    const double span = std::clamp((end - begin) / factor, least, whole);
    const double share = end > begin ? (at - begin) / (end - begin) : 0.5;
    begin = std::clamp(at - share * span, 0.0, whole - span);
    end = begin + span;
}

Zoom tidy(Zoom zoom, int tokens)
{
    const bool everything =
        zoom.tokenBegin <= 1e-6 && zoom.tokenEnd >= tokens - 1e-6 && zoom.stepBegin <= 1e-6 && zoom.stepEnd >= tokens - 1e-6;
    return everything ? Zoom{} : zoom;
}

IntRange touched(double begin, double end)
{
    const int first = static_cast<int>(std::floor(begin));
    return {first, std::max(first, static_cast<int>(std::ceil(end)) - 1)};
}

} // namespace

IntRange shownTokens(const Zoom& zoom) { return touched(zoom.tokenBegin, zoom.tokenEnd); }
IntRange shownSteps(const Zoom& zoom) { return touched(zoom.stepBegin, zoom.stepEnd); }

Zoom fullZoom(const Zoom& zoom, int tokens)
{
    const double all = std::max(1, tokens);
    return zoom.isEmpty() ? Zoom{0, all, 0, all} : zoom;
}

Zoom zoomedAt(const Zoom& zoom, int tokens, double token, double step, double tokenFactor, double stepFactor)
{
    Zoom to = fullZoom(zoom, tokens);
    const double all = std::max(1, tokens);
    if (tokenFactor != 1)
        zoomRange(to.tokenBegin, to.tokenEnd, all, token, tokenFactor);
    if (stepFactor != 1)
        zoomRange(to.stepBegin, to.stepEnd, all, step, stepFactor);
    return tidy(to, tokens);
}

Zoom panned(const Zoom& zoom, int tokens, double byTokens, double bySteps)
{
    if (zoom.isEmpty())
        return zoom;
    byTokens = std::clamp(byTokens, -zoom.tokenBegin, tokens - zoom.tokenEnd);
    bySteps = std::clamp(bySteps, -zoom.stepBegin, tokens - zoom.stepEnd);
    return {zoom.tokenBegin + byTokens, zoom.tokenEnd + byTokens, zoom.stepBegin + bySteps, zoom.stepEnd + bySteps};
}

Zoom zoomTo(int tokens, double tokenBegin, double tokenEnd, double stepBegin, double stepEnd)
{
    const double all = std::max(1, tokens), least = std::min(kLeastSpan, all);
    const auto order = [&](double& begin, double& end) {
        if (begin > end)
            std::swap(begin, end);
        const double span = std::clamp(end - begin, least, all);
        begin = std::clamp((begin + end - span) / 2, 0.0, all - span);
        end = begin + span;
    };
    order(tokenBegin, tokenEnd);
    order(stepBegin, stepEnd);
    return tidy({tokenBegin, tokenEnd, stepBegin, stepEnd}, tokens);
}

double axisStep(double least, double length)
{
    least = std::max(least, 1.0);
    const double power = std::exp2(std::ceil(std::log2(least))), less = 0.75 * power;
    return length / power < 4 && less >= least && less >= 3 ? less : power;
}

std::vector<int> axisTicks(double begin, double end, double pixels, double spacing)
{
    std::vector<int> ticks;
    if (end <= begin || pixels <= 0)
        return ticks;
    const int step = static_cast<int>(axisStep(spacing * (end - begin) / pixels, end - begin));
    for (int tick = static_cast<int>(std::ceil(begin / step)) * step; tick <= end; tick += step)
        ticks.push_back(tick);
    return ticks;
}

std::optional<QLineF> clippedLine(const QLineF& line, const QRectF& rect)
{
    double from = 0, to = 1; // Liang and Barsky
    const auto cut = [&](double direction, double distance) {
        if (direction == 0)
            return distance >= 0;
        const double at = distance / direction;
        (direction < 0 ? from : to) = direction < 0 ? std::max(from, at) : std::min(to, at);
        return from <= to;
    };
    if (!cut(-line.dx(), line.x1() - rect.left()) || !cut(line.dx(), rect.right() - line.x1()) ||
        !cut(-line.dy(), line.y1() - rect.top()) || !cut(line.dy(), rect.bottom() - line.y1()))
        return std::nullopt;
    return QLineF(line.pointAt(from), line.pointAt(to));
}

} // namespace winnow::views
