"""Reads registers as fast as it can with a client nobody here wrote; prints reads per second.

usage: modbus_clients.py libmodbus|pymodbus PORT COUNT SECONDS
"""
import ctypes
import sys
import time

which, port, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])


def with_libmodbus():
    lib = ctypes.CDLL("libmodbus.so.5")
    lib.modbus_new_tcp.restype = ctypes.c_void_p
    context = ctypes.c_void_p(lib.modbus_new_tcp(b"127.0.0.1", port))
    assert lib.modbus_connect(context) == 0
    words = (ctypes.c_uint16 * count)()
    return lambda: lib.modbus_read_registers(context, 0, count, words) == count


def with_pymodbus():
    from pymodbus.client import ModbusTcpClient

    client = ModbusTcpClient("127.0.0.1", port=port)
    assert client.connect()
    return lambda: len(client.read_holding_registers(0, count, slave=1).registers) == count


read = with_libmodbus() if which == "libmodbus" else with_pymodbus()
reads, start = 0, time.perf_counter()
while time.perf_counter() - start < seconds:
    assert read()
    reads += 1
print(reads / (time.perf_counter() - start))
