// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/mnemonics.h"

#include <QAbstractButton>
#include <QAction>
#include <QDialog>
#include <QEvent>
#include <QFormLayout>
#include <QLabel>
#include <QMenu>

#include <functional>
#include <set>
#include <vector>

namespace winnow::app {

namespace {

/// Where the '&' before the letter stands; −1: nowhere.
qsizetype markOf(const QString& text)
{
    for (qsizetype at = text.indexOf(QLatin1Char('&')); at >= 0 && at + 1 < text.size();
         at = text.indexOf(QLatin1Char('&'), at)) {
        if (text[at + 1] != QLatin1Char('&'))
            return at;
        at += 2;
    }
    return -1;
}

QString withoutMark(QString text)
{
    if (const qsizetype mark = markOf(text); mark >= 0)
        text.remove(mark, 1);
    return text;
}

/// Places in the text before which an '&' may stand: the first letters of words, then the others.
std::vector<qsizetype> placesOf(const QString& text)
{
    std::vector<qsizetype> first, others;
    for (qsizetype at = 0; at < text.size(); ++at)
        if (text[at].isLetterOrNumber() && !text[at].isSurrogate())
            (at == 0 || text[at - 1].isSpace() ? first : others).push_back(at);
    first.insert(first.end(), others.begin(), others.end());
    return first;
}

/// Gives every text a letter of its own as long as there is a way: one that is wanted by a later text is exchanged for another.
class LetterGiver {
public:
    explicit LetterGiver(const QStringList& texts) : m_texts(texts), m_given(texts.size(), -1) {}

    void give(int text)
    {
        std::set<QChar> asked;
        exchange(text, asked);
    }
    void fix(int text, qsizetype place)
    {
        m_given[text] = place;
        m_fixed.insert(letter(text, place));
    }
    qsizetype given(int text) const { return m_given[text]; }
    bool isFixed(QChar letter) const { return m_fixed.contains(letter); }
    QChar letter(int text, qsizetype place) const { return m_texts[text][place].toLower(); }

private:
    int owner(QChar wanted) const
    {
        for (int text = 0; text < m_texts.size(); ++text)
            if (m_given[text] >= 0 && letter(text, m_given[text]) == wanted)
                return text;
        return -1;
    }
    bool exchange(int text, std::set<QChar>& asked)
    {
        const std::vector<qsizetype> places = placesOf(m_texts[text]);
        for (const bool mayTake : {false, true}) // a free letter rather than another's
            for (const qsizetype place : places) {
                const QChar wanted = letter(text, place);
                const int holder = owner(wanted);
                if (isFixed(wanted) || (holder >= 0 && (!mayTake || !asked.insert(wanted).second || !exchange(holder, asked))))
                    continue;
                m_given[text] = place;
                return true;
            }
        return false;
    }

    QStringList m_texts;
    std::vector<qsizetype> m_given;
    std::set<QChar> m_fixed;
};

void giveTo(QMenu& menu)
{
    QList<QAction*> entries = menu.actions();
    entries.removeIf([](const QAction* entry) { return entry->isSeparator() || entry->text().isEmpty(); });
    QStringList texts;
    for (const QAction* entry : entries)
        texts << entry->text();
    const QStringList given = withMnemonics(texts);
    for (qsizetype i = 0; i < entries.size(); ++i)
        if (given[i] != texts[i])
            entries[i]->setText(given[i]);
}

QWidget* firstField(QLayoutItem* item)
{
    if (!item)
        return nullptr;
    if (QWidget* widget = item->widget()) {
        if (widget->focusPolicy() != Qt::NoFocus)
            return widget;
        return widget->layout() ? firstField(widget->layout()) : nullptr;
    }
    for (int i = 0; item->layout() && i < item->layout()->count(); ++i)
        if (QWidget* field = firstField(item->layout()->itemAt(i)))
            return field;
    return nullptr;
}

/// Labels of a form name the field beside them, also where it has a button in its row.
void nameFields(const QDialog& dialog)
{
    for (QFormLayout* form : dialog.findChildren<QFormLayout*>())
        for (int row = 0; row < form->rowCount(); ++row) {
            QLayoutItem* item = form->itemAt(row, QFormLayout::LabelRole);
            auto* label = item ? qobject_cast<QLabel*>(item->widget()) : nullptr;
            if (label && (!label->buddy() || label->buddy()->focusPolicy() == Qt::NoFocus))
                label->setBuddy(firstField(form->itemAt(row, QFormLayout::FieldRole)));
        }
}

void giveTo(QDialog& dialog)
{
    nameFields(dialog);
    std::vector<std::function<void(const QString&)>> set;
    QStringList texts;
    const auto add = [&](auto* one) {
        texts << one->text();
        set.push_back([one](const QString& text) { one->setText(text); });
    };
    for (QWidget* one : dialog.findChildren<QWidget*>()) {
        auto* button = qobject_cast<QAbstractButton*>(one);
        auto* label = qobject_cast<QLabel*>(one);
        if (!one->isVisibleTo(&dialog) || one->window() != &dialog)
            continue;
        if (button && !button->text().isEmpty())
            add(button);
        else if (label && label->buddy())
            add(label);
    }
    const QStringList given = withMnemonics(texts);
    for (std::size_t i = 0; i < set.size(); ++i)
        if (const auto at = static_cast<qsizetype>(i); given[at] != texts[at])
            set[i](given[at]);
}

} // namespace

QStringList withMnemonics(const QStringList& texts)
{
    QStringList plain;
    for (const QString& text : texts)
        plain << withoutMark(text);
    LetterGiver letters(plain);
    const int count = static_cast<int>(texts.size());
    for (int text = 0; text < count; ++text)
        if (const qsizetype mark = markOf(texts[text]); mark >= 0 && !letters.isFixed(letters.letter(text, mark)))
            letters.fix(text, mark);
    for (int text = 0; text < count; ++text)
        if (letters.given(text) < 0)
            letters.give(text);
    for (int text = 0; text < count; ++text)
        if (const qsizetype place = letters.given(text); place >= 0)
            plain[text].insert(place, QLatin1Char('&'));
    return plain;
}

QString withoutMnemonic(const QString& text) { return withoutMark(text).replace(QLatin1String("&&"), QLatin1String("&")); }

QChar mnemonicOf(const QString& text)
{
    const qsizetype mark = markOf(text);
    return mark < 0 ? QChar() : text[mark + 1].toLower();
}

QString asMenuText(const QString& name) { return QString(name).replace(QLatin1Char('&'), QLatin1String("&&")); }

bool Mnemonics::eventFilter(QObject* watched, QEvent* event)
{
    const bool changed = event->type() == QEvent::LayoutRequest; // a button has another text, a parameter another name
    if ((!changed && event->type() != QEvent::Show) || !watched->isWidgetType())
        return false;
    auto* widget = static_cast<QWidget*>(watched);
    if (auto* menu = qobject_cast<QMenu*>(widget))
        giveTo(*menu);
    else if (auto* dialog = qobject_cast<QDialog*>(widget->window()); dialog && (changed || dialog == widget))
        giveTo(*dialog);
    return false;
}

} // namespace winnow::app
