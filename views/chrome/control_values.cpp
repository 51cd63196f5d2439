// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/control_values.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QSpinBox>

namespace winnow::views {

namespace {

QString nameOf(const QComboBox& box, int entry)
{
    const QVariant data = box.itemData(entry);
    return data.isValid() ? data.toString() : box.itemText(entry);
}

QString valueOf(const QWidget& control)
{
    if (const auto* box = qobject_cast<const QComboBox*>(&control))
        return box->isEditable() ? box->currentText() : box->currentIndex() < 0 ? QString() : nameOf(*box, box->currentIndex());
    if (const auto* whole = qobject_cast<const QSpinBox*>(&control))
        return QString::number(whole->value());
    if (const auto* real = qobject_cast<const QDoubleSpinBox*>(&control))
        return QString::number(real->value(), 'g', 17);
    const auto* button = qobject_cast<const QAbstractButton*>(&control);
    return button && button->isCheckable() ? QString::number(button->isChecked() ? 1 : 0) : QString();
}

void choose(QWidget& control, const QString& value)
{
    bool isNumber = false;
    const double number = value.toDouble(&isNumber);
    if (auto* box = qobject_cast<QComboBox*>(&control)) {
        for (int entry = 0; entry < box->count(); ++entry)
            if (nameOf(*box, entry) == value)
                return box->setCurrentIndex(entry);
        if (box->isEditable())
            box->setCurrentText(value);
    } else if (auto* whole = qobject_cast<QSpinBox*>(&control)) {
        if (isNumber && number >= whole->minimum() && number <= whole->maximum())
            whole->setValue(static_cast<int>(number));
    } else if (auto* real = qobject_cast<QDoubleSpinBox*>(&control)) {
        if (isNumber && number >= real->minimum() && number <= real->maximum())
            real->setValue(number);
    } else if (auto* button = qobject_cast<QAbstractButton*>(&control); button && button->isCheckable()) {
        button->setChecked(number != 0);
    }
}

/// Named, and no part of another control (a combo box has a line edit).
template <class Visit>
void visitControls(const QWidget& pane, Visit visit)
{
    for (QWidget* control : pane.findChildren<QWidget*>())
        if (!control->objectName().isEmpty() && !control->objectName().startsWith(QLatin1String("qt_")))
            visit(*control);
}

} // namespace

std::map<std::string, std::string> controlValues(const QWidget& pane)
{
    std::map<std::string, std::string> values;
    visitControls(pane, [&values](const QWidget& control) {
        if (const QString value = valueOf(control); !value.isEmpty())
            values[control.objectName().toStdString()] = value.toStdString();
    });
    return values;
}

void takeControlValues(QWidget& pane, const std::map<std::string, std::string>& values)
{
    visitControls(pane, [&values](QWidget& control) {
        const auto found = values.find(control.objectName().toStdString());
        if (found != values.end() && valueOf(control).toStdString() != found->second)
            choose(control, QString::fromStdString(found->second));
    });
}

} // namespace winnow::views
