/* tables.h - the ACPI tables of two records -> those that moved, grew, came, or went. */
#ifndef MAPDIFF_DIFF_TABLES_H
#define MAPDIFF_DIFF_TABLES_H

#include "mapdiff/diff/result.h"

/* Fill in diff->tables and diff->renamed. Nothing where one of the records names no tables. */
void tables_compare(struct diff *diff);

/* Would both boots name a table with this signature, if they had it? A capture of ours names some
 * that Linux does not print. */
bool tables_are_comparable(const struct diff *diff, const char *signature);

/* Does the same happen to both, as far as table_text() says? Less than, equal to, or greater than
 * 0: an order in which what is alike stands together. */
int tables_order(const struct table_change *left, const struct table_change *right);

/* "moved by +1 page, grew by 83 bytes", "contents differ", "appeared". */
const char *table_text(const struct table_change *change);

/* "FACP v06 LENOVO TP-N23   00001810 PTEC 00000002" */
const char *table_identity(const struct record_acpi *table);

#endif
