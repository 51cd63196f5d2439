// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/policies/policy_chooser.h"

#include "views/style/dock_style.h"

#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScreen>
#include <QScrollBar>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace winnow::views {

namespace {

constexpr int kWidth = 380, kListHeight = 340, kDetailsLines = 7;
enum Role { Name = Qt::UserRole, Words, Reason, Help };

struct Group {
    Acts acts;
    const char* title;
};
constexpr std::array<Group, 3> kGroups{
    {{Acts::EveryStep, "At every step"}, {Acts::EndOfPrompt, "Once, at the end of the prompt"}, {Acts::Never, "Never"}}};

QString helpOf(const PolicyInfo& info)
{
    QString help = QString::fromUtf8(info.summary).toHtmlEscaped() + QStringLiteral("<br><i>") +
                   QString::fromUtf8(info.citation).toHtmlEscaped() + QStringLiteral("</i>");
    if (!info.deviations.empty())
        help += QStringLiteral("<br>") + PolicyChooser::tr("Differs: %1").arg(QString::fromUtf8(info.deviations).toHtmlEscaped());
    return help;
}

/// Pixels of the usual lines about a policy.
int leastDetails() { return QFontMetrics(uiFont(12)).lineSpacing() * kDetailsLines + scaled(16); }

} // namespace

PolicyChooser::PolicyChooser(QWidget* parent)
    : QFrame(parent, Qt::Popup), m_search(new QLineEdit(this)), m_list(new QTreeWidget(this)), m_details(new QLabel(this))
{
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(tr("Add policy"));
    m_search->setPlaceholderText(tr("Search policies"));
    m_search->setAccessibleName(tr("Search policies"));
    m_search->setClearButtonEnabled(true);
    m_search->setFixedHeight(scaled(28));
    m_search->setFont(uiFont(13));
    m_search->installEventFilter(this);
    m_list->setHeaderHidden(true);
    m_list->setRootIsDecorated(false);
    m_list->setIndentation(0);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformRowHeights(true);
    m_list->setExpandsOnDoubleClick(false);
    m_list->setFont(uiFont(13));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setMouseTracking(true);
    m_list->setFocusPolicy(Qt::NoFocus); // the keyboard stays in the search
    m_list->setAccessibleName(tr("Policies of the catalog"));
    m_details->setWordWrap(true);
    m_details->setTextFormat(Qt::RichText);
    m_details->setFont(uiFont(12));
    m_details->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_details->setContentsMargins(scaled(12), scaled(8), scaled(12), scaled(8));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 1, 1, 1);
    column->setSpacing(0);
    auto* top = new QVBoxLayout;
    top->setContentsMargins(scaled(8), scaled(8), scaled(8), scaled(4));
    top->addWidget(m_search);
    column->addLayout(top);
    column->addWidget(m_list, 1);
    column->addWidget(m_details);
    connect(m_search, &QLineEdit::textChanged, this, &PolicyChooser::narrow);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &PolicyChooser::describe);
    connect(m_list, &QTreeWidget::itemEntered, this, [this](QTreeWidgetItem* item) {
        if (item->parent())
            m_list->setCurrentItem(item);
    });
    connect(m_list, &QTreeWidget::itemClicked, this, &PolicyChooser::choose);
    setTheme(Theme::darkTheme());
}

void PolicyChooser::setTheme(const Theme& theme)
{
    m_theme = theme;
    QPalette palette = theme.palette();
    palette.setColor(QPalette::Window, raisedOf(theme));
    setPalette(palette);
    setAutoFillBackground(true);
    palette.setColor(QPalette::Base, raisedOf(theme));
    m_list->setPalette(palette);
    palette.setColor(QPalette::WindowText, theme.ink);
    m_details->setPalette(palette);
    m_list->verticalScrollBar()->setStyleSheet(slimScrollBar(theme));
}

void PolicyChooser::fill(std::span<const PolicyInfo> catalog, const Refusal& refusal)
{
    const QSignalBlocker quiet(m_search);
    m_search->clear();
    m_list->clear();
    const QColor muted = m_theme.muted, off = QColor::fromRgb(mixOkLab(m_theme.muted.rgb(), m_theme.panel.rgb(), 0.35));
    for (const Group& group : kGroups) {
        auto* heading = new QTreeWidgetItem({tr(group.title)});
        heading->setFlags(Qt::ItemIsEnabled);
        heading->setFont(0, uiFont(11, true));
        heading->setForeground(0, muted);
        heading->setSizeHint(0, {0, scaled(28)});
        for (const PolicyInfo& info : catalog) {
            if (info.acts != group.acts)
                continue;
            const QString reason = refusal ? refusal(info) : QString();
            auto* item = new QTreeWidgetItem(heading, {QStringLiteral("   ") + QString::fromUtf8(info.title)});
            item->setSizeHint(0, {0, scaled(26)});
            item->setData(0, Name, QString::fromUtf8(info.name));
            item->setData(0, Words,
                          QString::fromUtf8(info.name) + ' ' + QString::fromUtf8(info.title) + ' ' +
                              QString::fromUtf8(info.summary) + ' ' + QString::fromUtf8(info.citation));
            item->setData(0, Reason, reason);
            item->setData(0, Help, helpOf(info));
            if (!reason.isEmpty())
                item->setForeground(0, off);
        }
        if (heading->childCount() == 0) {
            delete heading;
            continue;
        }
        m_list->addTopLevelItem(heading);
        heading->setExpanded(true);
    }
    narrow();
}

void PolicyChooser::open(std::span<const PolicyInfo> catalog, const Refusal& refusal, const QPoint& below)
{
    fill(catalog, refusal);
    const QScreen* screen = QGuiApplication::screenAt(below);
    const QRect room = (screen ? screen : QGuiApplication::primaryScreen())->availableGeometry();
    const int rows = scaled(26) * static_cast<int>(catalog.size() + kGroups.size()) + scaled(16);
    const int least = leastDetails() + scaled(60), wanted = least + std::min(scaled(kListHeight), rows);
    QRect place(below, QSize(std::min(scaled(kWidth), room.width()), std::min(wanted, room.height())));
    if (place.bottom() > room.bottom()) // above the button rather than over it, and inside the screen in any case
        place.moveBottom(room.bottom());
    place.moveLeft(std::clamp(place.left(), room.left(), std::max(room.left(), room.right() - place.width())));
    place.moveTop(std::max(place.top(), room.top()));
    setGeometry(place);
    show();
    m_search->setFocus(Qt::PopupFocusReason);
}

QList<QTreeWidgetItem*> PolicyChooser::shownItems() const
{
    QList<QTreeWidgetItem*> items;
    for (int g = 0; g < m_list->topLevelItemCount(); ++g)
        for (int i = 0; i < m_list->topLevelItem(g)->childCount(); ++i)
            if (QTreeWidgetItem* item = m_list->topLevelItem(g)->child(i); !item->isHidden())
                items.append(item);
    return items;
}

QStringList PolicyChooser::shownNames() const
{
    QStringList names;
    for (const QTreeWidgetItem* item : shownItems())
        names.append(item->data(0, Name).toString());
    return names;
}

QString PolicyChooser::details() const { return m_details->text(); }

QTreeWidgetItem* PolicyChooser::current() const
{
    QTreeWidgetItem* item = m_list->currentItem();
    return item && item->parent() && !item->isHidden() ? item : nullptr;
}

/// Every word must be there; an entry that has the first one in its name is preferred.
void PolicyChooser::narrow()
{
    const QStringList asked = m_search->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    QTreeWidgetItem* best = nullptr;
    bool bestIsNamed = false;
    for (int g = 0; g < m_list->topLevelItemCount(); ++g) {
        QTreeWidgetItem* heading = m_list->topLevelItem(g);
        bool any = false;
        for (int i = 0; i < heading->childCount(); ++i) {
            QTreeWidgetItem* item = heading->child(i);
            const auto has = [item](const QString& word) {
                return item->data(0, Words).toString().contains(word, Qt::CaseInsensitive);
            };
            const bool fits = std::all_of(asked.begin(), asked.end(), has);
            const bool named = !asked.isEmpty() && (item->text(0).contains(asked.front(), Qt::CaseInsensitive) ||
                                                    item->data(0, Name).toString().contains(asked.front(), Qt::CaseInsensitive));
            item->setHidden(!fits);
            any = any || fits;
            if (fits && (!best || (named && !bestIsNamed))) {
                best = item;
                bestIsNamed = named;
            }
        }
        heading->setHidden(!any);
    }
    m_list->setCurrentItem(best);
    describe();
}

void PolicyChooser::move(int by)
{
    const QList<QTreeWidgetItem*> items = shownItems();
    if (items.isEmpty())
        return;
    const qsizetype at = items.indexOf(current());
    m_list->setCurrentItem(items[std::clamp<qsizetype>(at + by, 0, items.size() - 1)]);
    m_list->scrollToItem(m_list->currentItem());
}

void PolicyChooser::choose()
{
    const QTreeWidgetItem* item = current();
    if (!item || !item->data(0, Reason).toString().isEmpty())
        return; // the reason stands below
    const QString name = item->data(0, Name).toString();
    hide();
    emit chosen(name);
}

void PolicyChooser::describe()
{
    const QTreeWidgetItem* item = current();
    if (!item) {
        m_details->setText(tr("No policy of the catalog has these words."));
        return;
    }
    QString text = item->data(0, Help).toString();
    if (const QString reason = item->data(0, Reason).toString(); !reason.isEmpty())
        text = QStringLiteral("<span style=\"color:%1\">%2</span><br>%3")
                   .arg(referenceAccentOf(m_theme).name(), reason.toHtmlEscaped(), text);
    m_details->setText(text);
    m_search->setAccessibleDescription(item->text(0).trimmed());
    fitDetails();
}

/// As high as what it says, and no less than the usual lines, so that the list seldom moves; where there is little room, the
/// list has most of it.
void PolicyChooser::fitDetails()
{
    const int least = std::min(leastDetails(), height() * 3 / 10);
    m_details->setFixedHeight(std::clamp(m_details->heightForWidth(width() - 2), least, height() * 6 / 10));
}

void PolicyChooser::resizeEvent(QResizeEvent*) { fitDetails(); }

bool PolicyChooser::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Up:
        move(-1);
        return true;
    case Qt::Key_Down:
        move(1);
        return true;
    case Qt::Key_PageUp:
        move(-8);
        return true;
    case Qt::Key_PageDown:
        move(8);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        choose();
        return true;
    case Qt::Key_Escape:
        hide();
        return true;
    default:
        return QFrame::eventFilter(watched, event);
    }
}

} // namespace winnow::views
