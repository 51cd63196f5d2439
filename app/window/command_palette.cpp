// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/command_palette.h"

#include "app/window/actions.h"
#include "app/window/main_window.h"
#include "app/window/mnemonics.h"
#include "app/window/notebook.h"
#include "core/analysis/figures/figure_catalog.h"
#include "views/chrome/palette.h"
#include "views/state/lane_choice.h"

#include <QAction>
#include <QFileInfo>

namespace winnow::app {

using namespace views;
using Kind = PaletteEntry::Kind;

CommandPalette::CommandPalette(MainWindow* window) : QObject(window), m_window(window), m_palette(new Palette(window))
{
    connect(m_palette, &Palette::chosen, this, &CommandPalette::take);
    connect(window->selection(), &Selection::left, m_palette, &Palette::dismiss);
}

void CommandPalette::setTheme(const Theme& theme) { m_palette->setTheme(theme); }

void CommandPalette::open()
{
    readTokens();
    PaletteIndex index;
    index.setEntries(entries());
    index.setTokens(m_texts, m_labels);
    m_palette->open(std::move(index), m_window->selection()->state().step);
}

/// Once per text.
void CommandPalette::readTokens()
{
    const ViewData& data = m_window->workspace()->data();
    if (data.info == m_info)
        return;
    m_info = data.info;
    m_texts.clear();
    m_labels.clear();
    for (int token = 0; m_info && token < static_cast<int>(m_info->offsets.size()); ++token) {
        const std::string_view bytes = tokenText(*m_info, Position{token});
        m_texts << QString::fromUtf8(bytes);
        m_labels << tokenLabel(data, token, 24);
    }
}

std::vector<PaletteEntry> CommandPalette::entries() const
{
    std::vector<PaletteEntry> all;
    for (const ActionSpec& spec : actionTable()) {
        const QAction* action = m_window->action(QLatin1String(spec.id));
        if (!action->isEnabled())
            continue;
        const QString menu = QString::fromUtf8(spec.menu).section(QLatin1Char('/'), 1);
        all.push_back({.kind = Kind::Action,
                       .title = (menu.isEmpty() ? QString() : menu + QStringLiteral(": ")) + QString::fromUtf8(spec.text),
                       .detail = action->shortcut().toString(QKeySequence::NativeText),
                       .id = QLatin1String(spec.id)});
    }
    for (const QAction* action : m_window->actions()) // figures of papers, see paper_figures.h
        if (action->objectName().startsWith(QLatin1String("paper-")))
            all.push_back({.kind = Kind::Action, .title = withoutMnemonic(action->text()), .id = action->objectName()});
    const ViewData& data = m_window->workspace()->data();
    if (data.replay) {
        for (std::size_t policy = 0; policy < data.replay->policies.size(); ++policy)
            all.push_back({.kind = Kind::Policy,
                           .title = tr("%1 %2").arg(policy + 1).arg(policyTitle(*data.replay->policies[policy])),
                           .detail = tr("policy: focus it"),
                           .id = QString::fromStdString(data.replay->policies[policy]->spec.canonical()),
                           .number = static_cast<int>(policy)});
        const int heads = kvHeadCount(data);
        for (std::size_t layer = 0; layer < data.replay->layers.size(); ++layer)
            for (int head = -1; head < heads; ++head) {
                const int number = raw(data.replay->layers[layer]);
                all.push_back({.kind = Kind::Lane,
                               .title = head < 0 ? tr("Layer %1").arg(number) : tr("Layer %1 head %2").arg(number).arg(head),
                               .detail = head < 0 ? tr("choose its lanes") : tr("choose this lane"),
                               .id = head < 0 ? QString() : QStringLiteral("%1.%2").arg(number).arg(head),
                               .number = static_cast<int>(layer),
                               .head = head});
            }
        for (const FigureKind& kind : figureCatalog()) {
            if (isOfResults(kind.needs)) // not made from what is open
                continue;
            all.push_back({.kind = Kind::Figure,
                           .title = QString::fromUtf8(kind.title),
                           .detail = tr("figure: export it"),
                           .id = QString::fromUtf8(kind.name)});
        }
    }
    const auto& notes = m_window->notebook()->notes()->all();
    for (std::size_t i = 0; i < notes.size(); ++i)
        all.push_back({.kind = Kind::Note,
                       .title = notes[i].words,
                       .detail = tr("note at %1").arg(placeWords(notes[i])),
                       .number = static_cast<int>(i)});
    for (const QString& path : m_window->opener()->recent())
        all.push_back({.kind = Kind::File, .title = QFileInfo(path).fileName(), .detail = tr("open %1").arg(path), .id = path});
    return all;
}

void CommandPalette::take(const PaletteEntry& entry)
{
    Selection& selection = *m_window->selection();
    switch (entry.kind) {
    case Kind::Action:
        m_window->action(entry.id)->trigger();
        break;
    case Kind::Policy:
        m_window->navigator()->focusPolicy(entry.number);
        break;
    case Kind::Lane: {
        std::vector<Lane> lanes;
        for (int head = 0; head < kvHeadCount(m_window->workspace()->data()); ++head)
            if (entry.head < 0 || head == entry.head)
                lanes.push_back({entry.number, head});
        selection.setLanes(std::move(lanes));
        break;
    }
    case Kind::Figure:
        m_window->exporter()->exportFigure({entry.id.toStdString(), {.width = m_window->exporter()->figureWidth()}});
        break;
    case Kind::File:
        m_window->opener()->openPaths({entry.id});
        break;
    case Kind::Note:
        m_window->notebook()->goTo(entry.number);
        break;
    case Kind::Step:
        selection.setStep(entry.number);
        break;
    case Kind::Token:
        selection.setToken(entry.number);
        if (selection.state().step < entry.number)
            selection.setStep(entry.number); // before it the token is not read yet
        break;
    }
}

} // namespace winnow::app
