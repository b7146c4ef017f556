"""A pymodbus 3.0 server with known values. Prints `ready` when it listens.

usage: modbus-server.py tcp PORT | rtu PATH | ascii PATH | rtu-tcp PORT | tls PORT CERT KEY CA
`tls`: Modbus/TCP Security, that is the frames of Modbus TCP inside TLS, with a certificate asked of the client.
"""
import logging, sys, threading, time, socket, ssl
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import StartSerialServer, StartTcpServer, StartTlsServer
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer, ModbusSocketFramer

logging.disable(logging.CRITICAL)


class Values(ModbusSequentialDataBlock):
    """Addresses 0…999; the value is made of the address."""

    def __init__(self, factor, bits=False):
        super().__init__(0, [((a * factor) // 8) % 2 == 1 if bits else (a * factor) & 0xFFFF for a in range(1000)])


slave = ModbusSlaveContext(di=Values(5, True), co=Values(3, True), hr=Values(31), ir=Values(37), zero_mode=True)
context = ModbusServerContext(slaves={1: slave, 9: slave}, single=False)

# Long enough that two answers are needed for all of it.
identity = ModbusDeviceIdentification(
    info_name={
        "VendorName": "Xingfuli " + "v" * 90,
        "ProductCode": "XF-1",
        "MajorMinorRevision": "2.11",
        "VendorUrl": "http://example.org/" + "u" * 80,
        "ProductName": "meter " + "p" * 90,
        "ModelName": "model",
        "UserApplicationName": "test",
    }
)


def announce(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            break
        except OSError:
            time.sleep(0.05)
    print("ready", flush=True)


how, where = sys.argv[1], sys.argv[2]
common = {"context": context, "identity": identity}
if how in ("rtu", "ascii"):
    threading.Timer(0.5, lambda: print("ready", flush=True)).start()
    framer = ModbusRtuFramer if how == "rtu" else ModbusAsciiFramer
    StartSerialServer(framer=framer, port=where, baudrate=115200, timeout=0.005, **common)
port = int(where)
threading.Thread(target=announce, args=(port,), daemon=True).start()
if how == "tls":
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(sys.argv[3], sys.argv[4])
    tls.load_verify_locations(sys.argv[5])
    tls.verify_mode = ssl.CERT_REQUIRED
    StartTlsServer(framer=ModbusSocketFramer, address=("127.0.0.1", port), sslctx=tls, **common)
framer = ModbusRtuFramer if how == "rtu-tcp" else ModbusSocketFramer
StartTcpServer(framer=framer, address=("127.0.0.1", port), **common)
