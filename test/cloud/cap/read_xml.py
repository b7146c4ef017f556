"""Documents as a JSON list on stdin; each as [name, text, children] on stdout, as Python's own parser (expat) sees it."""
import json
import sys
import xml.etree.ElementTree as ET


def tree(element):
    return [element.tag, element.text or "", [tree(child) for child in element]]


json.dump([tree(ET.fromstring(text.encode("utf-8"))) for text in json.load(sys.stdin)], sys.stdout)
