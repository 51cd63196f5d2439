// SPDX-License-Identifier: GPL-3.0-or-later
// All parameters of one policy, as the catalog describes them: a field each, what it means, and the paper.
#pragma once

#include "core/policy/policy_spec.h"
#include "views/style/theme.h"

#include <QWidget>

#include <vector>

class QLabel;
class QLineEdit;

namespace winnow::views {

class ParameterPanel : public QWidget {
    Q_OBJECT
public:
    ParameterPanel(const PolicyInfo& info, QWidget* parent);
    void setTheme(const Theme& theme);
    /// Shows the values without emitting.
    void setSpec(const PolicySpec& spec);

signals:
    void edited(const QString& key, const QString& value);
    void defaultsWanted();

private:
    QWidget* makeEditor(const ParameterSpec& parameter);
    QLineEdit* makeTextField(const QString& key);

    const PolicyInfo& m_info; ///< of the catalog, which lives as long as the program
    struct Field {
        const ParameterSpec* parameter = nullptr;
        QLabel* label = nullptr;
        QWidget* editor = nullptr;
    };
    std::vector<Field> m_fields;
    std::vector<QLabel*> m_notes;
};

} // namespace winnow::views
