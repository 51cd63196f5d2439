// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/policies/policy_list_parameters.h"

#include "views/style/dock_style.h"
#include "views/style/file_chooser.h"

#include <QAction>
#include <QComboBox>
#include <QCompleter>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStringListModel>
#include <QStyle>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace winnow::views {

namespace {

QLabel* makeNote(const QString& text, int pixels, QWidget* parent)
{
    auto* note = new QLabel(text, parent);
    note->setFont(uiFont(pixels));
    note->setWordWrap(true);
    note->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return note;
}

/// Completes the word before the cursor of a line, not the line.
class WordCompleter final : public QCompleter {
public:
    WordCompleter(const QStringList& known, QLineEdit* line) : QCompleter(known, line), m_line(line)
    {
        setCaseSensitivity(Qt::CaseInsensitive);
    }
    QStringList splitPath(const QString& text) const override { return {text.left(cursor()).mid(begin(text))}; }
    QString pathFromIndex(const QModelIndex& index) const override
    {
        const QString text = m_line->text();
        return text.left(begin(text)) + index.data().toString() + text.mid(cursor());
    }

private:
    int cursor() const { return m_line->cursorPosition(); }
    int begin(const QString& text) const
    {
        int at = std::min<int>(cursor(), static_cast<int>(text.size()));
        while (at > 0 && (text[at - 1].isLetterOrNumber() || text[at - 1] == '_'))
            --at;
        return at;
    }
    QLineEdit* m_line;
};

void completeWords(QLineEdit* line, std::span<const std::string_view> known)
{
    QStringList list;
    for (const std::string_view word : known)
        list.push_back(QString::fromUtf8(word));
    auto* completer = new WordCompleter(list, line);
    line->setCompleter(completer);
    // The line takes the completed text as its own and forgets that it was edited; this comes after.
    QObject::connect(
        completer, qOverload<const QString&>(&QCompleter::activated), line, [line] { line->setModified(true); },
        Qt::QueuedConnection);
}

} // namespace

ParameterPanel::ParameterPanel(const PolicyInfo& info, QWidget* parent) : QWidget(parent), m_info(info)
{
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(scaled(12), scaled(4), scaled(12), scaled(10));
    grid->setHorizontalSpacing(scaled(8));
    grid->setVerticalSpacing(scaled(4));
    grid->setColumnStretch(0, 1);
    int row = 0;
    m_notes.push_back(makeNote(QString::fromUtf8(info.summary), 12, this));
    grid->addWidget(m_notes.back(), row++, 0, 1, 2);
    for (const ParameterSpec& parameter : info.parameters) {
        if (parameter.id == "budget")
            continue; // has its field in the row
        auto* label = new QLabel(QString::fromUtf8(parameter.title), this);
        label->setFont(uiFont(12));
        label->setToolTip(QString::fromUtf8(parameter.help));
        QWidget* editor = makeEditor(parameter);
        editor->setFont(uiFont(12));
        editor->setFixedHeight(scaled(26));
        editor->setMinimumWidth(scaled(76));
        editor->setToolTip(QString::fromUtf8(parameter.help));
        editor->setAccessibleName(QString::fromUtf8(parameter.title));
        editor->setAccessibleDescription(QString::fromUtf8(parameter.help));
        label->setBuddy(editor);
        grid->addWidget(label, row, 0);
        grid->addWidget(editor, row++, 1);
        m_fields.push_back({&parameter, label, editor});
    }
    QString paper = QString::fromUtf8(info.citation);
    if (!info.reference.empty())
        paper += tr("\nHeld to: %1").arg(QString::fromUtf8(info.reference));
    if (!info.deviations.empty())
        paper += tr("\nDiffers: %1").arg(QString::fromUtf8(info.deviations));
    m_notes.push_back(makeNote(paper, 11, this));
    grid->addWidget(m_notes.back(), row++, 0, 1, 2);
    auto* defaults = new QPushButton(tr("Defaults"), this);
    defaults->setFont(uiFont(12));
    defaults->setToolTip(tr("Every parameter but the budget as the paper or its code has it"));
    connect(defaults, &QPushButton::clicked, this, &ParameterPanel::defaultsWanted);
    grid->addWidget(defaults, row, 1);
    setTheme(Theme::darkTheme());
}

QWidget* ParameterPanel::makeEditor(const ParameterSpec& parameter)
{
    const QString key = QString::fromUtf8(parameter.id);
    switch (parameter.kind) {
    case ParameterKind::Whole: {
        auto* box = new QSpinBox(this);
        constexpr double most = std::numeric_limits<int>::max();
        box->setRange(static_cast<int>(std::max(-most, parameter.least)), static_cast<int>(std::min(most, parameter.most)));
        box->setKeyboardTracking(false);
        box->setGroupSeparatorShown(true);
        connect(box, &QSpinBox::valueChanged, this, [this, key](int value) { emit edited(key, QString::number(value)); });
        return box;
    }
    case ParameterKind::Real: {
        auto* box = new QDoubleSpinBox(this);
        box->setDecimals(3);
        box->setRange(parameter.least, parameter.most);
        box->setSingleStep(std::max(0.001, std::min(1.0, (parameter.most - parameter.least) / 100)));
        box->setKeyboardTracking(false);
        connect(box, &QDoubleSpinBox::valueChanged, this,
                [this, key](double value) { emit edited(key, QString::number(value, 'g', 9)); });
        return box;
    }
    case ParameterKind::Choice: {
        auto* box = new QComboBox(this);
        for (const std::string_view choice : parameter.choices)
            box->addItem(QString::fromUtf8(choice));
        box->setEditable(parameter.own != nullptr); // a choice's own parameters are typed in braces behind it
        connect(box, &QComboBox::textActivated, this, [this, key](const QString& value) { emit edited(key, value); });
        return box;
    }
    case ParameterKind::Budget:
        return makeTextField(key);
    case ParameterKind::Text: {
        QLineEdit* field = makeTextField(key);
        completeWords(field, parameter.choices);
        return field;
    }
    case ParameterKind::File:
        break;
    }
    QLineEdit* field = makeTextField(key); // the path of a file: typed, dropped or chosen
    field->setPlaceholderText(tr("none"));
    QAction* browse = field->addAction(style()->standardIcon(QStyle::SP_DirOpenIcon), QLineEdit::TrailingPosition);
    browse->setToolTip(tr("Choose a file"));
    connect(browse, &QAction::triggered, this, [this, key, title = QString::fromUtf8(parameter.title)] {
        chooseFile(this, title, tr("JSON or NumPy (*.json *.npz);;All files (*)"),
                   [this, key](const QString& path) { emit edited(key, path); });
    });
    return field;
}

QLineEdit* ParameterPanel::makeTextField(const QString& key)
{
    auto* field = new QLineEdit(this);
    connect(field, &QLineEdit::editingFinished, this, [this, key, field] {
        if (field->isModified())
            emit edited(key, field->text());
    });
    return field;
}

void ParameterPanel::setTheme(const Theme& theme)
{
    setPalette(theme.palette());
    QPalette quiet = theme.palette();
    quiet.setColor(QPalette::WindowText, theme.muted);
    for (QLabel* note : m_notes)
        note->setPalette(quiet);
}

void ParameterPanel::setSpec(const PolicySpec& spec)
{
    for (const Field& field : m_fields) {
        const QSignalBlocker quiet(field.editor);
        const QString value = QString::fromUtf8(spec.value(field.parameter->id));
        if (auto* whole = qobject_cast<QSpinBox*>(field.editor))
            whole->setValue(value.toInt());
        else if (auto* real = qobject_cast<QDoubleSpinBox*>(field.editor))
            real->setValue(value.toDouble());
        else if (auto* choice = qobject_cast<QComboBox*>(field.editor))
            choice->setCurrentText(value);
        else if (auto* text = qobject_cast<QLineEdit*>(field.editor))
            text->setText(value);
        const bool typed = std::find(spec.typed.begin(), spec.typed.end(), field.parameter->id) != spec.typed.end();
        field.label->setText(QString::fromUtf8(field.parameter->title));
        QString help = QString::fromUtf8(field.parameter->help);
        if (field.parameter->initial.empty() && !typed)
            help += tr("\nFollows the budget until it is set here.");
        field.label->setToolTip(help);
    }
}

} // namespace winnow::views
