"""Polls as people do it with pymodbus: one slave after the other, round and round, at most once a period each.

usage: naive_poller.py PORT SLAVES HEALTHY PERIOD_S SECONDS     prints good reads per second of the healthy slaves
"""
import logging
import sys
import time

from pymodbus.client import ModbusTcpClient
from pymodbus.transaction import ModbusRtuFramer

logging.disable(logging.CRITICAL)
port, slaves, healthy = (int(word) for word in sys.argv[1:4])
period, seconds = float(sys.argv[4]), float(sys.argv[5])
client = ModbusTcpClient("127.0.0.1", port=port, framer=ModbusRtuFramer, retries=1)
# Given to the constructor, half a second is cut down to none.
client.params.timeout = 0.5
assert client.connect()
good, start = 0, time.monotonic()
while time.monotonic() - start < seconds:
    turn = time.monotonic()
    for unit in range(1, slaves + 1):
        try:
            answer = client.read_holding_registers(0, 10, slave=unit)
        except Exception:
            continue
        if not answer.isError() and unit <= healthy:
            good += 1
    time.sleep(max(0, period - (time.monotonic() - turn)))
print(good / (time.monotonic() - start))
