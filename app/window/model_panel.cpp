// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/model_panel.h"

#include "views/style/theme.h"

#include <QGridLayout>
#include <QLabel>

namespace winnow::app {

ModelPanel::ModelPanel(QWidget* parent)
    : QWidget(parent), m_lines(new QGridLayout(this)),
      m_reading([this](Result<std::vector<ModelFact>> facts) { show(facts); }, {}, views::enginePool())
{
    setObjectName(QStringLiteral("model-panel"));
    setAccessibleName(tr("About the model"));
    m_lines->setContentsMargins(0, 4, 0, 4);
    m_lines->setHorizontalSpacing(12);
    m_lines->setVerticalSpacing(1);
    m_lines->setColumnStretch(1, 1);
}

void ModelPanel::setModel(const std::filesystem::path& model, int tokens)
{
    m_reading.start([model, tokens](const JobContext&) { return modelFacts(model, tokens); });
}

void ModelPanel::show(const Result<std::vector<ModelFact>>& facts)
{
    while (QLayoutItem* item = m_lines->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    if (facts)
        for (const auto& [name, value] : *facts)
            setLine(row++, QString::fromStdString(name), QString::fromStdString(value));
    else
        setLine(row, {}, QString::fromStdString(facts.error().message));
    emit changed();
}

void ModelPanel::setLine(int row, const QString& name, const QString& value)
{
    auto *left = new QLabel(name), *right = new QLabel(value);
    for (QLabel* label : {left, right})
        label->setFont(views::uiFont(12));
    left->setForegroundRole(QPalette::PlaceholderText);
    right->setWordWrap(true);
    right->setTextFormat(Qt::PlainText);
    right->setTextInteractionFlags(Qt::TextSelectableByMouse);
    right->setFocusPolicy(Qt::NoFocus);
    m_lines->addWidget(left, row, 0, Qt::AlignTop);
    m_lines->addWidget(right, row, 1);
}

} // namespace winnow::app
