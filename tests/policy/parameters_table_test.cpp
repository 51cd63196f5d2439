// SPDX-License-Identifier: GPL-3.0-or-later
// What every policy of the catalog takes: lines that were typed once, in scripts and sessions, mean the same tomorrow.
#include "core/policy/policy_spec.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace winnow {
namespace {

/// `id=default:` and what is allowed: whole numbers `least..most`, others `least~most` (no end: a million or more), or the
/// choices, with what stands in the braces of those that are no policies. Of what many policies share, the default alone.
std::string textOf(std::span<const ParameterSpec> parameters)
{
    std::string text;
    for (const ParameterSpec& one : parameters) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", one.id, one.initial);
        if (one.id == "group" || one.id == "granularity" || one.id == "then" || (one.id == "positions" && one.choices.size() > 1))
            continue;
        if (one.kind == ParameterKind::Whole || one.kind == ParameterKind::Real)
            text += fmt::format(":{}{}{}", one.least, one.kind == ParameterKind::Real ? "~" : "..",
                                one.most < 1e6 ? fmt::format("{}", one.most) : "");
        std::string choices;
        for (const std::string_view choice : one.choices) {
            choices += fmt::format("{}{}", choices.empty() ? ":" : "|", choice);
            const auto own = one.own && !findPolicy(choice) ? one.own(choice) : std::span<const ParameterSpec>();
            if (!own.empty())
                choices += fmt::format("{{{}}}", textOf(own));
        }
        text += choices;
    }
    return text;
}

constexpr std::pair<std::string_view, std::string_view> kParameters[] = {
    {"full", ""},
    {"window", "budget=128 positions=keep group=mean"},
    {"streaming", "budget=128 sinks=4:0.. positions=reassign group=mean"},
    {"h2o", "budget=128 recent=:0.. positions=keep group=mean granularity=kv"},
    {"tova", "budget=128 recent=0:0.. positions=keep group=mean granularity=layer"},
    {"treekv", "budget=128 sinks=4:0.. recent=:0.. next=unit:unit|literal keep=score:score|left block=0:0.. "
               "positions=reassign group=mean granularity=kv"},
    {"scissorhands",
     "budget=128 sinks=4:0.. recent=10:0.. rule=sums:sums|counts history=0:0.. decay=1:0~1 drop=0:0.. every=1:1.. "
     "positions=keep group=mean granularity=kv"},
    {"rkv", "budget=128 window=8:1.. kernel=7:1..1001 mix=0.07:0~1 threshold=0.5:-1~1 every=128:1.. "
            "order=text:text|score positions=keep granularity=kv"},
    {"morphkv", "budget=128 window=32:1.. fusion=sum:sum|max positions=keep granularity=kv"},
    {"keyformer", "budget=128 recent=:0.. tau=1:0.01~ rise=0.01:0~ noise=drawn:drawn|none seed=0:0.. positions=keep group=mean "
                  "granularity=kv"},
    {"lacache", "budget=128 sinks=4:0.. span=16:1.. overlap=0:0.. positions=reassign group=mean"},
    {"cake", "budget=128 window=32:2.. gamma=200:0~ tau1=1:0.001~1000 tau2=1:0.001~1000 together=1:1.. "
             "cascading=yes:yes|no order=text:text|score positions=keep group=mean granularity=kv"},
    {"zeromerge", "budget=128 tail=:1.. dense=1:1.. scale=1:0~1000 shrink=0.98:0~1 positions=keep:keep group=sum granularity=kv"},
    {"cam-decode", "budget=128 base=h2o:h2o|streaming sinks=0:0.. recent=:0.. spread=32:1.. every=1:1.. "
                   "draw=expected:expected|seeded seed=0:0.. positions=keep group=mean granularity=kv"},
    {"mix", "budget=128 score=accumulated:accumulated|mean|last|knorm|keydiff|decayed|counts "
            "select=lowest:lowest|tree|oldest|random budgets=uniform:uniform|pyramid|pyramid-code|dynamic|cascade|"
            "adaptive|heads sinks=0:0.. recent=1:0.. every=1:1.. voters=32:2.. beta=20:1~ floor=0.2:0~1 heads=none "
            "seed=0:0.. positions=keep group=mean granularity=kv"},
    {"expr", "budget=128 score=mean/(1+age/512):position|age|step|mean|sum|last|max|key_norm|value_norm|layer|layers|head|"
             "left(|right(|min(|max(|abs(|sqrt(|exp(|log(|log2(|sin(|cos(|tanh(|floor(|sign( "
             "select=lowest:lowest|tree|oldest|random budgets=uniform:uniform|pyramid|pyramid-code|dynamic|cascade|"
             "adaptive|heads sinks=0:0.. recent=1:0.. every=1:1.. voters=32:2.. beta=20:1~ floor=0.2:0~1 heads=none "
             "seed=0:0.. positions=keep group=mean granularity=kv"},
    {"wavelet", "budget=128 sinks=4:0.. recent=:0.. finest=1:1..20 coarsest=5:1..20 decay=0.99:0~1 positions=keep group=mean "
                "granularity=kv"},
    {"random", "budget=128 seed=0:0.. positions=keep group=mean granularity=kv"},
    {"future", "budget=128 sinks=0:0.. recent=0:0.. granularity=kv"},
    {"given", "file= positions=keep"},
    {"snapkv", "budget=128 window=32:1.. kernel=7:1..1001 pool=max:max|avg reduce=before:before|after "
               "scores=float32:float32|model|float16|bfloat16 positions=keep group=mean granularity=query then=none"},
    {"pyramidkv", "budget=128 window=8:1.. kernel=7:1..1001 pool=max:max|avg reduce=before:before|after "
                  "scores=float32:float32|model|float16|bfloat16 beta=20:1~ budgets=paper:paper|code|adakv|press "
                  "positions=keep group=mean granularity=query then=none"},
    {"dynamickv", "budget=128 window=8:1.. kernel=7:1..1001 pool=max:max|avg ratio=10:1~ every=4:1.. "
                  "votes=survivors:survivors|all residue=spread:spread|last rest=trim:trim|leave "
                  "normalize=counts:counts|scores reduce=before:before|after scores=float32:float32|model|float16|bfloat16 "
                  "positions=keep group=mean granularity=query then=none"},
    {"ada-snapkv", "budget=128 window=32:1.. kernel=7:1..1001 pool=max:max|avg reduce=before:before|after "
                   "scores=float32:float32|model|float16|bfloat16 floor=0.2:0~1 form=paper:paper|press normalize=no:no|yes "
                   "positions=keep group=mean granularity=kv then=none"},
    {"ada-pyramidkv", "budget=128 window=32:1.. kernel=7:1..1001 pool=max:max|avg reduce=before:before|after "
                      "scores=float32:float32|model|float16|bfloat16 floor=0.2:0~1 form=paper:paper|press normalize=no:no|yes "
                      "beta=20:1~ budgets=paper:paper|code|adakv|press positions=keep group=mean granularity=kv then=none"},
    {"adakv", "budget=128 base=window:window|received|observed|last|tova|knorm|keydiff|lagkv|qfilter|cur|"
              "expected{future=512:1.. sinks=4:0.. covariance=yes:yes|no vnorm=yes:yes|no "
              "epsilon=0:0~}|noncausal|leverage{sketch=48:0..4096 seed=0:0..}|compactor window=32:1.. kernel=5:1..1001 "
              "pool=avg:max|avg reduce=before:before|after floor=0.2:0~1 positions=keep group=mean granularity=kv then=none"},
    {"headkv", "budget=128 heads= beta=1.01:1~ window=8:1.. kernel=7:1..1001 pool=max:max|avg reduce=before:before|after "
               "scores=float32:float32|model|float16|bfloat16 positions=keep group=mean granularity=query then=none"},
    {"duoattention", "budget=128 heads= share=0.5:0~1 sinks=:0.. positions=keep group=mean granularity=kv then=none"},
    {"simlayerkv", "budget=128 sinks=4:0.. last=1:1.. threshold=0.9:0~1 positions=keep group=mean granularity=layer then=none"},
    {"finch", "budget=128 window=32:1.. positions=once group=mean granularity=kv then=none"},
    {"h2o-prompt", "budget=128 window=8:1.. mask=causal:causal|ahead positions=keep group=mean granularity=query then=none"},
    {"observed-attention", "budget=128 positions=keep group=mean granularity=kv then=none"},
    {"expected-attention",
     "budget=128 future=512:1.. sinks=4:0.. covariance=yes:yes|no vnorm=yes:yes|no epsilon=0:0~ positions=keep "
     "group=mean granularity=kv then=none"},
    {"criticalkv", "budget=128 base=window:window|received|observed|last|tova|knorm|keydiff|lagkv|qfilter|cur|"
                   "expected{future=512:1.. sinks=4:0.. covariance=yes:yes|no vnorm=yes:yes|no "
                   "epsilon=0:0~}|noncausal|leverage{sketch=48:0..4096 seed=0:0..}|compactor window=32:1.. kernel=5:1..1001 "
                   "pool=avg:max|avg reduce=before:before|after first=0.5:0~1 epsilon=0.0001:0~ positions=keep group=mean "
                   "granularity=kv then=none"},
    {"criticaladakv", "budget=128 base=window:window|received|observed|last|tova|knorm|keydiff|lagkv|qfilter|cur|"
                      "expected{future=512:1.. sinks=4:0.. covariance=yes:yes|no vnorm=yes:yes|no "
                      "epsilon=0:0~}|noncausal|leverage{sketch=48:0..4096 seed=0:0..}|compactor window=32:1.. kernel=5:1..1001 "
                      "pool=avg:max|avg reduce=before:before|after first=0.5:0~1 epsilon=0.0001:0~ floor=0.2:0~1 positions=keep "
                      "group=mean granularity=kv then=none"},
    {"chunkkv", "budget=128 chunk=20:1.. base=window:window|received|observed|last|tova|knorm|keydiff|lagkv|qfilter|cur|"
                "expected{future=512:1.. sinks=4:0.. covariance=yes:yes|no vnorm=yes:yes|no "
                "epsilon=0:0~}|noncausal|leverage{sketch=48:0..4096 seed=0:0..}|compactor window=32:1.. kernel=5:1..1001 "
                "pool=avg:max|avg reduce=before:before|after positions=keep group=mean granularity=layer then=none"},
    {"rocketkv", "budget=128 window=32:1.. kernel=63:1..1001 pool=max:max|avg reduce=before:before|after "
                 "scores=float32:float32|model|float16|bfloat16 budgets=given:given|paper generate=128:0.. positions=keep "
                 "group=sum granularity=kv then=none"},
    {"nacl", "budget=128 sinks=0:0.. window=32:1.. drawn=0:0.. temperature=1:1e-06~ seed=0:0.. positions=keep group=mean "
             "granularity=kv then=none"},
    {"l2norm", "budget=128 skip=2:0.. positions=keep group=mean granularity=kv then=none"},
    {"knorm", "budget=128 positions=keep group=mean granularity=kv then=none"},
    {"keydiff", "budget=128 positions=keep group=mean granularity=kv then=none"},
    {"lagkv", "budget=128 sinks=4:0.. lag=128:2.. scores=ranks:ranks|cross positions=keep group=mean granularity=kv "
              "then=none"},
    {"qfilter", "budget=128 positions=keep group=mean granularity=kv then=none"},
    {"cur", "budget=128 sinks=4:0.. leverage=product:product|mean|key|value local=16:0.. positions=keep group=mean "
            "granularity=kv then=none"},
    {"noncausal", "budget=128 chunk=256:1.. padding=press:press|none positions=keep group=mean granularity=kv then=none"},
    {"compactor", "budget=128 chunk=256:1.. padding=press:press|none sketch=48:0..4096 seed=0:0.. blend=-1:-1~ sinks=8:0.. "
                  "recent=4:0.. positions=keep group=mean granularity=kv then=none"},
    {"cam", "budget=128 window=32:1.. first=0.1:0~1 draw=expected:expected|seeded seed=0:0.. positions=keep group=mean "
            "granularity=query then=none"},
    {"mix-prompt", "budget=128 score=window:window|received|observed|last|tova|knorm|keydiff|lagkv|qfilter|cur|"
                   "expected{future=512:1.. sinks=4:0.. covariance=yes:yes|no vnorm=yes:yes|no "
                   "epsilon=0:0~}|noncausal|leverage{sketch=48:0..4096 seed=0:0..}|compactor "
                   "select=lowest:lowest|tree|blocks|chunks|oldest|random budgets=uniform:uniform|pyramid|pyramid-code|dynamic|"
                   "cascade|adaptive|heads sinks=0:0.. recent=0:0.. window=32:1.. kernel=7:1..1001 pool=max:max|avg "
                   "reduce=before:before|after chunk=20:1.. beta=20:1~ floor=0.2:0~1 heads=none seed=0:0.. positions=keep "
                   "group=mean granularity=kv then=none"},
    {"quest", "budget=128 page=16:1..4096 least=3:1.. dense=2:0.. positions=keep:keep group=mean granularity=query"},
    {"topk", "budget=128 positions=keep:keep granularity=kv"},
};

TEST(Catalog, takesTheseParameters)
{
    for (const PolicyInfo& info : policyCatalog()) {
        const auto* found =
            std::find_if(std::begin(kParameters), std::end(kParameters), [&](const auto& row) { return row.first == info.name; });
        ASSERT_NE(found, std::end(kParameters)) << info.name;
        EXPECT_EQ(textOf(info.parameters), found->second) << info.name;
    }
}

TEST(Catalog, sharesItsChoices)
{
    const auto names = [](const ParameterSpec& one, const std::vector<std::string_view>& choices) {
        return one.choices == choices;
    };
    for (const PolicyInfo& info : policyCatalog())
        for (const ParameterSpec& one : info.parameters) {
            const bool right = one.id == "group" ? names(one, {"mean", "max", "sum"}) || names(one, {"sum", "mean", "max"})
                               : one.id == "granularity" ? names(one, {"query", "kv", "layer"})
                               : one.id == "positions"   ? names(one, {"keep", "reassign", "once"}) || names(one, {"keep"})
                                                         : true;
            EXPECT_TRUE(right) << info.name << " " << one.id;
        }
}

} // namespace
} // namespace winnow
