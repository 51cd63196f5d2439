# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -DROOT=… -DOUT=… -DNAMES="a.h b.h" -P embed_kernel_text.cmake
# Writes OUT, a source file with the table that core/device/kernel_text.h declares: the text of each header, by the name under which
# others include it.
set(table "// Made from the headers of kernel text by cmake/embed_kernel_text.cmake.\n#include \"core/device/kernel_text.h\"\n\n")
string(APPEND table "namespace winnow {\n\nnamespace {\nconstexpr KernelHeader kHeaders[] = {\n")
separate_arguments(NAMES)
foreach(name IN LISTS NAMES)
  file(READ "${ROOT}/${name}" text)
  if(text MATCHES "\\)kerneltext\"")
    message(FATAL_ERROR "${name} holds the sign that ends its text in the table: )kerneltext\"")
  endif()
  string(APPEND table "{\"${name}\", R\"kerneltext(${text})kerneltext\"},\n")
endforeach()
string(APPEND table "};\n} // namespace\n\nstd::span<const KernelHeader> kernelHeaders() { return kHeaders; }\n\n} // namespace winnow\n")
file(WRITE "${OUT}" "${table}")
