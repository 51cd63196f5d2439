// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/theme.h"

#include <QFontDatabase>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

double toLinear(int channel)
{
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

int fromLinear(double linear)
{
    const double c = linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
    return static_cast<int>(std::lround(255 * std::clamp(c, 0.0, 1.0)));
}

QRgb opaque(unsigned rgb) { return 0xFF000000u | rgb; }

/// The colors of one theme; a ramp is given by evenly spaced stops.
struct ThemeColors {
    unsigned page, panel, line, ink, muted;
    std::array<unsigned, 5> choice, rule, lost;
    unsigned differenceThis, differenceReference, differenceBoth, none;
    std::array<unsigned, 4> text;
    unsigned textRule, textReferenceOnly;
    std::array<unsigned, 6> policies;
};

constexpr ThemeColors kDark{.page = 0x12151B,
                            .panel = 0x181C23,
                            .line = 0x2B323D,
                            .ink = 0xE6EAF0,
                            .muted = 0x9AA4B2,
                            .choice = {0x1F252F, 0x294C78, 0x2E78BE, 0x47ABEE, 0x92DDFF},
                            .rule = {0x1F252F, 0x373B42, 0x4F535A, 0x686C73, 0x82868E},
                            .lost = {0x1F252F, 0x6B3E23, 0xA66225, 0xDC8E30, 0xFFC573},
                            .differenceThis = 0x4DACF6,
                            .differenceReference = 0xFAAB3F,
                            .differenceBoth = 0x4A5361,
                            .none = 0x1F252F,
                            .text = {0x181C23, 0x1C3350, 0x244C79, 0x2A62A0},
                            .textRule = 0x3A424E,
                            .textReferenceOnly = 0x8A5200,
                            .policies = {0x70FFF7, 0xFF9786, 0xB6ADF3, 0xFFE64B, 0x7474EF, 0xA48203}};

constexpr ThemeColors kLight{.page = 0xFFFFFF,
                             .panel = 0xF4F5F7,
                             .line = 0xD5D9E0,
                             .ink = 0x14181F,
                             .muted = 0x5B6472,
                             .choice = {0xE7EAEF, 0x96C2DD, 0x4F95CD, 0x1566B1, 0x03397F},
                             .rule = {0xE7EAEF, 0xCACFD6, 0xAFB4BB, 0x959AA1, 0x7C8088},
                             .lost = {0xE7EAEF, 0xDDB789, 0xCB8131, 0xA45500, 0x733200},
                             .differenceThis = 0x0859AC,
                             .differenceReference = 0xCE6A00,
                             .differenceBoth = 0xB4BAC5,
                             .none = 0xE7EAEF,
                             .text = {0xF4F5F7, 0xD3E4F2, 0xA9CDE8, 0x7FB2DC},
                             .textRule = 0xD3D7DD,
                             .textReferenceOnly = 0xF2B36B,
                             .policies = {0x046F87, 0xB32035, 0x7D80DF, 0xAB8704, 0x3E0D8B, 0x6B0035}};

/// Piecewise linear in OKLab through evenly spaced stops.
template <std::size_t Stops>
std::array<QRgb, 127> ramp(const std::array<unsigned, Stops>& stops)
{
    std::array<QRgb, 127> colors{};
    for (std::size_t i = 0; i < colors.size(); ++i) {
        const double at = static_cast<double>(i) / 126 * (Stops - 1);
        const std::size_t below = std::min(static_cast<std::size_t>(at), Stops - 2);
        colors[i] = mixOkLab(opaque(stops[below]), opaque(stops[below + 1]), at - static_cast<double>(below));
    }
    return colors;
}

Theme made(const ThemeColors& colors, bool dark)
{
    Theme theme{.dark = dark,
                .page = colors.page,
                .panel = colors.panel,
                .line = colors.line,
                .ink = colors.ink,
                .muted = colors.muted,
                .choice = ramp(colors.choice),
                .rule = ramp(colors.rule),
                .lost = ramp(colors.lost),
                .differenceThis = opaque(colors.differenceThis),
                .differenceReference = opaque(colors.differenceReference),
                .differenceBoth = opaque(colors.differenceBoth),
                .none = opaque(colors.none),
                .text = ramp(colors.text),
                .textRule = colors.textRule,
                .textReferenceOnly = colors.textReferenceOnly,
                .policies = {},
                .inks = {}};
    std::copy(colors.policies.begin(), colors.policies.end(), theme.policies.begin());
    return theme;
}

double g_fontScale = 1;

} // namespace

OkLab toOkLab(QRgb color)
{
    const double r = toLinear(qRed(color)), g = toLinear(qGreen(color)), b = toLinear(qBlue(color));
    const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

QRgb fromOkLab(const OkLab& lab)
{
    const auto cube = [](double x) { return x * x * x; };
    const double l = cube(lab.L + 0.3963377774 * lab.a + 0.2158037573 * lab.b);
    const double m = cube(lab.L - 0.1055613458 * lab.a - 0.0638541728 * lab.b);
    const double s = cube(lab.L - 0.0894841775 * lab.a - 1.2914855480 * lab.b);
    return qRgb(fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
}

QRgb mixOkLab(QRgb from, QRgb to, double share)
{
    const OkLab a = toOkLab(from), b = toOkLab(to);
    return fromOkLab({std::lerp(a.L, b.L, share), std::lerp(a.a, b.a, share), std::lerp(a.b, b.b, share)});
}

const Theme& Theme::darkTheme()
{
    static const Theme theme = made(kDark, true);
    return theme;
}

const Theme& Theme::lightTheme()
{
    static const Theme theme = made(kLight, false);
    return theme;
}

PolicyInk Theme::inkOf(int policy) const
{
    return static_cast<std::size_t>(policy) < inks.size() ? inks[static_cast<std::size_t>(policy)] : PolicyInk{policy, false};
}

QPen Theme::penOf(const PolicyInk& ink, double width) const
{
    QPen pen(colorOf(ink), width);
    pen.setCapStyle(Qt::FlatCap);
    const bool second = ink.color >= static_cast<int>(policies.size());
    if (second || ink.run)
        pen.setDashPattern(!ink.run ? QList<qreal>{4, 2} : second ? QList<qreal>{4, 1.5, 1.5, 1.5} : QList<qreal>{1.5, 1.5});
    return pen;
}

QPalette Theme::palette() const
{
    QPalette palette;
    const QColor accent = QColor::fromRgb(differenceThis);
    const QColor raised = QColor::fromRgb(mixOkLab(panel.rgb(), ink.rgb(), dark ? 0.06 : 0.04));
    palette.setColor(QPalette::Window, panel);
    palette.setColor(QPalette::WindowText, ink);
    palette.setColor(QPalette::Base, page);
    palette.setColor(QPalette::AlternateBase, panel);
    palette.setColor(QPalette::Text, ink);
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::Button, dark ? raised : page);
    palette.setColor(QPalette::ButtonText, ink);
    palette.setColor(QPalette::BrightText, ink);
    palette.setColor(QPalette::ToolTipBase, raised);
    palette.setColor(QPalette::ToolTipText, ink);
    palette.setColor(QPalette::Highlight, accent);
    palette.setColor(QPalette::HighlightedText, dark ? page : QColor(Qt::white));
    palette.setColor(QPalette::Link, accent);
    palette.setColor(QPalette::LinkVisited, accent);
    palette.setColor(QPalette::Light, raised);
    palette.setColor(QPalette::Midlight, line);
    palette.setColor(QPalette::Mid, line);
    palette.setColor(QPalette::Dark, line);
    palette.setColor(QPalette::Shadow, page.darker(150));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor::fromRgb(mixOkLab(muted.rgb(), panel.rgb(), 0.35)));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, line);
    return palette;
}

void setFontScale(double scale) { g_fontScale = std::clamp(scale, 0.5, 4.0); }
double fontScale() { return g_fontScale; }

QFont uiFont(int pixels, bool bold)
{
    static const QStringList families = [] {
        QStringList all{QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans"), QStringLiteral("Sans Serif")};
        if (QFontDatabase::hasFamily(all.front()))             // else its digits would be those of the emoji
            all.insert(1, QStringLiteral("Noto Color Emoji")); // before DejaVu, which has some of them as outlines
        return all;
    }();
    QFont font(families);
    font.setStyleHint(QFont::SansSerif);
    font.setPixelSize(std::max(1, static_cast<int>(std::lround(pixels * g_fontScale))));
    font.setBold(bold);
    return font;
}

QFont monoFont(int pixels)
{
    QFont font(QStringList{QStringLiteral("Noto Sans Mono"), QStringLiteral("Noto Mono"), QStringLiteral("DejaVu Sans Mono"),
                           QStringLiteral("Monospace")});
    font.setStyleHint(QFont::Monospace);
    font.setFixedPitch(true);
    font.setPixelSize(std::max(1, static_cast<int>(std::lround(pixels * g_fontScale))));
    return font;
}

QString grouped(qint64 number)
{
    static const QLocale english(QLocale::English, QLocale::UnitedStates);
    return english.toString(number);
}

} // namespace winnow::views
