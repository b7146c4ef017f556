"""A libmodbus 3.1 server (its own framing, its own answers) with known values. Prints `ready` when it listens.

usage: libmodbus-server.py tcp PORT | rtu PATH UNIT
"""
import ctypes, os, sys

lib = ctypes.CDLL("libmodbus.so.5")
lib.modbus_new_tcp.restype = ctypes.c_void_p
lib.modbus_new_rtu.restype = ctypes.c_void_p


class Mapping(ctypes.Structure):
    """modbus_mapping_t of modbus.h, 3.1."""

    _fields_ = [(name, ctypes.c_int) for name in ("nb_bits", "start_bits", "nb_input_bits", "start_input_bits", "nb_input_registers", "start_input_registers", "nb_registers", "start_registers")] + [
        ("tab_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_registers", ctypes.POINTER(ctypes.c_uint16)),
        ("tab_registers", ctypes.POINTER(ctypes.c_uint16)),
    ]


lib.modbus_mapping_new.restype = ctypes.POINTER(Mapping)
mapping = lib.modbus_mapping_new(1000, 1000, 1000, 1000)
for a in range(1000):
    mapping.contents.tab_bits[a] = ((a * 3) // 8) % 2
    mapping.contents.tab_input_bits[a] = ((a * 5) // 8) % 2
    mapping.contents.tab_registers[a] = (a * 31) & 0xFFFF
    mapping.contents.tab_input_registers[a] = (a * 37) & 0xFFFF

query = (ctypes.c_uint8 * 260)()


def serve(context):
    """Answers one connection until it ends."""
    while True:
        length = lib.modbus_receive(context, query)
        if length < 0:
            return
        if length > 0:
            lib.modbus_reply(context, query, length, mapping)


if sys.argv[1] == "rtu":
    context = ctypes.c_void_p(lib.modbus_new_rtu(sys.argv[2].encode(), 115200, ctypes.c_char(b"N"), 8, 1))
    lib.modbus_set_slave(context, int(sys.argv[3]))
    assert lib.modbus_connect(context) == 0
    print("ready", flush=True)
    while True:
        serve(context)
context = ctypes.c_void_p(lib.modbus_new_tcp(b"127.0.0.1", int(sys.argv[2])))
listening = lib.modbus_tcp_listen(context, 8)
assert listening >= 0
print("ready", flush=True)
while True:
    accepted = ctypes.c_int(listening)
    socket = lib.modbus_tcp_accept(context, ctypes.byref(accepted))
    if os.fork() == 0:
        serve(context)
        os._exit(0)
    os.close(socket)
