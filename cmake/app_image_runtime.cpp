// SPDX-License-Identifier: GPL-3.0-or-later
// What starts an AppImage of Winnow: this program is the front of the file, a squashfs image of the program's folder (AppDir) its
// end. It mounts the image through FUSE and starts AppRun in it. Where FUSE is not to be had, as in most containers, it unpacks
// the image into a temporary folder and removes that afterwards. The names of options and variables are those of the AppImage
// specification, type 2. Linked statically, by app_image.py, with squashfuse and libfuse of the distribution.
extern "C" {
#include <squashfuse/squashfuse.h> // before the header of FUSE: it says which version of FUSE's interface is meant

#include <squashfuse/ll.h>
}

#include <elf.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kHelp =
    "  --appimage-extract            unpacks it into the folder squashfs-root\n"
    "  --appimage-extract-and-run    unpacks it into a temporary folder, starts it and removes that folder;\n"
    "                                APPIMAGE_EXTRACT_AND_RUN=1 does so, too\n"
    "  --appimage-mount              mounts it, says where, and waits until it is stopped\n"
    "  --appimage-offset             says at which byte of this file its squashfs image begins\n"
    "  --appimage-help               says this\n"
    "All other words go to the program.\n";

struct Image {
    std::string file; // this program, with the image behind it
    std::size_t offset = 0;
};

std::string g_temporary; // a folder to remove before this process ends, unless the image is mounted in it

[[noreturn]] void fail(const std::string& sentence)
{
    std::error_code ignored;
    if (!g_temporary.empty())
        std::filesystem::remove_all(g_temporary, ignored);
    std::cerr << "winnow: " << sentence << '\n';
    std::exit(1);
}

Image findImage()
{
    std::error_code wrong;
    Image image{.file = std::filesystem::read_symlink("/proc/self/exe", wrong).string()};
    if (wrong)
        fail("this file does not find itself, since /proc is not mounted; mount it, or unpack the file elsewhere with "
             "--appimage-extract");
    std::ifstream in(image.file, std::ios::binary);
    Elf64_Ehdr header{};
    if (!in.read(reinterpret_cast<char*>(&header), sizeof header))
        fail("'" + image.file + "' cannot be read: " + std::strerror(errno));
    image.offset =
        header.e_shoff + std::size_t{header.e_shentsize} * header.e_shnum; // an ELF file ends with its table of sections
    return image;
}

std::string makeTemporaryFolder()
{
    std::error_code wrong;
    std::string name = (std::filesystem::temp_directory_path(wrong) / "winnow-appimage-XXXXXX").string();
    if (wrong || mkdtemp(name.data()) == nullptr)
        fail("no folder can be made for temporary files (TMPDIR, else /tmp): " +
             (wrong ? wrong.message() : std::strerror(errno)));
    return name;
}

// --- Mounting -------------------------------------------------------------------------------------------------------------

fuse_lowlevel_ops operations()
{
    fuse_lowlevel_ops all{};
    all.lookup = sqfs_ll_op_lookup;
    all.forget = sqfs_ll_op_forget;
    all.getattr = sqfs_ll_op_getattr;
    all.readlink = sqfs_ll_op_readlink;
    all.opendir = sqfs_ll_op_opendir;
    all.readdir = sqfs_ll_op_readdir;
    all.releasedir = sqfs_ll_op_releasedir;
    all.open = sqfs_ll_op_open;
    all.read = sqfs_ll_op_read;
    all.release = sqfs_ll_op_release;
    return all;
}

/// Answers FUSE's questions until the other end of `alive` is closed, which is when the program and all that it started have
/// ended.
void answer(fuse_session* session, int alive)
{
    std::array<pollfd, 2> ends{
        {{.fd = fuse_session_fd(session), .events = POLLIN, .revents = 0}, {.fd = alive, .events = POLLIN, .revents = 0}}};
    fuse_buf buffer{};
    while (fuse_session_exited(session) == 0) {
        if (poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR)
            break;
        if (ends[0].revents != 0 && fuse_session_receive_buf(session, &buffer) > 0)
            fuse_session_process_buf(session, &buffer);
        if (ends[1].revents != 0)
            break;
    }
    std::free(buffer.mem);
}

/// The process that holds the mount: says "1" into `ready` once the image lies in `folder`; unmounts and ends with the program.
[[noreturn]] void serve(const Image& image, const std::string& folder, int ready, int alive)
{
    setsid();
    for (const int one : {SIGINT, SIGHUP, SIGTERM})
        std::signal(one, SIG_IGN);
    const int nothing = open("/dev/null", O_RDWR); // who reads the program's output must not wait for this process
    for (const int one : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        dup2(nothing, one);
    fuse_set_log_func([](fuse_log_level, const char*, va_list) {});

    std::array<char, 8> name{"winnow"};
    std::array<char, 32> options{"-oro,nodev,nosuid,fsname=winnow"};
    std::array<char*, 2> words{name.data(), options.data()};
    fuse_args arguments = FUSE_ARGS_INIT(words.size(), words.data());
    const fuse_lowlevel_ops known = operations();
    sqfs_ll* files = sqfs_ll_open(image.file.c_str(), image.offset);
    fuse_session* session = files == nullptr ? nullptr : fuse_session_new(&arguments, &known, sizeof known, files);
    if (session == nullptr || fuse_session_mount(session, folder.c_str()) != 0)
        _exit(1);
    if (write(ready, "1", 1) == 1) {
        close(ready);
        answer(session, alive);
    }
    fuse_session_unmount(session);
    rmdir(folder.c_str());
    _exit(0);
}

/// Whether the image lies in `folder` now. It stays there as long as this process, what it becomes, or one of its children lives.
bool mountImage(const Image& image, const std::string& folder)
{
    std::array<int, 2> ready{};
    std::array<int, 2> alive{};
    if (pipe2(ready.data(), O_CLOEXEC) != 0 || pipe(alive.data()) != 0)
        return false;
    const pid_t between = fork(); // ends at once, so that the program has no child that it does not know
    if (between == 0) {
        close(ready[0]);
        close(alive[1]);
        if (fork() == 0)
            serve(image, folder, ready[1], alive[0]);
        _exit(0);
    }
    close(ready[1]);
    close(alive[0]);
    if (between > 0)
        waitpid(between, nullptr, 0);
    char said = 0;
    ssize_t count = 0;
    while ((count = read(ready[0], &said, 1)) < 0 && errno == EINTR) {
    }
    close(ready[0]);
    if (count != 1)
        close(alive[1]);
    return count == 1;
}

// --- Unpacking ------------------------------------------------------------------------------------------------------------

void unpackFile(sqfs& files, sqfs_inode& inode, const std::string& to)
{
    const int out = open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL, inode.base.mode & 0777);
    std::vector<char> block(std::size_t{1} << 20);
    bool whole = out >= 0;
    for (sqfs_off_t done = 0; whole && done < static_cast<sqfs_off_t>(inode.xtra.reg.file_size);) {
        sqfs_off_t size = static_cast<sqfs_off_t>(block.size());
        if (sqfs_read_range(&files, &inode, done, &size, block.data()) != SQFS_OK || size <= 0)
            fail("this file is damaged: '" + to + "' cannot be unpacked; download it again");
        whole = write(out, block.data(), static_cast<std::size_t>(size)) == size;
        done += size;
    }
    if (!whole || close(out) != 0)
        fail("'" + to + "' cannot be written: " + std::strerror(errno));
}

void unpackLink(sqfs& files, sqfs_inode& inode, const std::string& to)
{
    std::size_t size = 0;
    if (sqfs_readlink(&files, &inode, nullptr, &size) != SQFS_OK)
        fail("this file is damaged: '" + to + "' cannot be unpacked; download it again");
    std::string target(size, '\0');
    sqfs_readlink(&files, &inode, target.data(), &size);
    if (symlink(target.c_str(), to.c_str()) != 0)
        fail("'" + to + "' cannot be made: " + std::strerror(errno));
}

constexpr std::array kStops{SIGINT, SIGQUIT, SIGTERM, SIGHUP};

/// Ends with the temporary folder if one of `kStops`, which are held back while files are unpacked, has come.
void endIfStopped()
{
    sigset_t waiting;
    sigpending(&waiting);
    for (const int one : kStops) {
        if (sigismember(&waiting, one) == 1) {
            std::error_code ignored;
            if (!g_temporary.empty())
                std::filesystem::remove_all(g_temporary, ignored);
            sigprocmask(SIG_UNBLOCK, &waiting, nullptr);
        }
    }
}

void unpack(const Image& image, const std::string& folder)
{
    sqfs files{};
    sqfs_traverse walk{};
    sqfs_err wrong = sqfs_open_image(&files, image.file.c_str(), image.offset);
    if (wrong == SQFS_OK)
        wrong = sqfs_traverse_open(&walk, &files, sqfs_inode_root(&files));
    while (wrong == SQFS_OK && sqfs_traverse_next(&walk, &wrong)) {
        endIfStopped();
        if (walk.dir_end)
            continue;
        const std::string to = folder + "/" + walk.path;
        sqfs_inode inode{};
        wrong = sqfs_inode_get(&files, &inode, sqfs_dentry_inode(&walk.entry));
        if (wrong != SQFS_OK)
            break;
        if (S_ISDIR(inode.base.mode) && mkdir(to.c_str(), 0755) != 0)
            fail("the folder '" + to + "' cannot be made: " + std::strerror(errno));
        if (S_ISREG(inode.base.mode))
            unpackFile(files, inode, to);
        if (S_ISLNK(inode.base.mode))
            unpackLink(files, inode, to);
    }
    if (wrong != SQFS_OK)
        fail("'" + image.file + "' is cut short or damaged: its squashfs image cannot be read; download it again");
    sqfs_traverse_close(&walk);
    sqfs_destroy(&files);
}

// --- Starting -------------------------------------------------------------------------------------------------------------

[[noreturn]] void become(const std::string& folder, char** words)
{
    const std::string run = folder + "/AppRun";
    setenv("APPDIR", folder.c_str(), 1);
    execv(run.c_str(), words);
    fail("'" + run + "' cannot be started: " + std::strerror(errno) +
         ". Where programs in temporary folders are not allowed to run, set TMPDIR to another folder");
}

pid_t g_program = 0; // a signal handler sees nothing else

void passOn(int signal) { kill(g_program, signal); }

/// Unpacks the image into `folder`, starts the program there, waits for it, removes the folder, and ends as the program did.
[[noreturn]] void runUnpacked(const Image& image, const std::string& folder, char** words)
{
    g_temporary = folder;
    sigset_t held;
    sigset_t before;
    sigemptyset(&held);
    for (const int one : kStops)
        sigaddset(&held, one);
    sigprocmask(SIG_BLOCK, &held, &before);
    unpack(image, folder);
    g_program = fork();
    if (g_program == 0) {
        g_temporary.clear();
        sigprocmask(SIG_SETMASK, &before, nullptr);
        become(folder, words);
    }
    for (const int one : {SIGINT, SIGQUIT})
        std::signal(one, SIG_IGN); // a terminal sends these to the program, too
    for (const int one : {SIGTERM, SIGHUP})
        std::signal(one, passOn);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    int status = 1 << 8;
    while (g_program > 0 && waitpid(g_program, &status, 0) < 0 && errno == EINTR) {
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    if (WIFSIGNALED(status)) {
        std::signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
    }
    std::exit(WEXITSTATUS(status));
}

[[noreturn]] void start(const Image& image, bool unpacked, char** words)
{
    setenv("APPIMAGE", image.file.c_str(), 1);
    setenv("ARGV0", words[0], 1);
    if (char* here = get_current_dir_name(); here != nullptr)
        setenv("OWD", here, 1);
    const std::string folder = makeTemporaryFolder();
    if (!unpacked && mountImage(image, folder))
        become(folder, words);
    if (!unpacked && isatty(STDERR_FILENO) != 0)
        std::cerr << "winnow: this machine mounts no file for a user (install fuse3), so the program is unpacked into " << folder
                  << " at every start; --appimage-extract unpacks it once\n";
    runUnpacked(image, folder, words);
}

[[noreturn]] void keepMounted(const Image& image)
{
    const std::string folder = makeTemporaryFolder();
    if (!mountImage(image, folder)) {
        rmdir(folder.c_str());
        fail("this machine mounts no file for a user; install fuse3, or unpack the file with --appimage-extract");
    }
    std::cout << folder << std::endl;
    while (true)
        pause();
}

} // namespace

int main(int argc, char** argv)
{
    const Image image = findImage();
    const std::string_view first = argc > 1 ? argv[1] : "";
    if (first == "--appimage-help") {
        std::cout << kHelp;
    } else if (first == "--appimage-offset") {
        std::cout << image.offset << '\n';
    } else if (first == "--appimage-mount") {
        keepMounted(image);
    } else if (first == "--appimage-extract") {
        if (mkdir("squashfs-root", 0755) != 0)
            fail(std::string("the folder squashfs-root cannot be made here: ") + std::strerror(errno));
        unpack(image, "squashfs-root");
    } else if (first == "--appimage-extract-and-run") {
        argv[1] = argv[0];
        start(image, true, argv + 1);
    } else {
        const char* asked = std::getenv("APPIMAGE_EXTRACT_AND_RUN");
        start(image, asked != nullptr && *asked != '\0', argv);
    }
    return std::cout.flush() ? 0 : 1;
}
