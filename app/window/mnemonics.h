// SPDX-License-Identifier: GPL-3.0-or-later
// Every entry of a menu, and every button and labeled field of a dialog, can be chosen by a letter: the underlined one, with Alt
// in a dialog. The letters are given when the menu or dialog is shown, so that none is missing and none is given twice, whatever
// files, models or parameters are listed.
#pragma once

#include <QObject>
#include <QStringList>

namespace winnow::app {

/// The texts with an '&' before the letter of each. A text that has a letter keeps it, the first of those that want the same
/// one. Others get the first letter of a word if one is free. Without a letter stays what has none, or more than there are.
QStringList withMnemonics(const QStringList& texts);

/// A text without the '&' before its letter; "&&" becomes "&".
QString withoutMnemonic(const QString& text);

/// The letter of a text, in lower case; none: a null character.
QChar mnemonicOf(const QString& text);

/// A name from outside as a text that may get a letter: its own '&' are doubled.
QString asMenuText(const QString& name);

/// Installed on the application: gives the letters. GUI thread.
class Mnemonics : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace winnow::app
