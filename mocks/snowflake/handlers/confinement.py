"""The rights that a handler's process gives up for good before it runs a handler.

Memory, processor time, the size of files and their number are limited on every Unix. On Linux the
process also has no capabilities, starts no program and no process, opens no socket, signals no
other process, and reads and writes nothing but Python's own files and its temporary folder. That
takes no privileges: seccomp and Landlock are for any process to use upon itself. Where a kernel has
not the one or the other, the process goes on without it.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

MEMORY_BYTES = 512 * 2**20
FILE_BYTES = 64 * 2**20
OPEN_FILES = 64
_ALL_CAPABILITIES = 64
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_READABLE = ("/usr/lib", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache")
_DEVICES = ("/dev/null", "/dev/urandom")


def confine(folder: str) -> None:
    """Confine this thread, and those that it will start, with one folder to write in."""
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_AS, MEMORY_BYTES),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of memory
            resource.setrlimit(kind, (limit, limit))
    if sys.platform == "linux":
        linux = _Linux()
        linux.drop_capabilities()
        linux.restrict_files(folder)
        linux.restrict_calls()


def hide() -> None:
    """Let no other process of the same user read this one's memory and environment.

    Its handlers can't anyway, where the kernel has Landlock.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def allow_seconds(seconds: int) -> None:
    """End this process after so many seconds of processor time from now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


class _Linux:
    """The calls of Linux that Python's library has no functions for."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._call("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS

    def _call(self, name: str, *arguments: object) -> int:
        numbers = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
        result = getattr(self._libc, name)(*numbers)
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{name}: {os.strerror(number)}")
        return result

    def drop_capabilities(self) -> None:
        """Have no more rights than any user, even as root."""
        for capability in range(_ALL_CAPABILITIES):
            with contextlib.suppress(OSError):  # there are fewer, or none to drop
                self._call("prctl", 24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
        self._call("capset", struct.pack("=Ii", 0x20080522, 0), bytes(24))

    def restrict_files(self, folder: str) -> None:
        """Landlock: https://docs.kernel.org/userspace-api/landlock.html."""
        try:
            version = self._call("syscall", 444, None, 0, 1)
        except OSError:
            return
        every_right = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
        attributes = struct.pack("=Q", every_right)
        rules = self._call("syscall", 444, attributes, len(attributes), 0)
        library = str(Path(os.__file__).parents[1])  # Python's own, with what it is linked to
        for path in (library, *_READABLE, *_DEVICES):
            is_folder = Path(path).is_dir()
            self._allow(rules, path, _READ_FILE | (_READ_FOLDER if is_folder else 0))
        self._allow(rules, folder, every_right)
        self._call("syscall", 446, rules, 0)
        os.close(rules)

    def _allow(self, rules: int, path: str, rights: int) -> None:
        with contextlib.suppress(FileNotFoundError):
            beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rule = struct.pack("=Qi", rights, beneath)
            self._call("syscall", 445, rules, 1, rule, 0)
            os.close(beneath)

    def restrict_calls(self) -> None:
        """seccomp: https://man7.org/linux/man-pages/man2/seccomp.2.html."""
        machine = _MACHINES.get(platform.machine())
        if machine is None:
            return
        program = b"".join(_program(*machine))
        code = ctypes.create_string_buffer(program, len(program))
        count = len(program) // _INSTRUCTION.size
        filter_ = struct.pack("@HP", count, ctypes.addressof(code))
        with contextlib.suppress(OSError):  # such as in an emulator of another machine
            self._call("prctl", 22, 2, filter_, 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


# Each call's number on x86_64 and on aarch64; None where there is none.
_DENIED = {
    "socket": (41, 198),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140),
    "sched_setaffinity": (203, 122),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "perf_event_open": (298, 241),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
}
_OWN_ALONE = {"kill": (62, 129), "tgkill": (234, 131)}
_CLONE, _CLONE3, _PRLIMIT = (56, 220), (435, 435), (302, 261)
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_INSTRUCTION = struct.Struct("=HBBI")
_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _NOT_PERMITTED, _NO_SUCH_CALL = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000


def _program(machine: int, column: int) -> Iterator[bytes]:
    """The filter: a jump goes over as many instructions as its two numbers say, if true, else."""
    yield from _unless(_MACHINE, _EQUAL, machine)
    yield _INSTRUCTION.pack(_LOAD, 0, 0, _NUMBER)
    yield _INSTRUCTION.pack(_AT_LEAST, 0, 1, _X32)
    yield _INSTRUCTION.pack(_RETURN, 0, 0, _NOT_PERMITTED)
    for numbers in _DENIED.values():
        if (number := numbers[column]) is not None:
            yield from _when(number, _INSTRUCTION.pack(_RETURN, 0, 0, _NOT_PERMITTED))
    # Its absence makes the C library start threads by clone, whose flags can be looked at.
    yield from _when(_CLONE3[column], _INSTRUCTION.pack(_RETURN, 0, 0, _NO_SUCH_CALL))
    conditions = [(_CLONE, _HAS_BIT, _CLONE_THREAD), (_PRLIMIT, _EQUAL, 0)]
    conditions += [(numbers, _EQUAL, os.getpid()) for numbers in _OWN_ALONE.values()]
    for numbers, comparison, value in conditions:
        allowed = _INSTRUCTION.pack(_RETURN, 0, 0, _ALLOW)
        yield from _when(numbers[column], *_unless(_FIRST_ARGUMENT, comparison, value), allowed)
    yield _INSTRUCTION.pack(_RETURN, 0, 0, _ALLOW)


def _when(number: int, *instructions: bytes) -> Iterator[bytes]:
    yield _INSTRUCTION.pack(_EQUAL, 0, len(instructions), number)
    yield from instructions


def _unless(offset: int, comparison: int, value: int) -> Iterator[bytes]:
    """Deny the call unless what stands at the offset compares like this."""
    yield _INSTRUCTION.pack(_LOAD, 0, 0, offset)
    yield _INSTRUCTION.pack(comparison, 1, 0, value)
    yield _INSTRUCTION.pack(_RETURN, 0, 0, _NOT_PERMITTED)
