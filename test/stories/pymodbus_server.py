"""A meter on Modbus TCP, as somebody else wrote it: pymodbus 3.0.

Argument: the port. Prints `ready` when it listens. Commands on stdin, one a line, answered by `ok` or `error`:
    set <address> <value>    one holding register of unit 1
    exception <0|1>          1: every read of unit 1 is answered by exception 4 (server device failure)
"""

import logging
import socket
import sys
import threading
import time

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartTcpServer

logging.disable(logging.CRITICAL)


class Registers(ModbusSequentialDataBlock):
    failing = False

    def getValues(self, address, count=1):
        if Registers.failing:
            raise RuntimeError("told to fail")
        return super().getValues(address, count)


registers = Registers(0, [0] * 200)
slave = ModbusSlaveContext(hr=registers, zero_mode=True)
context = ModbusServerContext(slaves={1: slave}, single=False)


def announce(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            break
        except OSError:
            time.sleep(0.02)
    print("ready", flush=True)


def obey():
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "set":
                registers.setValues(int(words[1]), [int(words[2]) & 0xFFFF])
            elif words[0] == "exception":
                Registers.failing = words[1] == "1"
            print("ok", flush=True)
        except (IndexError, ValueError) as error:
            print("error", error, flush=True)


port = int(sys.argv[1])
threading.Thread(target=announce, args=(port,), daemon=True).start()
threading.Thread(target=obey, daemon=True).start()
StartTcpServer(context=context, address=("127.0.0.1", port))
