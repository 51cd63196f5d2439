# SPDX-License-Identifier: GPL-3.0-or-later
# winnow_precompiled(KIND [HEADERS header…] [LIBS target…])
#   The headers that nearly every file of a kind of target reads, compiled once: winnow_pch_KIND, and winnow_pch_KIND_test, which has
#   GoogleTest's besides. _winnow_target takes the one that fits. Reading headers is most of what compiling costs here.
#   -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON does without them, as the preset debug does, so that a missing #include is found there.
set(_winnow_everyday <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <limits> <map> <memory> <optional> <span> <string>
  <string_view> <utility> <vector> <fmt/format.h> <tl/expected.hpp>)

function(_winnow_precompiled_one target)
  cmake_parse_arguments(R "" "" "HEADERS;LIBS" ${ARGN})
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/${target}.cpp" CONTENT "// Carries the precompiled header.\n")
  add_library(${target} STATIC "${PROJECT_BINARY_DIR}/${target}.cpp")
  # The options of those that use it, or the header does not fit them.
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE ${WINNOW_WARNINGS})
  target_link_libraries(${target} PRIVATE ${R_LIBS} tl::expected fmt::fmt Threads::Threads)
  target_precompile_headers(${target} PRIVATE ${R_HEADERS} ${_winnow_everyday})
endfunction()

function(winnow_precompiled kind)
  cmake_parse_arguments(R "" "" "HEADERS;LIBS" ${ARGN})
  _winnow_precompiled_one(winnow_pch_${kind} HEADERS ${R_HEADERS} LIBS ${R_LIBS})
  if(WINNOW_TESTS)
    _winnow_precompiled_one(winnow_pch_${kind}_test HEADERS ${R_HEADERS} <gmock/gmock.h> LIBS ${R_LIBS} GTest::gmock GTest::gtest)
    target_compile_options(winnow_pch_${kind}_test PRIVATE ${WINNOW_TEST_OPTIONS})
  endif()
endfunction()

# What a target of a kind compiles with; executables are compiled like libraries, or the header does not fit them.
function(winnow_use_precompiled target kind)
  target_precompile_headers(${target} REUSE_FROM winnow_pch_${kind})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()
