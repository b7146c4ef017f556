"""A pymodbus 3.0 server with known values. Arguments: `tcp <port>` or `rtu <path>`. Prints `ready` when it listens."""
import logging, sys, threading, time, socket
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartSerialServer, StartTcpServer
from pymodbus.transaction import ModbusRtuFramer

logging.disable(logging.CRITICAL)


class Values(ModbusSequentialDataBlock):
    """Addresses 0…999; the value is made of the address."""

    def __init__(self, factor, bits=False):
        super().__init__(0, [((a * factor) // 8) % 2 == 1 if bits else (a * factor) & 0xFFFF for a in range(1000)])


slave = ModbusSlaveContext(di=Values(5, True), co=Values(3, True), hr=Values(31), ir=Values(37), zero_mode=True)
context = ModbusServerContext(slaves={1: slave, 9: slave}, single=False)


def announce(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            break
        except OSError:
            time.sleep(0.05)
    print("ready", flush=True)


if sys.argv[1] == "tcp":
    port = int(sys.argv[2])
    threading.Thread(target=announce, args=(port,), daemon=True).start()
    StartTcpServer(context=context, address=("127.0.0.1", port))
else:
    threading.Timer(0.5, lambda: print("ready", flush=True)).start()
    StartSerialServer(context=context, framer=ModbusRtuFramer, port=sys.argv[2], baudrate=115200, timeout=0.005)
