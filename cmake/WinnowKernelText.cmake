# SPDX-License-Identifier: GPL-3.0-or-later
# winnow_embed_kernel_text(TARGET)
#   Puts every header of kernel text into a library, as text for the device compiler (core/device/kernel_text.h). The headers are those
#   that the host compiles; there is no copy.
function(winnow_embed_kernel_text target)
  file(GLOB headers RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/core/policy/kernels/*.h" "${PROJECT_SOURCE_DIR}/core/device/kernels/*.h")
  list(APPEND headers core/kernels/prelude.h core/kernels/block_team.h)
  list(JOIN headers " " names)
  list(TRANSFORM headers PREPEND "${PROJECT_SOURCE_DIR}/" OUTPUT_VARIABLE paths)
  set(table "${PROJECT_BINARY_DIR}/kernel_text.cpp")
  set(script "${PROJECT_SOURCE_DIR}/cmake/embed_kernel_text.cmake")
  add_custom_command(OUTPUT "${table}" DEPENDS ${paths} "${script}" VERBATIM COMMENT "Embedding kernel text"
    COMMAND "${CMAKE_COMMAND}" "-DROOT=${PROJECT_SOURCE_DIR}" "-DOUT=${table}" "-DNAMES=${names}" -P "${script}")
  target_sources(${target} PRIVATE "${table}")
endfunction()
