// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged plans, results and tables of papers: what is read can be used, everything else is a sentence.
#include "tests/support/fuzz_sweep_entry.h"
#include "tests/support/mutations.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

TEST(SweepFiles, surviveDamage)
{
    examine(
        {R"({"models": ["demo"], "texts": ["a.txt", {"path": "b.txt", "tokens": 64, "window": 32, "stride": 8}],
            "tasks": ["needle", {"task": "vt", "length": 1024}], "policies": ["full", "h2o"],
            "budgets": [64, "25%"], "seeds": [1, 2]})",
         std::string(kCellBegins) + R"("cell":"ab","model":"demo","input":"a.txt","policy":"h2o","budget":"25%","seed":42,)" +
             R"("measure":"perplexity","better":"less","value":7.5,"low":7,"high":null,"n":8,"protocol":{"dtype":"float32"}})" +
             "\n",
         R"({"format": "winnow-papers", "version": 1, "tables": [{"name": "t", "title": "T", "source": "S", "note": "N",
            "input": "i", "measure": "perplexity", "unit": "u", "better": "less", "protocol": {},
            "cells": [{"policy": "full", "value": 6.84}]}]})"},
        fuzzSweep);
}

} // namespace
} // namespace winnow
