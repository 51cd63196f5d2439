// SPDX-License-Identifier: GPL-3.0-or-later
// File > Record…: which model over which text, where to. Asks and checks that the files are there; the workspace records.
#pragma once

#include "core/model/session/record.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QSpinBox;
class QTimer;

namespace winnow::app {

class ModelPanel;

class RecordDialog : public QDialog {
    Q_OBJECT
public:
    RecordDialog(const std::filesystem::path& model, const std::filesystem::path& text, QWidget* parent);

signals:
    /// Emitted when Record was pressed and everything is right. The text is read already; an empty `out` means the temporary
    /// folder.
    void wanted(const winnow::RecordOptions& options, const QString& textPath);

private:
    void tryRecord();
    void askModel();

    QLineEdit *m_model, *m_out, *m_layers;
    QComboBox *m_text, *m_dtype, *m_device;
    QSpinBox* m_tokens;
    QCheckBox* m_chat;
    QLabel* m_problem;
    ModelPanel* m_about;
    QTimer* m_typing; ///< the model is read once nothing was typed for a while
};

/// "3", "2-5" or "" → first and last layer; an error names the field.
Result<std::optional<std::pair<int, int>>> parseLayers(const QString& typed);

} // namespace winnow::app
