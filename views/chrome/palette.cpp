// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/palette.h"

#include "views/style/dock_style.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::views {

namespace {

constexpr int kWidth = 560, kRow = 28, kRows = 12;

/// Title at the left, detail at the right.
class EntryDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {10, scaled(kRow)}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, option.palette.color(QPalette::Highlight));
        const bool selected = option.state & QStyle::State_Selected;
        const QRect inner = option.rect.adjusted(scaled(12), 0, -scaled(12), 0);
        const QString detail = index.data(Qt::UserRole).toString();
        const QFontMetrics metrics(option.font);
        const int room = std::min(inner.width() / 2, metrics.horizontalAdvance(detail) + 2);
        painter->setFont(option.font);
        painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text));
        painter->drawText(inner.adjusted(0, 0, -room - scaled(12), 0), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          metrics.elidedText(index.data().toString(), Qt::ElideRight, inner.width() - room - scaled(12)));
        painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::PlaceholderText));
        painter->drawText(QRect(inner.right() - room, inner.top(), room, inner.height()),
                          Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
                          metrics.elidedText(detail, Qt::ElideLeft, room));
    }
};

} // namespace

Palette::Palette(QWidget* parent) : QWidget(parent), m_field(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setAccessibleName(tr("Command palette"));
    setAutoFillBackground(true);
    hide();
    m_field->setPlaceholderText(tr("An action, a policy, “layer 3 head 1”, “token 961”, a word of the text"));
    m_field->setAccessibleName(tr("What to find"));
    m_field->setClearButtonEnabled(true);
    m_field->installEventFilter(this);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setItemDelegate(new EntryDelegate(m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    m_list->setAccessibleName(tr("What was found"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 8, 1, 4);
    column->setSpacing(6);
    auto* line = new QHBoxLayout;
    line->setContentsMargins(8, 0, 8, 0);
    line->addWidget(m_field);
    column->addLayout(line);
    column->addWidget(m_list);
    connect(m_field, &QLineEdit::textChanged, this, &Palette::search);
    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
        m_list->setCurrentItem(item);
        take();
    });
    parent->installEventFilter(this);
}

void Palette::setTheme(const Theme& theme)
{
    m_theme = theme;
    QPalette palette = theme.palette();
    palette.setColor(QPalette::Window, raisedOf(theme));
    palette.setColor(QPalette::Base, raisedOf(theme));
    palette.setColor(QPalette::Text, theme.ink);
    palette.setColor(QPalette::PlaceholderText, theme.muted);
    setPalette(palette);
    m_list->setPalette(palette);
    m_field->setFont(uiFont(14));
    m_list->setFont(uiFont(13));
    m_list->verticalScrollBar()->setStyleSheet(slimScrollBar(theme));
}

void Palette::open(PaletteIndex index, int step)
{
    m_index = std::move(index);
    m_step = step;
    if (QWidget* before = parentWidget()->window()->focusWidget(); !before || !isAncestorOf(before))
        m_before = before; // else it was open already
    m_field->clear();
    search({});
    place();
    show();
    raise();
    m_field->setFocus(Qt::OtherFocusReason); // a field that is being edited takes what was typed
}

void Palette::place()
{
    const int width = std::min(scaled(kWidth), parentWidget()->width() - 32);
    const int rows = std::clamp(static_cast<int>(m_found.size()), 1, kRows);
    const int wanted = m_field->sizeHint().height() + 20 + rows * scaled(kRow);
    setGeometry((parentWidget()->width() - width) / 2, std::min(72, parentWidget()->height() / 10), width,
                std::min(wanted, parentWidget()->height() * 8 / 10));
}

void Palette::search(const QString& query)
{
    m_found = m_index.find(query, m_step);
    m_list->clear();
    for (const PaletteEntry& entry : m_found) {
        auto* item = new QListWidgetItem(entry.title, m_list);
        item->setData(Qt::UserRole, entry.detail);
    }
    if (m_found.empty()) {
        auto* item = new QListWidgetItem(tr("Nothing is called so"), m_list);
        item->setFlags(Qt::NoItemFlags);
    } else {
        m_list->setCurrentRow(0);
    }
    place();
}

void Palette::take()
{
    const int row = m_list->currentRow();
    if (row < 0 || row >= static_cast<int>(m_found.size()))
        return;
    const PaletteEntry entry = m_found[static_cast<std::size_t>(row)];
    dismiss();
    emit chosen(entry);
}

void Palette::dismiss()
{
    if (isHidden())
        return;
    hide();
    QWidget* after = m_before;
    m_before = nullptr;
    while (after && !after->isWindow() && (after->focusPolicy() == Qt::NoFocus || !after->isVisible() || !after->isEnabled()))
        after = after->parentWidget(); // of a field that ends its editing with the focus: what it stands in
    (after ? after : parentWidget()->window())->setFocus(Qt::OtherFocusReason);
}

bool Palette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parentWidget()) {
        if (event->type() == QEvent::Resize && !isHidden())
            place();
        return false;
    }
    if (event->type() == QEvent::FocusOut && static_cast<QFocusEvent*>(event)->reason() == Qt::MouseFocusReason)
        hide();                                      // a click elsewhere
    if (event->type() == QEvent::ShortcutOverride) { // all keys are the field's while it is open
        event->accept();
        return true;
    }
    if (event->type() != QEvent::KeyPress)
        return false;
    const int count = static_cast<int>(m_found.size()), row = m_list->currentRow();
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Escape:
        dismiss();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        take();
        return true;
    case Qt::Key_Down:
        m_list->setCurrentRow(count > 0 ? (row + 1) % count : -1);
        return true;
    case Qt::Key_Up:
        m_list->setCurrentRow(count > 0 ? (row + count - 1) % count : -1);
        return true;
    case Qt::Key_PageDown:
        m_list->setCurrentRow(std::min(count - 1, row + kRows));
        return true;
    case Qt::Key_PageUp:
        m_list->setCurrentRow(std::max(0, row - kRows));
        return true;
    default:
        return false;
    }
}

void Palette::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), raisedOf(m_theme));
    painter.setPen(m_theme.muted);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

} // namespace winnow::views
